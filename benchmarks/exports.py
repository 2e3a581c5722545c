"""Exporting 100 000 commissions as CSV and XLSX: rows a second, and how much memory the server takes for it.

A real server process is watched from outside by /proc (Linux alone); the client shares the machine and keeps nothing.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.ground import Filled, ground
from benchmarks.serving import CUSTOMS, Server, server, signed_in

MEMORY_GROWTH_BYTES_MAX = 100_000_000
WARM_UP = '{"status":["CANCELLED"]}'
ENDINGS = ("csv", "xlsx")


@dataclass(frozen=True)
class Taken:
    """What one export came to."""

    rows: int
    size_bytes: int
    first_byte_seconds: float
    seconds: float


def main() -> int:
    """Prints a line for each engine and format; fails where memory grew by more than MEMORY_GROWTH_BYTES_MAX."""
    worst = 0
    with ground() as here:
        for filled in here.filled:
            for ending in ENDINGS:
                worst = max(worst, _measured(filled, ending))
    return 0 if worst <= MEMORY_GROWTH_BYTES_MAX else 1


def _measured(filled: Filled, ending: str) -> int:
    with server(filled.url) as served:
        headers = asyncio.run(_signed_in(served))
        asyncio.run(_taken(served, headers, ending, {"filter": WARM_UP}))
        # Checking a password takes 64 MB for a moment; the highest mark begins anew after it.
        Path(f"/proc/{served.pid}/clear_refs").write_text("5")
        before = _memory_bytes(served.pid, "VmRSS")
        taken = asyncio.run(_taken(served, headers, ending, {}))
        growth = _memory_bytes(served.pid, "VmHWM") - before
    print(
        f"exports {filled.name}, {ending}: {taken.rows:,} rows in {taken.seconds:.1f} s, "
        f"{taken.rows / taken.seconds:,.0f} rows/s, {taken.size_bytes / 1e6:.1f} MB, "
        f"first byte after {taken.first_byte_seconds * 1000:.0f} ms, "
        f"memory {before / 1e6:.0f} MB + {growth / 1e6:.1f} MB (limit {MEMORY_GROWTH_BYTES_MAX / 1e6:.0f} MB)"
    )
    return growth


async def _signed_in(served: Server) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", timeout=60) as client:
        return await signed_in(client, CUSTOMS)


async def _taken(served: Server, headers: dict[str, str], ending: str, parameters: dict[str, str]) -> Taken:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", timeout=600) as client:
        size_bytes, first, began = 0, 0.0, time.perf_counter()
        async with client.stream("GET", f"/exports/commissions.{ending}", params=parameters, headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(f"the export was refused: {await answer.aread()!r}")
            async for piece in answer.aiter_bytes():
                first = first or time.perf_counter() - began
                size_bytes += len(piece)
            return Taken(int(answer.headers["x-total-count"]), size_bytes, first, time.perf_counter() - began)


def _memory_bytes(process_id: int, line: str) -> int:
    for entry in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if entry.startswith(f"{line}:"):
            return int(entry.split()[1]) * 1024
    raise RuntimeError(f"no {line} for process {process_id}")


if __name__ == "__main__":
    sys.exit(main())
