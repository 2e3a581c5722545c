"""What commissions come to: amounts, goods lines, and how long they take, by whatever tells them apart."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.record import Commission, CommissionFilter
from domain.statistics import CommissionFigures, average_hours, hours
from storage.commission import COMMISSION, COMMISSIONS, GOODS_LINE, of_chapter
from storage.institution import INSTITUTION
from storage.shelf import Seen
from storage.statistics import ExactSum, Key, SecondsBetween, key_of, rows_of, tally_of

AT = COMMISSION.c.commissioned_at
COUNTRY, HS_CHAPTER = "COUNTRY", "HS_CHAPTER"

Tallied = tuple[tuple[Any, ...], CommissionFigures]
"""The values of the keys as the database has them, and the figures."""


async def tallied(
    connection: AsyncConnection, seen: Seen[Commission], wanted: CommissionFilter, by: Sequence[str], total: bool
) -> list[Tallied]:
    """The figures by these dimensions; as a total, of everything that they take in."""
    statement = commission_tally(seen, wanted, by, total=total)
    keys = 0 if total else len(by)
    return [(tuple(row[:keys]), _figures(row[keys:])) for row in await rows_of(connection, statement)]


def commission_tally(
    seen: Seen[Commission], wanted: CommissionFilter, by: Sequence[str], *, total: bool
) -> Select[Any]:
    """The statement that counts."""
    c = COMMISSION.c
    source: FromClause = COMMISSION
    keys: dict[str, Key] = {}
    figures: dict[str, ColumnElement[Any]] = {
        "amount": c.total_amount,
        "quantity": c.total_quantity,
        "acceptance": _seconds(c.submitted_at, c.accepted_at),
        "inspection": _seconds(c.accepted_at, c.completed_at),
    }
    if HS_CHAPTER in by:
        chapters = _chapters(seen, wanted, apart=not total)
        source = source.outerjoin(chapters, chapters.c.commission_id == c.id)
        figures |= {name: chapters.c[name] for name in ("amount", "quantity", "lines")}
        if not total:
            keys[HS_CHAPTER] = Key(chapters.c.chapter)
    if COUNTRY in by and not total:
        source = source.outerjoin(INSTITUTION, INSTITUTION.c.id == c.institution_id)
        keys[COUNTRY] = Key(INSTITUTION.c.country)
    asked = [keys.get(each) or key_of(each, COMMISSIONS, AT) for each in (() if total else by)]
    columns = [each.expression.label(f"by_{number}") for number, each in enumerate(asked)]
    columns += [value.label(name) for name, value in figures.items()]
    # Behind an offset each time is reckoned once; SQLite would do it again for its sum, its count and its maximum.
    one = select(*columns).select_from(source).where(*seen.conditions).offset(0).subquery("one")
    lines = func.coalesce(func.sum(one.c.lines), 0) if HS_CHAPTER in by else literal_column("null")
    measures = [ExactSum(one.c.amount), ExactSum(one.c.quantity), lines]
    for seconds in (one.c.acceptance, one.c.inspection):
        measures += [func.sum(seconds), func.count(seconds), func.max(seconds)]
    return tally_of(one, [Key(one.c[f"by_{at}"], each.is_period) for at, each in enumerate(asked)], measures)


def _seconds(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    """How long it took; null where it has not come to its end, or the clock was set back."""
    return case((end >= start, SecondsBetween(start, end)))


def _chapters(seen: Seen[Commission], wanted: CommissionFilter, *, apart: bool) -> Any:
    """The goods lines that count, added up by commission and, unless they are for the total, by chapter."""
    line = GOODS_LINE.c
    # A parameter here would not be the same one in GROUP BY.
    keys = [
        line.commission_id,
        *([func.substr(line.hs_code, literal_column("1"), literal_column("2")).label("chapter")] if apart else []),
    ]
    statement = select(
        *keys,
        func.sum(line.amount).label("amount"),
        func.sum(line.quantity).label("quantity"),
        func.count().label("lines"),
    )
    statement = statement.where(line.commission_id.in_(select(COMMISSION.c.id).where(*seen.conditions)))
    if wanted.hs_chapter:
        statement = statement.where(of_chapter(wanted.hs_chapter))
    return statement.group_by(*keys).subquery("chapters")


def _figures(row: Sequence[Any]) -> CommissionFigures:
    count, amount, quantity, lines, *times = row
    acceptance, accepted, longest_acceptance, inspection, inspected, longest_inspection = times
    return CommissionFigures(
        keys=(),
        count=count,
        total_amount=amount,
        total_quantity=quantity,
        line_count=None if lines is None else int(lines),
        average_acceptance_hours=average_hours(acceptance, accepted),
        maximum_acceptance_hours=hours(longest_acceptance),
        average_inspection_hours=average_hours(inspection, inspected),
        maximum_inspection_hours=hours(longest_inspection),
    )
