"""The bell says "look" and nothing else: what there is to see stands in the register, so a lost ring loses nothing.

Take the bell before looking: whoever looks first and listens afterwards misses what happened in between.
"""

import asyncio
from typing import Protocol

from sqlalchemy import make_url

PROCESS = "process:"


class Bell(Protocol):
    """Wakes everybody who waits, in this process and, for those bells that reach further, in the others."""

    async def ring(self) -> None: ...

    def strokes(self) -> int:
        """How often it has rung; hand it to `next` to miss nothing."""

    async def next(self, strokes: int, wait_seconds_max: float) -> int:
        """Returns when it has rung since `strokes`, or when the wait is over."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class ProcessBell:
    """A bell for one process."""

    def __init__(self) -> None:
        self._strokes = 0
        self._rung = asyncio.Event()

    async def ring(self) -> None:
        self.strike()

    def strike(self) -> None:
        """Wakes everybody in this process."""
        self._strokes += 1
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def strokes(self) -> int:
        return self._strokes

    async def next(self, strokes: int, wait_seconds_max: float) -> int:
        if self._strokes == strokes:
            rung = self._rung
            try:
                async with asyncio.timeout(wait_seconds_max):
                    await rung.wait()
            except TimeoutError:
                pass
        return self._strokes

    async def open(self) -> None:
        return None

    async def close(self) -> None:
        await self.ring()


def open_bell(url: str | None, database_url: str) -> Bell:
    """The bell of a setting, still to be opened: `process:`, or the URL of a PostgreSQL server.

    Without a setting: one process on SQLite, LISTEN/NOTIFY on the database itself on PostgreSQL. ValueError for others.
    """
    if url == PROCESS:
        return ProcessBell()
    backend = make_url(url or database_url).get_backend_name()
    if backend == "sqlite" and not url:
        return ProcessBell()
    if backend == "postgresql":
        # Imported late: its driver is an extra that SQLite does not need.
        from storage.bell_postgresql import PostgresqlBell

        return PostgresqlBell(url or database_url)
    raise ValueError(f"no bell rings over {backend}; use {PROCESS} or a URL of PostgreSQL")
