"""All that is read is a question and carries who asks: `shelf.seen_by(viewer)` is the only maker of a `Seen`."""

import base64
import binascii
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any, Final, Generic, Self, TypeVar, cast
from uuid import UUID

import orjson
from sqlalchemy import (
    Column,
    ColumnClause,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.visitors import replacement_traverse

from domain.api_key.scope import ApiKeyScope
from domain.later import applied, asked
from domain.party import Viewer
from domain.record import MisspeltRecord, Part, fields_of, made, plain
from domain.term import Term
from storage.database import OPERATION
from storage.sight import Extent, Sight, extent, sight

P = TypeVar("P", bound=Part)
R = TypeVar("R")

OFFSET_MAX = 10_000
PAGE_MAX = 100
PAGE_DEFAULT = 20
SORTED_DECIMAL_MAX = Decimal(10) ** 16
"""More than any amount; larger numbers do not fit the columns of every engine."""

SORTED_WHOLE_MAX = 2**31 - 1
"""The largest whole number of a column."""

DECIMAL_LENGTH_MAX = 30

COLUMNS: Final = "{columns}"
"""Stands among the names of columns for such as whoever reads the statement writes in its place, as text."""

_COLUMNS: Final[ColumnClause[Any]] = literal_column(COLUMNS)


class BadCursor(ValueError):
    """A cursor that no list of this order ever gave out."""


def kept(record: type[Part]) -> tuple[str, ...]:
    """The fields of a record that have columns: all but its lists."""
    return _kept(record)  # type: ignore[arg-type]  # classes can be hashed, whatever their instances


@cache
def _kept(record: Hashable) -> tuple[str, ...]:
    return tuple(name for name, field in fields_of(cast(type, record)).items() if field.item is None)


@cache
def _whole(table: Table, record: Hashable) -> Select[Any]:
    """Everything that makes a record; to name twenty columns anew for each question costs as much as to ask it."""
    return select(*(table.c[name] for name in kept(cast(type, record))))


@dataclass(frozen=True)
class Veil:
    """What is kept from some who may see that there is a record: these fields of it are null for them.

    `over` says which rows it lies over for a viewer, and as a sentence when; it is never null itself.
    """

    over: Sight
    fields: frozenset[str]


@dataclass(frozen=True)
class Shelf(Generic[P]):
    """Where the records of one type rest. `visible` says which rows a viewer may see, and in a sentence whose they are
    to see; there is no shelf without it."""

    record: type[P]
    table: Table
    visible: Sight
    veil: Veil | None = None
    scope: ApiKeyScope | None = None
    """What a key must have to read what is public here; None: no key reads anything."""
    seen_within: frozenset[ApiKeyScope] = frozenset()
    """Further scopes whose answers hold such records, though they do not open the shelf itself."""

    def __post_init__(self) -> None:
        if not isinstance(self.visible, Sight):
            raise MisspeltRecord(f"{self.record.__name__}: no sentence says who sees it")
        known = fields_of(self.record)
        if len(kept(self.record)) < len(known):
            raise MisspeltRecord(f"{self.record.__name__}: a list has no column")
        bare = [name for name in known if self.veils(name) and not known[name].nullable]
        if bare:
            raise MisspeltRecord(f"{self.record.__name__}: what is veiled must be nullable, unlike {bare}")

    def seen_by(self, viewer: Viewer) -> "Seen[P]":
        return Seen(self, (self._visible(viewer),), None if self.veil is None else self.veil.over(viewer))

    def _visible(self, viewer: Viewer) -> ColumnElement[bool]:
        key = viewer.key
        if key is None or self.scope in key.scopes or self.seen_within & key.scopes:
            return self.visible(viewer)
        return false()

    def open_to(self, viewer: Viewer) -> ColumnElement[bool]:
        """The rows that a viewer sees without a veil, and with them what belongs to them: parts and files."""
        seen = self._visible(viewer)
        return seen if self.veil is None else and_(seen, not_(self.veil.over(viewer)))

    def veils(self, name: str) -> bool:
        """Whether a field is null for some; then nothing may be sorted or counted by it."""
        return self.veil is not None and name in self.veil.fields

    def __getattr__(self, name: str) -> Column[Any]:
        """`SHELF.number` is the column of that name."""
        try:
            return self.table.c[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def columns(self) -> Sequence[Column[Any]]:
        """The columns that make a record, in the order of its fields; a table may have more."""
        return [self.table.c[name] for name in kept(self.record)]

    def named(self, names: Sequence[str]) -> Sequence[ColumnClause[Any]]:
        """The columns of these names; all that make a record where none is named."""
        return [_COLUMNS if name == COLUMNS else self.table.c[name] for name in names] or self.columns

    def made_of(self, row: Sequence[Any]) -> P:
        """The record of a row that starts with `columns`. Raises TooMuchRead where an operation has had all it may."""
        if (operation := OPERATION.get()) is not None:
            operation.reads_one()
        return made(self.record, zip(kept(self.record), row, strict=False))


@dataclass(frozen=True)
class Seen(Generic[P]):
    """The records of a shelf that one viewer may see; it can be narrowed and never widened."""

    shelf: Shelf[P]
    conditions: tuple[ColumnElement[bool], ...]
    veiled: ColumnElement[bool] | None = None
    """Over which of them the shelf's veil lies; None for none."""

    @property
    def takes_columns_later(self) -> bool:
        """Whether a page of it can be asked for by `COLUMNS`."""
        return True

    def where(self, *conditions: ColumnElement[bool]) -> Self:
        """Those for which all of this holds as far as the viewer can see: what is veiled is null here too. What holds
        of them already is not asked again."""
        more = [each for each in map(self._as_seen, conditions) if not any(each is known for known in self.conditions)]
        return replace(self, conditions=(*self.conditions, *more))

    def unveiled(self) -> Self:
        """The same records as they are: for the door alone, which weighs them and shows them to nobody."""
        return replace(self, veiled=None)

    @property
    def extent(self) -> Extent:
        """How much it can ever be, known without looking."""
        return extent(self.conditions)

    def select(self, *names: str) -> Select[Any]:
        """The rows that make records, or these columns of them."""
        if self.veiled is None and not names:
            return _whole(self.shelf.table, self.shelf.record).where(*self.conditions)  # type: ignore[arg-type]
        wanted = self.shelf.named(names)
        columns = [column if (shown := self._shown(column)) is None else shown.label(column.name) for column in wanted]
        return select(*columns).select_from(self.shelf.table).where(*self.conditions)

    def _shown(self, column: object) -> ColumnElement[Any] | None:
        """A column of the shelf as the viewer sees it, where it is not seen as it is."""
        if self.veiled is None or not isinstance(column, Column) or column.table is not self.shelf.table:
            return None
        return case((not_(self.veiled), column)) if self.shelf.veils(column.name) else None

    def _as_seen(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        if self.veiled is None:
            return condition
        return replacement_traverse(condition, {}, lambda element, **_: self._shown(element))

    async def one(self, connection: AsyncConnection) -> P | None:
        row = (await connection.execute(self.select().limit(1))).first()
        return None if row is None else self.shelf.made_of(row)

    async def all(self, connection: AsyncConnection, *order: ColumnElement[Any]) -> list[P]:
        return [self.shelf.made_of(row) for row in await connection.execute(self.select().order_by(*order))]

    async def count(self, connection: AsyncConnection) -> int:
        statement = select(func.count()).select_from(self.shelf.table).where(*self.conditions)
        return int((await connection.execute(statement)).scalar_one())

    async def page(self, connection: AsyncConnection, order: "Order", window: "Window") -> "Page[P]":
        """One page in one statement, by keyset: the thousandth page costs what the first does."""
        rows = await connection.execute(self.select_window(order, window))
        nodes, has_next, has_previous = window.cut([self.shelf.made_of(row) for row in rows])
        return Page(nodes=tuple(nodes), has_next=has_next, has_previous=has_previous, order=order)

    def select_window(self, order: "Order", window: "Window", *names: str) -> Select[Any]:
        """The rows of a part of the list and one more, which `Window.cut` takes off. Raises BadCursor."""
        bounds = []
        if window.after is not None:
            bounds.append(order.beyond(window.after, forward=True))
        if window.before is not None:
            bounds.append(order.beyond(window.before, forward=False))
        return self.select_part(
            order, bounds, *names, forward=window.is_forward, size=window.size + 1, offset=window.offset
        )

    def select_part(
        self,
        order: "Order",
        bounds: Sequence[ColumnElement[bool]],
        *names: str,
        forward: bool,
        size: int,
        offset: int,
    ) -> Select[Any]:
        """So many of them within bounds of the order, from its start or, not `forward`, from its end."""
        statement = self.select(*names).where(*bounds).order_by(*order.by(forward=forward)).limit(size)
        return statement.offset(literal(offset, Integer())) if offset else statement


@dataclass(frozen=True)
class Window:
    """Which part of a list: `first` after a cursor, or `last` before one; `offset` rows skipped, for numbered pages."""

    first: int = PAGE_DEFAULT
    last: int | None = None
    after: str | None = None
    before: str | None = None
    offset: int = 0

    @property
    def is_forward(self) -> bool:
        return self.last is None

    @property
    def size(self) -> int:
        return self.first if self.last is None else self.last

    def cut(self, rows: list[R]) -> tuple[list[R], bool, bool]:
        """Of the rows read, one more than was wanted if there are: those wanted in the list's order, whether more
        follow, and whether there are some before."""
        more = len(rows) > self.size
        rows = rows[: self.size]
        if self.is_forward:
            return rows, more, self.after is not None or bool(self.offset)
        return rows[::-1], self.before is not None, more


@dataclass(frozen=True)
class Page(Generic[P]):
    """One page of a list, in the list's own order whichever way it was read."""

    nodes: tuple[P, ...]
    has_next: bool
    has_previous: bool
    order: "Order"

    def cursor(self, node: P) -> str:
        return self.order.cursor(node)


@dataclass(frozen=True)
class Order:
    """The order of a list: a column that is never null, or several, then the id; all run the same way.

    `name` keeps cursors of one order from another.
    """

    name: str
    column: Column[Any] | tuple[Column[Any], ...]
    descending: bool

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return self.column if isinstance(self.column, tuple) else (self.column,)

    def by(self, *, forward: bool, of: FromClause | None = None) -> Sequence[ColumnElement[Any]]:
        """What rows are sorted by: those of the table, or `of` a subquery whose columns are named alike."""
        down, columns = self.descending == forward, (*self.columns, self._id)
        some: Sequence[ColumnElement[Any]] = columns if of is None else [of.c[column.name] for column in columns]
        return [column.desc() if down else column.asc() for column in some]

    @property
    def _id(self) -> Column[Any]:
        return self.columns[0].table.c["id"]

    def cursor(self, node: Part) -> str:
        return self.cursor_at(*(getattr(node, column.name) for column in self.columns), node.id)

    def cursor_at(self, *place: Any) -> str:
        """The cursor of a node with these values of the columns, and this id."""
        return self.cursor_of(map(plain, place))

    def cursor_of(self, place: Iterable[Any]) -> str:
        """The same, of values as `plain` writes them."""
        packed = orjson.dumps([self.name + ("-" if self.descending else "+"), *place])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def beyond(self, cursor: str, *, forward: bool) -> ColumnElement[bool]:
        """What comes behind a cursor. Raises BadCursor, for one that comes later as well, whether or not the statement
        has a use for it: there may be nothing to see."""
        if not asked(self._is_own, cursor):
            raise BadCursor(cursor)
        columns = (*self.columns, self._id)
        here = tuple_(*columns)
        read = applied(self._read, cursor)
        there = tuple_(
            *(literal(applied(itemgetter(at), read), column.type) for at, column in enumerate(columns)),
        )
        return here < there if self.descending == forward else here > there

    def _is_own(self, cursor: str) -> bool:
        try:
            self._read(cursor)
        except BadCursor:
            return False
        return True

    def _read(self, cursor: str) -> tuple[Any, ...]:
        try:
            packed = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            name, *values, node_id = packed
            if name != self.name + ("-" if self.descending else "+"):
                raise BadCursor(cursor)
            read = [
                _sorted_value(value, column.type.python_type)
                for value, column in zip(values, self.columns, strict=True)
            ]
            return (*read, UUID(node_id))
        except (ValueError, TypeError, AttributeError, ArithmeticError, binascii.Error) as unreadable:
            raise BadCursor(cursor) from unreadable


def _sorted_value(value: Any, kind: type[Any]) -> Any:
    """A value that a list is sorted by, as a cursor holds it. Raises ValueError where it cannot be one."""
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError(value)
        return value
    if kind is datetime:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError(value)
        return instant.astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is Decimal:
        if not isinstance(value, str) or len(value) > DECIMAL_LENGTH_MAX:
            raise ValueError(value)
        number = Decimal(value)
        if not number.is_finite() or abs(number) > SORTED_DECIMAL_MAX or number.adjusted() < -DECIMAL_LENGTH_MAX:
            raise ValueError(value)
        return number
    if kind is int:
        if type(value) is not int or not -SORTED_WHOLE_MAX <= value <= SORTED_WHOLE_MAX:
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


Sorting = Mapping[Term, Column[Any] | tuple[Column[Any], ...]]
"""What a list may be sorted by. The first is the order for those who ask for none, latest or largest first."""


@sight(zh="任何人", en="everybody")
def everybody(viewer: Viewer) -> ColumnElement[bool]:
    """What is public."""
    return true()
