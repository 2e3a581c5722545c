"""Compiled plans against the ordinary executor: CPU of this process for one operation, the two in turn.

No HTTP, no sign-in: what is measured is from a prepared document to an answer. On PostgreSQL the server's own work is
its own process's. A cold document is parsed and validated, and where plans are on, planned as well.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from benchmarks.ground import ground, load
from domain.language import Language
from domain.party import Viewer
from graph.context import Context
from graph.execution import Executor, Prepared
from graph.limits import Limits
from graph.plan.plans import Plans
from graph.schema.schema import SCHEMA
from storage.session import account_by_name
from tests.office import Office, opened

COMMISSIONS = 2_000
ROUNDS = 9
AT_ONCE = 25
FASTER_LEAST = {"sqlite": 10.0, "postgresql": 5.0}
COLD_MOST = 2.0
"""What a document costs that was never seen, against parsing and validating it."""

LIST = """query Page($after: String) { commissions(after: $after) {
  nodes { id number status enterpriseName totalAmount commissionedAt
    goodsLines { lineNumber productName hsCode quantity unit amount }
    institution { id name filingNumber } }
  pageInfo { hasNextPage endCursor } } }"""
ONE = """query One($number: String!) { commission(by: {number: $number}) {
  id number status enterpriseName totalAmount commissionedAt
  goodsLines { lineNumber productName hsCode quantity unit amount }
  institution { id name filingNumber } } }"""
RULES = """{ rules(first: 20) { nodes {
  id hsCode nameZh nameEn inspectionRequired importProhibited legalBasis validFrom } } }"""


@dataclass
class Bench:
    """Both ways to answer on one engine, and who asks."""

    office: Office
    viewer: Viewer
    plans: Plans
    ordinary: Executor
    planned: Executor

    async def asks(self, executor: Executor, prepared: Prepared, variables: dict[str, Any]) -> None:
        context = Context(self.office.app.state.house, self.viewer, Language.ZH)
        result = await executor.execute(prepared, variables, context)
        assert not result.errors

    async def cpu(self, executor: Executor, prepared: Prepared, variables: dict[str, Any]) -> float:
        """Microseconds of one operation."""
        began = time.process_time()
        for _ in range(AT_ONCE):
            await self.asks(executor, prepared, variables)
        return (time.process_time() - began) / AT_ONCE * 1e6


def main() -> int:
    """Prints a line for each engine and operation; fails where plans are not so much faster, or cold too slow."""
    missed = 0
    with ground() as here:
        for engine in here.engines:
            with here.empty(engine) as url:
                load(url, COMMISSIONS)
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    missed += runner.run(_missed(engine.name, url))
    return missed


async def _missed(engine: str, url: str) -> int:
    missed = 0
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as vault:
        async with opened(url, Path(vault)) as office:
            bench = await _bench(office)
            number = await _a_number(bench)
            for name, text, variables in (
                ("20 commissions with lines and institution", LIST, {}),
                ("one commission by its number", ONE, {"number": number}),
                ("20 rules", RULES, {}),
            ):
                prepared = bench.ordinary.prepare(text)
                assert isinstance(prepared, Prepared)
                ordinary, planned = await _in_turn(bench, prepared, variables)
                cold, parsed = await _cold(bench, text, variables)
                print(
                    f"plans {engine}, {name}: {planned:,.0f} µs planned, {ordinary:,.0f} µs ordinary, "
                    f"ratio {ordinary / planned:.1f}; a cold document {cold:,.0f} µs, "
                    f"{cold / parsed:.1f} of parsing and validating it"
                )
                missed += ordinary / planned < FASTER_LEAST[engine] or cold / parsed > COLD_MOST
    return missed


async def _bench(office: Office) -> Bench:
    house = office.app.state.house
    async with house.database.reading() as connection:
        found = await account_by_name(connection, "enterprise", house.door.clock())
    assert found is not None
    plans = Plans(SCHEMA, house.database)
    return Bench(office, found[1], plans, Executor(SCHEMA, Limits()), Executor(SCHEMA, Limits(), plans=plans))


async def _a_number(bench: Bench) -> str:
    prepared = bench.ordinary.prepare("{ commissions(first: 1) { nodes { number } } }")
    assert isinstance(prepared, Prepared)
    context = Context(bench.office.app.state.house, bench.viewer, Language.ZH)
    result = await bench.ordinary.execute(prepared, {}, context)
    assert result.data is not None
    number: str = result.data["commissions"]["nodes"][0]["number"]
    return number


async def _in_turn(bench: Bench, prepared: Prepared, variables: dict[str, Any]) -> tuple[float, float]:
    ordinary, planned = [], []
    for _ in range(ROUNDS):
        ordinary.append(await bench.cpu(bench.ordinary, prepared, variables))
        planned.append(await bench.cpu(bench.planned, prepared, variables))
    return median(ordinary[1:]), median(planned[1:])


async def _cold(bench: Bench, text: str, variables: dict[str, Any]) -> tuple[float, float]:
    """What a document costs that was never seen, but for answering it; and what parsing and validating it costs."""
    answered = _prepared(bench.planned, text)
    with_plan, parsed = [], []
    for turn in range(ROUNDS):
        fresh = f"{text} # {turn}"
        began = time.process_time()
        prepared = _prepared(bench.planned, fresh)
        parsed.append((time.process_time() - began) * 1e6)
        await bench.asks(bench.planned, prepared, variables)
        with_plan.append((time.process_time() - began) * 1e6 - await bench.cpu(bench.planned, answered, variables))
    return median(with_plan), median(parsed)


def _prepared(executor: Executor, text: str) -> Prepared:
    prepared = executor.prepare(text)
    assert isinstance(prepared, Prepared)
    return prepared


if __name__ == "__main__":
    sys.exit(main())
