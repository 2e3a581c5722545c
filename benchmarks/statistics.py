"""Statistics of 100 000 commissions on PostgreSQL: what the API takes against its own SQL sent by the bare driver.

Both are asked in turn, so that whatever else the machine does falls on both alike. The API's part is everything else:
HTTP in process, token, GraphQL, labels.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any

import asyncpg
import httpx
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from benchmarks.ground import COMMISSIONS, Filled, ground
from benchmarks.serving import CUSTOMS, ask, signed_in
from domain.commission.record import CommissionFilter
from domain.party import OrganisationKind, Viewer
from graph.app import create_app
from graph.settings import Settings
from storage.commission import commissions
from storage.commission_statistics import commission_tally

ROUNDS = 15
WARM_UP_ROUNDS = 3
RATIO_MAX = 1.5
QUESTIONS = (("PERIOD_MONTH", "STATUS"), ("INSTITUTION",), ("HS_CHAPTER",))

_QUERY = """query Figures($by: [CommissionDimension!]!) { statistics { commissions(by: $by) { isComplete rows {
  keys { dimension value label } count totalAmount lineCount averageInspectionHours } } } }"""


def main() -> int:
    """Prints a line for each question; fails where a ratio is above RATIO_MAX."""
    with ground() as here:
        filled = next(each for each in here.filled if each.url.startswith("postgresql"))
        return 0 if asyncio.run(_worst(filled)) <= RATIO_MAX else 1


async def _worst(filled: Filled) -> float:
    worst = 0.0
    bare = await asyncpg.connect(filled.url.replace("+asyncpg", ""), server_settings={"timezone": "UTC", "jit": "off"})
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as uploads:
        app = create_app(Settings(database_url=filled.url, uploads_url=f"file:{uploads}"))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://benchmark", timeout=30) as client,
        ):
            headers = await signed_in(client, CUSTOMS)
            for by in QUESTIONS:
                api, sql, rows = await _in_turn(client, headers, bare, by)
                worst = max(worst, api / sql)
                print(
                    f"statistics {filled.name} of {COMMISSIONS:,} commissions by {' and '.join(by)}, {rows} rows: "
                    f"{api:.0f} ms, bare SQL {sql:.0f} ms, ratio {api / sql:.2f} (at most {RATIO_MAX})"
                )
    await bare.close()
    return worst


async def _in_turn(
    client: httpx.AsyncClient, headers: Mapping[str, str], bare: Any, by: tuple[str, ...]
) -> tuple[float, float, int]:
    """Milliseconds of each, medians, and how many rows."""
    wanted = CommissionFilter()
    seen = commissions(Viewer(kind=OrganisationKind.CUSTOMS), wanted)
    dialect: Any = PGDialect_asyncpg
    compiled = commission_tally(seen, wanted, by, total=False).compile(
        dialect=dialect(), compile_kwargs={"literal_binds": True}
    )
    statement = await bare.prepare(str(compiled))
    found: list[Any] = []

    async def by_api() -> None:
        found[:] = (await ask(client, headers, _QUERY, {"by": by}))["statistics"]["commissions"]["rows"]

    async def by_sql() -> None:
        if len(await statement.fetch()) != len(found):
            raise RuntimeError("the API and the database do not say the same")

    api: list[float] = []
    sql: list[float] = []
    await by_api()
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        turn = ((api, by_api), (sql, by_sql)) if number % 2 else ((sql, by_sql), (api, by_api))
        for times, one in turn:
            times.append(await _milliseconds(one))
    return median(api[WARM_UP_ROUNDS:]), median(sql[WARM_UP_ROUNDS:]), len(found)


async def _milliseconds(one: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await one()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
