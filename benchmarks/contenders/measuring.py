"""What is measured, one server at a time, all in turn in every round, so that the machine's other work falls on all."""

import asyncio
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import asyncpg

from benchmarks.contenders.driving import AT_ONCE, Asked, Round, asked, drive, mixed
from benchmarks.contenders.load import World
from benchmarks.contenders.questions import accepting, customs_list, questions
from benchmarks.contenders.servers import CONTENDERS, POOLS, Contender, DatabaseServer, megabytes, running
from benchmarks.serving import Server

MIXED = "mixed"
PAGES = (10, 20, 50, 100)
"""Rows of a page; the product gives no more than the last."""


@dataclass(frozen=True)
class Pace:
    """How long all takes. `wrk` knows whole seconds only."""

    rounds: int
    seconds: int
    warm_up_seconds: int
    pools: Sequence[int] = POOLS


THOROUGH = Pace(rounds=3, seconds=2, warm_up_seconds=1)
HASTY = Pace(rounds=1, seconds=1, warm_up_seconds=1, pools=(4,))


@dataclass(frozen=True)
class Figures:
    """The rounds of each contender: name of contender, then what it was asked, then the rounds."""

    rounds: Mapping[str, Mapping[str, Sequence[Round]]]

    def median(self, contender: str, question: str, what: str) -> float:
        """Of a field of Round."""
        return statistics.median(float(getattr(each, what)) for each in self.rounds[contender][question])

    def ratio(self, contender: str, to: str, question: str) -> float:
        """Requests a second to those of another, round by round; the median."""
        pairs = zip(self.rounds[contender][question], self.rounds[to][question], strict=True)
        return statistics.median(one.rate / other.rate for one, other in pairs)


Loads = Mapping[str, Mapping[str, Sequence[Asked]]]
"""What each contender is asked, by the name of the question."""


class Field:
    """The servers of all contenders on one world, running."""

    def __init__(self, world: World, database: DatabaseServer, pools: Mapping[str, int], rest: ExitStack) -> None:
        self.world, self.database = world, database
        self.servers: dict[str, tuple[Contender, Server]] = {
            each.name: (each, rest.enter_context(running(each, world, pools.get(each.name, POOLS[0]))))
            for each in CONTENDERS
        }

    def measure(self, loads: Loads, pace: Pace) -> Figures:
        """Rounds of each question in turn; the first, short, only warms up."""
        found: dict[str, dict[str, list[Round]]] = {name: {} for name in loads}
        for number in range(pace.rounds + 1):
            for name, question, load in _by_question(loads, backwards=number % 2 == 1):
                seconds = pace.seconds if number else pace.warm_up_seconds
                done = drive(self.servers[name][1], self.database, load, seconds)
                if number:
                    found[name].setdefault(question, []).append(done)
            _say(f"round {number} of {pace.rounds}")
        return Figures(found)

    def megabytes(self) -> dict[str, float]:
        return {name: megabytes(server.pid) for name, (_, server) in self.servers.items()}


def _by_question(loads: Loads, *, backwards: bool) -> Iterator[tuple[str, str, Sequence[Asked]]]:
    names = sorted(loads, reverse=backwards)
    for question in next(iter(loads.values())):
        for name in names:
            yield name, question, loads[name][question]


def _say(words: str) -> None:
    print(f"  contenders: {words}", file=sys.stderr)


def best_pools(
    world: World, database: DatabaseServer, pace: Pace
) -> tuple[dict[str, int], dict[str, dict[int, float]]]:
    """The size of pool by which each contender answers most in the mixed load, and the rates of all sizes."""
    best: dict[str, int] = {}
    rates: dict[str, dict[int, float]] = {}
    for contender in CONTENDERS:
        load = mixed(contender, world, questions(world))
        found: dict[int, list[float]] = {pool: [] for pool in pace.pools}
        with ExitStack() as rest:
            servers = {pool: rest.enter_context(running(contender, world, pool)) for pool in pace.pools}
            for number in range(3):
                for pool, server in servers.items():
                    done = drive(server, database, load, pace.seconds if number else pace.warm_up_seconds)
                    if number:
                        found[pool].append(done.rate)
        rates[contender.name] = {pool: statistics.median(some) for pool, some in found.items()}
        best[contender.name] = max(rates[contender.name], key=lambda pool: rates[contender.name][pool])
        _say(f"pool of {contender.name}: {best[contender.name]}")
    return best, rates


def screens(running_now: Field, pace: Pace) -> Figures:
    """The mixed load, then each question by itself."""
    world = running_now.world
    some = questions(world)
    loads = {
        name: {MIXED: mixed(contender, world, some), **{each.name: asked(contender, world, each) for each in some}}
        for name, (contender, _) in running_now.servers.items()
    }
    return running_now.measure(loads, pace)


def pages(running_now: Field, pace: Pace) -> Figures:
    """The nested page of customs, at some lengths."""
    world = running_now.world
    loads = {
        name: {str(rows): asked(contender, world, customs_list(rows)) for rows in PAGES}
        for name, (contender, _) in running_now.servers.items()
    }
    return running_now.measure(loads, pace)


def one_list(running_now: Field, pace: Pace) -> Figures:
    """The enterprise's list, by itself."""
    some = questions(running_now.world)[:1]
    loads = {
        name: {each.name: asked(contender, running_now.world, each) for each in some}
        for name, (contender, _) in running_now.servers.items()
    }
    return running_now.measure(loads, pace)


def transitions(running_now: Field, pace: Pace) -> Figures:
    """The guarded transition, each round on commissions that wait once more; what was written is counted after each."""
    found: dict[str, dict[str, list[Round]]] = {}
    for number in range(pace.rounds + 1):
        for name, (contender, server) in running_now.servers.items():
            if not contender.performs:
                continue
            ids = asyncio.run(_waiting_again(running_now.world.plain_url))
            load = asked(contender, running_now.world, accepting(ids))
            done = drive(server, running_now.database, load, pace.seconds if number else pace.warm_up_seconds)
            asyncio.run(_expect(running_now.world.plain_url, name, done.requests, len(ids)))
            if number:
                found.setdefault(name, {}).setdefault("accept", []).append(done)
    return Figures(found)


_WAITING = """(select c.id from commission c join account a on a.username = 'institution'
    join institution i on i.organisation_id = a.organisation_id
    where c.submitted_to_id = i.id and (c.status = 'PENDING' or c.status = 'IN_PROGRESS' and c.version = 2))"""


async def _waiting_again(url: str) -> list[str]:
    """Takes back what was accepted; the public ids of all that wait."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"delete from notice where subject_id in {_WAITING} and transaction_id > 1")
        await connection.execute(f"delete from register where subject_id in {_WAITING} and version > 1")
        await connection.execute(
            "update commission set status = 'PENDING', accepted_at = null, version = 1 "
            f"where id in {_WAITING} and version = 2"
        )
        await connection.execute("vacuum analyze commission, register, notice")
        return [f"commission_{row['id'].hex}" for row in await connection.fetch(f"{_WAITING} order by id")]
    finally:
        await connection.close()


async def _expect(url: str, name: str, requests: int, waiting: int) -> None:
    """Raises RuntimeError unless each request was a transition with its line and notice; a few were still under way."""
    connection = await asyncpg.connect(url)
    try:
        counts = [
            await connection.fetchval(f"select count(*) from {table} where {column} in {_WAITING} and {condition}")
            for table, column, condition in (
                ("commission", "id", "version = 2 and status = 'IN_PROGRESS'"),
                ("register", "subject_id", "version = 2"),
                ("notice", "subject_id", "transaction_id > 1"),
            )
        ]
    finally:
        await connection.close()
    if requests + AT_ONCE > waiting:
        raise RuntimeError(f"{name}: {waiting} commissions are too few for a round")
    if not all(requests <= count <= requests + AT_ONCE for count in counts):
        raise RuntimeError(f"{name}: {requests} requests have written {counts}")


def at_pace(pace: Pace, rounds: int) -> Pace:
    """The same with other rounds, at most as many."""
    return replace(pace, rounds=min(pace.rounds, rounds))
