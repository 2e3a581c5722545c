"""An operation has so long; then its statements are stopped, and its client hears in a code of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from graph import patience
from graph.patience import TookTooLong, within
from storage.database import Database, Operation
from tests.office import Office
from tests.person import Person
from tests.storage.test_stopping import SLOW, running

LONG, SHORT = 60, 0.02
LIST = "{ commissions(first: 1) { totalCount } }"
SUBMIT = """mutation Submit($id: ID!) {
  commissionSubmit(input: {id: $id}) { commission { status } userErrors { code } } }"""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ENDING_SECONDS_MAX", SHORT)


@pytest.fixture
async def database(engine_url: str) -> AsyncIterator[Database]:
    opened = Database(engine_url)
    yield opened
    await opened.close()


async def nothing(began: asyncio.Event | None = None) -> None:
    if began is not None:
        began.set()
    await asyncio.Event().wait()


def is_wanted_to_end() -> int:
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()


async def test_what_ends_in_time_is_what_comes_of_it() -> None:
    async def one() -> int:
        return 1

    async def fails() -> None:
        raise LookupError

    assert await within(LONG, one()) == 1
    with pytest.raises(LookupError):
        await within(LONG, fails())


async def test_what_does_not_end_by_itself_is_cut_off_and_its_task_goes_on() -> None:
    with pytest.raises(TookTooLong):
        await within(SHORT, nothing())
    assert is_wanted_to_end() == 0
    async with asyncio.timeout(LONG):
        await asyncio.sleep(0)


async def test_whoever_is_cancelled_meanwhile_ends_cancelled() -> None:
    began = asyncio.Event()
    task = asyncio.create_task(within(LONG, nothing(began)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_whoever_is_cancelled_while_it_is_stopped_ends_cancelled() -> None:
    is_cut = asyncio.Event()

    async def lingers() -> None:
        try:
            await nothing()
        finally:
            is_cut.set()
            await nothing()

    task = asyncio.create_task(within(SHORT, lingers()))
    await is_cut.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_each_is_stopped_when_its_own_time_is_over() -> None:
    ended: list[int] = []

    async def one(number: int) -> None:
        with pytest.raises(TookTooLong):
            await within(5 * SHORT, nothing())
        ended.append(number)

    tasks = [asyncio.create_task(one(0))]
    # Those who end by themselves leave nothing behind, whoever began first.
    assert [await within(5 * SHORT, asyncio.sleep(0, number)) for number in range(3)] == [0, 1, 2]
    tasks.append(asyncio.create_task(one(1)))
    await asyncio.gather(*tasks)
    assert ended == [0, 1]
    (alarms,) = [each for seconds, each in patience._ALARMS[asyncio.get_running_loop()].items() if seconds == 5 * SHORT]
    assert not alarms._due
    # And after that there is a time for the next again.
    with pytest.raises(TookTooLong):
        await within(5 * SHORT, nothing())


async def test_a_failure_to_stop_one_does_not_keep_others(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, stopped = Operation.stop, []

    def fails_once(operation: Operation) -> None:
        stopped.append(operation)
        if len(stopped) == 1:
            raise LookupError("the first cannot be stopped")
        stop(operation)

    monkeypatch.setattr(Operation, "stop", fails_once)
    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, about: heard.append(about["exception"]))
    tasks = [asyncio.create_task(within(SHORT, nothing())) for _ in range(2)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=LONG)
    assert [type(each.exception()) for each in done] == [TookTooLong]
    assert [type(each) for each in heard] == [LookupError]
    for each in pending:
        each.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


@pytest.mark.parametrize("is_writing", [False, True])
async def test_its_statement_ends_with_it(database: Database, is_writing: bool) -> None:
    async def works() -> None:
        async with database.writing() if is_writing else database.reading() as connection:
            await connection.execute(text(SLOW[database.url.get_backend_name()]))

    with pytest.raises(TookTooLong):
        await within(SHORT, works())
    assert is_wanted_to_end() == 0
    assert await running(database) == 0
    assert await database.is_ready()


@asynccontextmanager
async def locked(office: Office, statement: str) -> AsyncIterator[None]:
    """Somebody else holds what an operation needs."""
    other = Database(office.database.url.render_as_string(hide_password=False), office.database.keys)
    try:
        async with other.writing() as connection:
            await connection.execute(text(statement))
            yield
    finally:
        await other.close()


async def told(person: Person, query: str, **variables: Any) -> tuple[int, str, str]:
    answer = await person.office.client.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers=person.headers | {"accept": "application/graphql-response+json"},
    )
    (error,) = answer.json()["errors"]
    return answer.status_code, error["extensions"]["code"], error["message"]


async def test_a_query_that_waits_for_others_is_ended_and_the_next_one_answered(
    open_office: Callable[..., AbstractAsyncContextManager[Office]],
) -> None:
    async with open_office(query_seconds_max=0.2) as office:
        if office.database.is_sqlite:
            pytest.skip("on SQLite nobody who reads waits for others")
        async with locked(office, "lock table commission in access exclusive mode"):
            status, code, _ = await told(office.enterprise.in_english(), LIST)
        assert (status, code) == (504, "OPERATION_TIMEOUT")
        assert (await office.enterprise.asks(LIST))["commissions"]["totalCount"] == 0


async def test_a_mutation_that_is_ended_may_have_been_done_and_says_so(
    open_office: Callable[..., AbstractAsyncContextManager[Office]],
) -> None:
    async with open_office(mutation_seconds_max=1.5) as office:
        if office.database.is_sqlite:
            pytest.skip("SQLite's one writer waits by itself, for PRESHIP_DATABASE_WAIT_SECONDS")
        draft = await office.draft()
        async with locked(office, "select 1 from commission for update"):
            status, code, words = await told(office.enterprise.in_english(), SUBMIT, id=draft["id"])
        assert (status, code) == (504, "OPERATION_TIMEOUT")
        assert "may have been done" in words
        done = (await office.enterprise.asks(SUBMIT, id=draft["id"]))["commissionSubmit"]
        assert done == {"commission": {"status": "PENDING"}, "userErrors": []}
