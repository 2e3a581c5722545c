"""Requests that Schemathesis makes up from the schema, against a server of its own: `python -m benchmarks.fuzz PROGRAM
[SECONDS]`, where PROGRAM is `schemathesis` as `make fuzz` installs it. Fails where a request does.

The surprise: the server's log decides too, for it tells what failed below a field, where the answer has a reference.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from benchmarks.ground import load
from benchmarks.serving import CUSTOMS, ENTERPRISE, INSTITUTION, Server, server, signed_in
from storage.migrate import migrate

COMMISSIONS: Final = 60
SECONDS: Final = 600
NOBODY: Final = "nobody"
VIEWERS: Final = (CUSTOMS, ENTERPRISE, INSTITUTION, NOBODY)

SIGNS_OUT: Final = ("sessionClose", "accountChangePassword")
"""What would end the session by which all the rest is asked."""

HOOKS: Final = """
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

texts = st.text(max_size=30)
numerals = st.decimals(allow_nan=False).map(str)
schemathesis.graphql.scalar("Decimal", (numerals | texts).map(nodes.String))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda at: nodes.String(at.isoformat() + "Z")))
schemathesis.graphql.scalar("Date", st.dates().map(lambda day: nodes.String(day.isoformat())))
schemathesis.graphql.scalar("Upload", texts.map(nodes.String))


@schemathesis.check
def is_an_answer(ctx, response, case):
    content = response.json()
    codes = [error["extensions"]["code"] for error in content.get("errors", ())]
    assert response.status_code < 500 and "INTERNAL" not in codes and set(content) & {"data", "errors"}, codes
"""


def main(program: str, seconds: float) -> int:
    """How many viewers' requests failed, and the failures that the server logged; prints both."""
    with tempfile.TemporaryDirectory(prefix="preship-fuzz-") as folder:
        here = Path(folder)
        url = f"sqlite+aiosqlite:///{here / 'demo.db'}"
        migrate(url)
        load(url, COMMISSIONS)
        (here / "hooks.py").write_text(HOOKS, encoding="utf-8")
        with (here / "log").open("wb") as log, server(url, log=log) as served:
            failed = [each for each in VIEWERS if not _ask(program, served, each, seconds / len(VIEWERS), here)]
        logged = _failures(here / "log")
    for line in logged[:20]:
        print(line)
    print(
        f"fuzz: {len(VIEWERS)} viewers, {seconds:.0f} s; failed for {failed or 'none'}, {len(logged)} failures logged"
    )
    return len(failed) + len(logged)


def _ask(program: str, served: Server, viewer: str, seconds: float, folder: Path) -> bool:
    """Whether all went well for one viewer."""
    headers = {} if viewer == NOBODY else asyncio.run(_headers(served, viewer))
    command = [
        str(Path(program).absolute()), "run", str(Path("schema.graphql").resolve()), "--url", served.address,
        "--checks", "is_an_answer", "--phases", "fuzzing", "--max-time", str(round(seconds)),
        "--continue-on-failure", "--no-shrink", "--warnings", "off", "--suppress-health-check", "all",
        *(argument for name, value in headers.items() for argument in ("--header", f"{name}: {value}")),
        *(argument for name in SIGNS_OUT for argument in ("--exclude-name", f"Mutation.{name}")),
    ]  # fmt: skip
    environment: Mapping[str, str] = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder)}
    print(f"fuzz: as {viewer}", flush=True)
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0


async def _headers(served: Server, viewer: str) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{served.port}", timeout=30) as client:
        return await signed_in(client, viewer)


def _failures(log: Path) -> list[str]:
    """Lines of the log that tell of a failure of ours."""
    found = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            level = json.loads(line).get("level")
        except ValueError:
            level = "error" if line.startswith(("Traceback", "ERROR")) else None
        if level in ("error", "critical"):
            found.append(line[:2_000])
    return found


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS), 99))
