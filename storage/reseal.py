"""Sealed values held against the keys, and sealed anew under the current one while the product runs.

The surprise: nothing remembers how far that got. What is not under the current key is what is left to do; and a value
that somebody saves meanwhile is under it already, so it is left alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, and_, func, not_, or_, select, type_coerce, update
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.personal import number_in
from storage.database import Database
from storage.keys import KeyRing, KeysWrong, SealBroken, beginning, key_id_of
from storage.perform import others_came_in_between
from storage.sealed import SealedText, as_it_rests, index_name
from storage.search import begins
from storage.tables import METADATA

VALUES_AT_ONCE = 200
ATTEMPTS_MAX = 5

Progress = Callable[[int, int], None]


def silently(done: int, total: int) -> None:
    """Nobody waits to hear."""


@dataclass(frozen=True)
class Sealing:
    """What `check` found: how many values there are by column and key, and what does not open."""

    counted: dict[tuple[str, str], int]
    broken: list[str]


def columns() -> list[Column[Any]]:
    """Every sealed column of the product."""
    found = [column for table in METADATA.sorted_tables for column in table.columns]
    return [column for column in found if isinstance(column.type, SealedText)]


async def prove(database: Database) -> None:
    """Raises KeysWrong where a value is sealed with a key that is not on the ring, or not the one of its id.

    It opens one value of each key and column: a look before starting, not an audit.
    """
    keys = _ring(database)
    async with database.reading() as connection:
        for column in columns():
            try:
                foreign = await _one(connection, column, not_(_under(column, keys.ids)))
            except (OperationalError, ProgrammingError):
                return  # a database without the tables has nothing that is sealed; what it lacks others will say
            if foreign is not None:
                raise _lacking(key_id_of(foreign[1]), keys)
            for key_id in keys.ids:
                found = await _one(connection, column, _under(column, [key_id]))
                if found is not None:
                    _proved(keys, column, found, key_id)


def _proved(keys: KeyRing, column: Column[Any], found: tuple[UUID, str], key_id: str) -> None:
    try:
        keys.open(found[1], _about(column, found[0]))
    except SealBroken:
        raise KeysWrong(
            f"密钥“{key_id}”打不开数据库中以它加密的数据（{column.table.name}.{column.name}）：密钥有误，或数据被改动。"
            "系统不启动。\n"
            f"The key {key_id!r} does not open what was sealed with it ({column.table.name}.{column.name}): it is "
            "another key, or the data was altered. Nothing starts; `preship keys check` names what does not open."
        ) from None


def _lacking(key_id: str, keys: KeyRing) -> KeysWrong:
    return KeysWrong(
        f"数据库中有以密钥“{key_id}”加密的个人信息，而PRESHIP_PERSONAL_KEYS中只有：{'、'.join(keys.ids)}。"
        "请把该密钥加入其中（可排在后面），系统不启动。\n"
        f"Personal data is sealed with the key {key_id!r}, but PRESHIP_PERSONAL_KEYS has only {', '.join(keys.ids)}. "
        "Add that key, behind the current one; nothing starts without it."
    )


async def check(database: Database, progress: Progress = silently) -> Sealing:
    """Opens every sealed value."""
    keys, counted, broken, done = _ring(database), Counter[tuple[str, str]](), list[str](), 0
    async with database.snapshot() as connection:
        total = sum([await _count(connection, column, column.is_not(None)) for column in columns()])
        for column in columns():
            last: UUID | None = None
            while page := await _page(connection, column, column.is_not(None), last):
                for row_id, sealed in page:
                    counted[f"{column.table.name}.{column.name}", key_id_of(sealed)] += 1
                    try:
                        keys.open(sealed, _about(column, row_id))
                    except SealBroken as reason:
                        broken.append(str(reason))
                last, done = page[-1][0], done + len(page)
                progress(done, total)
    return Sealing(dict(counted), broken)


async def rotate(database: Database, progress: Progress = silently) -> int:
    """Seals everything anew that is not under the current key; how many values. Raises SealBroken."""
    keys, done = _ring(database), 0
    async with database.reading() as connection:
        total = sum([await _count(connection, column, _is_old(column, keys)) for column in columns()])
    progress(done, total)
    for column in columns():
        last: UUID | None = None
        while True:
            page = await _some_anew(database, column, keys, last)
            if not page:
                break
            last, done = page[-1][0], done + len(page)
            progress(done, max(total, done))
    return done


async def _some_anew(
    database: Database, column: Column[Any], keys: KeyRing, last: UUID | None
) -> Sequence[tuple[UUID, str]]:
    """One short transaction; done again where others came in between."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            async with database.writing() as connection:
                page = await _page(connection, column, _is_old(column, keys), last)
                for row_id, sealed in page:
                    await _anew(connection, column, keys, row_id, sealed)
                return page
        except DBAPIError as failure:
            if attempt == ATTEMPTS_MAX or not others_came_in_between(failure):
                raise
    raise AssertionError("the last attempt returns or raises")


async def _anew(connection: AsyncConnection, column: Column[Any], keys: KeyRing, row_id: UUID, sealed: str) -> None:
    about = _about(column, row_id)
    plain = keys.open(sealed, about)
    values: dict[Any, Any] = {column: type_coerce(keys.seal(plain, about), as_it_rests(column).type)}
    if index_name(column.name) in column.table.c:
        values[column.table.c[index_name(column.name)]] = plain if number_in(plain) else None
    # Whatever was saved since it was read is no longer this text.
    unchanged = and_(column.table.c.id == row_id, as_it_rests(column) == sealed)
    await connection.execute(update(column.table).where(unchanged).values(values))


def _ring(database: Database) -> KeyRing:
    assert database.keys is not None, "opened without keys"
    return database.keys


def _about(column: Column[Any], row_id: UUID) -> str:
    kind = column.type
    assert isinstance(kind, SealedText)
    return kind.about(row_id)


def _under(column: Column[Any], key_ids: Sequence[str]) -> ColumnElement[bool]:
    rests: ColumnElement[Any] = as_it_rests(column)
    return or_(*(begins(rests, beginning(each)) for each in key_ids))


def _is_old(column: Column[Any], keys: KeyRing) -> ColumnElement[bool]:
    return and_(column.is_not(None), not_(_under(column, [keys.current])))


async def _one(
    connection: AsyncConnection, column: Column[Any], condition: ColumnElement[bool]
) -> tuple[UUID, str] | None:
    statement = select(column.table.c.id, as_it_rests(column)).where(column.is_not(None), condition).limit(1)
    row = (await connection.execute(statement)).first()
    return None if row is None else (row[0], row[1])


async def _count(connection: AsyncConnection, column: Column[Any], condition: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(column.table).where(condition)
    return int((await connection.execute(statement)).scalar_one())


async def _page(
    connection: AsyncConnection, column: Column[Any], condition: ColumnElement[bool], last: UUID | None
) -> Sequence[tuple[UUID, str]]:
    row_id = column.table.c.id
    statement = select(row_id, as_it_rests(column)).where(column.is_not(None), condition)
    if last is not None:
        statement = statement.where(row_id > last)
    rows = await connection.execute(statement.order_by(row_id).limit(VALUES_AT_ONCE))
    return [(row[0], row[1]) for row in rows]
