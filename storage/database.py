"""One database, SQLite or PostgreSQL, behind the same doors: short reads, and writing that sees nothing half done.

SQLite needs care: a deferred BEGIN fails under two writers, so writers begin IMMEDIATE; one writes, a few read (WAL).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlalchemy import Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.keys import KeyRing
from storage.lane import LANES_MAX, Held, Lane, Rows
from storage.sealed import hang_up

READERS_MAX = 4
WRITERS_MAX = 4
BUSY_WAIT_SECONDS_MAX = 30
STATEMENT_SECONDS_MAX = 30
PREPARED_MAX = 300
"""Whole statements that each connection to PostgreSQL keeps prepared."""

OPERATION: ContextVar["Operation | None"] = ContextVar("OPERATION", default=None)


class OperationStopped(Exception):
    """What was asked of the database for an operation that has been stopped."""


class TooMuchRead(Exception):
    """An operation has read more records than it may, and is given no more."""


class Operation:
    """Whoever holds a connection for one operation, loaders in tasks of their own included, so that all are stopped.

    SQLite's statement must end before its task is cancelled: a connection that is closed waits for its thread.
    """

    def __init__(self, records_max: int | None = None) -> None:
        self.is_stopped = False
        self.has_read_too_much = False
        self._records_left = records_max
        self._held: dict[asyncio.Task[Any], Callable[[], object]] = {}

    @contextmanager
    def holds(self, interrupt: Callable[[], object] | None) -> Iterator[None]:
        """While a statement may run that is stopped by `interrupt`, or else by cancelling its task."""
        task = asyncio.current_task()
        assert task is not None
        if self.is_stopped:
            raise OperationStopped
        if self.has_read_too_much:
            raise TooMuchRead
        self._held[task] = interrupt or task.cancel
        try:
            yield
        finally:
            self._held.pop(task, None)

    def reads_one(self) -> None:
        """Counts a record. Raises TooMuchRead."""
        if self._records_left is None:
            return
        self._records_left -= 1
        if self._records_left < 0:
            self.has_read_too_much = True
            raise TooMuchRead

    def stop(self) -> None:
        """Stops the statements that run; what comes after them is refused."""
        self.is_stopped = True
        for interrupt in list(self._held.values()):
            interrupt()


@contextmanager
def one_operation(records_max: int | None = None) -> Iterator[Operation]:
    """What is asked of the database inside, and in tasks that are begun inside, belongs to the operation."""
    operation = Operation(records_max)
    token = OPERATION.set(operation)
    try:
        yield operation
    finally:
        OPERATION.reset(token)


class Database:
    """Opens connections. `reading` commits nothing; `writing` commits when its block ends without an exception."""

    def __init__(self, url: str, keys: KeyRing | None = None) -> None:
        """Without `keys` nothing that is sealed can be written or read."""
        self.keys = keys
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._readers = self._engine(READERS_MAX, "AUTOCOMMIT")
        self._writers = self._engine(1 if self.is_sqlite else WRITERS_MAX, None)
        self.lane = Lane(self._engine(LANES_MAX, "AUTOCOMMIT", only_reads=True))
        if self.is_sqlite:
            event.listen(self._writers.sync_engine, "begin", begin_immediate)

    def _engine(self, connections_max: int, isolation_level: Any, *, only_reads: bool = False) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=connections_max,
            max_overflow=0,
            # What people filled in has no place in a log.
            hide_parameters=True,
            pool_use_lifo=True,
            pool_timeout=BUSY_WAIT_SECONDS_MAX,
            connect_args={} if self.is_sqlite else _postgresql_settings(only_reads=only_reads),
            **({} if isolation_level is None else {"isolation_level": isolation_level}),
        )
        hang_up(self.keys, engine.sync_engine)
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", prepare_sqlite)
            if only_reads:
                event.listen(engine.sync_engine, "connect", let_sqlite_read_only)
        return engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._readers.connect() as connection:
            with _held(connection):
                yield connection

    async def read(self, statement: str, values: Sequence[Any]) -> Rows:
        """The rows of a whole statement in the words of `lane.dialect`, its values as the driver takes them."""
        return await self.lane.read(statement, values, _holding)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A long read that sees everything as of one moment; on SQLite it holds one of the few reading connections."""
        async with self._readers.connect() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("begin")
            else:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            try:
                yield connection
            finally:
                if self.is_sqlite:
                    await connection.exec_driver_sql("rollback")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._writers.begin() as connection:
            with _held(connection):
                yield connection

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """Readers and writers, for those who watch statements."""
        return self._readers, self._writers

    async def is_ready(self) -> bool:
        async with self.reading() as connection:
            return bool((await connection.execute(text("select 1"))).scalar_one() == 1)

    async def close(self) -> None:
        await self.lane.close()
        await self._readers.dispose()
        await self._writers.dispose()


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens where the row is there already; both engines say it alike, each its own."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def prepare_sqlite(connection: Any, record: object) -> None:
    """Makes a new connection to SQLite one of ours: waiting instead of failing, write-ahead log, foreign keys kept."""
    # The driver's own BEGIN is deferred; ours is not.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_WAIT_SECONDS_MAX * 1000}",
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


def interrupt_sqlite(connection: AsyncConnection) -> None:
    """Stops the statement that runs on a connection to SQLite, in whichever thread."""
    held = connection.sync_connection
    if held is not None and not held.closed and not held.invalidated:
        driver = held.connection.driver_connection
        assert driver is not None
        driver._conn.interrupt()


def _held(connection: AsyncConnection) -> AbstractContextManager[None]:
    operation = OPERATION.get()
    if operation is None:
        return nullcontext()
    is_sqlite = connection.dialect.name == "sqlite"
    return operation.holds(partial(interrupt_sqlite, connection) if is_sqlite else None)


def _holding(held: Held) -> AbstractContextManager[None]:
    operation = OPERATION.get()
    return nullcontext() if operation is None else operation.holds(held.interrupt if held.is_sqlite else None)


def begin_immediate(connection: Any) -> None:
    """Takes SQLite's write lock when the transaction begins, where waiting for it is still possible."""
    connection.exec_driver_sql("begin immediate")


def _postgresql_settings(*, only_reads: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "server_settings": {
            "timezone": "UTC",
            "application_name": "preship",
            "statement_timeout": str(STATEMENT_SECONDS_MAX * 1000),
            "jit": "off",
        }
    }
    if only_reads:
        settings["server_settings"]["default_transaction_read_only"] = "on"
        # Whole statements are long, and stay prepared however long they are.
        settings |= {"statement_cache_size": PREPARED_MAX, "max_cacheable_statement_size": 0}
        settings["max_cached_statement_lifetime"] = 0
    return settings
