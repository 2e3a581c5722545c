"""Organisations and users at rest. Each sees its own; customs sees every organisation, and nobody another's users."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, false, insert, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.language import Words
from domain.organisation import Account, Organisation
from domain.party import OrganisationKind, Role, Viewer
from storage.columns import table_of
from storage.database import Database
from storage.shelf import Shelf, kept

ORGANISATION = table_of(Organisation, "organisation", UniqueConstraint("uscc"), Index(None, "kind", "name_zh"))

ACCOUNT = table_of(
    Account,
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
    return ACCOUNT.c.organisation_id == viewer.organisation_id if viewer.organisation_id else false()


ORGANISATIONS = Shelf(Organisation, ORGANISATION, _seen_organisations)
ACCOUNTS = Shelf(Account, ACCOUNT, _colleagues)


async def names_of(connection: AsyncConnection, ids: set[UUID]) -> dict[UUID, str]:
    """The Chinese names of organisations, for filling drafts."""
    rows = await connection.execute(select(ORGANISATION.c.id, ORGANISATION.c.name_zh).where(ORGANISATION.c.id.in_(ids)))
    return {row.id: row.name_zh for row in rows}


async def both_names_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Words]:
    """The names of organisations in both languages; whoever asks has seen a record that names them."""
    columns = (ORGANISATION.c.id, ORGANISATION.c.name_zh, ORGANISATION.c.name_en)
    rows = await connection.execute(select(*columns).where(ORGANISATION.c.id.in_(ids)))
    return {row.id: Words(zh=row.name_zh, en=row.name_en) for row in rows}


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


async def add_account(
    database: Database, username: str, display_name: str, organisation: str, role: Role, password_hash: str
) -> bool:
    """Adds an account to the organisation of this name; False where there is none, or the user name is taken."""
    try:
        async with database.writing() as connection:
            named = or_(ORGANISATION.c.name_zh == organisation, ORGANISATION.c.name_en == organisation)
            organisation_id = (await connection.execute(select(ORGANISATION.c.id).where(named))).scalar_one_or_none()
            if organisation_id is None:
                return False
            user = Account(
                id=uuid_utils.compat.uuid7(),
                username=username,
                display_name=display_name,
                role=role,
                organisation_id=organisation_id,
                created_at=datetime.now(UTC),
                password_hash=password_hash,
            )
            await connection.execute(insert(ACCOUNT).values({name: getattr(user, name) for name in kept(Account)}))
    except IntegrityError:
        return False
    return True
