"""One database, SQLite or PostgreSQL, behind the same doors: short reads, and writing that sees nothing half done.

SQLite needs care: a deferred BEGIN fails under two writers, so writers begin IMMEDIATE; one writes, a few read (WAL).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from sqlalchemy import Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.keys import KeyRing
from storage.lane import Held, Lane, Rows
from storage.postgresql import (
    is_away,
    is_open,
    is_stopped,
    postgresql_arguments,
    replace_what_is_closed,
    set_by_transaction,
    set_each_transaction,
    transaction,
)
from storage.sealed import hang_up
from storage.sqlite import (
    begin_immediate,
    interrupt_sqlite,
    is_busy,
    let_sqlite_read_only,
    prepare_sqlite,
    sqlite_arguments,
)

OPERATION: ContextVar["Operation | None"] = ContextVar("OPERATION", default=None)


class OperationStopped(Exception):
    """What was asked of the database for an operation that has been stopped."""


class TooMuchRead(Exception):
    """An operation has read more records than it may, and is given no more."""


class DatabaseAway(Exception):
    """The database could not be reached, was lost on the way, or had no connection left; a change may have been made
    all the same."""


class StatementTooLong(Exception):
    """A statement ran for longer than `statement_seconds` and was stopped by the server; nothing of it is kept."""


@dataclass(frozen=True)
class Connections:
    """How many connections a process keeps, and what is asked of them."""

    readers: int = 4
    writers: int = 4
    """On PostgreSQL; on SQLite one writes."""
    wait_seconds: float = 30
    """How long is waited for one of them, and on SQLite for whoever else writes the file."""
    statement_seconds: float = 30
    """How long a statement may run on PostgreSQL."""
    prepared_max: int = 300
    """How many statements a connection to PostgreSQL keeps prepared."""
    is_pooled: bool = False
    """Whether a pooler stands before PostgreSQL that lends a server to each transaction."""


class Operation:
    """Whoever holds a connection for one operation, loaders in tasks of their own included, so that all are stopped.

    SQLite's statement must end before its task is cancelled: a connection that is closed waits for its thread.
    """

    def __init__(self, records_max: int | None = None) -> None:
        self.is_stopped = False
        self.has_read_too_much = False
        self._records_left = records_max
        self._held: dict[asyncio.Task[Any], Callable[[], object]] = {}
        self._token: Token[Operation | None] | None = None

    def __enter__(self) -> Self:
        self._token = OPERATION.set(self)
        return self

    def __exit__(self, *raised: object) -> None:
        assert self._token is not None
        OPERATION.reset(self._token)

    def holds(self, interrupt: Callable[[], object] | None) -> "_Running":
        """While a statement may run that is stopped by `interrupt`, or else by cancelling its task."""
        task = asyncio.current_task()
        assert task is not None
        if self.is_stopped:
            raise OperationStopped
        if self.has_read_too_much:
            raise TooMuchRead
        return _Running(self._held, task, interrupt or task.cancel)

    @property
    def records_left(self) -> int | None:
        """How many more it may read; None where that has no limit."""
        return self._records_left

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


class _Running:
    """One statement of an operation, from its beginning to its end."""

    __slots__ = ("_held", "_interrupt", "_task")

    def __init__(
        self,
        held: dict[asyncio.Task[Any], Callable[[], object]],
        task: asyncio.Task[Any],
        interrupt: Callable[[], object],
    ) -> None:
        self._held, self._task, self._interrupt = held, task, interrupt

    def __enter__(self) -> None:
        self._held[self._task] = self._interrupt

    def __exit__(self, *raised: object) -> None:
        self._held.pop(self._task, None)


def one_operation(records_max: int | None = None) -> Operation:
    """What is asked of the database inside, and in tasks that are begun inside, belongs to the operation."""
    return Operation(records_max)


class Database:
    """Opens connections. `reading` commits nothing; `writing` commits when its block ends without an exception.

    All raise DatabaseAway where the database is."""

    def __init__(self, url: str, keys: KeyRing | None = None, connections: Connections = Connections()) -> None:
        """Without `keys` nothing that is sealed can be written or read."""
        self.keys = keys
        self.url = make_url(url)
        self.connections = connections
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.is_pooled = connections.is_pooled and not self.is_sqlite
        self._commits_itself = not (self.is_sqlite or self.is_pooled)
        """Whether transactions are begun and ended past SQLAlchemy."""
        self.writers = 1 if self.is_sqlite else connections.writers
        """So many can write at once."""
        self._readers = self._pool(connections.readers, reads=True)
        self._writers = self._pool(self.writers, reads=False)
        self.lane = Lane(
            self._engine(connections.readers, reads=True, only_reads=True),
            connections.readers,
            set_to=set_by_transaction(connections.statement_seconds) if self.is_pooled else None,
        )
        if self.is_sqlite:
            event.listen(self._writers.engine.sync_engine, "begin", begin_immediate)

    def _pool(self, size: int, *, reads: bool) -> "_Pool":
        return _Pool(self._engine(size, reads=reads), size, self.connections.wait_seconds, keeps=not reads)

    def _engine(self, size: int, *, reads: bool, only_reads: bool = False) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=size,
            max_overflow=0,
            # What people filled in has no place in a log.
            hide_parameters=True,
            pool_use_lifo=True,
            connect_args=self._arguments(only_reads=only_reads),
            **({"isolation_level": "AUTOCOMMIT"} if self._commits_itself or (reads and not self.is_pooled) else {}),
        )
        hang_up(self.keys, engine.sync_engine)
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", prepare_sqlite)
            if only_reads:
                event.listen(engine.sync_engine, "connect", let_sqlite_read_only)
            return engine
        replace_what_is_closed(engine.sync_engine)
        if self.is_pooled:
            set_each_transaction(engine.sync_engine, self.connections.statement_seconds)
        return engine

    def _arguments(self, *, only_reads: bool) -> dict[str, Any]:
        how = self.connections
        if self.is_sqlite:
            return sqlite_arguments(how.wait_seconds)
        return postgresql_arguments(
            is_pooled=how.is_pooled,
            statement_seconds=how.statement_seconds,
            prepared_max=how.prepared_max,
            only_reads=only_reads,
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self._readers.lent() as connection:
            with _held(connection):
                yield connection

    async def read(self, statement: str, values: Sequence[Any]) -> Rows:
        """The rows of a whole statement in the words of `lane.dialect`, its values as the driver takes them."""
        try:
            return await self.lane.read(statement, values, _holding)
        except Exception as failure:
            # Whoever makes a connection speaks as SQLAlchemy does, a statement as the driver.
            said = failure.orig if isinstance(failure, DBAPIError) else failure
            if isinstance(said, OSError) or is_away(said) or is_busy(said):
                raise DatabaseAway(_kind(failure)) from failure
            if is_stopped(said):
                raise StatementTooLong(_kind(failure)) from failure
            raise

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A long read that sees everything as of one moment; on SQLite it holds one of the few reading connections."""
        async with self._readers.lent() as connection:
            if self.is_sqlite:
                await connection.exec_driver_sql("begin")
            else:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            try:
                yield connection
            finally:
                # One that was cut off has nothing left to end.
                if self.is_sqlite and not connection.invalidated:
                    await connection.exec_driver_sql("rollback")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._writers.lent() as connection, self._transaction(connection):
            with _held(connection):
                yield connection

    def _transaction(self, connection: AsyncConnection) -> AbstractAsyncContextManager[object]:
        return transaction(connection) if self._commits_itself else connection.begin()

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """Readers and writers, for those who watch statements."""
        return self._readers.engine, self._writers.engine

    async def is_ready(self) -> bool:
        async with self.reading() as connection:
            return bool((await connection.execute(text("select 1"))).scalar_one() == 1)

    async def close(self) -> None:
        await self.lane.close()
        await self._readers.close()
        await self._writers.close()


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens where the row is there already; both engines say it alike, each its own."""
    return insert_for(connection.dialect, table)


def insert_for(dialect: Dialect, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The same, for a statement whose text is made before there is a connection."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def _held(connection: AsyncConnection) -> AbstractContextManager[None]:
    operation = OPERATION.get()
    if operation is None:
        return nullcontext()
    is_sqlite = connection.dialect.name == "sqlite"
    return operation.holds(partial(interrupt_sqlite, connection) if is_sqlite else None)


def _holding(held: Held) -> AbstractContextManager[None]:
    operation = OPERATION.get()
    return nullcontext() if operation is None else operation.holds(held.interrupt if held.is_sqlite else None)


class _Pool:
    """The connections of one engine, lent in the order of asking.

    The engine's own pool lets whoever waits go on waiting when a connection could not be opened. And to be lent by it
    costs as much as a short statement, so one that `keeps` takes back what was used without failure.
    """

    def __init__(self, engine: AsyncEngine, size: int, wait_seconds: float, *, keeps: bool) -> None:
        self.engine, self._is_sqlite = engine, engine.dialect.name == "sqlite"
        self._free = asyncio.Semaphore(size)
        self._wait_seconds, self._keeps = wait_seconds, keeps
        self._kept: list[AsyncConnection] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncConnection]:
        """Raises DatabaseAway and StatementTooLong."""
        await self._wait_for_one()
        try:
            try:
                connection = await self._one()
            except (OSError, DBAPIError) as failure:
                if isinstance(failure, OSError) or _is_lost(failure):
                    raise DatabaseAway(_kind(failure)) from failure
                raise
            try:
                try:
                    yield connection
                except (ConnectionError, DBAPIError) as failure:
                    if _is_lost(failure):
                        # Of the others the driver may not have heard it yet; the engine looks at those that it lends.
                        await self._give_back()
                        raise DatabaseAway(_kind(failure)) from failure
                    if isinstance(failure, DBAPIError) and is_stopped(failure.orig):
                        raise StatementTooLong(_kind(failure)) from failure
                    raise
                await self._take_back(connection)
            except BaseException as failure:
                await connection.__aexit__(type(failure), failure, failure.__traceback__)
                raise
        finally:
            self._free.release()

    async def _wait_for_one(self) -> None:
        try:
            # Where there is one it takes no time, and to watch that would.
            async with asyncio.timeout(self._wait_seconds) if self._free.locked() else nullcontext():
                await self._free.acquire()
        except TimeoutError as failure:
            raise DatabaseAway("no connection became free") from failure

    async def _take_back(self, connection: AsyncConnection) -> None:
        if not self._keeps:
            await connection.__aexit__(None, None, None)
            return
        # SQLAlchemy thinks of whatever it has sent as of a transaction.
        if connection.in_transaction():
            await connection.rollback()
        self._kept.append(connection)

    async def _one(self) -> AsyncConnection:
        """The one that was used last and is still open."""
        while self._kept:
            connection = self._kept.pop()
            if not connection.invalidated and (self._is_sqlite or is_open(connection)):
                return connection
            await connection.close()
        return await self.engine.connect()

    async def _give_back(self) -> None:
        while self._kept:
            with suppress(OSError, DBAPIError):
                await self._kept.pop().close()

    async def close(self) -> None:
        """Whoever is lent one still gives it back to the engine."""
        self._keeps = False
        try:
            await self._give_back()
        finally:
            await self.engine.dispose()


def _kind(failure: BaseException) -> str:
    """What happened, without the statement and its values."""
    if not isinstance(failure, DBAPIError):
        return f"{type(failure).__name__}: {failure}"
    return " ".join(filter(None, (type(failure.orig).__name__, getattr(failure.orig, "sqlstate", None))))


def _is_lost(failure: BaseException) -> bool:
    """Whether a failure says something of the connection and nothing of what was asked."""
    if not isinstance(failure, DBAPIError):
        return isinstance(failure, ConnectionError)
    return failure.connection_invalidated or is_away(failure.orig) or is_busy(failure.orig)
