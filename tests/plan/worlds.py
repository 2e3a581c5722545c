"""The same world in a database of each engine, the executors with plans and without, and who asks them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from graphql import ExecutionResult
from sqlalchemy import Text, insert, literal, select, type_coerce

from domain.api_key.scope import ApiKeyScope
from domain.language import Language
from domain.party import ANONYMOUS, DelegatedPower, Role, ShownKey, Viewer
from graph.context import Context, House
from graph.errors import present
from graph.execution import Executor, Prepared, RequestRefused
from graph.limits import Limits
from graph.plan.aside import Reason
from graph.plan.plans import Plans
from graph.schema.schema import SCHEMA
from storage.bell import ProcessBell
from storage.columns import METADATA
from storage.database import Database
from storage.demo import annual_reports, commissions, demo_users
from storage.demo.publications import publish
from storage.demo.supervision import supervise
from storage.demo.world import NO_FILE, settle
from storage.perform import Door
from storage.sealed import SealedText
from storage.session import account_by_name
from tests.clock import OPENING, Clock
from tests.keys import RING
from tests.office import opened
from tests.plan.writer import Known, Operation
from tests.world import PASSWORD

COMMISSIONS = 60
MORE_OFTEN = 2
IDS_MAX = 4
"""Records known of each list and viewer."""


def fill_everything(url: str) -> None:
    """Puts something into every list of a demo world that a demonstration fills."""
    asyncio.run(_fill(url))


async def _fill(url: str) -> None:
    database = Database(url, RING)
    try:
        door = Door(database, ProcessBell(), Clock())
        world = await settle(database, door, PASSWORD)
        await annual_reports.fill(database, world, seed=0)
        await supervise(database, world)
        await publish(database, door)
        async for _ in commissions.fill(database, world, NO_FILE, COMMISSIONS, seed=1):
            pass
    finally:
        await database.close()


async def copied(source: str, target: str) -> None:
    """Every row of one database put into another, an empty one of the other engine; what is sealed stays as it is."""
    here, there = Database(source, RING), Database(target, RING)
    try:
        async with here.reading() as reading, there.writing() as writing:
            for table in METADATA.sorted_tables:
                columns = [
                    type_coerce(each, Text()).label(each.name) if isinstance(each.type, SealedText) else each
                    for each in table.columns
                ]
                rows = [dict(row._mapping) for row in await reading.execute(select(*columns))]
                if not rows:
                    continue
                sealed = {each.name for each in table.columns if isinstance(each.type, SealedText)}
                await writing.execute(table.delete())
                for row in rows if sealed else ():
                    values = {
                        name: literal(value, Text()) if name in sealed and value is not None else value
                        for name, value in row.items()
                    }
                    await writing.execute(insert(table).values(values))
                if not sealed:
                    await writing.execute(insert(table), rows)
    finally:
        await here.close()
        await there.close()


@dataclass
class Answer:
    """What came of one operation, in one way."""

    was_refused: bool
    data: bytes
    errors: list[dict[str, Any]]

    @classmethod
    def of(cls, result: ExecutionResult) -> "Answer":
        errors = sorted(present(result.errors, Language.EN), key=repr) if result.errors else []
        for each in errors:
            if "reference" in each.get("extensions", {}):
                # Each failure has its own.
                each["extensions"]["reference"] = each["message"] = ""
        data = orjson.dumps(orjson.loads(orjson.dumps(result.data)))
        return cls(isinstance(result, RequestRefused), data, errors)


@dataclass
class World:
    """One engine with both ways to answer."""

    name: str
    house: House
    ordinary: Executor = field(init=False)
    planned: Executor = field(init=False)
    plans: Plans = field(init=False)

    def __post_init__(self) -> None:
        self.plans = Plans(SCHEMA, self.house.database)
        self.ordinary = Executor(SCHEMA, Limits(cost_max=1_000_000))
        self.planned = Executor(SCHEMA, Limits(cost_max=1_000_000), plans=self.plans)

    async def answers(
        self, executor: Executor, prepared: Prepared, variables: Mapping[str, Any], viewer: Viewer, language: Language
    ) -> Answer:
        context = Context(self.house, viewer, language)
        return Answer.of(await executor.execute(prepared, variables, context))


@dataclass
class Worlds:
    """Both engines, who asks, and what there is to be asked for."""

    all: list[World]
    viewers: list[Viewer] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    answered: int = 0
    """Operations that plans answered with data."""
    asked: int = 0

    async def compare(self, operation: Operation, viewer: Viewer, language: Language) -> None:
        """Asks in every way. Raises AssertionError where two answers differ."""
        prepared = self.all[0].ordinary.prepare(operation.text)
        if isinstance(prepared, list):
            return
        self.asked += 1
        first: Answer | None = None
        for world in self.all:
            before = world.plans.counts.answered
            planned = await world.answers(world.planned, prepared, operation.variables, viewer, language)
            by_plan = world.plans.counts.answered > before
            ordinary = await world.answers(world.ordinary, prepared, operation.variables, viewer, language)
            if by_plan:
                assert planned == ordinary, world.name
            else:
                _assert_no_worse(planned, ordinary)
            if first is not None:
                _assert_no_worse(ordinary, first)
            first = ordinary
            self.answered += by_plan and world is self.all[0]

    async def get_to_know(self) -> None:
        """Looks at the beginning of every list as several viewers."""
        world = self.all[0]
        async with world.house.database.reading() as connection:
            for each in demo_users():
                found = await account_by_name(connection, each.username, world.house.door.clock())
                if found is not None:
                    self.viewers.append(found[1])
        users = _all_kinds(self.viewers)
        # Those who are refused almost everything are asked less often.
        self.viewers = [*users * MORE_OFTEN, *_who_may_little(users)]
        query = SCHEMA._schema.query_type
        assert query is not None
        ids: dict[str, None] = {}
        texts: dict[str, None] = {}
        for name, known in query.fields.items():
            if "first" not in known.args or "filter" not in known.args:
                continue
            prepared = world.ordinary.prepare(
                f"{{ page: {name}(first: {IDS_MAX}) {{ edges {{ cursor node {{ __typename id }} }} }} }}"
            )
            assert isinstance(prepared, Prepared)
            for viewer in self.viewers[:6]:
                context = Context(world.house, viewer, Language.ZH)
                result = await world.ordinary.execute(prepared, {}, context)
                for edge in (result.data or {"page": None})["page"]["edges"] if result.data else ():
                    ids[edge["node"]["id"]] = None
                    self.known.cursors.setdefault(name, []).append(edge["cursor"])
        self.known.ids = list(ids)
        await self._get_to_know_texts(texts)

    async def _get_to_know_texts(self, texts: dict[str, None]) -> None:
        world, customs = self.all[0], self.viewers[0]
        asked = """{
          commissions(first: 5) {
            nodes { number enterpriseName consigneeName entryCustoms goodsLines { hsCode } certificate { number } }
          }
          institutions(first: 5) { nodes { filingNumber nameZh nameEn country } }
          rules(first: 5) { nodes { hsCode } }
        }"""
        prepared = world.ordinary.prepare(asked)
        assert isinstance(prepared, Prepared)
        result = await world.ordinary.execute(prepared, {}, Context(world.house, customs, Language.ZH))

        def gather(value: Any) -> None:
            if isinstance(value, str):
                texts[value] = None
            for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
                gather(each)

        gather(result.data)
        self.known.texts = list(texts)
        self.known.numbers = {"name": ["UNIT", "COUNTRY", "COMMISSION_STATUS"], "action": ["commissionSubmit"]}


def _assert_no_worse(answer: Answer, other: Answer) -> None:
    """Of two answers of the executor: which of several failing fields it comes to first is a matter of chance, and with
    it which errors are told."""
    assert (answer.was_refused, answer.data) == (other.was_refused, other.data)
    assert bool(answer.errors) == bool(other.errors)
    assert answer.errors == other.errors or answer.data == b"null"


def _all_kinds(users: Sequence[Viewer]) -> list[Viewer]:
    """One of each kind and role, customs first."""
    found: dict[tuple[Any, Any], Viewer] = {}
    for each in users:
        found.setdefault((each.kind, each.role), each)
    kinds = sorted(found.values(), key=lambda each: (each.kind is None, str(each.kind), str(each.role)))
    kinds.sort(key=lambda each: each.kind is None or each.kind.name != "CUSTOMS")
    return kinds


def _who_may_little(users: Sequence[Viewer]) -> list[Viewer]:
    """Nobody in particular, keys, who does a colleague's work, and who lacks a second factor."""
    somebody = users[-1]
    assert somebody.user_id is not None
    power = DelegatedPower(delegation_id=somebody.user_id, delegator_id=somebody.user_id, role=Role.ADMIN)
    keys = [
        Viewer(key=ShownKey(id=somebody.user_id, scopes=scopes, rate_per_minute=60, expires_at=_later()))
        for scopes in (frozenset(ApiKeyScope), frozenset({ApiKeyScope.RULES}))
    ]
    return [ANONYMOUS, *keys, replace(somebody, powers=(power,)), replace(users[0], lacks_second_factor=True)]


def _later() -> Any:
    return OPENING + timedelta(days=30)


@asynccontextmanager
async def both_worlds(urls: Mapping[str, str], vault: Path) -> AsyncIterator[Worlds]:
    """The product on each database, nothing of it running but what is asked for."""
    async with AsyncExitStack() as stack:
        worlds = Worlds([])
        for name, url in urls.items():
            office = await stack.enter_async_context(opened(url, vault / name))
            worlds.all.append(World(name, office.app.state.house))
        await worlds.get_to_know()
        yield worlds


def asides(worlds: Worlds) -> dict[str, dict[Reason, int]]:
    """Why plans stepped aside, by engine."""
    return {each.name: dict(each.plans.counts.aside) for each in worlds.all}
