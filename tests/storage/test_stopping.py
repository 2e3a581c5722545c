"""What is asked for an operation that has taken too long is stopped, and its connections serve the next one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from storage.database import Database, OperationStopped, one_operation

SLOW = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2e7) select count(*) from n",
    "postgresql": "select pg_sleep(15)",
}
SECONDS_MAX = 3


@pytest.fixture
async def database(engine_url: str) -> AsyncIterator[Database]:
    opened = Database(engine_url)
    yield opened
    await opened.close()


async def works(database: Database, *, is_writing: bool, began: asyncio.Event) -> None:
    async with database.writing() if is_writing else database.reading() as connection:
        began.set()
        await connection.execute(text(SLOW[database.url.get_backend_name()]))


async def running(database: Database) -> int:
    if database.is_sqlite:
        return 0
    async with database.reading() as connection:
        found = await connection.execute(
            text("select count(*) from pg_stat_activity where state = 'active' and query = :query"),
            {"query": SLOW["postgresql"]},
        )
        return int(found.scalar_one())


@pytest.mark.parametrize("is_writing", [False, True])
async def test_a_statement_of_a_stopped_operation_ends(database: Database, is_writing: bool) -> None:
    for _ in range(3):
        began = asyncio.Event()
        with one_operation() as operation:
            task = asyncio.create_task(works(database, is_writing=is_writing, began=began))
            await began.wait()
            await asyncio.sleep(0.02)
            operation.stop()
            done, _ = await asyncio.wait({task}, timeout=SECONDS_MAX)
        assert done == {task}
        assert task.cancelled() or task.exception() is not None
    assert await running(database) == 0
    async with database.writing() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1


async def test_a_stopped_operation_asks_nothing_more(database: Database) -> None:
    with one_operation() as operation:
        operation.stop()
        with pytest.raises(OperationStopped):
            await works(database, is_writing=False, began=asyncio.Event())
    assert await database.is_ready()
