"""SQLite as we use it: writers that wait instead of failing, and one errand to the connection's thread a statement.

The surprise: `aiosqlite` goes to its thread to make a cursor, to execute, to fetch and to close. Each way costs more
than most statements, so ours does all of it at once and comes back with the first rows.
"""

import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite import aiosqlite as aiosqlite_dialect
from sqlalchemy.ext.asyncio import AsyncConnection

DIALECT = aiosqlite_dialect.dialect()
"""For statements that are made into text once, for whichever database."""

BUSY_WAIT_SECONDS_MAX = 30
ROWS_WITH_THE_ANSWER = 200
"""So many rows are fetched with the statement; whoever wants more goes again."""

CACHED_STATEMENTS = 256


def sqlite_arguments(busy_wait_seconds: float) -> dict[str, Any]:
    """What an engine hands to its connections."""
    return {"async_creator_fn": _connect, "timeout": busy_wait_seconds, "cached_statements": CACHED_STATEMENTS}


def prepare_sqlite(connection: Any, record: object) -> None:
    """Makes a new connection to SQLite one of ours: waiting instead of failing, write-ahead log, foreign keys kept."""
    # The driver's own BEGIN is deferred; ours is not.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        # What was erased is overwritten, not only forgotten.
        "secure_delete=ON",
    ):
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def let_sqlite_read_only(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma query_only=ON")
    cursor.close()


def begin_immediate(connection: Any) -> None:
    """Takes SQLite's write lock when the transaction begins, where waiting for it is still possible."""
    connection.exec_driver_sql("begin immediate")


def interrupt_sqlite(connection: AsyncConnection) -> None:
    """Stops the statement that runs on a connection to SQLite, in whichever thread."""
    held = connection.sync_connection
    if held is not None and not held.closed and not held.invalidated:
        driver = held.connection.driver_connection
        assert driver is not None
        driver._conn.interrupt()


class Errand:
    """Several statements that are executed in one way to the thread, in turn; none sees what another gave."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._values: list[Sequence[Sequence[Any]]] = []

    def add(self, text: str, values: Sequence[Sequence[Any]]) -> None:
        """A statement, and the values of each time that it is executed."""
        self._texts.append(text)
        self._values.append(values)

    async def done_by(self, connection: AsyncConnection) -> Sequence[Any]:
        """What came of each: its rows if it gives any, else how many rows it met."""
        found = await connection.exec_driver_sql(_AND_THEN.join(self._texts), (self._values,))
        return list(found.one())


_AND_THEN = "\n-- and then\n"


def is_busy(failure: object) -> bool:
    """Whether somebody else held the file for longer than we wait."""
    return getattr(failure, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN)


def _connect(database: str, **how: Any) -> aiosqlite.Connection:
    connection = _Connection(partial(sqlite3.connect, database, **how), iter_chunk_size=ROWS_WITH_THE_ANSWER)
    connection._thread.daemon = True
    return connection


class _Connection(aiosqlite.Connection):
    def cursor(self) -> "_Cursor":  # type: ignore[override]  # SQLAlchemy asks no more of one than this
        return _Cursor(self)

    async def errand(self, work: Callable[..., None], *arguments: Any) -> None:
        """Has the thread do some work and waits for it."""
        await self._execute(work, *arguments)  # type: ignore[no-untyped-call]


class _Cursor:
    """One statement at a time; what SQLAlchemy's adapter asks of a cursor and no more."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: deque[Any] = deque()
        self._unread: sqlite3.Cursor | None = None
        """Where more rows can be fetched, in the thread alone."""
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        await self._connection.errand(self._run, operation, parameters)

    async def executemany(self, operation: str, parameters: Sequence[Any]) -> None:
        await self._connection.errand(self._run_many, operation, parameters)

    async def fetchall(self) -> Sequence[Any]:
        if self._unread is not None:
            await self._connection.errand(self._fetch, None)
        rows = list(self._rows)
        self._rows.clear()
        return rows

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        size = self.arraysize if size is None else size
        if self._unread is not None and len(self._rows) < size:
            await self._connection.errand(self._fetch, max(size, ROWS_WITH_THE_ANSWER))
        return [self._rows.popleft() for _ in range(min(size, len(self._rows)))]

    async def fetchone(self) -> Any:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def close(self) -> None:
        self._rows.clear()
        if self._unread is not None:
            await self._connection.errand(self._leave)

    # What follows runs in the thread.

    def _run(self, operation: str, parameters: Any) -> None:
        self._unread = None
        if parameters and isinstance(parameters[0], list):
            self._run_errand(operation.split(_AND_THEN), parameters[0])
            return
        cursor = self._connection._conn.execute(operation, parameters)
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        if self.description is not None:
            self._unread = cursor
            self._fetch(ROWS_WITH_THE_ANSWER)

    def _run_errand(self, texts: Sequence[str], values: Sequence[Sequence[Sequence[Any]]]) -> None:
        found: list[Any] = []
        for text, some in zip(texts, values, strict=True):
            cursor = self._connection._conn.cursor()
            if len(some) == 1:
                cursor.execute(text, some[0])
            else:
                cursor.executemany(text, some)
            found.append(cursor.rowcount if cursor.description is None else cursor.fetchall())
        self.description = [(f"answer_{n}", None, None, None, None, None, None) for n in range(len(found))]
        self._rows.append(tuple(found))

    def _run_many(self, operation: str, parameters: Any) -> None:
        cursor = self._connection._conn.executemany(operation, parameters)
        self.description, self.rowcount, self.lastrowid = None, cursor.rowcount, cursor.lastrowid

    def _fetch(self, count: int | None) -> None:
        assert self._unread is not None
        rows = self._unread.fetchall() if count is None else self._unread.fetchmany(count)
        self._rows.extend(rows)
        if count is None or len(rows) < count:
            self._leave()

    def _leave(self) -> None:
        if self._unread is not None:
            self._unread.close()
            self._unread = None
