"""Puts the reference data that every installation starts from into a database; what customs has changed since stays."""

import uuid_utils.compat
from sqlalchemy import insert, select

from storage.code import CODE
from storage.database import Database
from storage.seed import code_items


async def plant(database: Database) -> int:
    """Adds the entries of the code tables that are missing and returns how many; others stay as they are."""
    async with database.writing() as connection:
        known = await connection.execute(select(CODE.c.table_name, CODE.c.code))
        there = {(row.table_name, row.code) for row in known}
        missing = [
            {
                "id": uuid_utils.compat.uuid7(),
                "table_name": each.table,
                "code": each.code,
                "label_zh": each.label_zh,
                "label_en": each.label_en,
                "parent": each.parent,
                "valid_from": each.valid_from,
                "valid_to": each.valid_to,
                "position": position,
            }
            for position, each in enumerate(code_items())
            if (each.table, each.code) not in there
        ]
        if missing:
            await connection.execute(insert(CODE), missing)
    return len(missing)
