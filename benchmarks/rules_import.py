"""How many rules a second are imported into an empty database, per engine: one transaction, one register line each."""

import asyncio
import csv
import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.bell import ProcessBell
from storage.database import Database
from storage.migrate import migrate
from storage.perform import Door
from storage.rule_import import RuleReport, import_rules
from storage.verify import verify
from tests.engines import Engines, PostgresqlEngines, SqliteEngines
from tests.postgres import Cluster

ROWS = 20_000


def generated(rows: int) -> bytes:
    """A file of so many rules with different HS codes."""
    text = io.StringIO()
    writer = csv.writer(text)
    flags = ["inspection_required", "inspection_exempt", "import_prohibited"]
    writer.writerow(["hs_code", "name_zh", "name_en", *flags, "measure", "legal_basis", "valid_from"])
    for n in range(rows):
        names = [f"示例旧机电产品{n}", f"Used machinery {n}"]
        truths = [int(n % 3 == which) for which in range(3)]
        rest = ["须经装运前检验", "示例公告2026年第1号", "2026-01-01"]
        writer.writerow([8400000000 + n * 10, *names, *truths, *rest])
    return text.getvalue().encode()


@contextmanager
def engines() -> Iterator[list[Engines]]:
    """Both engines, the server of PostgreSQL among them."""
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        both: list[Engines] = [SqliteEngines(Path(folder)), PostgresqlEngines(cluster.address)]
        yield both
        for each in both:
            each.close()


async def timed(url: str, file: bytes) -> tuple[RuleReport, float, float, float]:
    """Seconds of a first import, of a second one that changes nothing, and of verifying the register."""
    database = Database(url)
    door = Door(database, ProcessBell())
    started = time.perf_counter()
    report = await import_rules(door, io.BytesIO(file))
    first = time.perf_counter()
    again = await import_rules(door, io.BytesIO(file))
    second = time.perf_counter()
    flaws = [flaw async for flaw in verify(database)]
    verified = time.perf_counter()
    await database.close()
    assert again.unchanged == report.announced
    assert flaws == []
    return report, first - started, second - first, verified - second


def main() -> None:
    """Prints one line an engine."""
    file = generated(ROWS)
    with engines() as both:
        for each in both:
            with each.fresh() as url:
                migrate(url)
                report, first, second, verifying = asyncio.run(timed(url, file))
            assert report.announced == ROWS
            print(
                f"rules_import {each.name}: {ROWS / first:,.0f} rows/s fresh ({first:.2f} s for {ROWS:,}), "
                f"{ROWS / second:,.0f} rows/s unchanged, register verified at {ROWS / verifying:,.0f} lines/s"
            )


if __name__ == "__main__":
    main()
