"""What was found, as lines for the terminal and as a page with a picture."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from json import loads
from pathlib import Path

from benchmarks.contenders.driving import AT_ONCE
from benchmarks.contenders.load import Scale
from benchmarks.contenders.measuring import MIXED, PAGES, Figures, Pace
from benchmarks.contenders.physical import Rates
from benchmarks.contenders.picture import curves, picture
from benchmarks.contenders.servers import BY_HAND, CONTENDERS, MERCURIUS, NODE_FOLDER, PLANS, node
from benchmarks.ground import postgresql_version

PAGE = Path(__file__).parents[1] / "CONTENDERS.md"
PICTURE = PAGE.with_name("contenders.svg")
CURVES = PAGE.with_name("growth.svg")
ROWS_COMPARED = (PAGES[0], PAGES[-1])


@dataclass(frozen=True)
class Told:
    """Everything that was measured."""

    scale: Scale
    pace: Pace
    compared: int
    load_before: float
    load_after: float
    pools: Mapping[str, int]
    pool_rates: Mapping[str, Mapping[int, float]]
    screens: Figures
    memory: Mapping[str, float]
    pages: Figures
    transitions: Figures
    growth: Mapping[int, Figures]
    limits: Mapping[str, Rates]
    """Of pgbench, by whose statements they are, like the next two."""
    limits_of_pages: Mapping[str, Rates]
    limits_of_growth: Mapping[int, Mapping[str, Rates]]

    @property
    def names(self) -> Sequence[str]:
        return [each.name for each in CONTENDERS]

    @property
    def questions(self) -> Sequence[str]:
        return list(self.screens.rounds[self.names[0]])


def lines(told: Told) -> Iterator[str]:
    """One line a contender, for the mixed load and the transition."""
    yield f"contenders: {told.compared:,} answers compared, all equal"
    for name in told.names:
        median = _medians(told.screens, name, MIXED)
        yield (
            f"contenders, mixed load, {name}: {median['rate']:.0f} requests/s, "
            f"{told.screens.ratio(name, MERCURIUS.name, MIXED):.2f} of {MERCURIUS.name}, "
            f"{told.screens.ratio(name, BY_HAND.name, MIXED):.2f} of {BY_HAND.name}; p50 {median['p50']:.1f} ms, "
            f"p99 {median['p99']:.1f} ms; CPU a request {median['server_cpu']:,.0f} µs and "
            f"{median['database_cpu']:,.0f} µs of the database; {told.memory[name]:.0f} MB"
        )
    for name in told.transitions.rounds:
        ratio = told.transitions.ratio(name, MERCURIUS.name, "accept")
        rate = told.transitions.median(name, "accept", "rate")
        yield f"contenders, commissionAccept, {name}: {rate:.0f}/s, {ratio:.2f} of {MERCURIUS.name}"


def write(told: Told) -> None:
    """CONTENDERS.md and its pictures."""
    PAGE.write_text("\n".join(_page(told)) + "\n")
    PICTURE.write_text(
        picture(
            {
                f"Requests/s, mixed load, as a share of {MERCURIUS.name}": {
                    name: [told.screens.ratio(name, MERCURIUS.name, MIXED)] for name in told.names
                },
                "CPU µs a request: server, then database": {
                    name: [told.screens.median(name, MIXED, what) for what in ("server_cpu", "database_cpu")]
                    for name in told.names
                },
                "Latency ms: p50, then up to p99": {
                    name: [
                        told.screens.median(name, MIXED, "p50"),
                        told.screens.median(name, MIXED, "p99") - told.screens.median(name, MIXED, "p50"),
                    ]
                    for name in told.names
                },
                "Memory of the server, MB": {name: [told.memory[name]] for name in told.names},
            }
        )
    )

    counts = sorted(told.growth)
    CURVES.write_text(
        curves(
            {
                "p50 ms of the nested page of customs, by its rows": (
                    [f"{rows}" for rows in PAGES],
                    {name: [told.pages.median(name, f"{rows}", "p50") for rows in PAGES] for name in told.names},
                ),
                "p50 ms of the enterprise's list, by all commissions": (
                    [f"{count:,}" for count in counts],
                    {name: [told.growth[count].median(name, "list", "p50") for count in counts] for name in told.names},
                ),
            }
        )
    )


def _medians(figures: Figures, name: str, question: str) -> dict[str, float]:
    return {what: figures.median(name, question, what) for what in ("rate", "p50", "p99", "server_cpu", "database_cpu")}


def _page(told: Told) -> Iterator[str]:
    yield _HEAD
    yield from _circumstances(told)
    yield "\n![Ratio, CPU, latency and memory of the contenders](contenders.svg)\n\n## Who\n"
    yield from (f"- **{each.name}**: {each.words}" for each in CONTENDERS)
    yield from ("", "## Mixed load", "", *_mixed_table(told))
    yield from ("", f"## Question by question: requests/s (share of {MERCURIUS.name})", "", *_table_of_questions(told))
    yield from ("", "## CPU a request: µs of the server + µs of the database", "", *_table_of_cpu(told))
    yield from ("", "## The guarded transition: `commissionAccept`", "", *_transitions(told))
    yield from ("", "## Cost as the page grows: requests/s of the nested page of customs", "", *_table_of_pages(told))
    yield "\n![Latency as the page and the office grow](growth.svg)"
    yield from ("", "## Cost as the office grows: the enterprise's list of 20", "", *_table_of_growth(told))
    yield from ("", "## Size of the pool: requests/s of the mixed load", "", *_table_of_pools(told))
    yield from ("", _NOTES)


def _circumstances(told: Told) -> Iterator[str]:
    scale, pace = told.scale, told.pace
    yield f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
    yield (
        f"- Load of the machine {told.load_before:.1f} before and {told.load_after:.1f} after; one server at a time "
        "would make it about 2"
    )
    yield f"- Python {sys.version.splitlines()[0]}, Node {_node_version()}"
    yield f"- PostgreSQL {postgresql_version()}, without fsync"
    yield f"- {', '.join(_versions())}"
    yield (
        f"- {scale.institutions:,} institutions, {scale.rules:,} rules, {scale.commissions:,} commissions with "
        f"{4 * scale.commissions:,} lines, {scale.notices:,} notices"
    )
    yield (
        f"- `wrk` with {AT_ONCE} connections, {pace.rounds} rounds of {pace.seconds} s for each, taken in turn; "
        "medians. One worker each; client, server and database share the cores, so a rate is what they do together"
    )
    yield (
        f"- {told.compared:,} answers were compared first, and all were equal but for the inside of ids and cursors "
        "and the way in which an instant is written"
    )


def _node_version() -> str:
    return subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _versions() -> Iterator[str]:
    for name in ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "asyncpg"):
        yield f"{name} {version(name)}"
    wanted = loads((NODE_FOLDER / "package.json").read_text())["dependencies"]
    yield from (f"{name} {wanted[name]}" for name in ("mercurius", "fastify", "postgraphile", "graphql-yoga", "pg"))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _mixed_table(told: Told) -> Iterator[str]:
    head = ("", "requests/s", f"of {MERCURIUS.name}", f"of {BY_HAND.name}", "of pgbench", "p50 ms", "p99 ms",
            "CPU µs server", "CPU µs database", "memory MB", "pool")  # fmt: skip
    rows = []
    for name in told.names:
        median = _medians(told.screens, name, MIXED)
        rows.append((
            name, f"{median['rate']:,.0f}", f"{told.screens.ratio(name, MERCURIUS.name, MIXED):.2f}",
            f"{told.screens.ratio(name, BY_HAND.name, MIXED):.2f}",
            f"{median['rate'] / told.limits[PLANS.name][MIXED]:.2f}", f"{median['p50']:.1f}", f"{median['p99']:.1f}",
            f"{median['server_cpu']:,.0f}", f"{median['database_cpu']:,.0f}", f"{told.memory[name]:.0f}",
            str(told.pools[name]),
        ))  # fmt: skip
    yield from _table(head, rows)


def _table_of_questions(told: Told) -> Iterator[str]:
    rows = [
        (
            question,
            *(
                f"{told.screens.median(name, question, 'rate'):,.0f} "
                f"({told.screens.ratio(name, MERCURIUS.name, question):.2f})"
                for name in told.names
            ),
            *(f"{rates[question]:,.0f}" for rates in told.limits.values()),
        )
        for question in told.questions
    ]
    yield from _table(("", *told.names, *(f"pgbench, {name}" for name in told.limits)), rows)


def _table_of_cpu(told: Told) -> Iterator[str]:
    rows = [
        (
            question,
            *(
                f"{told.screens.median(name, question, 'server_cpu'):,.0f} + "
                f"{told.screens.median(name, question, 'database_cpu'):,.0f}"
                for name in told.names
            ),
        )
        for question in told.questions
    ]
    yield from _table(("", *told.names), rows)


def _transitions(told: Told) -> Iterator[str]:
    rows = []
    for name in told.transitions.rounds:
        median = _medians(told.transitions, name, "accept")
        rows.append((
            name, f"{median['rate']:,.0f}", f"{told.transitions.ratio(name, MERCURIUS.name, 'accept'):.2f}",
            f"{median['p50']:.1f}", f"{median['p99']:.1f}", f"{median['server_cpu']:,.0f}",
            f"{median['database_cpu']:,.0f}",
        ))  # fmt: skip
    head = ("", "transitions/s", f"of {MERCURIUS.name}", "p50 ms", "p99 ms", "CPU µs server", "CPU µs database")
    yield from _table(head, rows)


def _table_of_pages(told: Told) -> Iterator[str]:
    few, many = ROWS_COMPARED
    rows = [
        (
            name,
            *(f"{told.pages.median(name, str(count), 'rate'):,.0f}" for count in PAGES),
            f"{_cpu(told.pages, name, str(many)) / _cpu(told.pages, name, str(few)):.1f}",
        )
        for name in told.names
    ]
    rows += [
        (
            f"pgbench, {name}", *(f"{rates[str(count)]:,.0f}" for count in PAGES),
            f"{rates[str(few)] / rates[str(many)]:.1f}",
        )
        for name, rates in told.limits_of_pages.items()
    ]  # fmt: skip
    yield from _table(("", *(f"{count} rows" for count in PAGES), f"CPU, {many} to {few} rows"), rows)


def _cpu(figures: Figures, name: str, question: str) -> float:
    return figures.median(name, question, "server_cpu") + figures.median(name, question, "database_cpu")


def _table_of_growth(told: Told) -> Iterator[str]:
    counts = sorted(told.growth)
    rows = [
        (
            name,
            *(f"{told.growth[count].median(name, 'list', 'rate'):,.0f}" for count in counts),
            f"{_cpu(told.growth[counts[-1]], name, 'list') / _cpu(told.growth[counts[0]], name, 'list'):.2f}",
        )
        for name in told.names
    ]
    for name in told.limits:
        rates = [told.limits_of_growth[count][name]["list"] for count in counts]
        rows.append((f"pgbench, {name}", *(f"{each:,.0f}" for each in rates), f"{rates[0] / rates[-1]:.2f}"))
    head = ("", *(f"{count:,} commissions" for count in counts), f"CPU, {counts[-1]:,} to {counts[0]:,}")
    yield from _table(head, rows)


def _table_of_pools(told: Told) -> Iterator[str]:
    sizes = sorted(next(iter(told.pool_rates.values())))
    rows = [(name, *(f"{told.pool_rates[name][size]:,.0f}" for size in sizes)) for name in told.names]
    yield from _table(("", *(str(size) for size in sizes)), rows)


_HEAD = """# Contenders

Written by `python -m benchmarks contenders --write`: Preship beside others that answer the same questions from the same
tables, with the same tokens and the same row conditions.
"""

_NOTES = """## How to read it

- Nobody keeps answers but the product as it comes: what strangers ask of the registry and the rules it answers from
  memory until one of them changes, without the database. The others, the product among them once more
  (`PRESHIP_PUBLIC_ANSWERS_BYTES_MAX=0`), read the rows again for each request. Everybody looks up each token.
- What is left out of "everything" are the labels of codes, `availableActions` and `fields`: they are rules and words,
  which the others would have to be given.
- The one by hand knows the questions by their text and parses no GraphQL; two statements a request, on one connection.
  It does not note when a session was used, which the product does once a minute; nor do the others.
- Mercurius and Yoga share their statements: one for each root field and relation, of the columns that the question
  names, prepared.
- PostGraphile reads the tables as they are, under names of its own. Its row conditions are part of its plans: policies
  would cost each request a transaction with settings.
- The transition has the same guards, row locks, register line with its digests, notice and bell everywhere; what was
  written is counted after each round. All connections are of one user, whose actions the product carries out together
  where they come at once, eight in a transaction at most, each answered for itself (decision 0035); with the others
  each has a transaction of its own.
- `pgbench` runs the statements of the plans, in which the token is looked up too, and the token's look-up and the
  statements of the one by hand, with the number of connections out of 4, 8 and 16 that does best. It takes both cores,
  so what it takes for a request is the inverse of its rate.
- The product's pages have at most 100 rows, so no page is longer."""
