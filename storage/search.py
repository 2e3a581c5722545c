"""By what people search texts: a fragment, or how they begin. Both engines find the same."""

from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, and_, func, literal, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain.later import applied, asked

SEARCHED_LENGTH_MAX = 2000
"""No text that is searched is longer, so of a fragment no more than one character beyond it is looked at."""

# Both engines lower these letters and no others, SQLite always and PostgreSQL in code-point order.
_LETTERS = frozenset(ascii_letters)
A_TO_Z_LOWERED = str.maketrans(ascii_uppercase, ascii_lowercase)


class _Place(FunctionElement[int]):
    """Where a text first holds another, counted from one; nought where it does not. Unlike LIKE it takes the other as
    it is, and PostgreSQL finds it in half the time."""

    type = Integer()
    inherit_cache = True


@compiles(_Place, "postgresql")
def _on_postgresql(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_Place, "sqlite")
def _on_sqlite(element: _Place, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


def contains(column: ColumnElement[str], fragment: str) -> ColumnElement[bool]:
    """Whether a text holds a fragment; A to Z match whatever their case."""
    # To lower a text costs thrice what it costs to search it, and Chinese has no cases.
    searched = func.lower(column) if asked(_has_cases, fragment) else column
    return _Place(searched, literal(applied(_lowered, fragment), Text())) > 0


def begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Whether a text starts with a prefix, as a range that an index can serve."""
    return and_(column >= prefix, column < prefix + "\U0010ffff") if prefix else true()


def _has_cases(fragment: str) -> bool:
    return not _LETTERS.isdisjoint(fragment)


def _lowered(fragment: str) -> str:
    return fragment[: SEARCHED_LENGTH_MAX + 1].translate(A_TO_Z_LOWERED)
