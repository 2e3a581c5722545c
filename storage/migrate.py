"""Brings a database to the present state of the tables, from any earlier one or from nothing.

All steps run in one transaction under one lock, on SQLite too: cut off anywhere, nothing is half done.
"""

import asyncio
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.keys import KeyRing
from storage.postgresql import NAMELESS
from storage.sealed import hang_up
from storage.sqlite import BUSY_WAIT_SECONDS_MAX, begin_immediate, prepare_sqlite, sqlite_arguments

MIGRATIONS = "storage:migrations"

LOCK_NUMBER = 0x50726573686970
"""The advisory lock, on PostgreSQL, of whoever migrates: the letters of the product's name."""


def migrate(url: str, keys: KeyRing | None = None) -> None:
    """Runs the migrations that the database lacks; without any, changes nothing. Not for use inside an event loop.

    `keys` are needed where personal data was kept before it was sealed.
    """
    asyncio.run(_migrate(url, keys))


async def _migrate(url: str, keys: KeyRing | None) -> None:
    engine = one_at_a_time(url, keys)
    try:
        async with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()


def one_at_a_time(url: str, keys: KeyRing | None = None) -> AsyncEngine:
    """An engine whose transactions may change tables: no time limit, on SQLite the write lock from the first moment."""
    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    arguments = sqlite_arguments(BUSY_WAIT_SECONDS_MAX) if is_sqlite else NAMELESS
    engine = create_async_engine(parsed, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    hang_up(keys, engine.sync_engine)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", prepare_sqlite)
        event.listen(engine.sync_engine, "connect", _free_to_rebuild)
        event.listen(engine.sync_engine, "begin", begin_immediate)
    return engine


def upgrade(connection: Connection) -> None:
    """Runs the migrations that are lacking within the transaction that the connection is in."""
    command.upgrade(settings(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("pragma foreign_key_check").all()
        if broken:
            raise RuntimeError(f"migrations left rows that refer to nothing: {broken[:10]}")


def _free_to_rebuild(connection: Any, record: object) -> None:
    """SQLite changes a table by making it anew, and none that others refer to may be dropped while keys are kept."""
    connection.execute("pragma foreign_keys=OFF")


def settings(connection: Connection) -> Config:
    """What Alembic needs to know; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
