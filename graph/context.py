"""What one operation carries along: who asks, in which language, and loaders of its own. No database session is in it.

Sibling resolvers run at once, and a session shared by them fails; each question takes a connection for one short read.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import strawberry

from delivery.rounds import Senders
from domain.language import Language
from domain.marks import today_in_china
from domain.party import ANONYMOUS, Viewer
from domain.record import Form, Part, Record
from graph.address import UNKNOWN
from graph.errors import ErrorCode, PublicError
from graph.gate import Gate
from graph.settings import Settings
from identity.card import Cards
from identity.passkey import Passkeys
from storage.bell import Bell
from storage.database import Database
from storage.delegation import powers_stand
from storage.desk import Ask, Desk, Gathering
from storage.loading import Loading
from storage.perform import Door
from storage.session import session_is_open
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


@dataclass(frozen=True)
class Client:
    """From where a request comes, and what it can do with an answer."""

    device: str | None = None
    address: str = UNKNOWN
    """As it is counted (`graph/address.py`)."""
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
    loading: Loading = field(init=False)
    files_kept: set[str] = field(default_factory=set, init=False)
    """Staged files of this request that have become attachments."""
    cookies: list[Mapping[str, Any]] = field(default_factory=list, init=False)
    """What the answer sets, as Starlette's `set_cookie` takes it."""
    _weighed: dict[str, dict[UUID, Record]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.loading = Loading(self.house.database)

    def forget(self) -> None:
        """Empties the loaders, so that nothing is answered from before an action."""
        self.loading = Loading(self.house.database)
        self._weighed.clear()

    def seconds_left(self) -> float | None:
        """How long the viewer's session still lasts; None for nobody in particular."""
        ends_at = self.viewer.session_expires_at
        return None if ends_at is None else (ends_at - self.house.door.clock()).total_seconds()

    async def signed_out(self) -> None:
        """Returns when the viewer's session was closed, or what a colleague has delegated to the viewer has ended; for
        anonymous viewers never."""
        session_id, powers = self.viewer.session_id, self.viewer.powers
        if session_id is None:
            await asyncio.Event().wait()
            return
        rests_on = [each for power in powers for each in (power.delegation_id, power.delegator_id)]
        async with self.house.stream.topic(session_id, *rests_on) as topic:
            while True:
                topic.calm()
                async with self.house.database.reading() as connection:
                    is_open = await session_is_open(connection, session_id)
                    if not is_open or not await powers_stand(connection, self.viewer):
                        return
                await topic.news()

    def fresh(self) -> "Context":
        """The same viewer with empty loaders, so that nothing is answered from before."""
        return Context(self.house, self.viewer, self.language, self.client)

    @property
    def today(self) -> date:
        """The day in China, by which rules are in force and dates lie ahead."""
        return today_in_china(self.house.door.clock())

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

    async def count(self, seen: Seen[P]) -> int:
        """How many records the whole list has."""
        async with self.house.database.reading() as connection:
            return await seen.count(connection)

    def signed_in(self) -> Viewer:
        """The viewer, who must be somebody. Raises UNAUTHENTICATED."""
        if self.viewer.is_anonymous:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        return self.viewer

    async def facts(self, desk: Desk[Any], record: Record) -> Any:
        """The facts that the record's rules weigh, gathered for all records of the answer at once."""
        records = self._weighed.setdefault(desk.workflow.subject, {})
        records[record.id] = record

        async def gather(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Any]:
            gathering = Gathering(connection, self.house.door.clock(), lock=False)
            asks = [Ask(records[record_id], Form(), self.viewer) for record_id in ids]
            return dict(zip(ids, await desk.gather(gathering, asks), strict=True))

        return await self.loading.load(gather, record.id, name=("facts", desk.workflow.subject))


Info = strawberry.Info[Context, None]
