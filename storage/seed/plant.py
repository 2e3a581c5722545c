"""Puts the reference data that every installation starts from into a database; what customs has changed since stays.

Codes that an older version planted without a line in the register are given the lines that they should have had.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import CodeEndForm, CodeFacts, CodeForm, CodeItem
from domain.party import THE_PRODUCT
from storage.code import CODE, CODES, DESK
from storage.database import Database
from storage.history import History, write, written
from storage.seed import code_items


async def plant(database: Database) -> int:
    """Adds the entries of the code tables that are missing and returns how many; others stay as they are."""
    now = datetime.now(UTC)
    async with database.writing() as connection:
        await _alone(connection)
        known = await CODES.seen_by(THE_PRODUCT).all(connection, CODE.c.position, CODE.c.code)
        untold = [each for each in known if each.version == 0]
        there = {(each.table_name, each.code) for each in known}
        missing = [each for each in _seeds() if (each.table_name, each.code) not in there]
        if untold:
            # They come back at once, with the same ids, and nothing refers to them by a foreign key.
            await connection.execute(delete(CODE).where(CODE.c.version == 0))
        if untold or missing:
            told = [each for each in known if each.version > 0]
            await write(connection, written(DESK, histories([*untold, *missing], told, now)))
    return len(missing)


def histories(items: Iterable[CodeItem], known: Iterable[CodeItem], now: datetime) -> list[History]:
    """What would have happened, had somebody added these codes one by one to the known ones; parents come first."""
    tables: dict[str, dict[str, CodeItem]] = {}
    for item in known:
        tables.setdefault(item.table_name, {})[item.code] = item
    found = []
    for item in _parents_first(items):
        table = tables.setdefault(item.table_name, {})
        history = _added(item, CodeFacts(tables=tables), now)
        assert isinstance(history.record, CodeItem)
        table[item.code] = history.record
        found.append(history)
    return found


def _added(item: CodeItem, facts: CodeFacts, now: datetime) -> History:
    def own_id() -> UUID:
        return item.id

    history = History(DESK, "", own_id)
    form = CodeForm.of(
        table_name=item.table_name,
        code=item.code,
        label_zh=item.label_zh,
        label_en=item.label_en,
        parent=item.parent,
        valid_from=item.valid_from,
        position=item.position,
    )
    history.then("add", form, facts, THE_PRODUCT, now)
    if item.valid_to is not None:
        history.then("end", CodeEndForm.of(valid_to=item.valid_to), facts, THE_PRODUCT, now)
    return history


def _parents_first(items: Iterable[CodeItem]) -> list[CodeItem]:
    waiting = {(each.table_name, each.code): each for each in items}
    ordered: dict[tuple[str, str], CodeItem] = {}

    def place(key: tuple[str, str]) -> None:
        item = waiting.get(key)
        if item is None or key in ordered:
            return
        if item.parent is not None and item.parent != item.code:
            place((item.table_name, item.parent))
        ordered[key] = item

    for key in waiting:
        place(key)
    return list(ordered.values())


def _seeds() -> list[CodeItem]:
    return [
        CodeItem(
            id=uuid_utils.compat.uuid7(),
            table_name=each.table,
            code=each.code,
            label_zh=each.label_zh,
            label_en=each.label_en,
            parent=each.parent,
            valid_from=each.valid_from,
            valid_to=each.valid_to,
            position=position,
        )
        for position, each in enumerate(code_items())
    ]


async def _alone(connection: AsyncConnection) -> None:
    """Nobody else plants at the same time; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("lock table code in share row exclusive mode"))
