"""What a resolver says of a record, in SQL: found by calling it with columns in place of values.

A resolver that does no more than choose among texts, by the viewer, the language, or by what is null or empty, is
called once for each case, so nobody describes it a second time. Whatever else it does raises, and Python resolves it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from domain.later import Unforeseen

QUESTIONS_MAX: Final = 2
"""What a resolver may ask on one way; one that tells more cases apart is called for each record."""


class Choice(NamedTuple):
    """One saying where a column is null, or empty, and another where it is not."""

    column: str
    is_about_null: bool
    so: Saying
    otherwise: Saying


Saying = str | Choice | None
"""The value of a column, which is not null there; a choice; or nothing."""

Question = tuple[str, bool]
"""Of which column, and whether it is null; otherwise whether it is empty."""


def saying_of(
    resolve: Callable[[Any], Any], record: type[Any], texts: Collection[str], null: Collection[str]
) -> Saying:
    """What is said of a record of which these columns of text may be read, some of which may be null. Raises
    Unforeseen where more than that is done."""
    try:
        return _said(resolve, record, texts, null, ())
    except (TypeError, AttributeError) as unforeseen:
        raise Unforeseen(str(unforeseen)) from None


def may_be_null(saying: Saying) -> bool:
    """Whether nothing is said in some case."""
    if isinstance(saying, Choice):
        return may_be_null(saying.so) or may_be_null(saying.otherwise)
    return saying is None


def _said(
    resolve: Callable[[Any], Any],
    record: type[Any],
    texts: Collection[str],
    null: Collection[str],
    answers: Sequence[bool],
) -> Saying:
    case = _Case(answers)
    found = resolve(_standing_for(record, texts, null, case))
    if len(case.asked) == len(answers):
        if found is not None and type(found) is not _Text:
            raise Unforeseen("said something of its own")
        return None if found is None else found.column
    if len(answers) == QUESTIONS_MAX:
        raise Unforeseen("asked too much")
    (column, is_about_null) = list(case.asked)[len(answers)]
    so, otherwise = (_said(resolve, record, texts, null, (*answers, answer)) for answer in (True, False))
    return Choice(column, is_about_null, so, otherwise)


class _Case:
    """One way through a resolver: what it asks in turn, and the answers that are tried; beyond them it is told no."""

    def __init__(self, answers: Sequence[bool]) -> None:
        self._answers = answers
        self.asked: dict[Question, bool] = {}

    def is_so(self, question: Question) -> bool:
        place = len(self.asked)
        return self.asked.setdefault(question, place < len(self._answers) and self._answers[place])


class _Text:
    """The text of a column, where it is not null."""

    def __init__(self, column: str, case: _Case) -> None:
        self.column, self._case = column, case

    def __bool__(self) -> bool:
        return not self._case.is_so((self.column, False))

    def _unforeseen(self, *_: object) -> NoReturn:
        raise Unforeseen(f"{self.column} was looked into")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _unforeseen
    __hash__ = __str__ = __format__ = _unforeseen


def _standing_for(record: type[Any], texts: Collection[str], null: Collection[str], case: _Case) -> Any:
    def read(column: str) -> Any:
        if column not in texts:
            raise Unforeseen(f"{column} is no text")
        return None if column in null and case.is_so((column, True)) else _Text(column, case)

    def reader(column: str) -> property:
        return property(lambda _: read(column))

    fields = {name: reader(name) for name in record.__dataclass_fields__}
    return object.__new__(type(record.__name__, (record,), fields))
