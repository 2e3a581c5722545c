"""The limit that PostgreSQL itself sets: statements run by `pgbench` with nothing between, those of the product's plans
and those written by hand."""

import asyncio
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import make_url

from benchmarks.contenders import spoken
from benchmarks.contenders.by_hand import statements
from benchmarks.contenders.load import World
from benchmarks.contenders.measuring import MIXED, PAGES
from benchmarks.contenders.questions import Question, customs_list, questions
from benchmarks.contenders.servers import BY_HAND, PLANS, POOLS
from domain.party import OrganisationKind
from tests.postgres import server_programs

VARIANTS_MAX = 8
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)

Scripts = Mapping[str, Sequence[str]]
"""What is run for each question: one script for each of some variants."""
Rates = Mapping[str, float]
"""Requests a second for each question."""


@dataclass(frozen=True)
class Asking:
    """Who asks: the statement that finds out, and what is known then."""

    look_up: str
    kind: OrganisationKind
    user_id: UUID
    organisation_id: UUID


def limits(world: World, seconds: int) -> dict[str, Rates]:
    """By whose statements they are: those of the questions and of the mixed load."""
    some = questions(world)
    weights = {each.name: each.weight for each in some}
    return {name: _rates(world, made(world, some), seconds, weights) for name, made in _SCRIPTS.items()}


def of_pages(world: World, seconds: int) -> dict[str, Rates]:
    """The same of the nested page of customs, at some lengths."""
    return {
        name: {str(rows): _rates(world, made(world, [customs_list(rows)]), seconds)["customs"] for rows in PAGES}
        for name, made in _SCRIPTS.items()
    }


def of_list(world: World, seconds: int) -> dict[str, Rates]:
    """The same of the enterprise's list."""
    return {name: _rates(world, made(world, questions(world)[:1]), seconds) for name, made in _SCRIPTS.items()}


def _by_hand(world: World, some: Sequence[Question]) -> Scripts:
    viewers = asyncio.run(_viewers(world))
    return {each.name: _scripts(each, viewers) for each in some}


def _of_plans(world: World, some: Sequence[Question]) -> Scripts:
    return {
        name: [f"{each};\n" for each in said] for name, said in spoken.statements(world, some, VARIANTS_MAX).items()
    }


_SCRIPTS: Mapping[str, Callable[[World, Sequence[Question]], Scripts]] = {
    PLANS.name: _of_plans,
    BY_HAND.name: _by_hand,
}


def _rates(world: World, scripts: Scripts, seconds: int, weights: Mapping[str, int] | None = None) -> dict[str, float]:
    """By the number of connections that does best; with weights the mixed load as well."""
    with tempfile.TemporaryDirectory(prefix="preship-benchmark-") as folder:
        files: dict[str, list[str]] = {}
        every: list[str] = []
        for name, some in scripts.items():
            files[name] = []
            for at, script in enumerate(some):
                file = Path(folder) / f"{name}{at}.sql"
                file.write_text(script)
                files[name].append(f"{file}@1")
                # Weights are whole numbers; each question has as many shares as its weight says.
                every.append(f"{file}@{(weights or {}).get(name, 1) * VARIANTS_MAX * 3 // len(some)}")
        loads = files if weights is None else {MIXED: every, **files}
        return {name: max(_rate(world, some, count, seconds) for count in POOLS) for name, some in loads.items()}


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
