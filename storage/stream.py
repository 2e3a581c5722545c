"""The stream of committed lines, read once a process, which wakes everybody who follows a subject or an organisation.

It only wakes them: each follower reads on from its own position, so a wake-up too many or too late loses nothing. Those
who read the same share one answer, so a hundred followers cost the database what one does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Sequence, Set
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import BigInteger, Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice
from domain.party import Viewer
from domain.registry_change import RegistryChange
from storage import notice, registry_change
from storage.bell import Bell
from storage.database import Database
from storage.notice import NOTICE
from storage.question import Question
from storage.register import REGISTER, Speaking, beyond, settled
from storage.registry_change import CHANGES_AT_ONCE_MAX

LINES_AT_ONCE = 1000
NOTICES_AT_ONCE = 100
IDLE_SECONDS_MAX = 0.8
"""A ring may be lost, and on SQLite none reaches another process: whoever is signed out there is shown out here within
a second. It costs a process one short question."""
LOOK_SECONDS_MAX = 1.0
"""Whoever looks for longer does not know what is news."""
PAUSE_SECONDS = 0.02
"""From one look to the next: however often the bell rings, the database is asked fifty times a second."""
FAILED_SECONDS = 1.0
ANSWERS_MAX = 1000

Position = tuple[int, int]
"""Of the reader: transaction and line."""

log = structlog.get_logger(__name__)


class Topic:
    """What one follower waits at."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    def calm(self) -> None:
        """Call before looking, so that what happens while looking wakes again."""
        self._news.clear()

    async def news(self) -> None:
        """Returns when there is something to look for."""
        await self._news.wait()


class Stream:
    """One reader for the whole process; opened and closed with it."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database, self._bell = database, bell
        self._beyond = _lines_beyond(database.lane)
        self._topics: dict[UUID | str, set[Topic]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[Hashable, asyncio.Task[Any]] = {}
        self._finds = 0
        self._told_early: set[tuple[int, UUID | None]] = set()
        self._found: dict[str, int] = {}
        self._looked: tuple[float, int] | None = None
        """When the reader last looked, and how often the bell had rung before."""

    async def open(self) -> None:
        self._reader = asyncio.create_task(self._read(), name="stream")

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader

    def state_of(self, kinds: Collection[str]) -> int | None:
        """Differs whenever something new was found of records of these kinds (their nouns); None while it is not known:
        the reader has not looked since the bell rang, or for longer than a second or two."""
        if self._looked is None:
            return None
        looked_at, strokes = self._looked
        if strokes != self._bell.strokes() or time.monotonic() - looked_at > IDLE_SECONDS_MAX + LOOK_SECONDS_MAX:
            return None
        return max([self._found.get(kind, 0) for kind in kinds], default=0)

    @asynccontextmanager
    async def topic(self, *about: UUID | str) -> AsyncIterator[Topic]:
        """Follow subjects, all subjects of a type (by its noun), or what is addressed to an organisation."""
        topic = Topic()
        for each in set(about):
            self._topics.setdefault(each, set()).add(topic)
        try:
            yield topic
        finally:
            for each in set(about):
                others = self._topics[each]
                others.discard(topic)
                if not others:
                    del self._topics[each]

    async def shared(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """One answer for all followers who ask the same of the same version; it cannot change, so it is kept."""
        answer = self._answers.get(key)
        if answer is None or (answer.done() and (answer.cancelled() or answer.exception() is not None)):
            answer = self._answers[key] = asyncio.ensure_future(ask())
            while len(self._answers) > ANSWERS_MAX:
                self._answers.pop(next(iter(self._answers)))
        return answer.result() if answer.done() else await asyncio.shield(answer)

    async def lines_after(self, subject_id: UUID, version: int) -> Sequence[Row[Any]]:
        """The lines of one subject after a version, in order. The order of versions is the order of commits."""

        async def ask() -> Sequence[Row[Any]]:
            async with self._database.reading() as connection:
                return list(await connection.execute(_lines_after(subject_id, version)))

        return cast("Sequence[Row[Any]]", await self._latest(("lines", subject_id, version), ask))

    async def notices_after(
        self, viewer: Viewer, position: notice.Position
    ) -> Sequence[tuple[notice.Position, Notice]]:
        """The notices of a viewer after a position, in order, as far as they are settled."""

        async def ask() -> Sequence[tuple[notice.Position, Notice]]:
            async with self._database.reading() as connection:
                return await notice.notices_after(connection, viewer, position, NOTICES_AT_ONCE)

        answer = await self._latest(("notices", viewer.sees_as(), position), ask)
        return cast("Sequence[tuple[notice.Position, Notice]]", answer)

    async def registry_changes_after(
        self, viewer: Viewer, place: registry_change.Place
    ) -> Sequence[tuple[registry_change.Place, RegistryChange]]:
        """What changed in the registry after a place, in order, as far as it is settled."""

        async def ask() -> Sequence[tuple[registry_change.Place, RegistryChange]]:
            async with self._database.reading() as connection:
                return await registry_change.changes_after(connection, viewer, place, CHANGES_AT_ONCE_MAX)

        answer = await self._latest(("registry", viewer.sees_as(), place), ask)
        return cast("Sequence[tuple[registry_change.Place, RegistryChange]]", answer)

    async def _latest(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """As `shared`, of what grows: an answer stands until the reader finds something new."""
        return await self.shared((self._finds, key), ask)

    async def _read(self) -> None:
        position: Position | None = None
        while True:
            strokes, began = self._bell.strokes(), time.monotonic()
            try:
                position, is_settled = await self._look(position)
                self._looked = (time.monotonic(), strokes)
            except Exception:
                log.exception("stream_interrupted")
                await asyncio.sleep(FAILED_SECONDS)
                continue
            if is_settled:
                await self._bell.next(strokes, IDLE_SECONDS_MAX)
            await asyncio.sleep(began + PAUSE_SECONDS - time.monotonic())

    async def _look(self, position: Position | None) -> tuple[Position, bool]:
        """Wakes everybody whom new lines concern; returns where it stands, and whether all was settled."""
        if position is None:
            async with self._database.reading() as connection:
                position = await _end(connection)
            self._wake(set(self._topics))
            return position, True
        lines = await self._beyond.of(self._database, transaction_id=position[0], line_id=position[1])
        concerned: set[UUID | str] = set()
        is_settled = True
        for line in lines:
            # A line is news when it is first seen, and once more when nothing can come before it any longer.
            is_settled = is_settled and line.is_settled
            told = (line.id, line.notice_id)
            if is_settled:
                position = (line.transaction_id, line.id)
                self._told_early.discard(told)
            elif told in self._told_early:
                continue
            else:
                self._told_early.add(told)
            concerned |= {line.subject_id, line.subject_type}
            if line.organisation_id is not None:
                concerned.add(line.organisation_id)
            elif line.notice_id is not None:  # addressed to nobody in particular
                concerned.update(self._topics)
        self._wake(concerned)
        return position, is_settled and len(lines) < LINES_AT_ONCE

    def _wake(self, concerned: Set[UUID | str]) -> None:
        if concerned:
            # Before anybody is awake, or they would be given what was there before.
            self._finds += 1
            self._found.update((about, self._finds) for about in concerned if isinstance(about, str))
        for about in concerned:
            for topic in self._topics.get(about, ()):
                topic.wake()


async def _end(connection: AsyncConnection) -> Position:
    newest = (
        select(REGISTER.c.transaction_id, REGISTER.c.id)
        .where(settled(REGISTER.c.transaction_id, connection))
        .order_by(REGISTER.c.transaction_id.desc(), REGISTER.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(newest)).first()
    return (0, 0) if row is None else (row.transaction_id, row.id)


def _lines_beyond(engine: Speaking) -> Question:
    position = bindparam("transaction_id", type_=BigInteger()), bindparam("line_id", type_=BigInteger())
    # Lines are counted before their notices are joined, so that no line is cut in two.
    lines = (
        select(
            REGISTER.c.transaction_id,
            REGISTER.c.id,
            REGISTER.c.subject_id,
            REGISTER.c.subject_type,
            settled(REGISTER.c.transaction_id, engine).label("is_settled"),
        )
        .where(beyond((REGISTER.c.transaction_id, REGISTER.c.id), position, engine))
        .order_by(REGISTER.c.transaction_id, REGISTER.c.id)
        .limit(LINES_AT_ONCE)
        .subquery()
    )
    return Question(
        select(lines, NOTICE.c.id.label("notice_id"), NOTICE.c.organisation_id)
        .join_from(lines, NOTICE, NOTICE.c.line_id == lines.c.id, isouter=True)
        .order_by(lines.c.transaction_id, lines.c.id)
    )


def _lines_after(subject_id: UUID, version: int) -> Select[Any]:
    return (
        select(REGISTER)
        .where(REGISTER.c.subject_id == subject_id, REGISTER.c.version > version)
        .order_by(REGISTER.c.version)
        .limit(LINES_AT_ONCE)
    )
