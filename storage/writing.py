"""All that an action writes, put down at once: on PostgreSQL in one statement, whatever it is and of however many rows.

Rows travel as arrays, one a column, so the text of a statement depends on the tables alone and is made once; a row that
is the only one of its kind travels as it is, and PostgreSQL keeps a plan for it. What rows have alike travels once.
SQLite has no statement that writes several tables: there it is one errand of several, in the order given.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

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
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from storage.columns import TransactionNow
from storage.database import insert_for
from storage.postgresql import DIALECT as POSTGRESQL
from storage.postgresql import fetched, sent_as
from storage.register import LINES_ALIKE, REGISTER
from storage.sealed import BlindIndex, SealedText
from storage.sqlite import DIALECT as SQLITE
from storage.sqlite import Errand

Row = Mapping[str, Any]

SHAPES_MAX = 500
"""Of so many kinds of writing the text is kept; each action has a few, by what it writes one row of and what more."""

NOT_THERE = "the row was locked and has changed all the same"

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


@dataclass(frozen=True)
class Meeting:
    """What becomes of the row that is there already, found by the columns `by`."""

    by: tuple[str, ...]
    replaced: tuple[str, ...] = ()
    """Columns that become those of the new row."""
    added: tuple[str, ...] = ()
    """Columns to which those of the new row are added."""


class _Inserts(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    names: NamesLine | None = None
    looked_up: LookedUp | None = None
    meeting: Meeting | None = None
    alike: frozenset[str] = frozenset()


class _Updates(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    names: NamesLine | None = None
    alike: frozenset[str] = frozenset()


class _Deletes(NamedTuple):
    table: Table
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    names: None = None
    alike: frozenset[str] = frozenset()


_Piece = _Inserts | _Updates | _Deletes


class Writing:
    """Rows of several tables, gathered and then written; the register's lines come first, for rows may name them.

    What the register does not tell of is written without any.
    """

    def __init__(self, lines: Sequence[Row] = ()) -> None:
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
        meeting: Meeting | None = None,
        alike: frozenset[str] = frozenset(),
    ) -> None:
        """A new row; with `names`, it names the line. Without `meeting`, none with its keys may be there; with it, no
        two of one writing have the same. `alike` are columns that mostly have one value for all rows of a writing."""
        self._add(_Inserts(table, tuple(row), (), names, looked_up, meeting, alike), row, line)

    def update(
        self,
        table: Table,
        found_by: Row,
        values: Row,
        *,
        names: NamesLine | None = None,
        line: Row | None = None,
    ) -> None:
        """Changes a row that must be there; with `names`, it names the line."""
        self._add(_Updates(table, tuple(values), tuple(found_by), names), {**values, **_keys(found_by)}, line)

    def delete(self, table: Table, found_by: Row) -> None:
        """Drops a row, if it is there."""
        self._add(_Deletes(table, (), tuple(found_by)), _keys(found_by), None)

    def _add(self, piece: _Piece, row: Row, line: Row | None) -> None:
        if piece.names is not None:
            assert line is not None
            row = {**row, _SUBJECT: line["subject_id"], _VERSION: line["version"]}
        self._pieces.setdefault(piece, []).append(row)

    async def put_down(self, connection: AsyncConnection) -> None:
        """Writes it all. A row to be changed that is not there as expected is a failure of ours."""
        lines = {_Inserts(REGISTER, tuple(each), alike=LINES_ALIKE): self._lines for each in self._lines[:1]}
        gathered = lines | self._pieces
        pieces, rows = tuple(gathered), list(gathered.values())
        write = _in_turn if connection.dialect.name == "sqlite" else _at_once
        met = await write(connection, pieces, rows)
        expected = [len(some) for piece, some in zip(pieces, rows, strict=True) if isinstance(piece, _Updates)]
        assert met == expected, NOT_THERE


def _keys(found_by: Row) -> dict[str, Any]:
    return {_key(name): value for name, value in found_by.items()}


def _key(name: str) -> str:
    """In a row that is changed: what it is found by, beside what it becomes."""
    return f"of_{name}"


def _brought(piece: _Piece) -> Iterator[tuple[str, TypeEngine[Any]]]:
    """What each row of a piece brings along."""
    columns = piece.table.c
    yield from ((name, columns[name].type) for name in piece.columns)
    yield from ((_key(name), columns[name].type) for name in piece.keys)
    if piece.names is not None:
        yield from ((_SUBJECT, REGISTER.c.subject_id.type), (_VERSION, REGISTER.c.version.type))


def _statement(piece: _Piece, given: Mapping[str, Any], line: Any, dialect: Dialect) -> Any:
    """A piece as a statement on what is given; `line` is where the register's lines are found."""
    table = piece.table
    conditions = [table.c[name] == given[_key(name)] for name in piece.keys]
    if isinstance(piece, _Deletes):
        return delete(table).where(*conditions)
    values = {name: given[name] for name in piece.columns}
    if piece.names is not None:
        values[piece.names.line.name] = line.c.id
        conditions += [line.c.subject_id == given[_SUBJECT], line.c.version == given[_VERSION]]
    if isinstance(piece, _Inserts):
        if (beside := piece.looked_up) is not None:
            values |= beside.taken(values)
            conditions.append(beside.table.c.id == given[beside.by])
        if piece.meeting is not None:
            # SQLite tells what follows from a join by the WHERE.
            conditions.append(true())
        inserted = insert_for(dialect, table).from_select(list(values), select(*values.values()).where(*conditions))
        return inserted if piece.meeting is None else _met(inserted, table, piece.meeting)
    # Of a row that is made, the transaction is the column's own default.
    moved = {} if piece.names is None else {piece.names.transaction.name: TransactionNow()}
    return update(table).where(*conditions).values(values | moved)


def _met(inserted: postgresql.Insert | sqlite.Insert, table: Table, meeting: Meeting) -> Any:
    replaced = {name: inserted.excluded[name] for name in meeting.replaced}
    added = {name: table.c[name] + inserted.excluded[name] for name in meeting.added}
    return inserted.on_conflict_do_update(index_elements=meeting.by, set_=replaced | added)


class _Parameter(NamedTuple):
    """What is sent along with a statement: something of each row of a piece or, without a piece, always the same."""

    piece: int | None
    name: str
    process: Callable[[Any], Any] | None
    needs_keys: TypeEngine[Any] | None = None
    same: Any = None

    def of(self, rows: Sequence[Row], dialect: Dialect) -> list[Any]:
        if self.piece is None:
            return [self.same] * len(rows)
        process = self.process if self.needs_keys is None else _process(self.needs_keys, dialect)
        values = [row[self.name] for row in rows]
        return values if process is None else [process(value) for value in values]


class _Text(NamedTuple):
    text: str
    parameters: Sequence[_Parameter]


def _text(statement: Any, parameters: dict[str, _Parameter], dialect: Dialect) -> _Text:
    compiled = statement.compile(dialect=dialect)
    constants = {name: _constant(each, dialect) for name, each in compiled.binds.items() if name not in parameters}
    return _Text(str(compiled), [(constants | parameters)[name] for name in compiled.positiontup or ()])


def _parameter(piece: int, name: str, type_: TypeEngine[Any], dialect: Dialect) -> _Parameter:
    if isinstance(type_, SealedText | BlindIndex):
        return _Parameter(piece, name, None, needs_keys=type_)
    return _Parameter(piece, name, _process(type_, dialect))


def _constant(parameter: BindParameter[Any], dialect: Dialect) -> _Parameter:
    process, value = _process(parameter.type, dialect), parameter.value
    return _Parameter(None, parameter.key, None, same=value if process is None else process(value))


def _process(type_: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


# ── PostgreSQL: one statement ──────────────────────────────────────────────────────────────────────────────────────


async def _at_once(
    connection: AsyncConnection, pieces: tuple[_Piece, ...], rows: Sequence[Sequence[Row]]
) -> Sequence[int]:
    """How many rows each change has met."""
    once, dialect = tuple([_once(piece, some) for piece, some in zip(pieces, rows, strict=True)]), connection.dialect
    written = _in_one(pieces, once)
    values: list[Any] = []
    for parameter in written.parameters:
        piece, name, process, needs_keys, same = parameter
        if piece is None:
            values.append(same)
        elif (of_piece := once[piece]) is None or name in of_piece:
            if needs_keys is not None:
                process = _process(needs_keys, dialect)
            value = rows[piece][0][name]
            values.append(value if process is None else process(value))
        else:
            values.append(parameter.of(rows[piece], dialect))
    return list((await fetched(connection, written.text, values))[0])[1:]


_Once = frozenset[str] | None
"""What of a piece travels once: these columns, or None for all of its only row."""


def _once(piece: _Piece, rows: Sequence[Row]) -> _Once:
    if len(rows) == 1:
        return None
    first = rows[0]
    # All or none, so that there are two texts and not one for each set of columns.
    is_so = all([row.get(name) for row in rows].count(first.get(name)) == len(rows) for name in piece.alike)
    return piece.alike if is_so else frozenset()


@lru_cache(SHAPES_MAX)
def _in_one(pieces: tuple[_Piece, ...], once: tuple[_Once, ...]) -> _Text:
    """The statement of some pieces, the register's lines first if there are any; after the number of the first it
    tells those of the changes.

    PostgreSQL looks how long an array is, and a plan for a short one looks so much cheaper than one for any that it
    would plan each time anew. So a single row travels without, and arrays of several stand in a SELECT of their own,
    through which it does not look (decision 0029).
    """
    parameters: dict[str, _Parameter] = {}

    def given(n: int) -> Mapping[str, Any]:
        brought = list(_brought(pieces[n]))
        parameters.update({f"p{n}_{name}": _parameter(n, name, type_, POSTGRESQL) for name, type_ in brought})
        of_all = once[n]
        sent = {
            name: bindparam(f"p{n}_{name}", type_=type_) for name, type_ in brought if of_all is None or name in of_all
        }
        if of_all is None:
            return sent
        several = [(name, type_) for name, type_ in brought if name not in of_all]
        arrays = [
            select(bindparam(f"p{n}_{name}", type_=ARRAY(sent_as(type_)))).scalar_subquery() for name, type_ in several
        ]
        columns = [column(name, type_) for name, type_ in several]
        return sent | dict(func.unnest(*arrays).table_valued(*columns).render_derived(name=f"rows_{n}").c)

    line, written = None, []
    for n, each in enumerate(pieces):
        statement = _statement(each, given(n), line, POSTGRESQL)
        if each.table is REGISTER:
            line = statement.returning(REGISTER.c.id, REGISTER.c.subject_id, REGISTER.c.version).cte("line")
            written.append(line)
        else:
            written.append(statement.returning(literal(1).label("met")).cte(f"written_{n}"))
    met = [_count(each) for each, piece in zip(written, pieces, strict=True) if isinstance(piece, _Updates)]
    return _text(select(_count(written[0]), *met).add_cte(*written), parameters, POSTGRESQL)


def _count(written: CTE) -> ColumnElement[int]:
    return select(func.count()).select_from(written).scalar_subquery()


# ── SQLite: one statement after the other, in one errand ───────────────────────────────────────────────────────────


async def _in_turn(
    connection: AsyncConnection, pieces: tuple[_Piece, ...], rows: Sequence[Sequence[Row]]
) -> Sequence[int]:
    """How many rows each change has met."""
    errand = Errand()
    for piece, some in zip(pieces, rows, strict=True):
        written = _row_by_row(piece)
        columns = [each.of(some, connection.dialect) for each in written.parameters]
        errand.add(written.text, list(zip(*columns, strict=True)))
    met = await errand.done_by(connection)
    return [count for count, piece in zip(met, pieces, strict=True) if isinstance(piece, _Updates)]


@lru_cache(SHAPES_MAX)
def _row_by_row(piece: _Piece) -> _Text:
    """A piece as a statement that is executed for each of its rows."""
    parameters = {f"p_{name}": _parameter(0, name, type_, SQLITE) for name, type_ in _brought(piece)}
    given = {name: bindparam(f"p_{name}", type_=type_) for name, type_ in _brought(piece)}
    return _text(_statement(piece, given, REGISTER, SQLITE), parameters, SQLITE)
