"""PostgreSQL as we use it: what a session is set to, directly or behind a pooler, and how a lost connection is told.

Behind a pooler that lends a server to each transaction (PgBouncer's transaction mode), nothing may be left there: so no
prepared statement has a name, all reads are transactions too, and what a session is set to, each transaction sets anew.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import Engine, String, Text, TypeDecorator, event
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

DIALECT = asyncpg.dialect()  # type: ignore[no-untyped-call]
"""For statements that are made into text once, for whichever database; what is sealed needs the keys of one."""

APPLICATION = "preship"
CONNECT_SECONDS_MAX = 10

NAMELESS: Mapping[str, Any] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    # It is replaced by the next, on whichever server that is.
    "prepared_statement_name_func": lambda: "",
}
"""Keeps no prepared statement longer than the transaction, which goes through any pooler."""

LENGTH_GUESSED = 10
"""How long PostgreSQL takes an array for of which it knows nothing. A plan for a shorter one looks cheaper than the one
that is kept for all, and is made anew each time, which takes longer than to run it (decision 0029)."""

_STOPPED = "57014"
_AWAY_CLASS = "08"  # connection exceptions
_AWAY = frozenset(
    {
        "57P01",  # shut down by an administrator
        "57P02",  # crashed
        "57P03",  # starting up or shutting down
        "57P05",  # too long without a transaction
        "53300",  # too many connections
        "25006",  # reads only: no longer the server that is written to
    }
)


def postgresql_arguments(
    *, is_pooled: bool, statement_seconds: float, prepared_max: int, only_reads: bool
) -> dict[str, Any]:
    """What an engine hands to its connections."""
    if is_pooled:
        return {
            "timeout": CONNECT_SECONDS_MAX,
            "server_settings": {"application_name": APPLICATION},
            **NAMELESS,
        }
    kept_to_reading = {"default_transaction_read_only": "on"} if only_reads else {}
    return {
        "timeout": CONNECT_SECONDS_MAX,
        "server_settings": {"application_name": APPLICATION} | _set_to(statement_seconds) | kept_to_reading,
        # Whole statements are long, and stay prepared however long they are.
        "statement_cache_size": prepared_max,
        "max_cacheable_statement_size": 0,
        "max_cached_statement_lifetime": 0,
        "prepared_statement_cache_size": prepared_max,
    }


def set_each_transaction(engine: Engine, statement_seconds: float) -> None:
    """For an engine behind a pooler: what a session would be set to is set for each transaction."""
    settings = set_by_transaction(statement_seconds)

    def set_to(connection: Any) -> None:
        connection.exec_driver_sql(settings)

    event.listen(engine, "begin", set_to)


def set_by_transaction(statement_seconds: float) -> str:
    """The statement that does so."""
    each = (f"set_config('{name}', '{value}', true)" for name, value in _set_to(statement_seconds).items())
    return f"select {', '.join(each)}"


def replace_what_is_closed(engine: Engine) -> None:
    """A connection that the server has closed is replaced when it is taken from the pool; the driver knows without
    asking the server, so this costs no round trip."""

    def look(connection: Any, record: object, lent: object) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    event.listen(engine, "checkout", look)


def is_open(connection: AsyncConnection) -> bool:
    """Whether the server has not closed a connection, as far as the driver knows without asking."""
    return not _driver(connection).is_closed()


def is_away(failure: object) -> bool:
    """Whether a failure of the driver says that the server cannot be reached, or not for now."""
    # What a server says while it hangs up confuses the driver, which takes it for its own error.
    if type(failure).__name__ == "InternalClientError" or "connection is closed" in str(failure):
        return True
    state = getattr(failure, "sqlstate", None) or ""
    return state in _AWAY or state.startswith(_AWAY_CLASS)


@asynccontextmanager
async def transaction(connection: AsyncConnection) -> AsyncIterator[None]:
    """A transaction of the driver's own on a connection that SQLAlchemy leaves to commit each statement by itself: what
    it adds to BEGIN and COMMIT costs more than they do. Raises DBAPIError."""
    lent, driver = _lent(connection), _driver(connection)
    assert not driver.is_in_transaction(), "whoever had it before has left it open"
    await _said("begin", _ended_if_cut_off(driver, driver.execute("begin")))
    try:
        try:
            yield
        except BaseException:
            # Of a connection that was lost nothing is kept.
            with suppress(Exception):
                await driver.execute("rollback")
            raise
        await _said("commit", driver.execute("commit"))
    finally:
        # Whoever is cancelled may leave it open; nobody else is lent that.
        if not driver.is_closed() and driver.is_in_transaction():
            driver.terminate()
    for hear in lent.dispatch.commit:
        hear(lent)


async def fetched(connection: AsyncConnection, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows of a whole statement within the transaction of a connection, in one call of the driver. Those who listen
    for statements hear of it. Raises DBAPIError."""
    lent, driver = _lent(connection), _driver(connection)
    adapted: Any = lent.connection.dbapi_connection
    if adapted.isolation_level != "autocommit" and not connection.in_transaction():
        # SQLAlchemy begins with its first statement, and says in each transaction what holds in it.
        await connection.begin()
    for hear in lent.dispatch.before_cursor_execute:
        hear(lent, None, statement, values, None, False)
    if adapted._transaction is None:
        await _said(statement, _ended_if_cut_off(driver, adapted._start_transaction()))
    rows: Sequence[Sequence[Any]] = await _said(statement, driver.fetch(statement, *values))
    return rows


async def _ended_if_cut_off(driver: Any, beginning: Awaitable[object]) -> None:
    """Of a transaction that was cut off while it began nobody knows whether the server has begun it: its connection is
    lent to nobody else."""
    try:
        await beginning
    except BaseException:
        driver.terminate()
        raise


def _lent(connection: AsyncConnection) -> Any:
    assert connection.sync_connection is not None
    return connection.sync_connection


def _driver(connection: AsyncConnection) -> Any:
    return _lent(connection).connection.driver_connection


async def _said(statement: str, work: Awaitable[T]) -> T:
    """What comes of the driver's work. It fails as SQLAlchemy has it."""
    try:
        return await work
    except OSError:
        raise
    except Exception as failure:
        # What people filled in has no place in a log.
        raise DBAPIError(statement, None, failure, hide_parameters=True) from failure


def _set_to(statement_seconds: float) -> dict[str, str]:
    stopped_after = str(int(statement_seconds * 1000))
    return {"timezone": "UTC", "datestyle": "ISO", "statement_timeout": stopped_after, "jit": "off"}


def is_stopped(failure: object) -> bool:
    """Whether the server stopped a statement that took too long."""
    return getattr(failure, "sqlstate", None) == _STOPPED


def sent_as(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """What an array of such values holds. Text has no length there, or too long a one would be cut, not refused."""
    kept = type_.load_dialect_impl(DIALECT) if isinstance(type_, TypeDecorator) else type_
    return Text() if isinstance(kept, String) else kept


def filled_up(items: list[Any]) -> list[Any]:
    """The items of a list among which something is looked for, the last repeated where they are few."""
    return items + items[-1:] * (LENGTH_GUESSED - len(items))
