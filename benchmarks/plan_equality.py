"""Holds compiled plans against the ordinary executor, operation by operation, on both engines; it measures nothing.

The suite asks a hundred operations, always the same; here are as many as PRESHIP_BENCHMARK_OPERATIONS says, from a seed
of PRESHIP_BENCHMARK_SEED on.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.ground import ground
from domain.language import Language
from graph.schema.schema import SCHEMA
from tests.plan.worlds import Worlds, asides, both_worlds, copied, fill_everything
from tests.plan.writer import ByChance, Writer
from tests.world import found_world

OPERATIONS = 20_000
PLANNED_LEAST = 0.6


def main() -> int:
    """Prints each operation whose answers differ; fails where one does, or too few were planned."""
    with ground() as here:
        sqlite, postgresql = here.engines
        with here.empty(sqlite) as source, here.empty(postgresql) as target:
            asyncio.run(found_world(source))
            fill_everything(source)
            asyncio.run(copied(source, target))
            return asyncio.run(_compared({sqlite.name: source, postgresql.name: target}))


async def _compared(urls: dict[str, str]) -> int:
    count = int(os.environ.get("PRESHIP_BENCHMARK_OPERATIONS", OPERATIONS))
    first = int(os.environ.get("PRESHIP_BENCHMARK_SEED", "0"))
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as vault:
        async with both_worlds(urls, Path(vault)) as worlds:
            differing = [seed for seed in range(first, first + count) if not await _is_equal(worlds, seed)]
    planned = worlds.answered / worlds.asked
    print(
        f"plan_equality {worlds.asked:,} operations on {' and '.join(urls)}: {len(differing)} differ, "
        f"{planned:.0%} answered with data by plans (at least {PLANNED_LEAST:.0%}); {asides(worlds)}"
    )
    return len(differing) + (planned < PLANNED_LEAST)


async def _is_equal(worlds: Worlds, seed: int) -> bool:
    query = SCHEMA._schema.query_type
    assert query is not None
    choose = ByChance(seed)
    operation = Writer(SCHEMA._schema, worlds.known, choose).operation(list(query.fields))
    viewer, language = choose.of(worlds.viewers), choose.of(list(Language))
    try:
        await worlds.compare(operation, viewer, language)
    except AssertionError as differs:
        print(f"seed {seed}: {operation.text} {dict(operation.variables)} {viewer.kind} {viewer.role}: {differs}")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
