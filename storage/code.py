"""Code tables at rest, public."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, UniqueConstraint, bindparam, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import WORKFLOW, CodeAmendForm, CodeFacts, CodeForm, CodeItem
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.question import Asks, Question, several
from storage.relation import one
from storage.shelf import Shelf, everybody

CODE = table_of(CodeItem, "code", UniqueConstraint("table_name", "code"))
CODES = Shelf(CodeItem, CODE, everybody)
CODE_NAMED = one(CODES, CODE.c.table_name, CODE.c.code, is_part=True)


_KNOWN = Question(select(*CODES.columns).where(tuple_(CODE.c.table_name, CODE.c.code).in_(several("codes"))))
_ON = bindparam("on", type_=Date)
_KNOWN_ON = Question(
    _KNOWN.statement.where(
        or_(CODE.c.valid_from.is_(None), CODE.c.valid_from <= _ON),
        or_(CODE.c.valid_to.is_(None), CODE.c.valid_to >= _ON),
    )
)


async def known_codes(
    connection: Asks, codes: Iterable[tuple[str, str]], on: date | None = None
) -> dict[tuple[str, str], CodeItem]:
    """Those of the pairs (table, code) that exist; with a day, those that may be chosen on it."""
    wanted = set(codes)
    rows = await (_KNOWN.of(connection, codes=wanted) if on is None else _KNOWN_ON.of(connection, codes=wanted, on=on))
    found = [CODES.made_of(row) for row in rows]
    return {(each.table_name, each.code): each for each in found}


async def items_of(connection: AsyncConnection, names: Iterable[str]) -> dict[str, tuple[CodeItem, ...]]:
    """The entries of some code tables, in the tables' own order."""
    statement = (
        select(*CODES.columns)
        .where(CODE.c.table_name.in_(list(names)))
        .order_by(CODE.c.table_name, CODE.c.position, CODE.c.code)
    )
    found: dict[str, list[CodeItem]] = {}
    for row in await connection.execute(statement):
        item = CODES.made_of(row)
        found.setdefault(item.table_name, []).append(item)
    return {name: tuple(items) for name, items in found.items()}


async def whole_tables(connection: AsyncConnection, names: Iterable[str]) -> dict[str, dict[str, CodeItem]]:
    """Some code tables whole, each entry by its code."""
    found = await items_of(connection, set(names))
    return {name: {item.code: item for item in items} for name, items in found.items()}


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[CodeFacts]:
    tables = {table for ask in asks if (table := _table_at_hand(ask)) is not None}
    facts = CodeFacts(tables=await whole_tables(gathering.connection, tables) if tables else {})
    return [facts] * len(asks)


def _table_at_hand(ask: Ask[Any]) -> str | None:
    """The table that the form has to be held against, if it has to."""
    if isinstance(ask.form, CodeForm):
        return ask.form.table_name
    if isinstance(ask.form, CodeAmendForm) and ask.record is not None:
        name: str = ask.record.table_name
        return name
    return None


DESK = Desk(WORKFLOW, CODES, _gather)
