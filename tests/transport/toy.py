"""A small schema and house for the transport's tests: scalars, loaders, failures, uploads, streams of several kinds.
What happened to streams is written down in `Journal`, so that tests can wait for it rather than sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from aiodataloader import DataLoader
from graphql import OperationType
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from strawberry.schema.config import StrawberryConfig

from domain.language import Language
from graph.errors import ErrorCode, PublicError, preferred_language
from graph.execution import Executor
from graph.limits import Limits
from graph.schema.scalars import SCALAR_MAP, Upload
from graph.transport.routes import graphql_routes

SECRET = "hunter2"
LONG_TEXT_CHARACTERS = 60_000


@dataclass
class Journal:
    """Counts what happened and lets a test wait until a count is reached."""

    counts: dict[str, int] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
        async with self.changed:
            self.changed.notify_all()

    async def reaches(self, what: str, count: int, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: self.counts.get(what, 0) >= count)


@dataclass
class ToyContext:
    language: Language
    user: str | None
    expires_at: datetime | None
    journal: Journal
    made: list[int]
    cookies: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made[0] += 1
        self.number = self.made[0]
        self.doubles: DataLoader[int, int] = DataLoader(self._double)

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    async def _double(self, keys: list[int]) -> list[int]:
        await self.journal.note("batch")
        return [key * 2 for key in keys]

    async def count_use(self) -> None:
        return None

    async def spend(self, points: int) -> None:
        return None

    def spend_more(self, points: int) -> None:
        return None

    def admit(self, operation: OperationType) -> None:
        return None

    def seconds_left(self) -> float | None:
        return None if self.expires_at is None else (self.expires_at - datetime.now(UTC)).total_seconds()

    async def signed_out(self) -> None:
        await asyncio.Event().wait()

    async def certain(self) -> None:
        return None

    def fresh(self) -> ToyContext:
        return ToyContext(self.language, self.user, self.expires_at, self.journal, self.made)


@dataclass
class ToyHost:
    journal: Journal = field(default_factory=Journal)
    expires_in: timedelta | None = timedelta(hours=1)
    made: list[int] = field(default_factory=lambda: [0])

    async def context(
        self,
        *,
        authorization: str | None,
        accept_language: str | None,
        connection: HTTPConnection,
        presuming: bool = False,
    ) -> ToyContext:
        if authorization is not None and authorization != "Bearer good":
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        expires_at = datetime.now(UTC) + self.expires_in if authorization and self.expires_in is not None else None
        user = "good" if authorization else None
        return ToyContext(preferred_language(accept_language), user, expires_at, self.journal, self.made)


Info = strawberry.Info[ToyContext, None]


@strawberry.enum
class Colour(Enum):
    RED = "red"
    GREEN = "green"


@strawberry.type
class Machine:
    number: int

    @strawberry.field
    async def double(self, info: Info) -> int:
        return await info.context.doubles.load(self.number)

    @strawberry.field
    def next(self) -> Machine:
        return Machine(number=self.number + 1)

    @strawberry.field
    def broken(self) -> str:
        raise RuntimeError(SECRET)


@strawberry.input
class Wish:
    name: str
    colour: Colour = Colour.RED
    amount: Decimal | None = strawberry.UNSET
    inner: Wish | None = None


@strawberry.input(one_of=True)
class By:
    id: strawberry.Maybe[strawberry.ID]
    number: strawberry.Maybe[str]


@dataclass(frozen=True)
class ToyFile:
    size_bytes: int


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello {name}"

    @strawberry.field
    def user(self, info: Info) -> str | None:
        return info.context.user

    @strawberry.field
    async def machines(self, first: int = 3) -> list[Machine]:
        return [Machine(number=number) for number in range(first)]

    @strawberry.field
    def wish(self, wish: Wish) -> str:
        amount = "unset" if wish.amount is strawberry.UNSET else repr(wish.amount)
        return f"{wish.name} {wish.colour.name} {amount}"

    @strawberry.field
    def by(self, by: By) -> str:
        return repr(by)

    @strawberry.field
    def echo_id(self, id: strawberry.ID) -> strawberry.ID:
        return id

    @strawberry.field
    def amount(self, amount: Decimal) -> Decimal:
        return amount

    @strawberry.field
    def day(self, day: date) -> date:
        return day

    @strawberry.field
    def instant(self, instant: datetime) -> datetime:
        return instant

    @strawberry.field
    def boom(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def boom_required(self) -> str:
        raise RuntimeError(SECRET)

    @strawberry.field
    def missing(self) -> str | None:
        raise PublicError(ErrorCode.NOT_FOUND)

    @strawberry.field
    async def slow(self, info: Info) -> str:
        await info.context.journal.note("slow started")
        await asyncio.sleep(0.05)
        await info.context.journal.note("slow ended")
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def touch(self, info: Info) -> str:
        await info.context.journal.note("touched")
        return "touched"

    @strawberry.mutation
    def upload(self, file: Upload) -> int:
        assert isinstance(file, ToyFile)
        return file.size_bytes


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int = 3) -> AsyncGenerator[Machine, None]:
        for number in range(to):
            yield Machine(number=number)

    @strawberry.subscription
    async def waiting(self, info: Info) -> AsyncGenerator[int, None]:
        await info.context.journal.note("waiting")
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            await info.context.journal.note("left")

    @strawberry.subscription
    async def reading(self, info: Info) -> AsyncGenerator[int, None]:
        """Like a subscriber in the middle of a look into the database, which must not be cut."""
        try:
            for number in range(1_000_000):
                await asyncio.shield(asyncio.sleep(0.002))
                yield number
        finally:
            await info.context.journal.note("left")

    @strawberry.subscription
    async def stubborn(self, info: Info) -> AsyncGenerator[int, None]:
        """Refuses to be cancelled by its client and by its socket, and gives in to the end of the world only."""
        yield 0
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await info.context.journal.note("refused to leave")
        await asyncio.Event().wait()

    @strawberry.subscription
    async def flaky(self) -> AsyncGenerator[int, None]:
        yield 1
        raise RuntimeError(SECRET)

    @strawberry.subscription
    async def flood(self, info: Info) -> AsyncGenerator[str, None]:
        while True:
            await info.context.journal.note("flooded")
            yield "x" * LONG_TEXT_CHARACTERS

    @strawberry.subscription
    async def refused(self, info: Info) -> AsyncGenerator[int, None]:
        if info.context.user != "its owner":
            raise PublicError(ErrorCode.NOT_FOUND)
        yield 1

    @strawberry.subscription
    async def context_numbers(self, info: Info) -> AsyncGenerator[ContextNumber, None]:
        yield ContextNumber()
        yield ContextNumber()


@strawberry.type
class ContextNumber:
    @strawberry.field
    def number(self, info: Info) -> int:
        return info.context.number


def toy_schema() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, Subscription, config=StrawberryConfig(scalar_map=SCALAR_MAP))


@asynccontextmanager
async def toy_multipart(request: Request) -> AsyncIterator[object]:
    """Stands in for the multipart reader: the body's length becomes the file; the word `bad` is refused."""
    body = await request.body()
    if b"bad" in body:
        raise ToyRefusedError
    yield {"query": "mutation ($file: Upload!) { upload(file: $file) }", "variables": {"file": ToyFile(len(body))}}


class ToyRefusedError(Exception):
    code, status, zh, en = "FILE_TOO_LARGE", 413, "文件过大。", "The file is too large."


def toy_explorer(request: Request) -> Response:
    return HTMLResponse("<title>explorer</title>")


def toy_app(
    host: ToyHost | None = None, limits: Limits | None = None, executor: Executor | None = None, **options: Any
) -> Starlette:
    limits = limits or Limits()
    executor = executor or Executor(toy_schema(), limits)
    options = {"multipart": toy_multipart, "explorer": toy_explorer, **options}
    return Starlette(routes=graphql_routes(executor, host or ToyHost(), limits=limits, **options))
