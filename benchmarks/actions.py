"""Actions on commissions of ten goods lines, straight through the door: how many a second, CPU time and round trips.

No HTTP and no GraphQL are in these figures. A round trip is a question to PostgreSQL and its answer, as they pass
through a relay; on SQLite, an errand to the connection's thread.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvloop
from sqlalchemy import event, make_url

from benchmarks.ground import ground
from domain.commission.record import Commission, GoodsLineDraft
from domain.record import Form
from storage.bell import ProcessBell
from storage.commission import lines_of
from storage.database import Database
from storage.perform import Door
from tests.engines import Engines
from tests.keys import RING
from tests.storage.world import NOW, World, done, world_at

GOODS_LINES = 10
AT_ONCE = 8
COMMISSIONS = 48
ROUNDS = 5
NEW, AGAIN, SUBMIT, ACCEPT = "save_draft (new)", "save_draft (again)", "submit", "accept"
ACTIONS = (NEW, AGAIN, SUBMIT, ACCEPT)


@dataclass
class Taken:
    """What one action cost, round by round."""

    rates: list[float] = field(default_factory=list)
    cpu_microseconds: list[float] = field(default_factory=list)
    round_trips: float = 0.0


def main() -> int:
    """Prints one line an engine and action: medians of rounds in which the engines take turns."""
    with ground() as here, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_measured(here.engines, here.empty))
    for (engine, action), taken in found.items():
        rate, cpu = statistics.median(taken.rates), statistics.median(taken.cpu_microseconds)
        print(
            f"actions {engine}, {action} of {GOODS_LINES} lines, {AT_ONCE} at once: {rate:.0f} a second, "
            f"{cpu:,.0f} µs of CPU and {taken.round_trips:.1f} round trips each"
        )
    return 0


async def _measured(engines: Sequence[Engines], empty: Callable[[Engines], Any]) -> dict[tuple[str, str], Taken]:
    found: dict[tuple[str, str], Taken] = {(engine.name, name): Taken() for engine in engines for name in ACTIONS}
    rounds = [_rounds(engine.name, empty(engine), found) for engine in engines]
    for _ in range(ROUNDS + 1):
        for each in rounds:
            await anext(each)
    for each in rounds:
        await each.aclose()
    return found


async def _rounds(engine: str, empty: Any, found: dict[tuple[str, str], Taken]) -> AsyncGenerator[None, None]:
    """Each step is a round; the first warms up and counts round trips."""
    url = await asyncio.to_thread(empty.__enter__)
    try:
        async with world_at(url) as world:
            async with _counting(url) as (database, count):
                door = Door(database, ProcessBell(), lambda: NOW)
                await _all_actions(world, door, 2, lambda name, work: _nothing_of(work))
                await _all_actions(world, door, 4, lambda name, work: _counted(found[engine, name], work, count))
            yield
            door = Door(world.database, ProcessBell(), lambda: NOW)
            await _all_actions(world, door, COMMISSIONS, lambda name, work: _nothing_of(work))
            while True:
                await _all_actions(world, door, COMMISSIONS, lambda name, work: _timed(found[engine, name], work))
                yield
    finally:
        await asyncio.to_thread(empty.__exit__, None, None, None)


Work = Callable[[], Awaitable[list[Commission]]]


async def _all_actions(
    world: World, door: Door, count: int, watched: Callable[[str, Work], Awaitable[list[Commission]]]
) -> None:
    """Takes so many commissions from nothing to acceptance, all of them through one action before the next."""
    form = world.draft(goods_lines=tuple(world.line(model=f"L-{n}") for n in range(GOODS_LINES)))
    turns = asyncio.Semaphore(1 if count < AT_ONCE else AT_ONCE)

    async def one(name: str, commission: Commission | None, wished: Form, actor: Any) -> Commission:
        async with turns:
            return done(await world.does(door, name, commission, wished, actor))

    async def all_of(name: str, some: Sequence[Commission], actor: Any, forms: Sequence[Form]) -> list[Commission]:
        return await asyncio.gather(*(one(name, each, wish, actor) for each, wish in zip(some, forms, strict=True)))

    made = await watched(
        NEW, lambda: asyncio.gather(*(one("save_draft", None, form, world.enterprise) for _ in range(count)))
    )
    async with door.database.reading() as connection:
        lines = await lines_of(connection, [each.id for each in made])
    # As a client does who changed one line: all are sent again.
    forms = [
        world.draft(
            remarks="again",
            goods_lines=tuple(
                GoodsLineDraft.of(id=line.id, model="changed" if n == 0 else line.model)
                for n, line in enumerate(lines[each.id])
            ),
        )
        for each in made
    ]
    nothing = [Form()] * count
    await watched(AGAIN, lambda: all_of("save_draft", made, world.enterprise, forms))
    await watched(SUBMIT, lambda: all_of("submit", made, world.enterprise, nothing))
    await watched(ACCEPT, lambda: all_of("accept", made, world.institution, nothing))


async def _nothing_of(work: Work) -> list[Commission]:
    return await work()


async def _timed(taken: Taken, work: Work) -> list[Commission]:
    began, cpu = time.perf_counter(), time.process_time()
    made = await work()
    taken.rates.append(len(made) / (time.perf_counter() - began))
    taken.cpu_microseconds.append((time.process_time() - cpu) / len(made) * 1e6)
    return made


async def _counted(taken: Taken, work: Work, counted: Callable[[], int]) -> list[Commission]:
    before = counted()
    made = await work()
    taken.round_trips = (counted() - before) / len(made)
    return made


@asynccontextmanager
async def _counting(url: str) -> AsyncIterator[tuple[Database, Callable[[], int]]]:
    """A database of which every round trip is counted, and what was counted so far."""
    counted = [0]

    def count() -> None:
        counted[0] += 1

    if make_url(url).get_backend_name() == "sqlite":
        database = Database(url, RING)
        for engine in database.engines:
            event.listen(engine.sync_engine, "connect", lambda connection, _: _count_errands(connection, count))
        yield database, lambda: counted[0]
        await database.close()
        return
    async with _relay(url, count) as relayed:
        database = Database(relayed, RING)
        yield database, lambda: counted[0]
        await database.close()


def _count_errands(connection: Any, count: Callable[[], None]) -> None:
    """What is done by a connection's thread goes to it through a queue."""
    driver = connection.driver_connection
    queue = driver._tx

    class Counting:
        def put_nowait(self, errand: Any) -> None:
            count()
            queue.put_nowait(errand)

    driver._tx = Counting()


@asynccontextmanager
async def _relay(url: str, count: Callable[[], None]) -> AsyncIterator[str]:
    """An address that leads to the same server; counted is whenever somebody speaks after the server has."""
    parsed = make_url(url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(parsed.host, parsed.port)
        servers_turn = False

        async def answers() -> None:
            nonlocal servers_turn
            while said := await there.read(65536):
                servers_turn = False
                writer.write(said)
            writer.close()

        answering = asyncio.create_task(answers())
        with suppress(ConnectionError):
            while said := await reader.read(65536):
                if not servers_turn:
                    count()
                servers_turn = True
                back.write(said)
        answering.cancel()
        back.close()
        writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield parsed.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main())
