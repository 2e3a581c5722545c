"""From pieces of SQL to one statement: texts of our own around the questions, which SQLAlchemy writes.

What is constant in a question is bound once; what comes later is bound anew for each request, by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Date, Select, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from domain.language import Language
from domain.later import Later, Slots
from domain.term import Term
from storage.columns import Instant
from storage.shelf import COLUMNS

_NUMBERED: Final = re.compile(r"(?<![\w$])\$(\d+)")
"""The place of a value as PostgreSQL's driver takes it; not a name with a `$` in it."""

_CODE: Final = re.compile(r"\w+", re.ASCII)
"""How the code of a term is written, so that it can stand in a statement as it is."""


class Bind(NamedTuple):
    """A value of a question: constant, or made `of` each request's slots."""

    type: TypeEngine[Any]
    value: Any
    of: Callable[[Slots], Any] | None


class Asked:
    """A question as SQLAlchemy writes it, in brackets: as if it stood alone, so that what a type of column adds to a
    SELECT is there, as the row's id of what is sealed."""

    __slots__ = ("_is_numbered", "binds", "text")

    def __init__(self, text: str, binds: Sequence[Bind], *, is_numbered: bool) -> None:
        self.text, self.binds, self._is_numbered = text, binds, is_numbered

    @classmethod
    def by(cls, question: Select[Any], dialect: Dialect) -> Asked:
        compiled: Any = question.compile(dialect=dialect, compile_kwargs={"asfrom": True})
        state = compiled.construct_expanded_state(escape_names=False)
        expanded = {name: of for of, names in state.parameter_expansion.items() for name in names}
        binds = []
        for name in state.positiontup or ():
            value, type_ = state.parameters[name], compiled.binds[expanded.get(name, name)].type
            binds.append(Bind(type_, None, value.of) if isinstance(value, Later) else Bind(type_, value, None))
        asked = cls(f"({state.statement})", binds, is_numbered=dialect.paramstyle == "numeric_dollar")
        return asked._with_terms_written(dialect) if asked._is_numbered else asked

    def _with_terms_written(self, dialect: Dialect) -> Asked:
        """The same with statuses, kinds and the like as part of the text: each value that is sent has its price."""
        written = [_written(bind, dialect) for bind in self.binds]
        numbers = iter(range(1, len(written) + 1))
        text = self._at([f"${next(numbers)}" if each is None else each for each in written])
        left = [bind for bind, each in zip(self.binds, written, strict=True) if each is None]
        return Asked(text, left, is_numbered=True)

    def with_columns(self, columns: str) -> Asked:
        """The same with these columns in the place of `COLUMNS`."""
        return Asked(self.text.replace(COLUMNS, columns, 1), self.binds, is_numbered=self._is_numbered)

    def with_values_at(self, numbers: Sequence[int]) -> str:
        """The text where its values have these numbers in the statement."""
        return self._at([f"${each}" for each in numbers]) if self._is_numbered else self.text

    def _at(self, places: Sequence[str]) -> str:
        return _NUMBERED.sub(lambda found: places[int(found[1]) - 1], self.text)


def _written(bind: Bind, dialect: Dialect) -> str | None:
    """A term as it stands in a statement; None for whatever else a value may be, such as what a client has written."""
    if not isinstance(bind.value, Term | Language):
        return None
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    value = bind.value if process is None else process(bind.value)
    return f"'{value}'" if isinstance(value, str) and _CODE.fullmatch(value) else None


_SENT_ONCE: Final = Uuid, Instant, Date
"""Types of columns that are alike wherever they stand, so that one value serves all of them."""

Piece = str | Asked
Sql = tuple[Piece, ...]
"""Text and questions in turns."""


def sql(*pieces: Piece | Sql) -> Sql:
    """Pieces one after another."""
    return joined("", (each if isinstance(each, tuple) else (each,) for each in pieces))


def joined(separator: str, some: Iterable[Sql]) -> Sql:
    """Pieces with something between them."""
    pieces: list[Piece] = []
    text = between = ""
    for each in some:
        text += between
        between = separator
        for piece in each:
            if isinstance(piece, str):
                text += piece
            else:
                pieces += (text, piece)
                text = ""
    return (*pieces, text)


class Statement:
    """The text of a statement, and how its values are made of a request's slots."""

    def __init__(self, pieces: Sql, dialect: Dialect) -> None:
        texts: list[str] = []
        self._values: list[Any] = []
        self._later: list[tuple[int, Callable[[Slots], Any], Callable[[Any], Any] | None]] = []
        sent: dict[tuple[type[Any], Callable[[Slots], Any]], int] = {}
        for piece in pieces:
            if isinstance(piece, str):
                texts.append(piece)
                continue
            texts.append(piece.with_values_at([self._number(bind, dialect, sent) for bind in piece.binds]))
        self.text = "".join(texts)

    def _number(self, bind: Bind, dialect: Dialect, sent: dict[tuple[type[Any], Callable[[Slots], Any]], int]) -> int:
        """The number of a value, counted from one. Where values are numbered, what is asked for again, such as the
        viewer's id or what time it is, is sent once."""
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if bind.of is None:
            self._values.append(bind.value if process is None else process(bind.value))
            return len(self._values)
        key = type(bind.type), bind.of
        is_sent_once = dialect.paramstyle == "numeric_dollar" and isinstance(bind.type, _SENT_ONCE)
        if is_sent_once and key in sent:
            return sent[key]
        self._later.append((len(self._values), bind.of, process))
        self._values.append(None)
        if is_sent_once:
            sent[key] = len(self._values)
        return len(self._values)

    def bound(self, slots: Slots) -> Sequence[Any]:
        """The values of one request, as the driver takes them. Raises what making a value of its slot raises."""
        values = self._values.copy()
        for index, of, process in self._later:
            value = of(slots)
            values[index] = value if process is None else process(value)
        return values
