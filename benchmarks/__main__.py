"""`python -m benchmarks [NAME …] [--write]`: runs all benchmarks or some, and writes RESULTS.md where asked to."""

import argparse
import importlib
import io
import os
import platform
import sqlite3
import sys
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

import structlog

from benchmarks.contenders import SCALE_VARIABLE, WRITE_VARIABLE
from benchmarks.ground import ground, postgresql_version

NAMES = (
    "rules_import",
    "demo_load",
    "annual_reports",
    "upload",
    "pages",
    "lists",
    "notifications",
    "sign_in",
    "exports",
    "statistics",
    "actions",
    "plans",
    "hostile",
    "contenders",
    "plan_equality",
)

RESULTS = Path(__file__).with_name("RESULTS.md")
LIBRARIES = (
    "strawberry-graphql",
    "graphql-core",
    "starlette",
    "uvicorn",
    "uvloop",
    "sqlalchemy",
    "aiosqlite",
    "asyncpg",
)


def main() -> int:
    """How many benchmarks missed what they are to reach."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"of {', '.join(NAMES)}; all when absent",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help=f"write {RESULTS.name}, for which all are run; of contenders alone, their page",
    )
    scale = parser.add_mutually_exclusive_group()
    scale.add_argument("--small", dest="scale", action="store_const", const="small", help="contenders on little data")
    scale.add_argument("--million", dest="scale", action="store_const", const="million", help="and on a million rows")
    asked = parser.parse_args()
    if unknown := set(asked.names).difference(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    is_about_contenders = asked.names == ["contenders"]
    if asked.write and asked.names and not is_about_contenders:
        parser.error("results are written of all benchmarks together")
    os.environ |= {WRITE_VARIABLE: "yes" if asked.write else "", SCALE_VARIABLE: asked.scale or ""}
    # What the product logs is no result.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    missed: list[str] = []
    written = _head() if asked.write else ""
    with ground():
        for name in asked.names or NAMES:
            began, load = time.monotonic(), os.getloadavg()[0]
            said = io.StringIO()
            with redirect_stdout(_Both(sys.stdout, said)):
                if importlib.import_module(f"benchmarks.{name}").main():
                    missed.append(name)
            print(f"  ({time.monotonic() - began:.0f} s)", file=sys.stderr)
            written += _section(name, said.getvalue(), load)
            if asked.write and not is_about_contenders:
                # What takes an hour and fails in the end is not lost.
                RESULTS.write_text(written)
    if missed:
        print(f"not reached: {', '.join(missed)}", file=sys.stderr)
    return len(missed)


class _Both(io.TextIOBase):
    """Writes to the terminal and keeps it."""

    def __init__(self, *outputs: TextIO) -> None:
        self._outputs = outputs

    def write(self, text: str) -> int:
        for each in self._outputs:
            each.write(text)
            each.flush()
        return len(text)


def _head() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    engines = f"SQLite {sqlite3.sqlite_version}, PostgreSQL {postgresql_version()}"
    return (
        "# Results\n\n"
        "Written by `python -m benchmarks --write`; every figure is the median of interleaved rounds where its module "
        "says so. Clients, server and database share the machine. PostgreSQL runs without fsync.\n\n"
        f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {_memory_gigabytes():.0f} GB of memory, "
        f"{platform.system()} {platform.release()}\n"
        f"- Python {sys.version.splitlines()[0]}, {engines}\n"
        f"- {libraries}\n"
    )


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9


def _section(name: str, said: str, load: float) -> str:
    lines = "".join(f"- {line}\n" for line in said.splitlines())
    return f"\n## {name}\n\n{lines}\nLoad of the machine before: {load:.1f}.\n"


if __name__ == "__main__":
    sys.exit(main())
