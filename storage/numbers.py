"""Official numbers: 18 digits, the year and a counter of the year, handed out within the transaction that uses them."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.marks import today_in_china
from storage.columns import METADATA, text

COUNTERS = Table(
    "counter",
    METADATA,
    Column("name", text(32), primary_key=True),
    Column("year", Integer(), primary_key=True),
    Column("last", BigInteger(), nullable=False),
)


async def next_numbers(connection: AsyncConnection, name: str, count: int, now: datetime) -> list[str]:
    """The next so many numbers of a counter. A refused action gives its number back, since it never commits."""
    year = today_in_china(now).year
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(COUNTERS).values(name=name, year=year, last=count)
    last = (
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[COUNTERS.c.name, COUNTERS.c.year], set_={"last": COUNTERS.c.last + count}
            ).returning(COUNTERS.c.last)
        )
    ).scalar_one()
    return [f"{year:04}{number:014}" for number in range(last - count + 1, last + 1)]
