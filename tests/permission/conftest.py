"""The product on a copy of this world, and the world as it lies there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.migrate import migrate
from tests.conftest import ANY_COST
from tests.engines import Engines
from tests.office import Office, opened
from tests.papers import PDF
from tests.permission.papers import FILE_ID
from tests.permission.story import TERMS, tell
from tests.permission.world import World, look_at
from uploads.vault import key_of

SETTINGS = {**ANY_COST, "captcha": "on", "api_key_rate_max": TERMS.rate_max, "passkey_site": "preship.example"}


@dataclass(frozen=True)
class Premises:
    """The product, and what lies in its database."""

    office: Office
    world: World


def _tell(url: str) -> None:
    asyncio.run(tell(url))


def enters(engines: Engines, folder: Path) -> AbstractAsyncContextManager[Premises]:
    """Opens the product on a copy of this world of its own; what is told in it is told once a process and engine."""
    template = engines.template("permission world", _tell, on=engines.template("migrated", migrate))

    @asynccontextmanager
    async def entered() -> AsyncIterator[Premises]:
        file = folder / key_of(FILE_ID)
        file.parent.mkdir(parents=True)
        file.write_bytes(PDF)
        with engines.fresh(template) as url:
            async with opened(url, folder, **SETTINGS) as office:
                yield Premises(office, await look_at(office.database))

    return entered()


@pytest.fixture
async def premises(engines: Engines, tmp_path: Path) -> AsyncIterator[Premises]:
    """On each engine in turn."""
    async with enters(engines, tmp_path) as found:
        yield found
