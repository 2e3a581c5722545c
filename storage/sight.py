"""Who sees which records of a shelf: a condition for the database, and beside it the sentence that an officer reads.

A rule without its sentence is refused when the program starts, so `docs/permissions.md` leaves nobody's rights out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, false, literal_column, true

from domain.language import Words
from domain.party import Viewer
from domain.term import Term

Rule = Callable[[Viewer], ColumnElement[bool]]


@dataclass(frozen=True, eq=False)
class Sight:
    """Which rows a viewer sees. `words` complete the sentence "it is seen by …"."""

    words: Words
    rule: Rule

    def __post_init__(self) -> None:
        if not (self.words.zh.strip() and self.words.en.strip()):
            raise TypeError(f"{self.rule.__qualname__} does not say in both languages who sees what")

    def __call__(self, viewer: Viewer) -> ColumnElement[bool]:
        return self.rule(viewer)


def sight(*, zh: str, en: str) -> Callable[[Rule], Sight]:
    """Makes a rule a sight: `zh` and `en` say by whom a record is seen."""

    def worded(rule: Rule) -> Sight:
        return Sight(Words(zh=zh, en=en), rule)

    return worded


def looked_up(found: Select[Any], beside: FromClause) -> ColumnElement[bool]:
    """Whether there is what is looked for by the key of a row `beside`, for each row anew.

    PostgreSQL makes a plan that is kept for viewers of whom it knows nothing. Left to choose between looking up and
    first gathering all that a viewer sees, it gathers thousands of rows for one; with an offset it has no choice.
    """
    return found.correlate(beside).offset(literal_column("0")).exists()


class Extent(Term):
    """How much may be seen, as far as it is known without looking."""

    ALL = "全部", "Everything that there is."
    SOME = "部分", "What meets a condition."
    NOTHING = "无", "Never anything."


def extent(conditions: Iterable[ColumnElement[bool]]) -> Extent:
    """How much meets all of these conditions."""
    left = [each for each in conditions if not each.compare(true())]
    if any(each.compare(false()) for each in left):
        return Extent.NOTHING
    return Extent.SOME if left else Extent.ALL
