"""What the tests of storage share: a small world in a fresh database, on each engine in turn."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.storage.world import World, world_at


@pytest_asyncio.fixture
async def world(engine_url: str) -> AsyncIterator[World]:
    async with world_at(engine_url) as world:
        yield world
