"""Who contends: how each is started with one worker and a pool of some size, and what its process has used."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders.load import World
from benchmarks.serving import STOP_SECONDS_MAX, Server, free_port, settings_of, wait_until_ready

NODE_FOLDER = Path(__file__).with_name("node")
POOLS = (4, 8, 16)
START_SECONDS_MAX = 180
"""PostGraphile reads the whole database first."""

COST_RATE = "999999/1s"
"""As much as can be set: who asks as a thousand would is not to be told to wait."""

_OURS = "import os; os.environ['PRESHIP_DATABASE_READERS'] = '{pool}'; from graph.cli.main import main; main()"


@dataclass(frozen=True)
class Contender:
    """One way of answering the questions. `command` is given the size of the pool."""

    name: str
    words: str
    command: Callable[[int], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    asked_as_postgraphile: bool = False
    performs: bool = False
    """Whether it is asked to perform the transition as well."""


def _ours(pool: int) -> Sequence[str]:
    return (sys.executable, "-c", _OURS.format(pool=pool), "serve")


def _node(file: str) -> Callable[[int], Sequence[str]]:
    return lambda pool: (str(node()), str(NODE_FOLDER / file))


def node() -> Path:
    """The Node that package.json names; it and the packages are installed when they are first needed.

    Raises RuntimeError where they cannot be.
    """
    if not any(_node_programs()):
        if shutil.which("npm") is None:
            raise RuntimeError("some contenders are packages for Node (Debian: apt-get install nodejs npm)")
        subprocess.run(["npm", "ci", "--no-progress", "--loglevel=error"], cwd=NODE_FOLDER, check=True)
    return next(_node_programs())


def _node_programs() -> Iterator[Path]:
    return NODE_FOLDER.glob("node_modules/node-linux-*/bin/node")


NOTHING_KEPT = {"PRESHIP_PUBLIC_ANSWERS_BYTES_MAX": "0"}
"""What strangers are answered is looked up each time, as by everybody else."""

AS_IT_COMES = Contender(
    "as it comes", "Preship as it comes: compiled plans, and what strangers are answered kept until there is news",
    _ours,
)  # fmt: skip
PLANS = Contender(
    "plans", "Preship, compiled plans, nothing kept", _ours, NOTHING_KEPT,
    performs=True,
)  # fmt: skip
EXECUTOR = Contender(
    "executor", "Preship, the ordinary executor (PRESHIP_PLANS=off), nothing kept", _ours,
    {"PRESHIP_PLANS": "off", **NOTHING_KEPT}, performs=True,
)  # fmt: skip
BY_HAND = Contender(
    "by hand", "Starlette and asyncpg, by hand, JSON built by PostgreSQL",
    lambda pool: (sys.executable, "-m", "benchmarks.contenders.by_hand.server"), performs=True,
)  # fmt: skip
MERCURIUS = Contender("Mercurius", "Mercurius on Fastify, JIT and loaders", _node("mercurius.mjs"), performs=True)
POSTGRAPHILE = Contender(
    "PostGraphile", "PostGraphile 5, row conditions in its plans", _node("postgraphile.mjs"),
    asked_as_postgraphile=True,
)  # fmt: skip
YOGA = Contender("Yoga", "GraphQL Yoga, JIT and DataLoader", _node("yoga.mjs"))

CONTENDERS = (AS_IT_COMES, PLANS, EXECUTOR, BY_HAND, MERCURIUS, POSTGRAPHILE, YOGA)


@contextmanager
def running(contender: Contender, world: World, pool: int) -> Iterator[Server]:
    """The contender's process, listening on 127.0.0.1."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder:
        process = subprocess.Popen(
            [*contender.command(pool), "--port", str(port)],
            env={
                **os.environ, **settings_of(world.url, folder), "PRESHIP_COST_RATE": COST_RATE,
                **contender.environment,
                "DATABASE_URL": world.plain_url, "POOL": str(pool),
                "NODE_ENV": "production", "GRAPHILE_ENV": "production",
            },
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_until_ready(process, port, START_SECONDS_MAX)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class DatabaseServer:
    """PostgreSQL's processes: the postmaster and whatever it has started."""

    def __init__(self, folder: Path) -> None:
        self._postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def cpu_seconds(self) -> float:
        """What they have used so far, those that have ended included."""
        ticks = 0
        for fields in self._processes():
            # 11 and 12: its own; 13 and 14: of those it has waited for.
            ticks += int(fields[11]) + int(fields[12])
            if int(fields[1]) != self._postmaster:
                ticks += int(fields[13]) + int(fields[14])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[list[str]]:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # ended meanwhile
                continue
            if int(stat.parent.name) == self._postmaster or int(fields[1]) == self._postmaster:
                yield fields


def megabytes(pid: int) -> float:
    """Memory of a process, what it shares counted in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/smaps_rollup has no Pss")
