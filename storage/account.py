"""Accounts at rest: whoever belongs to an organisation sees all of its accounts, and nobody another's."""

from datetime import UTC, datetime

import uuid_utils.compat
from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, false, insert, or_, select, true
from sqlalchemy.exc import IntegrityError

from domain.account import Account
from domain.party import Role, Viewer
from storage.columns import table_of
from storage.database import Database
from storage.organisation import ORGANISATION
from storage.shelf import Shelf, kept

ACCOUNT = table_of(
    Account,
    "account",
    UniqueConstraint("username"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "organisation_id"),
)


def _colleagues(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    return ACCOUNT.c.organisation_id == viewer.organisation_id if viewer.organisation_id else false()


ACCOUNTS = Shelf(Account, ACCOUNT, _colleagues)


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
