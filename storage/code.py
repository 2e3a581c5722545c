"""Code tables at rest, public."""

from collections.abc import Iterable

from sqlalchemy import UniqueConstraint, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import CodeItem
from storage.columns import table_of
from storage.shelf import Shelf, everybody

CODE = table_of(CodeItem, "code", UniqueConstraint("table_name", "code"))
CODES = Shelf(CodeItem, CODE, everybody)


async def known_codes(connection: AsyncConnection, codes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], CodeItem]:
    """Those of the pairs (table, code) that exist."""
    wanted = set(codes)
    if not wanted:
        return {}
    statement = select(*CODES.columns).where(tuple_(CODE.c.table_name, CODE.c.code).in_(wanted))
    found = [CODES.made_of(row) for row in await connection.execute(statement)]
    return {(each.table_name, each.code): each for each in found}
