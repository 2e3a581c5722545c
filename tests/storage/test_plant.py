"""Planting codes: each with its line in the register, also those that an older version planted without."""

from typing import Any

from sqlalchemy import delete, select, update

from storage.code import CODE
from storage.database import Database
from storage.register import REGISTER
from storage.seed import code_items
from storage.seed.plant import plant
from storage.verify import verify
from tests.keys import RING


async def rows(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return sorted(map(repr, await connection.execute(select(CODE))))


async def test_what_is_planted_has_its_lines_and_is_planted_once(engine_url: str) -> None:
    database = Database(engine_url, RING)
    try:
        assert await plant(database) == len(list(code_items()))
        before = await rows(database)
        assert await plant(database) == 0
        assert await rows(database) == before
        assert [flaw async for flaw in verify(database)] == []
    finally:
        await database.close()


async def test_codes_without_a_line_are_given_theirs_and_stay_what_they_are(engine_url: str) -> None:
    database = Database(engine_url, RING)
    try:
        await plant(database)
        before = await rows(database)
        async with database.writing() as connection:
            own = select(CODE.c.id).where(CODE.c.table_name == "CUSTOMS_DISTRICT")
            await connection.execute(delete(REGISTER).where(REGISTER.c.subject_id.in_(own)))
            await connection.execute(update(CODE).where(CODE.c.table_name == "CUSTOMS_DISTRICT").values(version=0))
        assert [flaw.subject_type async for flaw in verify(database)]
        assert await plant(database) == 0
        assert await rows(database) == before
        assert [flaw async for flaw in verify(database)] == []
    finally:
        await database.close()
