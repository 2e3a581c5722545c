"""A process keeps few connections, sets each as it needs it, and gets every one of them back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import func, literal, select, text
from sqlalchemy.exc import DBAPIError

from domain.record import Form
from storage.bell import ProcessBell
from storage.database import Connections, Database, DatabaseAway, StatementTooLong
from storage.perform import Door
from storage.postgresql import fetched
from storage.question import Question, Together
from tests.engines import Engines
from tests.keys import RING
from tests.storage.world import NOW, codes, done, world_at

SETTINGS = "select current_setting('timezone'), current_setting('statement_timeout'), current_setting('jit')"
SLOW = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3e5) select count(*) from n",
    "postgresql": "select pg_sleep(5)",
}

Opening = Callable[..., Database]


@pytest.fixture
async def opening(postgresql_engines: Engines) -> AsyncIterator[Opening]:
    """Opens databases on PostgreSQL, all on the same one."""
    with postgresql_engines.fresh() as url:
        opened: list[Database] = []

        def open_one(**connections: Any) -> Database:
            opened.append(Database(url, connections=Connections(**connections)))
            return opened[-1]

        yield open_one
        await asyncio.gather(*(each.close() for each in opened))


async def _backends(database: Database) -> int:
    """How many connections the product has open to this database."""
    async with database.reading() as connection:
        counted = await connection.execute(
            text(
                "select count(*) from pg_stat_activity "
                "where application_name = 'preship' and datname = current_database()"
            )
        )
        return int(counted.scalar_one())


def _lent(database: Database) -> int:
    pools: list[Any] = [engine.pool for engine in database.engines]
    return sum(pool.checkedout() for pool in pools)


async def test_many_who_come_at_once_open_no_more_connections_than_allowed(opening: Opening) -> None:
    database = opening(readers=3)

    async def ask() -> int:
        async with database.reading() as connection:
            return int((await connection.execute(text("select pg_backend_pid() from pg_sleep(0.001)"))).scalar_one())

    assert len(set(await asyncio.gather(*(ask() for _ in range(60))))) == 3
    assert await _backends(database) == 3
    # Whoever comes alone is lent the one that was used last, whose plans are warm.
    assert len({await ask() for _ in range(5)}) == 1


async def test_whoever_waits_for_a_connection_too_long_is_told_so(opening: Opening) -> None:
    database = opening(readers=2, wait_seconds=0.05)
    async with database.reading(), database.reading():
        with pytest.raises(DatabaseAway):
            async with database.reading():
                raise AssertionError("there were only two")
    assert await database.is_ready()


@pytest.mark.parametrize("is_pooled", [False, True])
async def test_what_is_asked_of_postgresql_runs_in_utc_and_for_so_long(opening: Opening, is_pooled: bool) -> None:
    database = opening(statement_seconds=0.2, is_pooled=is_pooled)
    for lending in (database.reading, database.writing, database.snapshot):
        async with lending() as connection:
            assert tuple((await connection.execute(text(SETTINGS))).one()) == ("UTC", "200ms", "off")
        with pytest.raises(StatementTooLong):
            async with lending() as connection:
                await connection.execute(text("select pg_sleep(5)"))
    assert _lent(database) == 0
    assert [tuple(row) for row in await database.read(SETTINGS, ())] == [("UTC", "200ms", "off")]
    with pytest.raises(StatementTooLong):
        await database.read("select pg_sleep(5)", ())
    assert len(await database.read("select 1", ())) == 1


async def _driver(database: Database, question: str) -> list[Any]:
    """What the connection says outside of any transaction of ours."""
    async with database.engines[0].connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return [tuple(row) for row in await driver.fetch(question)]


async def test_behind_a_pooler_nothing_is_left_in_a_session(opening: Opening) -> None:
    kept, left = opening(readers=2), opening(readers=2, is_pooled=True)
    for database in (kept, left):
        for n in range(3):
            async with database.reading() as connection:
                await connection.execute(text(f"select {n}, cast(:given as integer)"), {"given": n})
    count = "select count(*) from pg_prepared_statements where statement like 'select _, cast%'"
    assert await _driver(kept, count) == [(3,)]
    assert await _driver(left, count) == [(0,)]
    assert (await _driver(kept, SETTINGS))[0] == ("UTC", "30s", "off")
    assert (await _driver(left, SETTINGS))[0][1] == "0"


async def test_a_connection_keeps_few_statements_prepared(opening: Opening) -> None:
    database = opening(readers=2, prepared_max=8)
    for n in range(60):
        async with database.reading() as connection:
            await connection.execute(text(f"select {n}, cast(:given as integer)"), {"given": n})
    ((count,),) = await _driver(database, "select count(*) from pg_prepared_statements")
    # Room is made when there is half as much again.
    assert 0 < count <= 13


async def test_the_door_works_behind_a_pooler(engine_url: str) -> None:
    if not engine_url.startswith("postgresql"):
        pytest.skip("no pooler stands before SQLite")
    async with world_at(engine_url) as world:
        database = Database(engine_url, RING, Connections(is_pooled=True))
        door = Door(database, ProcessBell(), lambda: NOW)
        try:
            drafts = await asyncio.gather(*(world.saved(door) for _ in range(8)))
            for draft in drafts:
                done(await world.does(door, "submit", draft, Form(), world.enterprise))
            taken = await asyncio.gather(
                *(world.does(door, "accept", each, Form(), world.institution) for each in drafts)
            )
            assert [codes(each) for each in taken] == [[]] * 8
        finally:
            await database.close()


@pytest.fixture
async def database(engine_url: str) -> AsyncIterator[Database]:
    opened = Database(engine_url)
    yield opened
    await opened.close()


async def test_whoever_is_cancelled_gives_the_connection_back(database: Database) -> None:
    slow = SLOW[database.url.get_backend_name()]

    async def works(lending: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        async with lending() as connection:
            await connection.execute(text(slow))

    for lending in (database.reading, database.writing):
        # More than there are connections: some are cancelled at work, some while they wait for one.
        tasks = [asyncio.create_task(works(lending)) for _ in range(10)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=10)
        assert all(task.cancelled() for task in tasks)
    assert _lent(database) == 0
    async with database.reading(), database.reading(), database.writing() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1
    if not database.is_sqlite:
        running = text("select count(*) from pg_stat_activity where query = :slow and state = 'active'")
        # The server hears of it a moment later, but long before the statements would have ended by themselves.
        async with asyncio.timeout(4), database.reading() as connection:
            while (await connection.execute(running, {"slow": slow})).scalar_one():
                pass


async def test_whoever_is_cancelled_in_a_long_read_ends_cancelled(database: Database) -> None:
    began = asyncio.Event()

    async def reads() -> None:
        async with database.snapshot() as connection:
            await connection.execute(text("select 1"))
            began.set()
            await connection.execute(text(SLOW[database.url.get_backend_name()]))

    task = asyncio.create_task(reads())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.snapshot() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1


async def test_what_is_cancelled_leaves_no_transaction_open(opening: Opening) -> None:
    database = opening(writers=2)
    async with database.writing() as connection:
        await fetched(connection, "create table kept (n integer)", ())

    async def works(seconds: float) -> None:
        async with database.writing() as connection:
            await fetched(connection, "insert into kept values (1)", ())
            await fetched(connection, f"select pg_sleep({seconds})", ())

    tasks = [asyncio.create_task(works(5)) for _ in range(6)]
    await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=10)
    assert all(task.cancelled() for task in tasks)
    assert _lent(database) == 0
    await works(0)
    async with database.reading() as connection:
        assert (await connection.execute(text("select count(*) from kept"))).scalar_one() == 1
        in_transaction = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
        mine = f"{in_transaction} and datname = current_database()"
        assert (await connection.execute(text(mine))).scalar_one() == 0


async def test_a_transaction_ends_with_what_failed_in_it(opening: Opening) -> None:
    database = opening(writers=1)
    async with database.writing() as connection:
        await fetched(connection, "create table kept (n integer unique deferrable initially deferred)", ())
        await connection.execute(text("insert into kept values (1)"))

    async def insert(n: int, then: str = "select 1") -> None:
        async with database.writing() as connection:
            await fetched(connection, "insert into kept values ($1)", (n,))
            await fetched(connection, then, ())

    with pytest.raises(DBAPIError, match="division by zero"):
        await insert(2, "select 1 / 0")
    # This one is found out by the commit.
    with pytest.raises(DBAPIError, match="duplicate key"):
        await insert(1)
    async with database.writing() as connection:
        savepoint = await connection.begin_nested()
        await fetched(connection, "insert into kept values (3)", ())
        await savepoint.rollback()
        assert [tuple(row) for row in await fetched(connection, "select n from kept", ())] == [(1,)]


async def test_a_closed_connection_is_replaced_without_anybody_noticing(opening: Opening) -> None:
    database, other = opening(), opening()
    async with database.reading(), database.reading(), database.writing():
        pass
    async with other.writing() as connection:
        ended = await connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'preship' "
                "and datname = current_database() and pid <> pg_backend_pid()"
            )
        )
        assert len(ended.all()) == 3
    await asyncio.sleep(0.05)  # until the ends have arrived
    for lending in (database.reading, database.writing):
        for _ in range(3):
            async with lending() as connection:
                assert (await connection.execute(text("select 1"))).scalar_one() == 1


async def test_whoever_is_cancelled_while_asking_for_several_ends_cancelled(database: Database) -> None:
    """And leaves the connection to nobody before those who ask by it have ended."""

    async def asks() -> None:
        async with database.writing() as connection:
            together = Together(connection)
            await asyncio.gather(_SLOWLY[database.is_sqlite].of(together), *(_AT_ONCE.of(together) for _ in range(3)))

    for _ in range(3):
        task = asyncio.create_task(asks())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


_AT_ONCE = Question(select(literal(1)))
_COUNTING = select(literal(1).label("n")).cte("counting", recursive=True)
_COUNTING = _COUNTING.union_all(select(_COUNTING.c.n + 1).where(_COUNTING.c.n < 300_000))
_SLOWLY = {True: Question(select(func.count()).select_from(_COUNTING)), False: Question(select(func.pg_sleep(5)))}


async def _is_cut_off(work: Coroutine[Any, Any, None], turns: int) -> None:
    """Cancels work after so many turns of the loop, and waits for its end."""
    task = asyncio.create_task(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


async def test_whoever_is_cancelled_while_a_transaction_begins_leaves_none_to_the_next(opening: Opening) -> None:
    """Or what the next one writes would be a part of it, and gone with it though it was said to be done."""
    database = opening(writers=1)
    async with database.writing() as connection:
        await fetched(connection, "create table kept (n integer)", ())

    async def idles() -> None:
        async with database.writing():
            await asyncio.sleep(0)

    for turns in range(30):
        await _is_cut_off(idles(), turns)
        async with database.writing() as connection:
            await fetched(connection, "insert into kept values ($1)", (turns,))
        async with database.reading() as connection:
            assert await fetched(connection, "select count(*) from kept", ()) == [(turns + 1,)]


async def test_whoever_is_cancelled_while_a_long_read_begins_leaves_no_old_sight_to_the_next(opening: Opening) -> None:
    database = opening(readers=1)
    async with database.writing() as connection:
        await fetched(connection, "create table kept (n integer)", ())

    async def looks() -> None:
        async with database.snapshot() as connection:
            await fetched(connection, "select 1", ())

    for turns in range(30):
        await _is_cut_off(looks(), turns)
        async with database.writing() as connection:
            await fetched(connection, "insert into kept values ($1)", (turns,))
        for _ in range(2):
            async with database.reading() as connection:
                assert await fetched(connection, "select count(*) from kept", ()) == [(turns + 1,)]


async def test_a_connection_that_is_lost_within_a_transaction_is_told_as_that(opening: Opening) -> None:
    database = opening(writers=1)

    async def loses_it() -> None:
        async with database.writing() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.terminate()
            await fetched(connection, "select 1", ())

    with pytest.raises(DatabaseAway):
        await loses_it()
    async with database.writing() as connection:
        assert await fetched(connection, "select 1", ()) == [(1,)]


async def test_behind_a_pooler_what_is_asked_first_is_asked_with_our_settings(opening: Opening) -> None:
    database = opening(readers=1, is_pooled=True)
    for lending in (database.reading, database.writing):
        async with lending() as connection:
            assert await fetched(connection, SETTINGS, ()) == [("UTC", "30s", "off")]
        async with lending() as connection:
            await connection.execute(text("select 1"))
            assert await fetched(connection, SETTINGS, ()) == [("UTC", "30s", "off")]
