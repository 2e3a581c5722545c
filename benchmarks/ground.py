"""Where the figures are taken: both engines, each filled once with a large demonstration and copied for every run.

The surprise: what was loaded stays behind in a folder (PRESHIP_BENCHMARK_DATA, else one under the temporary files) and
is used again while migrations and demo stay as they are; all else is gone with the run.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

import storage.demo
import storage.migrations
from graph.cli.demo import demonstrate
from graph.settings import Settings
from storage.migrate import migrate
from tests.engines import Engines, PostgresqlEngines, SqliteEngines
from tests.keys import PERSONAL_KEYS
from tests.postgres import Cluster, server_programs

FOLDER_VARIABLE = "PRESHIP_BENCHMARK_DATA"
COMMISSIONS = 100_000

# What was loaded is read again in later runs, so its keys stay the same.
os.environ.setdefault("PRESHIP_PERSONAL_KEYS", PERSONAL_KEYS)
os.environ.setdefault("PRESHIP_CAPTCHA", "off")


@dataclass(frozen=True)
class Filled:
    """A database with `COMMISSIONS` commissions of four lines each, for this run alone."""

    name: str
    url: str


class Ground:
    """The engines of one run, and the filled databases that were asked for so far."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        self._rest = ExitStack()
        self.engines: list[Engines] = [SqliteEngines(folder), PostgresqlEngines(cluster.address)]
        self._filled: list[Filled] = []

    @property
    def filled(self) -> list[Filled]:
        """Both engines with the large demonstration; the first call of a run copies it, the first of all loads it."""
        if not self._filled:
            self._filled = [self._filled_copy(each) for each in self.engines]
        return self._filled

    @contextmanager
    def empty(self, engine: Engines) -> Iterator[str]:
        """The URL of a migrated database without any rows."""
        with engine.fresh() as url:
            migrate(url)
            yield url

    def postmaster(self) -> int:
        """The process of the PostgreSQL server, whose children do its work."""
        return int((self.cluster.folder / "data" / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        self._rest.close()
        for each in self.engines:
            each.close()

    def _filled_copy(self, engine: Engines) -> Filled:
        url = self._rest.enter_context(engine.fresh())
        kept = _kept(engine)
        if not kept.exists():
            print(f"loading {COMMISSIONS:,} commissions into {engine.name}, once", file=sys.stderr)
            migrate(url)
            load(url, COMMISSIONS)
            keep(engine, url, kept)
        elif isinstance(engine, SqliteEngines):
            shutil.copyfile(kept, str(make_url(url).database))
        else:
            _postgresql("pg_restore", url, "--jobs=2", str(kept))
        if isinstance(engine, PostgresqlEngines):
            # What the server does by itself within minutes; until then it would plan without knowing the tables.
            asyncio.run(_vacuumed(url))
        return Filled(engine.name, url)


_ground: Ground | None = None


@contextmanager
def ground() -> Iterator[Ground]:
    """The ground of this run; within another one the same, so that several benchmarks share one copy."""
    global _ground
    if _ground is not None:
        yield _ground
        return
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder, Cluster() as cluster:
        _ground = Ground(Path(folder), cluster)
        try:
            yield _ground
        finally:
            _ground.close()
            _ground = None


def load(url: str, commissions: int) -> None:
    """Fills a migrated database as `preship demo` does."""
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as uploads:
        settings = Settings(database_url=url, uploads_url=f"file:{uploads}")
        asyncio.run(demonstrate(settings, commissions, lambda done, of: None))


def keep(engine: Engines, url: str, kept: Path) -> None:
    """Puts a filled database aside for later runs."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(".unfinished")
    if isinstance(engine, SqliteEngines):
        shutil.copyfile(str(make_url(url).database), unfinished)
    else:
        shutil.rmtree(unfinished, ignore_errors=True)
        _postgresql("pg_dump", url, "--format=directory", "--jobs=2", "--compress=1", f"--file={unfinished}")
    unfinished.rename(kept)


def _kept(engine: Engines) -> Path:
    folder = Path(os.environ.get(FOLDER_VARIABLE) or Path(tempfile.gettempdir()) / "preship-benchmark-data")
    described = hashlib.sha256()
    for room in (storage.demo, storage.migrations):
        for file in sorted(Path(room.__path__[0]).rglob("*.*")):
            if file.suffix in {".py", ".csv"}:
                described.update(file.read_bytes())
    return folder / f"{engine.name}-{COMMISSIONS}-{described.hexdigest()[:12]}"


def _postgresql(program: str, url: str, *arguments: str) -> None:
    parsed = make_url(url)
    command = [
        str(server_programs() / program), f"--host={parsed.host}", f"--port={parsed.port}",
        f"--username={parsed.username}", f"--dbname={parsed.database}", *arguments,
    ]  # fmt: skip
    subprocess.run(command, env={**os.environ, "PGPASSWORD": parsed.password or ""}, check=True)


def postgresql_version() -> str:
    """As the server program says."""
    said = subprocess.run([server_programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[2]


async def _vacuumed(url: str) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
