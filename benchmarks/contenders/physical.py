"""The limit that PostgreSQL itself sets: the statements written by hand, run by `pgbench` with nothing between."""

import asyncio
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import make_url

from benchmarks.contenders.by_hand import statements
from benchmarks.contenders.load import World
from benchmarks.contenders.measuring import MIXED
from benchmarks.contenders.questions import Question, questions
from benchmarks.contenders.servers import POOLS
from domain.party import OrganisationKind
from tests.postgres import server_programs

VARIANTS_MAX = 8
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


@dataclass(frozen=True)
class Asking:
    """Who asks: the statement that finds out, and what is known then."""

    look_up: str
    kind: OrganisationKind
    user_id: UUID
    organisation_id: UUID


def limits(world: World, seconds: int) -> dict[str, float]:
    """Requests a second for each question and the mixed load, by the number of connections that does best."""
    viewers = asyncio.run(_viewers(world))
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder:
        files: dict[str, list[str]] = {}
        every: list[str] = []
        for question in questions(world):
            scripts = _scripts(question, viewers)
            files[question.name] = []
            for at, script in enumerate(scripts):
                file = Path(folder) / f"{question.name}{at}.sql"
                file.write_text(script)
                files[question.name].append(f"{file}@1")
                # Weights are whole numbers; each question has as many shares as its weight says.
                every.append(f"{file}@{question.weight * VARIANTS_MAX * 3 // len(scripts)}")
        files = {MIXED: every, **files}
        return {name: max(_rate(world, some, count, seconds) for count in POOLS) for name, some in files.items()}


async def _viewers(world: World) -> Mapping[str | None, Asking]:
    connection = await asyncpg.connect(world.plain_url)
    try:
        found: dict[str | None, Asking] = {}
        for username, token in world.tokens.items():
            digest = hashlib.sha256(token.encode()).hexdigest()
            row = await connection.fetchrow(statements.VIEWER, digest)
            assert row is not None
            kind = OrganisationKind[row["kind"]]
            found[username] = Asking(_with(statements.VIEWER, digest), kind, row["user_id"], row["organisation_id"])
        return found
    finally:
        await connection.close()


def _scripts(question: Question, viewers: Mapping[str | None, Asking]) -> Sequence[str]:
    """The same for every eighth or so of its variants."""
    step = max(1, len(question.variables) // VARIANTS_MAX)
    asking = viewers.get(question.username)
    look_up = f"{asking.look_up};\n" if asking else ""
    return [look_up + _statement(question, each, asking) + ";\n" for each in question.variables[::step][:VARIANTS_MAX]]


def _statement(question: Question, variables: Mapping[str, Any], asking: Asking | None) -> str:
    match question.name, asking:
        case "list" | "customs", Asking(kind=kind, organisation_id=organisation):
            concerned = None if kind is OrganisationKind.CUSTOMS else organisation
            return _with(statements.commission_list(kind, "zh-CN", variables.get("first", 20)), concerned)
        case "commission", Asking(kind=kind, organisation_id=organisation):
            return _with(statements.commission(kind, "zh-CN"), organisation, variables["number"])
        case "notices", Asking(kind=kind, organisation_id=organisation, user_id=user):
            return _with(statements.notices(kind, "zh-CN"), organisation, user)
        case "registry", None:
            return _with(statements.REGISTRY, f"%{variables['name']}%")
        case "rule", None:
            return _with(statements.RULE, variables["hsCode"], date.fromisoformat(variables["on"]))
    raise ValueError(question.name)


def _with(statement: str, *values: object) -> str:
    """A statement with its values written in: they come from the questions alone."""
    for at, value in enumerate(values, start=1):
        written = "null" if value is None else f"'{value}'"
        typed = f"{written}::date" if isinstance(value, date) else written
        statement = statement.replace(f"${at}", typed)
    return statement


def _rate(world: World, files: Sequence[str], connections: int, seconds: int) -> float:
    url = make_url(world.url)
    done = subprocess.run(
        [str(server_programs() / "pgbench"), "--no-vacuum", "--protocol=prepared", "--random-seed=0",
         f"--client={connections}", "--jobs=1", f"--time={seconds}", f"--host={url.host}",
         f"--port={url.port}", f"--username={url.username}", *(f"--file={file}" for file in files), str(url.database)],
        env={**os.environ, "PGPASSWORD": url.password or "", "PGOPTIONS": "-c jit=off -c timezone=UTC"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = _RATE.search(done.stdout)
    if found is None:
        raise RuntimeError(done.stdout)
    return float(found.group(1))
