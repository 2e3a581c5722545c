"""Page 1 against page 1 000 of a list by cursor, over HTTP in process: what a page costs must not grow with its number.

Both pages are asked for in turn, so that whatever else the machine does falls on both alike.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from benchmarks.ground import COMMISSIONS, Filled, ground
from benchmarks.lists import NESTED_LIST
from benchmarks.serving import CUSTOMS, ENTERPRISE, ask, signed_in
from graph.app import create_app
from graph.settings import Settings
from storage.shelf import PAGE_DEFAULT, PAGE_MAX

FAR_PAGE = 1_000
ROUNDS = 60
WARM_UP_ROUNDS = 5
COUNT_ROUNDS = 7
RATIO_MAX = 1.3

_WALK = (
    "query Walk($after: String, $first: Int) { commissions(after: $after, first: $first) { pageInfo { endCursor } } }"
)
_COUNT = "{ commissions(first: 0) { totalCount } }"


@dataclass(frozen=True)
class Timed:
    """Milliseconds, medians."""

    near: float
    far: float
    count: float
    total: int


def main() -> int:
    """Prints a line for each engine and viewer; fails where the pages' ratio is above RATIO_MAX."""
    worst = 0.0
    with ground() as here:
        for filled in here.filled:
            for username in (ENTERPRISE, CUSTOMS):
                timed = asyncio.run(_timed(filled, username))
                ratio = timed.far / timed.near
                worst = max(worst, ratio)
                print(
                    f"pages {filled.name}, {username} with {timed.total:,} of {COMMISSIONS:,} commissions: "
                    f"page 1 {timed.near:.1f} ms, page {FAR_PAGE:,} {timed.far:.1f} ms, ratio {ratio:.2f} "
                    f"(at most {RATIO_MAX}); totalCount alone {timed.count:.1f} ms"
                )
    return 0 if worst <= RATIO_MAX else 1


async def _timed(filled: Filled, username: str) -> Timed:
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as uploads:
        app = create_app(Settings(database_url=filled.url, uploads_url=f"file:{uploads}"))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://benchmark", timeout=30) as client,
        ):
            headers = await signed_in(client, username)
            cursor = await _cursor_before(client, headers, FAR_PAGE)
            near, far = await _in_turn(client, headers, cursor)
            total = (await ask(client, headers, _COUNT))["commissions"]["totalCount"]
            counts = [await _milliseconds(client, headers, _COUNT) for _ in range(COUNT_ROUNDS)]
    return Timed(statistics.median(near), statistics.median(far), statistics.median(counts), total)


async def _cursor_before(client: httpx.AsyncClient, headers: Mapping[str, str], page: int) -> str | None:
    """Walks there as a client would, in larger steps."""
    cursor = None
    for _ in range((page - 1) * PAGE_DEFAULT // PAGE_MAX):
        cursor = await _end(client, headers, cursor, PAGE_MAX)
    if rest := (page - 1) * PAGE_DEFAULT % PAGE_MAX:
        cursor = await _end(client, headers, cursor, rest)
    return cursor


async def _end(client: httpx.AsyncClient, headers: Mapping[str, str], after: str | None, first: int) -> str | None:
    data = await ask(client, headers, _WALK, {"after": after, "first": first})
    cursor: str | None = data["commissions"]["pageInfo"]["endCursor"]
    return cursor


async def _in_turn(
    client: httpx.AsyncClient, headers: Mapping[str, str], cursor: str | None
) -> tuple[list[float], list[float]]:
    near: list[float] = []
    far: list[float] = []
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        # First one, then the other goes first, so that neither always follows the other.
        turn = ((near, None), (far, cursor)) if number % 2 else ((far, cursor), (near, None))
        for times, after in turn:
            times.append(await _milliseconds(client, headers, NESTED_LIST, after, nodes=PAGE_DEFAULT))
    return near[WARM_UP_ROUNDS:], far[WARM_UP_ROUNDS:]


async def _milliseconds(
    client: httpx.AsyncClient, headers: Mapping[str, str], query: str, after: str | None = None, nodes: int = 0
) -> float:
    began = time.perf_counter()
    data = await ask(client, headers, query, {"after": after} if nodes else None)
    took = (time.perf_counter() - began) * 1000
    if nodes and len(data["commissions"]["nodes"]) != nodes:
        raise RuntimeError("the list is too short for a page so far on")
    return took


if __name__ == "__main__":
    sys.exit(main())
