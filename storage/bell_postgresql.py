"""A bell that reaches every process on one PostgreSQL server, by LISTEN and NOTIFY on a connection of its own.

Ringing never waits for the server: one task carries rings there, several as one, and owes them until it has them.
"""

import asyncio
import contextlib
import logging
import random
import uuid

import asyncpg
from sqlalchemy import make_url

from storage.bell import ProcessBell

CHANNEL = "preship_bell"
APPLICATION = "preship bell"
CONNECT_SECONDS_MAX = 10
ANSWER_SECONDS_MAX = 10
SILENCE_SECONDS_MAX = 30
"""After so long without a ring the server is asked whether it is still there."""
PAUSE_SECONDS = 0.02
"""Between two messages of one process: PostgreSQL lets one transaction at a time send any."""
RECONNECT_SECONDS_MIN = 0.05
RECONNECT_SECONDS_MAX = 5.0

_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""A time-out is an OSError. What a server says while it hangs up confuses the driver, which reports its own error."""

_FOR_SQLALCHEMY_ALONE = {"async_fallback", "prepared_statement_cache_size", "prepared_statement_name_func"}

log = logging.getLogger(__name__)


class PostgresqlBell(ProcessBell):
    """Wakes this process at once, and the others through the server. `open` fails where the server is away."""

    def __init__(self, url: str) -> None:
        super().__init__()
        parsed = make_url(url)
        _, how = parsed.get_dialect()().create_connect_args(parsed)
        self._how = {name: value for name, value in how.items() if name not in _FOR_SQLALCHEMY_ALONE}
        self._name = uuid.uuid4().hex
        self._owed = False
        self._awake = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        connection = await self._connect()
        self._task = asyncio.create_task(self._work(connection), name="bell")

    async def ring(self) -> None:
        self.strike()
        self._owed = True
        self._settled.clear()
        self._awake.set()

    async def close(self) -> None:
        """Carries what is owed if the server takes it now, then hangs up."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    await self._settled.wait()
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self.strike()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        settings = {"application_name": APPLICATION}
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
            **self._how, timeout=CONNECT_SECONDS_MAX, server_settings=settings
        )
        try:
            connection.add_termination_listener(self._wake)
            await connection.add_listener(CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _wake(self, *_: object) -> None:
        self._awake.set()

    def _hear(self, connection: object, process_id: int, channel: str, payload: object) -> None:
        if payload != self._name:
            self.strike()

    async def _work(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while True:
            try:
                await self._carry(connection)
            except _LOST as lost:
                log.warning("The bell lost its connection and takes a new one: %s", lost)
            finally:
                connection.terminate()
            connection = await self._connected_again()
            # Others may have rung while nobody listened.
            self.strike()

    async def _carry(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._owed else SILENCE_SECONDS_MAX):
                    await self._awake.wait()
            self._awake.clear()
            if not self._owed:
                await connection.execute("select 1", timeout=ANSWER_SECONDS_MAX)
                continue
            # Cleared first: whoever rings while this one is under way is owed another.
            self._owed = False
            try:
                await connection.execute("select pg_notify($1, $2)", CHANNEL, self._name, timeout=ANSWER_SECONDS_MAX)
            except BaseException:
                self._owed = True
                raise
            if not self._owed:
                self._settled.set()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _connected_again(self) -> "asyncpg.Connection[asyncpg.Record]":
        wait = RECONNECT_SECONDS_MIN
        while True:
            # Not all at once: the processes of a server that was restarted all lost it in the same moment.
            await asyncio.sleep(random.uniform(wait / 2, wait))
            try:
                return await self._connect()
            except _LOST as still_lost:
                log.warning("The bell cannot reach its server: %s", still_lost)
            wait = min(2 * wait, RECONNECT_SECONDS_MAX)
