"""Counters of attempts, which all processes share. What they count is written as a hash: the key has a fixed length.

A counter that is empty is as good as none, so it is swept; what a limit lets through is reckoned in `domain/throttle`.
"""

import hashlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import BigInteger, Column, Index, Table, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.throttle import Limit
from storage.columns import METADATA, text
from storage.database import Database, insert_into
from storage.question import Asks, Question, several

COUNTERS_MAX = 200_000
"""Beyond that those that would be empty soonest are dropped."""

THROTTLE = Table(
    "throttle",
    METADATA,
    Column("key", text(64), primary_key=True),
    Column("limit_name", text(32), nullable=False),
    Column("empty_at", BigInteger(), nullable=False),
    Index(None, "empty_at", "key"),
)


@dataclass(frozen=True)
class Counter:
    """One limit as it applies to one subject: an address, a user name, a device."""

    limit: Limit
    subject: str

    @cached_property
    def key(self) -> str:
        return hashlib.sha256(f"{self.limit.name}\0{self.subject}".encode()).hexdigest()


Levels = dict[Counter, int]
"""When each counter will be empty, in milliseconds since 1970; 0 for one that is."""


_LEVELS = Question(select(THROTTLE.c.key, THROTTLE.c.empty_at).where(THROTTLE.c.key.in_(several("keys"))))


async def levels(asks: Asks | Database, counters: Collection[Counter]) -> Levels:
    """Where some counters stand."""
    found = {row.key: row.empty_at for row in await _LEVELS.of(asks, keys=[each.key for each in counters])}
    return {each: found.get(each.key, 0) for each in counters}


async def count(connection: AsyncConnection, counters: Sequence[Counter], now: int) -> None:
    """One more of each."""
    await _count(connection, await _locked(connection, counters), now)


async def take(connection: AsyncConnection, counter: Counter, now: int) -> int:
    """One more where the limit lets it through; else the milliseconds that it has to wait, and nothing counts."""
    locked = await _locked(connection, [counter])
    wait = counter.limit.wait_ms(locked[counter], now)
    if not wait:
        await _count(connection, locked, now)
    return wait


async def add(connection: AsyncConnection, counter: Counter, many: int, now: int) -> int:
    """Counts as many at once, which have been let through already; when the counter will be empty."""
    held = (await _locked(connection, [counter]))[counter]
    empty_at = max(held, now) + math.ceil(counter.limit.drain_ms(many))
    await connection.execute(update(THROTTLE).where(THROTTLE.c.key == counter.key).values(empty_at=empty_at))
    return empty_at


async def wait_for(connection: AsyncConnection, counter: Counter, now: int) -> int:
    """The milliseconds that the next one has to wait. Nothing counts, and what others count meanwhile waits for it."""
    return counter.limit.wait_ms((await _locked(connection, [counter]))[counter], now)


async def sweep_counters(connection: AsyncConnection, now: int) -> int:
    """Drops those that are empty, and what is too many; how many."""
    empty = await connection.execute(delete(THROTTLE).where(THROTTLE.c.empty_at <= now))
    fullest = select(THROTTLE.c.key).order_by(THROTTLE.c.empty_at.desc(), THROTTLE.c.key.desc())
    rest = await connection.execute(delete(THROTTLE).where(THROTTLE.c.key.in_(fullest.offset(COUNTERS_MAX))))
    return empty.rowcount + rest.rowcount


async def _locked(connection: AsyncConnection, counters: Sequence[Counter]) -> Levels:
    """The counters as they are now and stay until the end of the transaction; always locked in the same order."""
    rows = [{"key": each.key, "limit_name": each.limit.name, "empty_at": 0} for each in counters]
    made = insert_into(connection, THROTTLE).values(sorted(rows, key=lambda row: str(row["key"])))
    # Changes nothing, but takes hold of the rows in the statement that finds them: they may be swept at any time.
    held = made.on_conflict_do_update(index_elements=["key"], set_={"limit_name": made.excluded.limit_name})
    found = {
        row.key: row.empty_at for row in await connection.execute(held.returning(THROTTLE.c.key, THROTTLE.c.empty_at))
    }
    return {each: found[each.key] for each in counters}


async def _count(connection: AsyncConnection, locked: Levels, now: int) -> None:
    await connection.execute(
        update(THROTTLE).where(THROTTLE.c.key == bindparam("of_key")).values(empty_at=bindparam("to_empty_at")),
        [{"of_key": each.key, "to_empty_at": each.limit.counted(empty_at, now)} for each, empty_at in locked.items()],
    )
