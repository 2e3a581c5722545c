"""What one operation carries along: who asks, in which language, and loaders of its own. No database session is in it.

Sibling resolvers run at once, and a session shared by them fails; each question takes a connection for one short read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from graphql import OperationType

from delivery.rounds import Senders
from domain.api_key.scope import ApiKeyScope
from domain.language import Language
from domain.marks import today_in_china
from domain.party import ANONYMOUS, OrganisationKind, ShownKey, Viewer
from domain.record import Form, Part, Record
from graph.errors import ErrorCode, PublicError
from graph.reception.address import UNKNOWN
from graph.reception.budget import Budgets
from graph.reception.gate import Gate
from graph.reception.presumption import Presumption
from graph.reception.rates import Rates
from graph.settings import Settings
from identity.card import Cards
from identity.passkey import Passkeys
from storage.api_key import good_until
from storage.bell import Bell
from storage.database import Database
from storage.delegation import powers_stand
from storage.desk import Ask, Desk, Gathering
from storage.loading import Loading
from storage.perform import Door
from storage.question import Together
from storage.relation import Relation
from storage.session_token import note_use, rest_of
from storage.shelf import BadCursor, Order, Page, Seen, Window
from storage.stream import Stream
from uploads.vault import Vault

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class House:
    """Everything that lives as long as the process."""

    settings: Settings
    database: Database
    door: Door
    bell: Bell
    stream: Stream
    vault: Vault
    senders: Senders
    cards: Cards | None
    """None where nobody signs in by card."""
    passkeys: Passkeys | None
    """None where nobody signs in by passkey."""
    gate: Gate
    budgets: Budgets
    rates: Rates = field(default_factory=Rates)

    @property
    def today(self) -> date:
        """The day in China."""
        return today_in_china(self.door.clock())


@dataclass(frozen=True)
class Client:
    """From where a request comes, and what it can do with an answer."""

    device: str | None = None
    address: str = UNKNOWN
    """As it is counted (`graph/reception/address.py`)."""
    takes_cookies: bool = False
    refresh_token: str | None = None
    """Out of a cookie."""

    @property
    def known_address(self) -> str | None:
        return None if self.address == UNKNOWN else self.address


NO_CLIENT = Client()


@dataclass
class Context:
    """One operation, or one event of a subscription."""

    house: House
    viewer: Viewer = ANONYMOUS
    language: Language = Language.ZH
    client: Client = NO_CLIENT
    presumption: Presumption | None = None
    """By what a plan proves that it is the viewer who asks; None where it need not."""
    loading: Loading = field(init=False)
    files_kept: set[str] = field(default_factory=set, init=False)
    """Staged files of this request that have become attachments."""
    cookies: list[Mapping[str, Any]] = field(default_factory=list, init=False)
    """What the answer sets, as Starlette's `set_cookie` takes it."""
    headers: dict[str, str] = field(default_factory=dict, init=False)
    """What an HTTP answer has beside its own headers."""
    extensions: dict[str, Any] = field(default_factory=dict, init=False)
    """What stands in `extensions` of the answer."""
    _weighed: dict[str, dict[UUID, Record]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.loading = Loading(self.house.database)

    @property
    def is_certain(self) -> bool:
        """Whether nothing is left to prove of who asks."""
        return self.presumption is None or self.presumption.is_proved

    @property
    def proof(self) -> Presumption | None:
        """What is left to prove of who asks."""
        return None if self.is_certain else self.presumption

    async def certain(self) -> None:
        """Returns when it is certain who asks. Raises PresumedWrongly."""
        if self.presumption is not None:
            await self.presumption.proved(self.house.database)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody in particular asks: neither a user nor a program with a key."""
        return self.viewer.is_anonymous and self.viewer.key is None

    def forget(self) -> None:
        """Empties the loaders, so that nothing is answered from before an action."""
        self.loading = Loading(self.house.database)
        self._weighed.clear()

    def becomes(self, viewer: Viewer) -> None:
        """From now on somebody else asks: whoever has just signed in, or nobody any more."""
        self.viewer = viewer
        self.forget()

    def seconds_left(self) -> float | None:
        """How long the viewer's session or key still lasts; None for nobody in particular."""
        key = self.viewer.key
        ends_at = self.viewer.session_expires_at if key is None else key.expires_at
        return None if ends_at is None else (ends_at - self.house.door.clock()).total_seconds()

    async def signed_out(self) -> None:
        """Returns when the viewer's session was closed, what a colleague has delegated has ended, or the key was taken
        back; for anonymous viewers never."""
        if self.viewer.key is not None:
            return await self._key_ended(self.viewer.key)
        session_id, powers = self.viewer.session_id, self.viewer.powers
        if session_id is None:
            await asyncio.Event().wait()
            return None
        rests_on = [each for power in powers for each in (power.delegation_id, power.delegator_id)]
        async with self.house.stream.topic(session_id, *rests_on) as topic:
            while True:
                topic.calm()
                async with self.house.database.reading() as connection:
                    rest = await rest_of(connection, session_id)
                    left = None if rest is None else rest.left(self.house.door.clock())
                    if not left or not await powers_stand(connection, self.viewer):
                        return None
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await topic.news()

    async def _key_ended(self, key: ShownKey) -> None:
        """Returns when the key was revoked, or the secret that was shown is one that was replaced and is over."""
        async with self.house.stream.topic(key.id) as topic:
            while True:
                topic.calm()
                now = self.house.door.clock()
                async with self.house.database.reading() as connection:
                    ends_at = await good_until(connection, key, now)
                if ends_at is None:
                    return
                try:
                    async with asyncio.timeout((ends_at - now).total_seconds()):
                        await topic.news()
                except TimeoutError:
                    continue

    async def count_use(self) -> None:
        """Counts one request or one operation of a socket. Raises RATE_LIMITED (only keys have a rate)
        and COST_EXHAUSTED.

        On a socket no token comes with an operation, so that it is the use of a session is noted here. Raises
        UNAUTHENTICATED for one that has rested too long.
        """
        self.house.budgets.check(self.viewer, self.client.address, self.house.door.clock())
        key = self.viewer.key
        if key is None:
            if self.viewer.session_id is not None and not self.client.takes_cookies:
                await self._use(self.viewer.session_id)
            return
        standing = await self.house.rates.count(self.house.database, key, self.house.door.clock())
        self.headers |= standing.headers()
        self.extensions["rateLimit"] = standing.extension()

    async def spend(self, points: int) -> None:
        """Counts what an operation is expected to cost, and tells it in the answer. Raises COST_TOO_HIGH and
        COST_EXHAUSTED."""
        house = self.house
        self.extensions["cost"] = await house.budgets.spend(
            house.database, self.viewer, self.client.address, points, house.door.clock()
        )

    def spend_more(self, points: int) -> None:
        """Counts what an operation has turned out to cost beyond what was expected of it."""
        house = self.house
        house.budgets.add(self.viewer, self.client.address, points, house.door.clock())

    async def _use(self, session_id: UUID) -> None:
        now = self.house.door.clock()
        async with self.house.database.reading() as connection:
            rest = await rest_of(connection, session_id)
        if rest is None or not rest.left(now):
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        if rest.is_to_be_noted(now):
            async with self.house.database.writing() as connection:
                await note_use(connection, session_id, now)

    def admit(self, operation: OperationType) -> None:
        """Raises FORBIDDEN where a key would change something: keys only read."""
        if self.viewer.key is not None and operation is OperationType.MUTATION:
            raise PublicError(
                ErrorCode.FORBIDDEN,
                zh="接口密钥只能查询，不能办理操作。",
                en="API keys only read; they change nothing.",
                extensions={"reason": "READ_ONLY"},
            )

    def needs(self, scope: ApiKeyScope | None) -> None:
        """Raises FORBIDDEN for a key that lacks this scope (None: one that there is not). Users need no scope."""
        key = self.viewer.key
        if key is None or scope in key.scopes:
            return
        if scope is None:
            raise PublicError(
                ErrorCode.FORBIDDEN,
                zh="该内容不向接口密钥开放。",
                en="No scope of an API key opens this.",
                extensions={"reason": "NOT_FOR_KEYS"},
            )
        raise PublicError(
            ErrorCode.FORBIDDEN,
            zh=f"该密钥缺少范围“{scope.words.zh}”（{scope.name}）。",
            en=f"The key lacks the scope {scope.name}.",
            extensions={"reason": "MISSING_SCOPE", "scope": scope.name},
        )

    def customs_or(self, scope: ApiKeyScope) -> Viewer:
        """The viewer, who must be of customs or a key with this scope. Raises UNAUTHENTICATED and FORBIDDEN."""
        self.needs(scope)
        if self.viewer.key is None and self.signed_in().kind is not OrganisationKind.CUSTOMS:
            raise PublicError(
                ErrorCode.FORBIDDEN,
                zh="仅向海关及具有相应范围的接口密钥开放。",
                en=f"Open to customs, and to API keys with the scope {scope.name}.",
                extensions={"reason": "CUSTOMS_OR_KEY", "scope": scope.name},
            )
        return self.viewer

    def fresh(self) -> Context:
        """The same viewer with empty loaders, so that nothing is answered from before."""
        return Context(self.house, self.viewer, self.language, self.client)

    @property
    def today(self) -> date:
        """The day in China, by which rules are in force and dates lie ahead."""
        return self.house.today

    async def one(self, seen: Seen[P]) -> P | None:
        """The one record that was asked for; None where the viewer may see none."""
        async with self.house.database.reading() as connection:
            return await seen.one(connection)

    async def page(self, seen: Seen[P], order: Order, window: Window) -> Page[P]:
        """A part of a list. Raises BAD_USER_INPUT on a cursor of another list or order."""
        async with self.house.database.reading() as connection:
            try:
                return await seen.page(connection, order, window)
            except BadCursor:
                raise PublicError(
                    ErrorCode.BAD_USER_INPUT,
                    zh="游标无效：请使用同一排序的列表给出的游标。",
                    en="That is no cursor of this list in this order.",
                ) from None

    async def follow(self, relation: Relation[Any], key: tuple[Any, ...]) -> Any:
        """What a relation leads to from these values, asked for together with all that follow it meanwhile: a record,
        or of many a list; None where there is nothing that the viewer may see."""
        # Not the context itself, which holds the loaders, and would be held by them.
        viewer = self.viewer

        async def load(connection: Any, keys: Sequence[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], Any]:
            return await relation.load(connection, viewer, keys)

        return await self.loading.load(load, key, name=relation)

    async def count(self, seen: Seen[P]) -> int:
        """How many records the whole list has."""
        async with self.house.database.reading() as connection:
            return await seen.count(connection)

    def signed_in(self) -> Viewer:
        """The viewer, who must be somebody. Raises UNAUTHENTICATED, and for a key FORBIDDEN."""
        self.needs(None)
        if self.viewer.is_anonymous:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        return self.viewer

    async def facts(self, desk: Desk[Any], record: Record) -> Any:
        """The facts that the record's rules weigh, gathered for all records of the answer at once."""
        records = self._weighed.setdefault(desk.workflow.subject, {})
        records[record.id] = record
        viewer, clock = self.viewer, self.house.door.clock

        async def gather(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Any]:
            gathering = Gathering(Together(connection), clock(), lock=False)
            asks = [Ask(records[record_id], Form(), viewer) for record_id in ids]
            return dict(zip(ids, await desk.gather(gathering, asks), strict=True))

        return await self.loading.load(gather, record.id, name=("facts", desk.workflow.subject))


Info = strawberry.Info[Context, None]
