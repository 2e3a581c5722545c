"""Organisations at rest: each sees its own, customs every one."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, Index, UniqueConstraint, false, insert, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.organisation import Organisation
from domain.party import OrganisationKind, Viewer
from storage.columns import table_of
from storage.database import Database
from storage.desk import Gathering
from storage.question import Asks, Question, several
from storage.relation import one
from storage.shelf import Shelf, kept
from storage.sight import sight

ORGANISATION = table_of(Organisation, "organisation", UniqueConstraint("uscc"), Index(None, "kind", "name_zh"))


@sight(zh="本单位；海关见全部", en="its own people; customs sees all")
def _seen_organisations(viewer: Viewer) -> ColumnElement[bool]:
    """One's own; customs sees all. What others may know of an enterprise stands on the commission itself."""
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    return ORGANISATION.c.id == viewer.organisation_id if viewer.organisation_id else false()


ORGANISATIONS = Shelf(Organisation, ORGANISATION, _seen_organisations)


_NAMES = Question(select(ORGANISATION.c.id, ORGANISATION.c.name_zh).where(ORGANISATION.c.id.in_(several("ids"))))


async def names_of(connection: Asks, ids: Collection[UUID]) -> dict[UUID, str]:
    """The Chinese names of organisations, for filling drafts."""
    return {row.id: row.name_zh for row in await _NAMES.of(connection, ids=ids)}


async def customs_offices(gathering: Gathering) -> tuple[UUID, ...]:
    """Every organisation of customs, for what is told to all of them; nothing is told where nothing will be done."""
    if not gathering.lock:
        return ()
    statement = select(ORGANISATION.c.id).where(ORGANISATION.c.kind == OrganisationKind.CUSTOMS)
    return tuple(row.id for row in await gathering.together.rows(statement.order_by(ORGANISATION.c.id)))


OFFICE_NAMED = one(ORGANISATIONS, ORGANISATION.c.id, is_part=True)
"""An organisation that a record names, for its name alone; whoever asks has seen the record."""


async def organisation_named(connection: AsyncConnection, name: str) -> Organisation | None:
    """The organisation with this whole name, in Chinese or English."""
    named = or_(ORGANISATION.c.name_zh == name, ORGANISATION.c.name_en == name)
    row = (await connection.execute(select(*ORGANISATIONS.columns).where(named))).one_or_none()
    return None if row is None else ORGANISATIONS.made_of(row)


async def add_organisation(database: Database, organisation: Organisation) -> bool:
    """Adds an organisation; False where its name (which accounts are added by) or its credit code is taken."""
    names = (organisation.name_zh, organisation.name_en)
    try:
        async with database.writing() as connection:
            named = or_(ORGANISATION.c.name_zh.in_(names), ORGANISATION.c.name_en.in_(names))
            if (await connection.execute(select(ORGANISATION.c.id).where(named))).first() is not None:
                return False
            row = {name: getattr(organisation, name) for name in kept(Organisation)}
            await connection.execute(insert(ORGANISATION).values(row))
    except IntegrityError:
        return False
    return True
