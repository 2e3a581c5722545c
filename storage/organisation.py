"""Organisations and users at rest. Each sees its own; customs sees every organisation, and nobody another's users."""

from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.organisation import Organisation, User
from domain.party import OrganisationKind, Viewer
from storage.columns import table_of
from storage.shelf import Shelf

ORGANISATION = table_of(Organisation, "organisation", UniqueConstraint("uscc"), Index(None, "kind", "name_zh"))

USER = table_of(
    User,
    "account",
    UniqueConstraint("username"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "organisation_id"),
)


def _seen_organisations(viewer: Viewer) -> ColumnElement[bool]:
    """One's own; customs sees all. What others may know of an enterprise stands on the commission itself."""
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    return ORGANISATION.c.id == viewer.organisation_id if viewer.organisation_id else false()


def _colleagues(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    return USER.c.organisation_id == viewer.organisation_id if viewer.organisation_id else false()


ORGANISATIONS = Shelf(Organisation, ORGANISATION, _seen_organisations)
USERS = Shelf(User, USER, _colleagues)


async def names_of(connection: AsyncConnection, ids: set[UUID]) -> dict[UUID, str]:
    """The Chinese names of organisations, for filling drafts."""
    rows = await connection.execute(select(ORGANISATION.c.id, ORGANISATION.c.name_zh).where(ORGANISATION.c.id.in_(ids)))
    return {row.id: row.name_zh for row in rows}
