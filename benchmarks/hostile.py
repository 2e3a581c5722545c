"""What the dearest operations cost that are let through, what refusing the worst requests costs, and what a thousand
hostile clients do to ordinary ones.

The first two in CPU time of the server process and, on PostgreSQL, of its backends; every record of the database is as
full as it may be (`benchmarks/full.py`). The third in latencies beside `benchmarks/attackers.py`.
"""

import asyncio
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from benchmarks.attackers import RATE, SHARES
from benchmarks.dearest import Candidate, candidates
from benchmarks.full import fill
from benchmarks.ground import Ground, ground
from benchmarks.lists import NESTED_LIST
from benchmarks.others import others
from benchmarks.refused import requests
from benchmarks.serving import CUSTOMS, ENTERPRISE, Server, server, signed_in
from graph.settings import Settings

ACCEPTED_MILLISECONDS_MAX = 1000
REFUSED_MILLISECONDS_MAX = 20
RATIO_MAX = 2.0

PROBE_POINTS = 100
FINALISTS = 20
REFUSED_ROUNDS = 40

SECONDS = 30.0
ORDINARY_A_SECOND = 20
SHOWN = 3


def main() -> int:
    """Prints the dearest of each kind and the latencies; fails where a limit above is passed."""
    missed = 0
    with ground() as here:
        for engine in here.engines:
            with engine.fresh() as url:
                fill(url)
                backends = _backends(here) if engine.name == "postgresql" else lambda: 0.0
                without, name = f"{engine.name} without plans", engine.name
                with server(url, PLANS="off") as served:
                    missed += asyncio.run(_asking(served, backends, partial(_dear, without)))
                with server(url) as served:
                    missed += asyncio.run(_asking(served, backends, partial(_dear, name)))
                    missed += asyncio.run(_asking(served, backends, partial(_refused, name)))
                # One that has not been asked hundreds of the longest questions just before.
                with server(url) as served:
                    missed += asyncio.run(_asking(served, backends, partial(_attacked, name)))
    return missed


async def _asking(
    served: Server, backends: Callable[[], float], measure: "Callable[[Bench], Coroutine[None, None, bool]]"
) -> bool:
    # Whoever keeps connections as long as the server does now and then asks just when it hangs up.
    limits = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", timeout=90, limits=limits) as client:
        viewers = {each: await signed_in(client, each) for each in (CUSTOMS, ENTERPRISE)}
        return await measure(Bench(served, client, viewers, backends))


async def _dear(name: str, bench: "Bench") -> bool:
    """Whether the dearest that is let through is too dear."""
    accepted = await bench.dearest_accepted()
    for each in accepted[:SHOWN]:
        print(f"hostile {name}, let through: {each} (at most {ACCEPTED_MILLISECONDS_MAX})")
    return accepted[0].milliseconds > ACCEPTED_MILLISECONDS_MAX


async def _refused(name: str, bench: "Bench") -> bool:
    """Whether refusing costs too much."""
    refused = await bench.dearest_refused()
    for each in refused:
        print(f"hostile {name}, refused: {each} (at most {REFUSED_MILLISECONDS_MAX})")
    return refused[0].milliseconds > REFUSED_MILLISECONDS_MAX


async def _attacked(name: str, bench: "Bench") -> bool:
    """Whether others wait too long under attack."""
    quiet, attacked = await bench.under_attack(name)
    return attacked > RATIO_MAX * quiet


@dataclass(frozen=True, order=True)
class Figure:
    """What one request cost, and how it was answered."""

    milliseconds: float
    what: str
    answer: str

    def __str__(self) -> str:
        return f"{self.milliseconds:.1f} ms of CPU, {self.what}: {self.answer}"


@dataclass(frozen=True)
class Bench:
    """One server process on a database of full records, and who asks there."""

    served: Server
    client: httpx.AsyncClient
    viewers: Mapping[str, Mapping[str, str]]
    backends: Callable[[], float]

    async def dearest_accepted(self) -> list[Figure]:
        """The dearest first: a little of all that can be asked, then of the dearest as much as goes."""
        most = Settings().cost_max
        little = sorted(
            [(await self._ask(each, PROBE_POINTS), each, PROBE_POINTS) for each in candidates()], key=_dearest
        )
        much = [(await self._ask(each, most), each, most) for _, each, _ in little[: 3 * FINALISTS]]
        figures = [await self._ask(each, points) for _, each, points in sorted(little + much, key=_dearest)[:FINALISTS]]
        figures += [await self._spent(what, body, ENTERPRISE) for what, body in others(most)]
        return sorted(figures, reverse=True)

    async def _ask(self, candidate: Candidate, points_max: int) -> Figure:
        document, points = candidate.largest(points_max)
        viewer = ENTERPRISE if candidate.filter else CUSTOMS
        return await self._spent(f"{candidate.name}, {points} points", {"query": document}, viewer)

    async def _spent(self, what: str, body: object, viewer: str) -> Figure:
        before = self._cpu()
        response = await self.client.post("/graphql", json=body, headers=self.viewers[viewer])
        spent = (self._cpu() - before) * 1000
        if response.status_code >= 500:
            raise RuntimeError(f"{what}: {response.text[:300]}")
        return Figure(spent, what, _outcome(response))

    async def dearest_refused(self) -> list[Figure]:
        """The dearest first; one by one, and none is remembered for the next."""
        figures = []
        for what, made in requests():
            made_anew = [made(number) for number in range(REFUSED_ROUNDS)]
            before = self._cpu()
            answers = [
                await self.client.post(
                    "/graphql", content=body, headers={**JSON, **self.viewers[ENTERPRISE], **headers}
                )
                for body, headers in made_anew
            ]
            spent = (self._cpu() - before) * 1000 / REFUSED_ROUNDS
            if taken := [each for each in answers if not 400 <= each.status_code < 500]:
                raise RuntimeError(f"{what}: {taken[0].status_code} {taken[0].text[:300]}")
            figures.append(Figure(spent, what, _outcome(answers[-1])))
        return sorted(figures, reverse=True)

    def _cpu(self) -> float:
        return self.served.cpu_seconds() + self.backends()

    async def under_attack(self, name: str) -> tuple[float, float]:
        """The 99th percentile of ordinary clients in milliseconds, alone and under attack."""
        # Of this process, which has loaded the product too, looking for garbage takes longer than most answers.
        gc.collect()
        gc.freeze()
        await self._ordinary(SECONDS / 6)
        before = self._cpu()
        quiet = await self._ordinary(SECONDS)
        share_alone = (self._cpu() - before) / SECONDS
        attackers = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.attackers", str(self.served.port), str(SECONDS + 10),
            self.viewers[ENTERPRISE]["authorization"].removeprefix("Bearer "), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await asyncio.sleep(5)
        before = self._cpu()
        attacked = await self._ordinary(SECONDS)
        share = (self._cpu() - before) / SECONDS
        said, _ = await attackers.communicate()
        outcomes = [(kind, outcome, count) for kind, outcome, count in json.loads(said)]
        if failed := [each for each in outcomes if each[1].startswith("5")]:
            raise RuntimeError(f"answered with a failure: {failed}")
        ratio = attacked / quiet
        print(
            f"hostile {name}, {sum(SHARES.values())} hostile clients, {RATE:.0f} hostile requests/s, beside"
            f" {ORDINARY_A_SECOND} ordinary ones/s: p99 {quiet:.0f} ms alone, {attacked:.0f} ms under attack, ratio"
            f" {ratio:.2f} (at most {RATIO_MAX:.0f}); server {share_alone:.0%} and {share:.0%} of a core"
        )
        for kind in SHARES:
            answers = ", ".join(f"{count} × {outcome}" for each, outcome, count in outcomes if each == kind)
            print(f"hostile {name}, {kind}: {answers}")
        return quiet, attacked

    async def _ordinary(self, seconds: float) -> float:
        """At a steady pace, whatever the answers take."""
        latencies: list[float] = []
        began = time.perf_counter()
        asked = []
        for number in range(int(seconds * ORDINARY_A_SECOND)):
            await asyncio.sleep(max(0.0, began + number / ORDINARY_A_SECOND - time.perf_counter()))
            asked.append(asyncio.ensure_future(self._once(latencies)))
        await asyncio.gather(*asked)
        return statistics.quantiles(latencies, n=100)[98]

    async def _once(self, latencies: list[float]) -> None:
        began = time.perf_counter()
        response = await self.client.post("/graphql", json=ORDINARY, headers=self.viewers[CUSTOMS])
        latencies.append((time.perf_counter() - began) * 1000)
        if response.status_code != httpx.codes.OK or "errors" in response.json():
            raise RuntimeError(f"an ordinary client was refused: {response.text[:300]}")


ORDINARY = {"query": NESTED_LIST.replace("commissions(after: $after)", "commissions(after: $after, first: 1)")}
"""A list of one page with lines; here a commission has as many lines as a page usually has altogether."""

JSON = {"content-type": "application/json"}


def _dearest(tried: tuple[Figure, Candidate, int]) -> float:
    return -tried[0].milliseconds


def _outcome(response: httpx.Response) -> str:
    errors: Sequence[Mapping[str, Mapping[str, str]]] = response.json().get("errors", ())
    codes = sorted({each["extensions"]["code"] for each in errors})
    return " ".join([str(response.status_code), *codes]) + f", {len(response.content):,} bytes"


def _backends(here: Ground) -> Callable[[], float]:
    """What the processes of the PostgreSQL server have used together, but for its vacuuming, which nobody asks for."""
    return lambda: _seconds_of_children(here.postmaster())


def _seconds_of_children(parent: int) -> float:
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            vacuums = b"autovacuum" in (stat.parent / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == parent and not vacuums:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
