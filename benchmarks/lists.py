"""The nested list (20 commissions, their lines, their institution): requests a second, and CPU time a request.

One server process for each engine; they take turns, and share the machine with the client.
"""

import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import httpx
import orjson
import uvloop

from benchmarks.ground import ground
from benchmarks.serving import ENTERPRISE, Server, server, signed_in

NESTED_LIST = """query Page($after: String) { commissions(after: $after) {
  nodes { id number status enterpriseName totalAmount commissionedAt
    goodsLines { lineNumber productName hsCode quantity unit amount }
    institution { id name filingNumber } }
  pageInfo { hasNextPage endCursor } } }"""

AT_ONCE = 16
ROUNDS = 3
WARM_UP_SECONDS = 1.0
ROUND_SECONDS = 5.0

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass
class Round:
    """What one engine did in one round."""

    requests_a_second: float
    cpu_microseconds: float
    latencies: list[float] = field(repr=False)


def main() -> int:
    """Prints one line an engine: medians of the rounds."""
    with ground() as here, ExitStack() as servers:
        served = {each.name: servers.enter_context(server(each.url)) for each in here.filled}
        rounds: dict[str, list[Round]] = {name: [] for name in served}
        for number in range(ROUNDS + 1):
            for name, each in served.items():
                with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                    done = runner.run(_round(each, WARM_UP_SECONDS if number == 0 else ROUND_SECONDS))
                if number > 0:
                    rounds[name].append(done)
    for name, some in rounds.items():
        latencies = statistics.quantiles([each for done in some for each in done.latencies], n=100)
        rate = statistics.median(done.requests_a_second for done in some)
        cpu = statistics.median(done.cpu_microseconds for done in some)
        print(
            f"lists {name}, {AT_ONCE} at once: {rate:.0f} requests/s, {cpu:,.0f} µs of the server's CPU a request, "
            f"p50 {latencies[49]:.0f} ms, p99 {latencies[98]:.0f} ms"
        )
    return 0


async def _round(served: Server, seconds: float) -> Round:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}") as client:
        headers = await signed_in(client, ENTERPRISE)
    body = orjson.dumps({"query": NESTED_LIST})
    head = "\r\n".join(
        ("POST /graphql HTTP/1.1", f"host: 127.0.0.1:{served.port}", f"authorization: {headers['authorization']}",
         "content-type: application/json", f"content-length: {len(body)}", "", "")
    )  # fmt: skip
    latencies: list[float] = []
    began, cpu_before = time.perf_counter(), served.cpu_seconds()
    end = began + seconds
    await asyncio.gather(*(_ask_again_and_again(served, head.encode() + body, end, latencies) for _ in range(AT_ONCE)))
    took, cpu = time.perf_counter() - began, served.cpu_seconds() - cpu_before
    return Round(len(latencies) / took, cpu / len(latencies) * 1e6, latencies)


async def _ask_again_and_again(served: Server, request: bytes, end: float, latencies: list[float]) -> None:
    """One connection, one request at a time. An HTTP library would cost more than what it is to measure."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    while (began := time.perf_counter()) < end:
        writer.write(request)
        head = (await reader.readuntil(_END_OF_HEAD)).lower()
        at = head.index(_LENGTH) + len(_LENGTH)
        answer = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
        latencies.append((time.perf_counter() - began) * 1000)
        if not answer.startswith(b'{"data":{"commissions":{"nodes":[{'):
            raise RuntimeError(f"no list: {answer[:200]!r}")
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    sys.exit(main())
