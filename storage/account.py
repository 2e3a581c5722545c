"""Accounts at rest: whoever belongs to an organisation sees all of its accounts; administrators of customs also see the
administrators of every other. What is carried out on them is in `account_desk.py`, which needs sessions too."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
    bindparam,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.record import Account, AccountFilter, AccountStatus
from domain.language import Words
from domain.party import ADMINISTERING, OrganisationKind, Role, Viewer
from storage.columns import table_of
from storage.organisation import ORGANISATION
from storage.question import Asks, Question
from storage.relation import one
from storage.search import contains
from storage.shelf import Seen, Shelf
from storage.sight import sight

COLLEAGUES_MAX = 200
"""How many colleagues are offered as substitutes."""

ACCOUNT = table_of(
    Account,
    "account",
    UniqueConstraint("username"),
    UniqueConstraint("name_key"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "organisation_id"),
)


@sight(
    zh="本单位用户见本单位全部账号；海关管理员另见各单位管理员的账号（账号列表只给管理员）",
    en="everybody of the organisation; administrators of customs also see the administrators of every other one "
    "(the list of accounts is for administrators alone)",
)
def _seen_accounts(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    if viewer.organisation_id is None:
        return false()
    own = ACCOUNT.c.organisation_id == viewer.organisation_id
    if viewer.kind is OrganisationKind.CUSTOMS and viewer.has_role_in(ADMINISTERING):
        return or_(own, ACCOUNT.c.role == Role.ADMIN)
    return own


ACCOUNTS = Shelf(Account, ACCOUNT, _seen_accounts)


def accounts(viewer: Viewer, wanted: AccountFilter) -> Seen[Account]:
    """The accounts that a viewer keeps: none for those who are no administrators."""
    c = ACCOUNT.c
    seen = ACCOUNTS.seen_by(viewer)
    if not viewer.has_role_in(ADMINISTERING):
        seen = seen.where(false())
    if wanted.name:
        seen = seen.where(or_(contains(c.display_name, wanted.name), contains(c.username, wanted.name)))
    if wanted.role is not None:
        seen = seen.where(c.role.in_(set(wanted.role)))
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    return seen


async def colleagues_of(connection: AsyncConnection, viewer: Viewer) -> Sequence[Account]:
    """The active users of the viewer's own organisation, oneself included, by name."""
    own = ACCOUNT.c.organisation_id == viewer.organisation_id
    seen = ACCOUNTS.seen_by(viewer).where(own, ACCOUNT.c.status == AccountStatus.ACTIVE)
    statement = seen.select().order_by(ACCOUNT.c.display_name, ACCOUNT.c.id).limit(COLLEAGUES_MAX)
    return [ACCOUNTS.made_of(row) for row in await connection.execute(statement)]


ACCOUNT_NAMED = one(ACCOUNTS, ACCOUNT.c.id, is_part=True)
"""An account that a record names; whoever asks has seen the record already."""


async def accounts_by_id(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Account]:
    """Accounts that a record names; whoever asks has seen the record already."""
    return await ACCOUNT_NAMED.parts(connection, ids)


async def account_named(connection: AsyncConnection, username: str) -> tuple[Account, Viewer, Words] | None:
    """Whose name this is, whether or not the person may sign in, as whom one acts, and the organisation's names."""
    organisation = (ORGANISATION.c.kind, ORGANISATION.c.name_zh, ORGANISATION.c.name_en)
    statement = (
        select(*ACCOUNTS.columns, *organisation)
        .join_from(ACCOUNT, ORGANISATION, ACCOUNT.c.organisation_id == ORGANISATION.c.id)
        .where(ACCOUNT.c.username == username)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    account = ACCOUNTS.made_of(row)
    viewer = Viewer(kind=row.kind, user_id=account.id, organisation_id=account.organisation_id, role=account.role)
    return account, viewer, Words(zh=row.name_zh, en=row.name_en)


def own_or_administered(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    """What accounts sign in with: each sees one's own, an administrator, in the own role, all of the organisation's."""
    if viewer.is_the_product:
        return true()
    if viewer.role is Role.ADMIN:
        return table.c.organisation_id == viewer.organisation_id
    return table.c.account_id == viewer.user_id if viewer.user_id else false()


_ACTIVE = Question(
    select(ACCOUNT.c.password_hash)
    .where(ACCOUNT.c.id == bindparam("id"), ACCOUNT.c.status == AccountStatus.ACTIVE)
    .with_for_update(key_share=True, read=True)
)


async def is_still_active(asks: Asks, account_id: UUID, password_hash: str | None = None) -> bool:
    """Whether a user is still active, and has the password that was compared where one was.

    It stays so until the transaction ends that asks.
    """
    rows = await _ACTIVE.of(asks, id=account_id)
    return bool(rows) and password_hash in (None, rows[0].password_hash)
