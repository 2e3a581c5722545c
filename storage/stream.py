"""The stream of committed lines, read once a process and handed to everybody who follows a subject or an organisation.

It only wakes them: each follower reads on from its own position, so a wake-up too many or too late loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Row, literal, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.bell import Bell
from storage.database import Database
from storage.notice import NOTICE
from storage.register import REGISTER

LINES_AT_ONCE = 1000
IDLE_SECONDS_MAX = 5.0
"""A ring may be lost; nobody waits longer than this."""
UNSETTLED_SECONDS = 0.01
FAILED_SECONDS = 1.0
ANSWERS_MAX = 1000

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
        """Returns when there is something to look for, or when a ring may have been lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS_MAX):
                await self._news.wait()


class Stream:
    """One reader for the whole process; opened and closed with it."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self._database, self._bell = database, bell
        self._topics: dict[UUID, set[Topic]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[Hashable, asyncio.Task[Any]] = {}

    async def open(self) -> None:
        self._reader = asyncio.create_task(self._read(), name="stream")

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader

    @asynccontextmanager
    async def topic(self, about: UUID) -> AsyncIterator[Topic]:
        """Follow a subject, or what is addressed to an organisation."""
        topic = Topic()
        self._topics.setdefault(about, set()).add(topic)
        try:
            yield topic
        finally:
            others = self._topics[about]
            others.discard(topic)
            if not others:
                del self._topics[about]

    async def shared(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """One answer for all followers who ask the same of the same version; it cannot change, so it is kept."""
        answer = self._answers.get(key)
        if answer is None or (answer.done() and (answer.cancelled() or answer.exception() is not None)):
            answer = self._answers[key] = asyncio.ensure_future(ask())
            while len(self._answers) > ANSWERS_MAX:
                self._answers.pop(next(iter(self._answers)))
        return await asyncio.shield(answer)

    async def _read(self) -> None:
        position: tuple[int, int] | None = None
        while True:
            strokes = self._bell.strokes()
            try:
                position, is_settled = await self._look(position)
            except Exception:
                log.exception("stream_interrupted")
                await asyncio.sleep(FAILED_SECONDS)
                continue
            if is_settled:
                await self._bell.next(strokes, IDLE_SECONDS_MAX)
            else:
                await asyncio.sleep(UNSETTLED_SECONDS)

    async def _look(self, position: tuple[int, int] | None) -> tuple[tuple[int, int], bool]:
        """Wakes everybody whom new lines concern; returns where it stands, and whether all was settled."""
        async with self._database.reading() as connection:
            if position is None:
                return await _end(connection), True
            lines = (await connection.execute(_lines_beyond(position, connection))).all()
        for line in lines:
            if not line.is_settled:
                return position, False
            position = (line.transaction_id, line.id)
            for about in (line.subject_id, line.organisation_id):
                for topic in self._topics.get(about, ()):
                    topic.wake()
        return position, len(lines) < LINES_AT_ONCE


def _settled(connection: AsyncConnection) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        return true()
    return REGISTER.c.transaction_id < text("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def _end(connection: AsyncConnection) -> tuple[int, int]:
    newest = (
        select(REGISTER.c.transaction_id, REGISTER.c.id)
        .where(_settled(connection))
        .order_by(REGISTER.c.transaction_id.desc(), REGISTER.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(newest)).first()
    return (0, 0) if row is None else (row.transaction_id, row.id)


def _lines_beyond(position: tuple[int, int], connection: AsyncConnection) -> Any:
    here = tuple_(*(literal(each, REGISTER.c.transaction_id.type) for each in position))
    return (
        select(
            REGISTER.c.transaction_id,
            REGISTER.c.id,
            REGISTER.c.subject_id,
            NOTICE.c.organisation_id,
            _settled(connection).label("is_settled"),
        )
        .join_from(REGISTER, NOTICE, NOTICE.c.line_id == REGISTER.c.id, isouter=True)
        .where(tuple_(REGISTER.c.transaction_id, REGISTER.c.id) > here)
        .order_by(REGISTER.c.transaction_id, REGISTER.c.id)
        .limit(LINES_AT_ONCE)
    )


async def lines_after(connection: AsyncConnection, subject_id: UUID, version: int) -> list[Row[Any]]:
    """The lines of one subject after a version, in order. The order of versions is the order of commits."""
    statement = (
        select(REGISTER)
        .where(REGISTER.c.subject_id == subject_id, REGISTER.c.version > version)
        .order_by(REGISTER.c.version)
        .limit(LINES_AT_ONCE)
    )
    return list(await connection.execute(statement))
