"""The reader of the register looks when the bell rings, and not more often than it may."""

import asyncio
import time

from storage.bell import ProcessBell
from storage.stream import PAUSE_SECONDS, Stream
from tests.storage.world import World

RINGS = 200


async def test_however_often_the_bell_rings_the_register_is_read_now_and_then(world: World) -> None:
    bell, looks, looked = ProcessBell(), list[str](), asyncio.Event()

    def look(statement: str) -> None:
        looks.append(statement)
        looked.set()

    stream = Stream(world.database, bell)
    began = time.monotonic()
    await stream.open()
    try:
        world.database.lane.listeners.append(look)
        for _ in range(RINGS):
            await bell.ring()
            await asyncio.sleep(0)
        await looked.wait()
        took = time.monotonic() - began
    finally:
        await stream.close()
    assert 1 <= len(looks) <= 2 + took / PAUSE_SECONDS
