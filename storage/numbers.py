"""Official numbers: a counter of the year, handed out within the transaction that uses them.

Most are 18 digits, the year and 14 more; a series may write them otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.marks import today_in_china
from storage.columns import METADATA, text
from storage.database import insert_into

COUNTERS = Table(
    "counter",
    METADATA,
    Column("name", text(32), primary_key=True),
    Column("year", Integer(), primary_key=True),
    Column("last", BigInteger(), nullable=False),
)


@dataclass(frozen=True)
class Series:
    """Numbers of one kind: the name of their yearly counter, and how a year and its count are written."""

    name: str
    written: Callable[[int, int], str]


def eighteen_digits(year: int, count: int) -> str:
    return f"{year:04}{count:014}"


def filing_number(year: int, count: int) -> str:
    """备案证书编号: JJD, the year, and at least three digits."""
    return f"JJD{year:04}{count:03}"


FILING_NUMBERS = Series("filing_number", filing_number)


async def next_numbers(connection: AsyncConnection, name: str, count: int, now: datetime) -> list[str]:
    """The next so many numbers of 18 digits."""
    return await next_of(connection, Series(name, eighteen_digits), count, now)


async def next_of(connection: AsyncConnection, series: Series, count: int, now: datetime) -> list[str]:
    """The next so many numbers of a series. A refused action gives its number back, since it never commits.

    Whoever comes next waits until this transaction ends, so that none is left out and none given twice.
    """
    year = today_in_china(now).year
    statement = insert_into(connection, COUNTERS).values(name=series.name, year=year, last=count)
    last = (
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[COUNTERS.c.name, COUNTERS.c.year], set_={"last": COUNTERS.c.last + count}
            ).returning(COUNTERS.c.last)
        )
    ).scalar_one()
    return [series.written(year, number) for number in range(last - count + 1, last + 1)]
