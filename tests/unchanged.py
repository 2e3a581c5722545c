"""What a database holds, as something to compare: in one question, for tests that look at everything twice.

The surprise: PostgreSQL answers with a digest of each table, SQLite with its rows; how they lie is not told.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Hashable, Mapping
from contextlib import closing
from functools import cache

from storage.columns import METADATA
from storage.database import Database

BUT = {"throttle": " where limit_name <> 'cost'"}
"""What a viewer has asked for is counted whatever is done, and is no news."""

Held = Mapping[str, Hashable]


async def held_by(database: Database) -> Held:
    """Something for each table that is equal as long as its rows are."""
    if database.is_sqlite:
        assert database.url.database is not None
        return await asyncio.to_thread(_rows, database.url.database)
    async with database.reading() as connection:
        return {row.name: row.digest for row in await connection.exec_driver_sql(_digests())}


def _rows(file: str) -> Held:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {
            name: frozenset(Counter(connection.execute(f'select * from "{name}"{where}')).items())
            for name, where in _tables()
        }


@cache
def _digests() -> str:
    return " union all ".join(
        f"select '{name}' as name, md5(string_agg(md5(held::text), '' order by md5(held::text))) as digest from "
        f'(select * from "{name}"{where}) as held'
        for name, where in _tables()
    )


@cache
def _tables() -> list[tuple[str, str]]:
    return [(str(table.name), BUT.get(table.name, "")) for table in METADATA.sorted_tables]
