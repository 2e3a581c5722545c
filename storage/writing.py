"""All that an action writes, put down at once: on PostgreSQL in one statement, whatever it is and of however many rows.

Rows travel as arrays, one a column, so the text of a statement depends on the tables alone and is made once. SQLite has
no statement that writes several tables: there the same goes table by table, in the order given.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BindParameter,
    Column,
    ColumnElement,
    Table,
    bindparam,
    column,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from storage.columns import TransactionNow
from storage.postgresql import DIALECT as POSTGRESQL
from storage.postgresql import sent_as
from storage.register import REGISTER, append, append_and_tell
from storage.sealed import BlindIndex, SealedText

Row = Mapping[str, Any]

NOT_THERE = "the row was locked and has changed all the same"

_ID, _EXPECTED = "of_id", "of_version"
"""In a row that is changed: which one, and at which version."""
_SUBJECT, _VERSION = "line_subject_id", "line_version"
"""In a row that names its line of the register: which one that is."""


@dataclass(frozen=True)
class LookedUp:
    """What a new row takes from the row of another table that its column `by` names; none is made without that one."""

    table: Table
    by: str
    taken: Callable[[Mapping[str, ColumnElement[Any]]], Mapping[str, ColumnElement[Any]]]


@dataclass(frozen=True)
class NamesLine:
    """The column in which rows name a line of the register, and the one that says in which transaction they did."""

    line: Column[Any]
    transaction: Column[Any]


class _Inserts(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    names: NamesLine | None = None
    looked_up: LookedUp | None = None


class _Updates(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    is_versioned: bool
    names: NamesLine | None = None


class _Deletes(NamedTuple):
    table: Table
    columns: tuple[str, ...] = ()
    names: None = None


_Piece = _Inserts | _Updates | _Deletes


class Writing:
    """Rows of several tables, gathered and then written; the register's lines come first, for rows may name them."""

    def __init__(self, lines: Sequence[Row]) -> None:
        self._lines = lines
        self._pieces: dict[_Piece, list[Row]] = {}

    def insert(
        self,
        table: Table,
        row: Row,
        *,
        names: NamesLine | None = None,
        line: Row | None = None,
        looked_up: LookedUp | None = None,
    ) -> None:
        """A new row; with `names`, it names the line."""
        self._add(_Inserts(table, tuple(row), names, looked_up), row, line)

    def update(
        self,
        table: Table,
        row_id: UUID,
        changes: Row,
        *,
        at_version: int | None = None,
        names: NamesLine | None = None,
        line: Row | None = None,
    ) -> None:
        """Changes a row that must be there, with `at_version` at that version; with `names`, it names the line."""
        known = {_ID: row_id} if at_version is None else {_ID: row_id, _EXPECTED: at_version}
        self._add(_Updates(table, tuple(changes), at_version is not None, names), {**changes, **known}, line)

    def delete(self, table: Table, row_id: UUID) -> None:
        self._add(_Deletes(table), {_ID: row_id}, None)

    def _add(self, piece: _Piece, row: Row, line: Row | None) -> None:
        if piece.names is not None:
            assert line is not None
            row = {**row, _SUBJECT: line["subject_id"], _VERSION: line["version"]}
        self._pieces.setdefault(piece, []).append(row)

    async def put_down(self, connection: AsyncConnection) -> None:
        """Writes it all. A row to be changed that is not there as expected is a failure of ours."""
        if connection.dialect.name == "sqlite":
            await self._table_by_table(connection)
        else:
            await self._at_once(connection)

    async def _at_once(self, connection: AsyncConnection) -> None:
        written = _in_one((_Inserts(REGISTER, tuple(self._lines[0])), *self._pieces))
        rows = [self._lines, *self._pieces.values()]
        values = tuple(each.of(rows, connection.dialect) for each in written.parameters)
        met = (await connection.exec_driver_sql(written.text, values)).one()
        assert [*met[1:]] == [len(some) for piece, some in self._pieces.items() if _changes(piece)], NOT_THERE

    async def _table_by_table(self, connection: AsyncConnection) -> None:
        ids = await self._line_ids(connection)
        for piece, rows in self._pieces.items():
            values = [_of_one_row(piece, row, ids) for row in rows]
            result = await connection.execute(_one_by_one(piece), values[0] if len(values) == 1 else values)
            assert not _changes(piece) or result.rowcount == len(rows), NOT_THERE

    async def _line_ids(self, connection: AsyncConnection) -> Mapping[tuple[UUID, int], int]:
        if all(piece.names is None for piece in self._pieces):
            await append(connection, self._lines)
            return {}
        ids = await append_and_tell(connection, self._lines)
        return {(each["subject_id"], each["version"]): found for each, found in zip(self._lines, ids, strict=True)}


def _changes(piece: _Piece) -> bool:
    return isinstance(piece, _Updates)


def _brought(piece: _Piece) -> Iterator[tuple[str, TypeEngine[Any]]]:
    """What each row of a piece brings along."""
    columns = piece.table.c
    yield from ((name, columns[name].type) for name in piece.columns)
    if not isinstance(piece, _Inserts):
        yield _ID, columns.id.type
    if isinstance(piece, _Updates) and piece.is_versioned:
        yield _EXPECTED, columns.version.type
    if piece.names is not None:
        yield from ((_SUBJECT, REGISTER.c.subject_id.type), (_VERSION, REGISTER.c.version.type))


# ── PostgreSQL: one statement ──────────────────────────────────────────────────────────────────────────────────────


class _Parameter(NamedTuple):
    """One column of the rows of one piece, as an array; or, without a piece, a value that is always the same."""

    piece: int | None
    name: str
    process: Callable[[Any], Any] | None
    needs_keys: TypeEngine[Any] | None = None
    value: Any = None

    def of(self, rows: Sequence[Sequence[Row]], dialect: Dialect) -> Any:
        if self.piece is None:
            return self.value
        values = [row[self.name] for row in rows[self.piece]]
        process = self.process if self.needs_keys is None else _process(self.needs_keys, dialect)
        return values if process is None else [process(value) for value in values]


def _parameter(piece: int, name: str, type_: TypeEngine[Any]) -> _Parameter:
    if isinstance(type_, SealedText | BlindIndex):
        return _Parameter(piece, name, None, needs_keys=type_)
    return _Parameter(piece, name, _process(type_, POSTGRESQL))


def _constant(parameter: BindParameter[Any]) -> _Parameter:
    process = _process(parameter.type, POSTGRESQL)
    value = parameter.value
    return _Parameter(None, parameter.key, None, value=value if process is None else process(value))


def _process(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


class _Written(NamedTuple):
    text: str
    parameters: Sequence[_Parameter]


@cache
def _in_one(pieces: tuple[_Piece, ...]) -> _Written:
    """The statement of some pieces, the register's lines first; it tells how many rows each change has met."""
    parameters: dict[str, _Parameter] = {}

    def rows_of(n: int) -> Any:
        brought = list(_brought(pieces[n]))
        parameters.update({f"p{n}_{name}": _parameter(n, name, type_) for name, type_ in brought})
        arrays = [bindparam(f"p{n}_{name}", type_=ARRAY(sent_as(type_))) for name, type_ in brought]
        columns = [column(name, type_) for name, type_ in brought]
        return func.unnest(*arrays).table_valued(*columns).render_derived(name=f"rows_{n}")

    lines = _statement(pieces[0], rows_of(0), None)
    line = lines.returning(REGISTER.c.id, REGISTER.c.subject_id, REGISTER.c.version).cte("line")
    others = [
        _statement(each, rows_of(n), line).returning(each.table.c.id).cte(f"written_{n}")
        for n, each in enumerate(pieces[1:], start=1)
    ]
    met = [_count(each) for each, piece in zip(others, pieces[1:], strict=True) if _changes(piece)]
    compiled = select(_count(line), *met).add_cte(line, *others).compile(dialect=POSTGRESQL)
    constants = {name: _constant(each) for name, each in compiled.binds.items() if name not in parameters}
    return _Written(str(compiled), [(constants | parameters)[name] for name in compiled.positiontup or ()])


def _count(written: CTE) -> ColumnElement[int]:
    return select(func.count()).select_from(written).scalar_subquery()


def _statement(piece: _Piece, rows: Any, line: Any) -> Any:
    """A piece as a statement on the rows that it brings along."""
    table, given = piece.table, rows.c
    if isinstance(piece, _Deletes):
        return delete(table).where(table.c.id == given[_ID])
    values = {name: given[name] for name in piece.columns}
    conditions = []
    if piece.names is not None:
        values[piece.names.line.name] = line.c.id
        conditions += [line.c.subject_id == given[_SUBJECT], line.c.version == given[_VERSION]]
    if isinstance(piece, _Inserts):
        if (beside := piece.looked_up) is not None:
            values |= beside.taken(given)
            conditions.append(beside.table.c.id == given[beside.by])
        return insert(table).from_select(list(values), select(*values.values()).where(*conditions))
    conditions.append(table.c.id == given[_ID])
    if piece.is_versioned:
        conditions.append(table.c.version == given[_EXPECTED])
    return update(table).where(*conditions).values(values | _moved(piece))


def _moved(piece: _Updates) -> dict[str, Any]:
    """Of a row that is made, the transaction is the column's own default."""
    return {} if piece.names is None else {piece.names.transaction.name: TransactionNow()}


# ── SQLite: a statement a piece ────────────────────────────────────────────────────────────────────────────────────


def _of_one_row(piece: _Piece, row: Row, line_ids: Mapping[tuple[UUID, int], int]) -> dict[str, Any]:
    values = {_to(name): row[name] for name, _ in _brought(piece) if name not in (_SUBJECT, _VERSION)}
    if piece.names is not None:
        values[_to(piece.names.line.name)] = line_ids[row[_SUBJECT], row[_VERSION]]
    return values


@cache
def _one_by_one(piece: _Piece) -> Any:
    """A piece as a statement that is executed for each of its rows."""
    table = piece.table
    if isinstance(piece, _Deletes):
        return delete(table).where(table.c.id == bindparam(_to(_ID)))
    names = [*piece.columns] + ([] if piece.names is None else [piece.names.line.name])
    values: dict[str, ColumnElement[Any]] = {name: bindparam(_to(name), type_=table.c[name].type) for name in names}
    if isinstance(piece, _Updates):
        meets = [table.c.id == bindparam(_to(_ID))]
        if piece.is_versioned:
            meets.append(table.c.version == bindparam(_to(_EXPECTED)))
        return update(table).where(*meets).values(values | _moved(piece))
    if (beside := piece.looked_up) is None:
        return insert(table).values(values)
    values |= beside.taken(values)
    return insert(table).from_select(
        list(values), select(*values.values()).where(beside.table.c.id == values[beside.by])
    )


def _to(name: str) -> str:
    """SQLAlchemy keeps the columns' own names to itself."""
    return f"to_{name}"
