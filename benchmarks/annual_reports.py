"""How long customs waits for the annual reports of 5 000 institutions, per engine: one transaction, each one told.

Each has a number, a line in the register and a notice; meanwhile others are served, and how long they wait is measured.
"""

import asyncio
import time
from uuid import uuid4

from sqlalchemy import insert

from benchmarks.ground import ground
from domain.organisation import Organisation
from domain.party import OrganisationKind, Role, Viewer
from storage.annual_report_start import AnnualReportRound, start
from storage.bell import ProcessBell
from storage.consequences import row_of
from storage.database import Database
from storage.organisation import ORGANISATION
from storage.perform import Door
from storage.verify import verify
from tests.keys import RING
from tests.registry import add_institutions

INSTITUTIONS = 5_000
SECONDS_MAX = 10
YEARS = (2023, 2024, 2025)


async def timed(url: str) -> tuple[list[float], float]:
    """Seconds of each year's start, and the longest that the event loop was held up."""
    database = Database(url, RING)
    office = Organisation(id=uuid4(), kind=OrganisationKind.CUSTOMS, name_zh="示例海关", name_en="Example customs")
    officer = Viewer(kind=OrganisationKind.CUSTOMS, user_id=uuid4(), organisation_id=office.id, role=Role.OPERATOR)
    try:
        async with database.writing() as connection:
            await connection.execute(insert(ORGANISATION), [row_of(office)])
        await add_institutions(database, INSTITUTIONS)
        door = Door(database, ProcessBell())
        taken, longest = [], 0.0
        for year in YEARS:
            waiting = asyncio.create_task(_longest_wait())
            began = time.perf_counter()
            started = await start(door, AnnualReportRound(all_institutions=True, year=year), officer)
            taken.append(time.perf_counter() - began)
            waiting.cancel()
            longest = max(longest, await waiting)
            assert (started.count, started.refusals) == (INSTITUTIONS, ())
        assert [flaw async for flaw in verify(database)] == []
        return taken, longest
    finally:
        await database.close()


async def _longest_wait() -> float:
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return longest


def main() -> bool:
    """Prints one line an engine; true when one took too long."""
    missed = False
    with ground() as found:
        for engine in found.engines:
            with found.empty(engine) as url:
                taken, longest = asyncio.run(timed(url))
            missed = missed or max(taken) > SECONDS_MAX
            print(
                f"annual_reports {engine.name}: {INSTITUTIONS:,} started in {sorted(taken)[len(taken) // 2]:.2f} s "
                f"(at most {SECONDS_MAX} s wanted), others held up for at most {longest * 1000:.0f} ms"
            )
    return missed


if __name__ == "__main__":
    main()
