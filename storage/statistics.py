"""Figures of what a viewer may see, counted by the database: one statement for the rows, one for the total.

The surprise: the engines disagree on sums, fractions of seconds and nulls, so each of these is spelt out for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Date, FromClause, Numeric, Row, Select, String, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from domain.statistics import PERIODS, ROWS_MAX
from storage.columns import Exact
from storage.shelf import Seen, Shelf

HALF = 10**9
"""SQLite adds in 64 bits and fails beyond: large and small digits of whole numbers are added apart."""


class ExactSum(FunctionElement[Decimal]):
    """The sum of a column of decimals, however many and however large."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        assert isinstance(column.type, Exact)
        self.type = _Sum(column.type.places)
        super().__init__(column)


class _Sum(TypeDecorator[Decimal]):
    impl = Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal:
        nothing = Decimal(0).scaleb(-self.places)
        if value is None:
            return nothing
        if isinstance(value, str):
            large, small = map(int, value.split(":"))
            return Decimal(large * HALF + small).scaleb(-self.places)
        return Decimal(value) + nothing


@compiles(ExactSum, "postgresql")
def _sum_on_postgresql(element: ExactSum, compiler: Any, **options: Any) -> str:
    return f"sum({_only(element, compiler, options)})"


@compiles(ExactSum, "sqlite")
def _sum_on_sqlite(element: ExactSum, compiler: Any, **options: Any) -> str:
    of = _only(element, compiler, options)
    return f"(sum({of} / {HALF}) || ':' || sum({of} % {HALF}))"


class SecondsBetween(FunctionElement[int]):
    """Whole seconds from one instant to another, the fractions of both left aside."""

    type = BigInteger()
    inherit_cache = True


@compiles(SecondsBetween, "postgresql")
def _seconds_on_postgresql(element: SecondsBetween, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"(floor(extract(epoch from {end})) - floor(extract(epoch from {start})))::bigint"


@compiles(SecondsBetween, "sqlite")
def _seconds_on_sqlite(element: SecondsBetween, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"(strftime('%s', substr({end}, 1, 19)) - strftime('%s', substr({start}, 1, 19)))"


class PeriodOf(FunctionElement[str]):
    """The month, quarter or year of a day, or of an instant by the calendar of China."""

    type = String()
    inherit_cache = True


class _Month(PeriodOf):
    inherit_cache = True


class _Quarter(PeriodOf):
    inherit_cache = True


class _Year(PeriodOf):
    inherit_cache = True


_PERIODS = dict(zip(PERIODS, (_Month, _Quarter, _Year), strict=True))
_PATTERNS = {_Month: "YYYY-MM", _Quarter: 'YYYY-"Q"Q', _Year: "YYYY"}


@compiles(PeriodOf, "postgresql")
def _period_on_postgresql(element: PeriodOf, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    day = compiler.process(column, **options)
    if not isinstance(column.type, Date):
        day = f"({day} at time zone interval '8 hours')"
    return f"to_char({day}, '{_PATTERNS[type(element)]}')"


@compiles(PeriodOf, "sqlite")
def _period_on_sqlite(element: PeriodOf, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    day = compiler.process(column, **options)
    # Without the fraction, which would be rounded up into the next second, and so into the next year.
    day = day if isinstance(column.type, Date) else f"substr({day}, 1, 19), '+8 hours'"
    if isinstance(element, _Quarter):
        return f"(strftime('%Y', {day}) || '-Q' || ((strftime('%m', {day}) + 2) / 3))"
    pattern = "%Y-%m" if isinstance(element, _Month) else "%Y"
    return f"strftime('{pattern}', {day})"


def _only(element: FunctionElement[Any], compiler: Any, options: Any) -> str:
    (column,) = element.clauses
    return str(compiler.process(column, **options))


@dataclass(frozen=True)
class Key:
    """What rows are made by; periods come first in order, and in the order of time."""

    expression: ColumnElement[Any]
    is_period: bool = False


def key_of(dimension: str, shelf: Shelf[Any], at: Column[Any]) -> Key:
    """The key of a dimension: a period of the instant that counts, or the column of that name."""
    if dimension in _PERIODS:
        return Key(_PERIODS[dimension](at), is_period=True)
    name = dimension.lower()
    return Key(shelf.table.c[name] if name in shelf.table.c else shelf.table.c[f"{name}_id"])


def tally(seen: Seen[Any], keys: Sequence[Key]) -> Select[Any]:
    """How many records there are by these keys; without keys, one row of everything.

    Earlier periods come first, then what there is most of; at most one row more than ROWS_MAX.
    """
    return tally_of(seen.shelf.table, keys).where(*seen.conditions)


def tally_of(source: FromClause, keys: Sequence[Key], measures: Sequence[ColumnElement[Any]] = ()) -> Select[Any]:
    """The same of other rows, with measures."""
    named = [key.expression.label(f"key_{number}") for number, key in enumerate(keys)]
    count = func.count().label("count")
    statement = select(*named, count, *measures).select_from(source)
    if not named:
        return statement
    periods = [name for name, key in zip(named, keys, strict=True) if key.is_period]
    order = [*(each.asc().nulls_last() for each in periods), count.desc(), *(each.asc().nulls_last() for each in named)]
    return statement.group_by(*(each.name for each in named)).order_by(*order).limit(ROWS_MAX + 1)


async def rows_of(connection: AsyncConnection, statement: Select[Any]) -> Sequence[Row[Any]]:
    """What a statement finds: the keys first, then the count, then the measures."""
    found: Sequence[Row[Any]] = (await connection.execute(statement)).all()
    return found
