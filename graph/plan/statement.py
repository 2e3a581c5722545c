"""From pieces of SQL to one statement: texts of our own around the questions, which SQLAlchemy writes.

What is constant in a question is bound once; what comes later is bound anew for each request, by the same rules.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from domain.later import Later, Slots

Piece = str | Select[Any]
Sql = tuple[Piece, ...]
"""Text and questions in turns; a question is put in brackets."""


def sql(*pieces: "Piece | Sql") -> Sql:
    """Pieces one after another."""
    return tuple(inner for each in pieces for inner in (each if isinstance(each, tuple) else (each,)))


def joined(separator: str, some: Iterable[Sql]) -> Sql:
    """Pieces with something between them."""
    pieces: list[Piece] = []
    for each in some:
        if pieces:
            pieces.append(separator)
        pieces += each
    return tuple(pieces)


class Written(ClauseElement):
    """Pieces as SQLAlchemy compiles them."""

    inherit_cache = False

    def __init__(self, pieces: Sql) -> None:
        self.pieces = pieces


@compiles(Written)
def _written(element: Written, compiler: SQLCompiler, **options: Any) -> str:
    return "".join(
        each if isinstance(each, str) else f"({compiler.process(each, asfrom=True, **options)})"
        for each in element.pieces
    )


class Statement:
    """The text of a statement, and how its values are made of a request's slots."""

    def __init__(self, pieces: Sql, dialect: Dialect) -> None:
        compiled: Any = Written(pieces).compile(dialect=dialect)
        state = compiled.construct_expanded_state(escape_names=False)
        self.text: str = state.statement
        self._values: list[Any] = []
        self._later: list[tuple[int, Callable[[Slots], Any], Callable[[Any], Any] | None]] = []
        for index, name in enumerate(state.positiontup or ()):
            value = state.parameters[name]
            process = state.processors.get(name)
            if process is None and name in compiled.binds:
                process = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if isinstance(value, Later):
                self._later.append((index, value.of, process))
                self._values.append(None)
            else:
                self._values.append(value if process is None else process(value))

    def bound(self, slots: Slots) -> Sequence[Any]:
        """The values of one request, as the driver takes them. Raises what making a value of its slot raises."""
        values = self._values.copy()
        for index, of, process in self._later:
            value = of(slots)
            values[index] = value if process is None else process(value)
        return values
