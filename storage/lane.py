"""A way past SQLAlchemy for whole statements that are written once and read thousands of times: one call of the driver.

The connections are SQLAlchemy's own, of an engine apart, held for as long as the process lives. They only read.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Rows = Sequence[Sequence[Any]]


class Held:
    """One connection and its driver's."""

    def __init__(self, connection: AsyncConnection, driver: Any, *, is_sqlite: bool, set_to: str | None) -> None:
        self._connection, self._driver, self.is_sqlite = connection, driver, is_sqlite
        self._set_to = set_to

    async def read(self, statement: str, values: Sequence[Any]) -> Rows:
        rows: Rows
        if self.is_sqlite:
            rows = await self._driver.execute_fetchall(statement, values)
        elif self._set_to is None:
            rows = await self._driver.fetch(statement, *values)
        else:
            async with self._driver.transaction(readonly=True):
                await self._driver.execute(self._set_to)
                rows = await self._driver.fetch(statement, *values)
        return rows

    def interrupt(self) -> None:
        """Ends the statement that runs, so that the connection can be used again (SQLite) or is none any more."""
        if self.is_sqlite:
            self._driver._conn.interrupt()
        else:
            self._driver.terminate()

    @property
    def is_open(self) -> bool:
        return self.is_sqlite or not self._driver.is_closed()

    def give_up(self) -> None:
        """Leaves a connection that is open no more."""
        assert self._connection.sync_connection is not None
        self._connection.sync_connection.invalidate()

    async def close(self) -> None:
        await self._connection.close()


class Lane:
    """Reads by statements of one dialect, the connection last used first."""

    def __init__(self, engine: AsyncEngine, size: int, *, set_to: str | None = None) -> None:
        """So many statements run at once. With `set_to` each has a transaction of its own, which this statement sets
        up, as it must be behind a pooler."""
        self._engine, self._set_to = engine, set_to
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._free = asyncio.Semaphore(size)
        self._idle: list[Held] = []
        self.listeners: list[Callable[[str], None]] = []
        """Who hears of each statement before it is sent."""

    @property
    def dialect(self) -> Dialect:
        """For which statements are written; it carries the keys of sealed columns."""
        return self._engine.dialect

    async def read(self, statement: str, values: Sequence[Any], holding: Callable[[Held], Any]) -> Rows:
        """The rows of a statement. `holding` makes a context in which the statement may be ended from outside."""
        for each in self.listeners:
            each(statement)
        async with self._free:
            held = await self._one()
            try:
                with holding(held):
                    rows = await held.read(statement, values)
            except asyncio.CancelledError:
                held.interrupt()
                self._keep(held)
                raise
            except BaseException:
                self._keep(held)
                raise
            self._idle.append(held)
            return rows

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()
        await self._engine.dispose()

    async def _one(self) -> Held:
        while self._idle:
            held = self._idle.pop()
            if held.is_open:
                return held
            held.give_up()
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return Held(connection, raw.driver_connection, is_sqlite=self._is_sqlite, set_to=self._set_to)

    def _keep(self, held: Held) -> None:
        if held.is_open:
            self._idle.append(held)
        else:
            held.give_up()
