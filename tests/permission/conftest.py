"""The product on a copy of this world, and the world as it lies there. One for each engine does for all tests here:
whatever they do is taken back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from storage.migrate import migrate
from storage.pairing import ask
from tests.conftest import ANY_COST
from tests.engines import Engines, chosen
from tests.office import Office, opened
from tests.papers import PDF
from tests.permission.calling import keep_nothing
from tests.permission.papers import FILE_ID
from tests.permission.story import TERMS, tell
from tests.permission.world import World, look_at
from uploads.vault import key_of

SETTINGS = {**ANY_COST, "captcha": "on", "api_key_rate_max": TERMS.rate_max, "passkey_site": "preship.example"}


@dataclass(frozen=True, repr=False)
class Premises:
    """The product, what lies in its database, and the secret of a browser that asks to be signed in."""

    office: Office
    world: World
    secret: str


@asynccontextmanager
async def enters(engines: Engines, vault: Path) -> AsyncIterator[Premises]:
    """Opens the product on a copy of this world; what happens in it is told once a process and engine."""
    template = engines.template("permission world", _tell, on=engines.template("migrated", migrate))
    file = vault / key_of(FILE_ID)
    file.parent.mkdir(parents=True)
    file.write_bytes(PDF)
    with engines.fresh(template) as url:
        async with opened(url, vault, **SETTINGS) as office:
            async with office.database.writing() as connection:
                asked = await ask(connection, "browser", "203.0.113.1", office.clock(), timedelta(minutes=2))
            assert asked is not None
            world = await look_at(office.database)
            keep_nothing(office.database)
            yield Premises(office, world, asked.secret)


def _tell(url: str) -> None:
    asyncio.run(tell(url))


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def entrance(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[str], Awaitable[Premises]]]:
    """Opens the product on an engine, once; all tests here run in the loop of the package."""
    found: dict[str, Premises] = {}
    async with AsyncExitStack() as stack:

        async def enter(engine: str) -> Premises:
            if engine not in found:
                engines: Engines = request.getfixturevalue(f"{engine}_engines")
                found[engine] = await stack.enter_async_context(enters(engines, tmp_path_factory.mktemp("vault")))
            return found[engine]

        yield enter


@pytest_asyncio.fixture(loop_scope="package", params=chosen())
async def premises(request: pytest.FixtureRequest, entrance: Callable[[str], Awaitable[Premises]]) -> Premises:
    """On each engine in turn: what is seen is asked of the database."""
    return await entrance(request.param)


@pytest_asyncio.fixture(loop_scope="package", params=chosen()[:1])
async def on_one_engine(request: pytest.FixtureRequest, entrance: Callable[[str], Awaitable[Premises]]) -> Premises:
    """Who may do something is decided in Python, on the same record whatever the engine."""
    return await entrance(request.param)
