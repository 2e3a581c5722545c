"""Records as full as they may be, for whoever asks what the dearest question costs: every list at its bound, and drafts
whose lines lack everything.

The surprise: rows are copied behind the product's back, so the register of such a database proves nothing.
"""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import uuid_utils
from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.ground import load
from domain.annual_report.record import COUNTRIES_MAX
from domain.attachment import ATTACHMENTS_MAX
from domain.commission.record import GOODS_LINES_MAX, CommissionStatus
from domain.filing.lists import DEPARTMENTS_MAX, EQUIPMENT_MAX, QUALITY_CERTIFICATES_MAX, SIGNATORIES_MAX
from domain.party import THE_PRODUCT
from domain.record import Part
from graph.settings import Settings
from storage.commission import COMMISSION, GOODS_LINE
from storage.consequences import row_of
from storage.database import Database
from storage.desk import PartsOf
from storage.desks import DESKS
from storage.migrate import migrate
from storage.rule import RULE

COMMISSIONS: Final = 400
OWNERS_MAX: Final = 400
"""Of each kind of record so many are filled."""

BOUNDS: Final[Mapping[str, int]] = {
    "goods_line": GOODS_LINES_MAX,
    "attachment": ATTACHMENTS_MAX,
    "signatory": SIGNATORIES_MAX,
    "department": DEPARTMENTS_MAX,
    "equipment": EQUIPMENT_MAX,
    "quality_certificate": QUALITY_CERTIFICATES_MAX,
    "annual_report_country": COUNTRIES_MAX,
}
"""How many rows of a table one record may have. Of the others a record has as many as the demo gives it."""

ROWS_AT_ONCE: Final = 2_000


def fill(url: str) -> None:
    """Fills an empty database."""
    migrate(url)
    load(url, COMMISSIONS)
    asyncio.run(_widen(url))


async def _widen(url: str) -> None:
    settings = Settings(database_url=url)
    database = Database(url, settings.ring())
    try:
        async with database.writing() as connection:
            await _make_every_other_commission_a_bare_draft(connection)
            rules = await _have_rules(connection)
            for desk in DESKS.values():
                for parts in desk.parts:
                    if parts.shelf.table.name in BOUNDS:
                        await _repeat(connection, parts)
            await _spread_over_rules(connection, rules)
    finally:
        await database.close()


async def _make_every_other_commission_a_bare_draft(connection: AsyncConnection) -> None:
    """What a draft may lack, these lack, and so do their lines."""
    ids = (await connection.execute(select(COMMISSION.c.id).order_by(COMMISSION.c.enterprise_id))).scalars().all()[::2]
    bare = {column.name: None for column in COMMISSION.columns if column.nullable}
    await connection.execute(
        update(COMMISSION).where(COMMISSION.c.id.in_(ids)).values({**bare, "status": CommissionStatus.DRAFT})
    )
    empty = {column.name: None for column in GOODS_LINE.columns if column.nullable}
    await connection.execute(update(GOODS_LINE).where(GOODS_LINE.c.commission_id.in_(ids)).values(empty))


async def _have_rules(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
    """As many rules as one commission may have lines."""
    there = [dict(row) for row in (await connection.execute(select(RULE))).mappings()]
    made = [
        {**rule, "id": uuid_utils.compat.uuid7(), "hs_code": f"{8400000000 + number}"}
        for number, rule in zip(range(GOODS_LINES_MAX), itertools.cycle(there), strict=False)
    ]
    await _insert(connection, RULE, made)
    return made


async def _repeat(connection: AsyncConnection, parts: PartsOf) -> None:
    """Copies the rows of a record until it has as many as it may."""
    shelf, bound = parts.shelf, BOUNDS[parts.shelf.table.name]
    for owner_id in (await connection.execute(select(parts.owner).distinct().limit(OWNERS_MAX))).scalars().all():
        rows = await shelf.seen_by(THE_PRODUCT).where(parts.owner == owner_id).all(connection)
        more = zip(range(len(rows), bound), itertools.cycle(rows), strict=False)
        await _insert(connection, shelf.table, [row_of(_copy(row, number)) for number, row in more])


def _copy(row: Part, number: int) -> Part:
    placed = {"line_number": number + 1} if hasattr(row, "line_number") else {}
    return replace(row, id=uuid_utils.compat.uuid7(), **placed)


async def _spread_over_rules(connection: AsyncConnection, rules: Sequence[Mapping[str, Any]]) -> None:
    """Every line of a commission is under another rule."""
    for index, rule in enumerate(rules):
        await connection.execute(
            update(GOODS_LINE)
            .where(GOODS_LINE.c.line_number == index + 1, GOODS_LINE.c.hs_code.is_not(None))
            .values(hs_code=rule["hs_code"], rule_id=rule["id"])
        )


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
