"""Drafts the next migration: `python -m storage.migrations "Add regulations"`. Read and mend what it writes."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from storage.migrate import migrate, one_at_a_time, settings


async def draft(message: str, url: str) -> None:
    """Writes into `versions/` what lies between the migrations so far and the tables in the code."""
    engine = one_at_a_time(url)

    def write(connection: Connection) -> None:
        config = settings(connection)
        number = 1 + len(list((Path(__file__).parent / "versions").glob("[0-9]*.py")))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")

    try:
        async with engine.begin() as connection:
            await connection.run_sync(write)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    import asyncio

    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite+aiosqlite:///{folder}/empty.db"
        migrate(address)
        asyncio.run(draft(sys.argv[1], address))
