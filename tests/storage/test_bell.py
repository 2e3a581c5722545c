"""The bell wakes everybody, in this process and in the others, and a server that hangs up loses no ring."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from storage.bell import PROCESS, Bell, ProcessBell, open_bell
from storage.bell_postgresql import APPLICATION, PostgresqlBell
from tests.engines import Engines

WAIT_SECONDS_MAX = 20


@dataclass
class Tower:
    """Two bells of two processes on one server, and a way to cut them off."""

    url: str
    here: PostgresqlBell
    there: PostgresqlBell

    async def hang_up(self) -> None:
        """The server closes the connections of both."""
        connection = await asyncpg.connect(self.url.replace("+asyncpg", ""))
        ended = await connection.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = $1 and datname = current_database()",
            APPLICATION,
        )
        await connection.close()
        assert len(ended) == 2


@pytest_asyncio.fixture
async def tower(postgresql_engines: Engines) -> AsyncIterator[Tower]:
    with postgresql_engines.fresh() as url:
        tower = Tower(url, PostgresqlBell(url), PostgresqlBell(url))
        await tower.here.open()
        await tower.there.open()
        yield tower
        await tower.here.close()
        await tower.there.close()


async def is_heard(bell: Bell, since: int) -> bool:
    return await bell.next(since, WAIT_SECONDS_MAX) > since


async def test_a_ring_is_heard_in_the_other_process(tower: Tower) -> None:
    since = tower.there.strokes()
    await tower.here.ring()
    assert await is_heard(tower.there, since)


async def test_a_ring_is_heard_at_once_where_it_is_rung(tower: Tower) -> None:
    since = tower.here.strokes()
    await tower.here.ring()
    assert tower.here.strokes() == since + 1


async def test_ones_own_ring_does_not_come_back(tower: Tower) -> None:
    since, there = tower.here.strokes(), tower.there.strokes()
    await tower.here.ring()
    assert await is_heard(tower.there, there)
    back = tower.here.strokes()
    await tower.there.ring()
    assert await is_heard(tower.here, back)
    assert tower.here.strokes() == since + 2


async def test_many_rings_arrive_as_few_and_the_last_one_is_among_them(tower: Tower) -> None:
    before = tower.there.strokes()
    for _ in range(500):
        await tower.here.ring()
    assert await is_heard(tower.there, before)
    for _ in range(20):
        since = tower.there.strokes()
        await tower.here.ring()
        assert await is_heard(tower.there, since)
    assert tower.there.strokes() - before < 100


async def test_after_the_server_hung_up_the_bell_rings_once_and_then_as_before(tower: Tower) -> None:
    here, there = tower.here.strokes(), tower.there.strokes()
    await tower.hang_up()
    assert await is_heard(tower.here, here)
    assert await is_heard(tower.there, there)
    since = tower.there.strokes()
    await tower.here.ring()
    assert await is_heard(tower.there, since)


async def test_a_ring_that_the_server_could_not_take_is_heard_later(tower: Tower) -> None:
    """A third bell stays connected: what it hears is the ring, not the one that follows a new connection."""
    await tower.hang_up()
    third = PostgresqlBell(tower.url)
    await third.open()
    since = third.strokes()
    await tower.here.ring()
    assert await is_heard(third, since)
    await third.close()


async def test_what_was_rung_last_is_carried_before_closing(tower: Tower) -> None:
    since = tower.there.strokes()
    await tower.here.ring()
    await tower.here.close()
    assert await is_heard(tower.there, since)


async def test_whoever_waits_is_woken_when_the_bell_closes(tower: Tower) -> None:
    waiting = asyncio.create_task(tower.here.next(tower.here.strokes(), WAIT_SECONDS_MAX))
    await asyncio.sleep(0)
    await tower.here.close()
    async with asyncio.timeout(1):
        await waiting


async def test_a_wait_ends_without_a_ring() -> None:
    bell = ProcessBell()
    assert await bell.next(bell.strokes(), 0.01) == 0


async def test_a_ring_before_the_wait_is_not_missed() -> None:
    bell = ProcessBell()
    since = bell.strokes()
    await bell.ring()
    assert await is_heard(bell, since)


@pytest.mark.parametrize(
    ("url", "database_url", "kind"),
    [
        (None, "sqlite+aiosqlite:///x.db", ProcessBell),
        (PROCESS, "postgresql+asyncpg://server/x", ProcessBell),
        (None, "postgresql+asyncpg://server/x", PostgresqlBell),
        ("postgresql+asyncpg://server/x", "sqlite+aiosqlite:///x.db", PostgresqlBell),
    ],
)
async def test_the_setting_chooses_the_bell(url: str | None, database_url: str, kind: type[Bell]) -> None:
    assert type(open_bell(url, database_url)) is kind


def test_a_bell_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no bell rings over mysql"):
        open_bell("mysql://server/x", "sqlite+aiosqlite:///x.db")
