"""Fixtures that every test may use: databases on both engines, fresh for each test.

The surprise: with several workers the PostgreSQL server belongs to the process that leads them, which runs no test.
"""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.engines import POSTGRESQL, Engines, PostgresqlEngines, SqliteEngines, Template, chosen
from tests.postgres import Cluster, PostgresqlMissing

if TYPE_CHECKING:
    from tests.office import Office

ANY_COST = {"cost_max": 1_000_000, "cost_rate": "999999/1s"}
"""For tests of something else, whose pages are to be as large as pages can be."""

ALLOCATIONS_MAX = 20_000
"""Objects made and not yet freed, after which the youngest are looked through."""

# A running server's URL without a database; where it is not set, the tests start a server of their own.
ADDRESS_VARIABLE = "PRESHIP_TEST_POSTGRESQL"


# How long something takes says more of the machine than of the product.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts the server before the workers, who inherit its address."""
    leads_workers = bool(session.config.getoption("tx", None)) and not session.config.option.collectonly
    if not leads_workers or POSTGRESQL not in chosen() or ADDRESS_VARIABLE in os.environ:
        return
    try:
        cluster = Cluster().__enter__()
    except PostgresqlMissing:
        return  # each test that needs the server fails with the sentence that says what to install
    os.environ[ADDRESS_VARIABLE] = cluster.address
    session.config.add_cleanup(cluster.stop)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Tells the garbage collector that the modules and the schema stay: a fifth of all time went into walking them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(ALLOCATIONS_MAX, *gc.get_threshold()[1:])
        gc.enable()


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """URL of a PostgreSQL server, without a database; the server is the leading process's, or else this one's own."""
    if POSTGRESQL not in chosen():
        pytest.skip("PostgreSQL was not chosen")
    if given := os.environ.get(ADDRESS_VARIABLE):
        yield given
        return
    try:
        cluster = Cluster()
    except PostgresqlMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    with cluster:
        yield cluster.address


@pytest.fixture(scope="session")
def sqlite_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """SQLite databases of this worker."""
    engines = SqliteEngines(tmp_path_factory.mktemp("databases"))
    yield engines
    engines.close()


@pytest.fixture(scope="session")
def postgresql_engines(postgresql_address: str) -> Iterator[Engines]:
    """PostgreSQL databases of this worker."""
    engines = PostgresqlEngines(postgresql_address)
    yield engines
    engines.close()


@pytest.fixture(params=chosen())
def engines(request: pytest.FixtureRequest) -> Engines:
    """Each engine in turn: a test or fixture that asks for it runs once per engine."""
    found: Engines = request.getfixturevalue(f"{request.param}_engines")
    return found


@pytest.fixture
def engine_url(engines: Engines) -> Iterator[str]:
    """URL of a migrated database of the test's own, once per engine."""
    with engines.fresh(engines.template("migrated", _migrate)) as url:
        yield url


@pytest.fixture
def empty_engine_url(engines: Engines) -> Iterator[str]:
    """URL of an empty database of the test's own, once per engine; the SQLite file does not exist yet."""
    with engines.fresh() as url:
        yield url


@pytest.fixture
def open_office(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> "Callable[..., AbstractAsyncContextManager[Office]]":
    """Opens the product on a database of its own with the demo world; further keyword arguments are settings.

    Passwords are hashed in no time there: how long that takes is a matter of `tests/identity`.
    """
    from tests.office import opened
    from tests.world import QUICKLY

    monkeypatch.setattr("identity.password._HASHER", QUICKLY)
    monkeypatch.setattr("identity.password._NOBODYS_HASH", QUICKLY.hash("nobody"))

    @asynccontextmanager
    async def open_one(*, busy: bool = False, **settings: Any) -> "AsyncIterator[Office]":
        template = demo_world(engines)
        if busy:
            template = engines.template("busy world", _busy_world, on=template)
        with engines.fresh(template) as url:
            async with opened(url, tmp_path / "vault", **settings) as office:
                yield office

    return open_one


@pytest.fixture
async def office(
    open_office: "Callable[..., AbstractAsyncContextManager[Office]]",
) -> "AsyncIterator[Office]":
    """The product with the demo world and no commissions, once per engine; people in it act through the public API."""
    async with open_office() as office:
        yield office


@pytest.fixture
async def busy_office(
    open_office: "Callable[..., AbstractAsyncContextManager[Office]]",
) -> "AsyncIterator[Office]":
    """As `office`, with some hundred commissions in every status."""
    async with open_office(busy=True, **ANY_COST) as office:
        yield office


def demo_world(engines: Engines) -> Template:
    """The demo world with no commissions, and for everybody a session that does not end (`tests.person.token_of`)."""
    return engines.template("demo world", _found_world, on=engines.template("migrated", _migrate))


def _busy_world(url: str) -> None:
    from tests.world import fill_world

    asyncio.run(fill_world(url))


def _found_world(url: str) -> None:
    from tests.world import found_world

    asyncio.run(found_world(url))


def _migrate(url: str) -> None:
    # Imported late: tests of the pure domain need no storage.
    from storage.migrate import migrate

    migrate(url)
