"""PostgreSQL goes away in the midst of everything and comes back: clean errors, nothing half done, and on it goes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from storage.bell_postgresql import PostgresqlBell
from storage.migrate import migrate
from storage.verify import verify
from tests.engines import POSTGRESQL, chosen
from tests.office import Office, opened
from tests.papers import a_form
from tests.person import Person
from tests.postgres import Cluster, PostgresqlMissing
from tests.world import found_world

READ = "{ institutions(first: 1) { totalCount } }"
SAVE = """mutation Save($input: CommissionSaveDraftInput!) {
  commissionSaveDraft(input: $input) { commission { id } userErrors { code } } }"""
GRAPHQL = "application/graphql-response+json"
WAIT_SECONDS_MAX = 30


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of our own, for nobody else may be using it, and one that keeps what it said it would."""
    if POSTGRESQL not in chosen():
        pytest.skip("PostgreSQL was not chosen")
    try:
        cluster = Cluster(synchronous_commit="on")
    except PostgresqlMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    with cluster:
        yield cluster


@pytest.fixture
async def office(cluster: Cluster, tmp_path: Path) -> AsyncIterator[Office]:
    url = f"{cluster.address}/postgres"
    await asyncio.to_thread(migrate, url)
    await found_world(url)
    async with opened(url, tmp_path / "vault", cost_rate="999999/1s") as office:
        yield office


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """What is logged, which to print takes longer than all else here."""
    with capture_logs() as logs:
        yield logs


@dataclass
class Heard:
    """What clients were answered."""

    well: int = 0
    codes: set[str] = field(default_factory=set)
    refused: list[tuple[int, str | None]] = field(default_factory=list)
    """Status and Retry-After of answers without data."""
    saved: dict[str, str] = field(default_factory=dict)
    """Which draft came of which key."""

    async def take(self, answer: Any) -> Any:
        """The data of an answer that has no errors; after one that has, a client waits a moment."""
        content = answer.json()
        if "errors" not in content:
            self.well += 1
            return content["data"]
        await asyncio.sleep(0.05)
        self.codes |= {each["extensions"]["code"] for each in content["errors"]}
        if "data" not in content:
            self.refused.append((answer.status_code, answer.headers.get("retry-after")))
        return None


async def _reads(person: Person, heard: Heard) -> None:
    while True:
        # Where time stood still, what all of them have asked for would never drain, and in the end be too much.
        person.office.clock.moves(milliseconds=1)
        await heard.take(await _posted(person, {"query": READ}))


async def _saves(person: Person, heard: Heard, keys: Any) -> None:
    """Saves one draft after the other; what failed is sent again under its key."""
    while True:
        key = f"key {next(keys)}"
        body = {"query": SAVE, "variables": {"input": a_form() | {"idempotencyKey": key}}}
        while (data := await heard.take(await _posted(person, body))) is None:
            pass
        heard.saved[key] = data["commissionSaveDraft"]["commission"]["id"]


async def _posted(person: Person, body: Any) -> Any:
    return await person.office.client.post("/graphql", json=body, headers=person.headers | {"accept": GRAPHQL})


async def _goes_well(heard: Heard) -> None:
    well, saved = heard.well, len(heard.saved)
    await _until(lambda: heard.well > well + 20 and len(heard.saved) > saved + 4)


async def _until(condition: Any) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not condition():  # noqa: ASYNC110 # no event tells of it
            await asyncio.sleep(0.01)


async def _rings_reach_others(office: Office, cluster: Cluster) -> bool:
    other = PostgresqlBell(f"{cluster.address}/postgres")
    await other.open()
    strokes = other.strokes()
    await office.app.state.house.bell.ring()
    heard = await other.next(strokes, WAIT_SECONDS_MAX)
    await other.close()
    return heard > strokes


async def test_a_database_that_restarts_under_load(logged: list[Any], office: Office, cluster: Cluster) -> None:
    heard, keys = Heard(), count()
    clients = [asyncio.create_task(_reads(office.anybody, heard)) for _ in range(6)]
    clients += [asyncio.create_task(_saves(office.enterprise, heard, keys)) for _ in range(4)]
    try:
        for how in ("fast", "immediate"):
            await _goes_well(heard)
            await asyncio.to_thread(cluster.halt, how)
            refused = len(heard.refused)
            await _until(lambda refused=refused: len(heard.refused) > refused + 10)
            assert (await office.client.get("/readyz")).status_code == 503
            await asyncio.to_thread(cluster.resume)
        await _goes_well(heard)
    finally:
        for each in clients:
            each.cancel()
        await asyncio.wait(clients)
    assert heard.codes == {"DATABASE_AWAY"}
    assert set(heard.refused) == {(503, "1")}
    assert "unexpected_failure" not in {each["event"] for each in logged}
    assert not any("[SQL" in each["reason"] for each in logged if each["event"] == "database_away")
    assert (await office.client.get("/readyz")).status_code == 200
    assert await _rings_reach_others(office, cluster)
    # What was sent again under its key was done once, and nothing is half done.
    found = (await office.enterprise.asks("{ commissions(first: 100) { totalCount nodes { id } } }"))["commissions"]
    assert len(set(heard.saved.values())) == len(heard.saved)
    assert found["totalCount"] - len(heard.saved) in range(5)  # what nobody waited for any longer
    assert [flaw async for flaw in verify(office.database)] == []
