"""Code tables at rest, public."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import UniqueConstraint, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import CodeItem
from storage.columns import table_of
from storage.shelf import Shelf, everybody

CODE = table_of(CodeItem, "code", UniqueConstraint("table_name", "code"))
CODES = Shelf(CodeItem, CODE, everybody)


async def known_codes(
    connection: AsyncConnection, codes: Iterable[tuple[str, str]], on: date | None = None
) -> dict[tuple[str, str], CodeItem]:
    """Those of the pairs (table, code) that exist; with a day, those that may be chosen on it."""
    wanted = set(codes)
    if not wanted:
        return {}
    statement = select(*CODES.columns).where(tuple_(CODE.c.table_name, CODE.c.code).in_(wanted))
    if on is not None:
        statement = statement.where(
            or_(CODE.c.valid_from.is_(None), CODE.c.valid_from <= on),
            or_(CODE.c.valid_to.is_(None), CODE.c.valid_to >= on),
        )
    found = [CODES.made_of(row) for row in await connection.execute(statement)]
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
