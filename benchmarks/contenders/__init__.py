"""Preship beside others that answer the same questions from the same tables: rate, latency, CPU and memory.

PRESHIP_BENCHMARK_SCALE says how much is there: `small` to see that all works, `million` for one more measurement.
"""

import os
import sys
from contextlib import ExitStack

from benchmarks.contenders import equality, measuring, physical
from benchmarks.contenders.load import LARGE, SMALL, Scale, World, fill
from benchmarks.contenders.measuring import HASTY, THOROUGH, Field, Figures, Pace
from benchmarks.contenders.page import Told, lines, write
from benchmarks.contenders.servers import DatabaseServer
from benchmarks.ground import Ground, ground
from tests.engines import PostgresqlEngines

SCALE_VARIABLE = "PRESHIP_BENCHMARK_SCALE"
WRITE_VARIABLE = "PRESHIP_BENCHMARK_WRITE"
MILLION = 1_000_000


def main() -> int:
    """Prints the figures, and writes CONTENDERS.md with its picture where that is asked for. Nothing is to be reached:
    it fails where contenders do not answer alike."""
    asked_for = os.environ.get(SCALE_VARIABLE, "")
    scale, pace = (SMALL, HASTY) if asked_for == "small" else (LARGE, THOROUGH)
    load_before = os.getloadavg()[0]
    with ground() as here, ExitStack() as rest:
        database = DatabaseServer(here.cluster.folder)
        world = _world(here, scale, rest)
        with ExitStack() as first:
            # Equality first: figures of contenders that answer differently would say nothing.
            compared = equality.compare(world, Field(world, database, {}, first).servers)
        pools, rates = measuring.best_pools(world, database, pace)
        with ExitStack() as running:
            now = Field(world, database, pools, running)
            screens = measuring.screens(now, pace)
            memory = now.megabytes()
            pages = measuring.pages(now, measuring.at_pace(pace, 2))
            transitions = measuring.transitions(now, pace)
        counts = [scale.commissions // 10, scale.commissions, *([MILLION] if asked_for == "million" else [])]
        growth = {count: _one_list(here, scale, world, database, pools, pace, count) for count in counts}
        limits, limits_of_pages = physical.limits(world, pace.seconds), physical.of_pages(world, pace.seconds)
    told = Told(
        scale, pace, compared, load_before, os.getloadavg()[0], pools, rates, screens, memory, pages, transitions,
        {count: figures for count, (figures, _) in growth.items()}, limits, limits_of_pages,
        {count: rates for count, (_, rates) in growth.items()},
    )  # fmt: skip
    for line in lines(told):
        print(line)
    if os.environ.get(WRITE_VARIABLE):
        write(told)
    return 0


def _world(here: Ground, scale: Scale, rest: ExitStack) -> World:
    engine = next(each for each in here.engines if isinstance(each, PostgresqlEngines))
    url = rest.enter_context(engine.fresh())
    print(f"  contenders: loading {scale.commissions:,} commissions", file=sys.stderr)
    return fill(url, scale)


def _one_list(
    here: Ground, scale: Scale, world: World, database: DatabaseServer, pools: dict[str, int], pace: Pace, count: int
) -> tuple[Figures, dict[str, physical.Rates]]:
    """The enterprise's list among so many commissions, of the contenders and of pgbench."""
    with ExitStack() as rest:
        among = world if count == scale.commissions else _world(here, scale.of_commissions(count), rest)
        with ExitStack() as running:
            figures = measuring.one_list(Field(among, database, pools, running), measuring.at_pace(pace, 2))
        return figures, physical.of_list(among, pace.seconds)


if __name__ == "__main__":
    sys.exit(main())
