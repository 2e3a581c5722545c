"""A registry of many institutions, for what is done to all of them at once."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import insert

from domain.institution import RegistryEntry
from domain.organisation import Organisation
from domain.party import THE_PRODUCT, OrganisationKind
from storage.consequences import row_of
from storage.database import Database
from storage.history import History, write, written
from storage.institution import DESK
from storage.organisation import ORGANISATION

FILED_AT = datetime(2024, 1, 5, tzinfo=UTC)


async def add_institutions(database: Database, count: int) -> None:
    """Enters so many more institutions in the registry, each with an organisation of its own and nobody in it."""
    organisations = [
        Organisation(
            id=uuid4(),
            kind=OrganisationKind.INSTITUTION,
            name_zh=f"示例检验机构{n}",
            name_en=f"Example Inspection {n}",
            contact_email=f"office@inspection-{n}.example",
        )
        for n in range(count)
    ]
    histories = []
    for n, organisation in enumerate(organisations):
        history = History(DESK, "", uuid4)
        entry = RegistryEntry.of(
            filing_number=f"JJD2024{n:06}",
            name_zh=organisation.name_zh,
            name_en=organisation.name_en,
            registered_place="Hamburg",
            country="DE",
            organisation_id=organisation.id,
        )
        history.then("enter", entry, None, THE_PRODUCT, FILED_AT)
        histories.append(history)
    async with database.writing() as connection:
        await connection.execute(insert(ORGANISATION), [row_of(each) for each in organisations])
        await write(connection, written(DESK, histories))
