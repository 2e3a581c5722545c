"""Authenticator apps at rest: everybody sees the own, an administrator those of the organisation; administrators of
customs also those of every other organisation's administrators."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, bindparam, exists, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import OrganisationKind, Role, Viewer
from domain.session import SignInMethod
from domain.totp import WORKFLOW, Totp, TotpFacts, TotpFilter, TotpStatus
from storage.account import ACCOUNT, accounts_by_id
from storage.columns import table_of
from storage.database import Database
from storage.desk import Ask, Desk, Gathering
from storage.question import Asks, Question
from storage.session import SESSION
from storage.shelf import Seen, Shelf
from storage.sight import sight

TOTP = table_of(
    Totp,
    "totp",
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "account_id", "begun_at", "id"),
    Index(None, "organisation_id", "begun_at", "id"),
)
_IS_GOING_ON = TOTP.c.status.in_((TotpStatus.PENDING, TotpStatus.ACTIVE))
Index("uq_totp_going_on", TOTP.c.account_id, unique=True, sqlite_where=_IS_GOING_ON, postgresql_where=_IS_GOING_ON)


@sight(
    zh="本人；管理员见本单位全部；海关管理员另见各单位管理员的",
    en="its holder; an administrator sees those of the whole organisation, one of customs also those of every other "
    "organisation's administrators",
)
def _own_or_administered(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    if viewer.user_id is None:
        return false()
    if viewer.role is not Role.ADMIN:
        return TOTP.c.account_id == viewer.user_id
    own = TOTP.c.organisation_id == viewer.organisation_id
    if viewer.kind is not OrganisationKind.CUSTOMS:
        return own
    return or_(own, TOTP.c.account_id.in_(select(ACCOUNT.c.id).where(ACCOUNT.c.role == Role.ADMIN)))


TOTPS = Shelf(Totp, TOTP, _own_or_administered)


def totps(viewer: Viewer, wanted: TotpFilter) -> Seen[Totp]:
    """Authenticator apps by status and account."""
    seen = TOTPS.seen_by(viewer)
    if wanted.status is not None:
        seen = seen.where(TOTP.c.status == wanted.status)
    if wanted.account_id is not None:
        seen = seen.where(TOTP.c.account_id == wanted.account_id)
    return seen


def going_on_of(viewer: Viewer) -> Seen[Totp]:
    """The viewer's own that is pending or active; one at most."""
    return TOTPS.seen_by(viewer).where(TOTP.c.account_id == viewer.user_id, _IS_GOING_ON)


_ACTIVE = Question(
    select(*TOTPS.columns).where(TOTP.c.account_id == bindparam("account_id"), TOTP.c.status == TotpStatus.ACTIVE)
)


async def active_totp_of(asks: Asks | Database, account_id: UUID) -> Totp | None:
    """What an account's password needs beside it; None where it stands alone."""
    rows = await _ACTIVE.of(asks, account_id=account_id)
    return TOTPS.made_of(rows[0]) if rows else None


def has_totp(account_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an account's password needs a code beside it."""
    return exists().where(TOTP.c.account_id == account_id, TOTP.c.status == TotpStatus.ACTIVE)


async def how_strong(connection: AsyncConnection, session_id: UUID) -> tuple[SignInMethod | None, bool]:
    """By what a session was opened, and whether its user's password needs a code beside it."""
    statement = select(SESSION.c.method, has_totp(SESSION.c.user_id)).where(SESSION.c.id == session_id)
    row = (await connection.execute(statement)).one()
    return row[0], bool(row[1])


async def _gather(gathering: Gathering, asks: Sequence[Ask[Totp]]) -> list[TotpFacts]:
    holders = [ask.record.account_id if ask.record is not None else ask.actor.user_id for ask in asks]
    known = [each for each in holders if each is not None]
    accounts = await accounts_by_id(gathering.connection, known)
    active = select(TOTP.c.account_id, TOTP.c.id).where(
        TOTP.c.account_id.in_(known), TOTP.c.status == TotpStatus.ACTIVE
    )
    found = {row.account_id: row.id for row in await gathering.connection.execute(active)}

    def facts(ask: Ask[Any], holder: UUID | None) -> TotpFacts:
        if holder is None:
            return TotpFacts()
        another = found.get(holder)
        own = None if ask.record is None else ask.record.id
        return TotpFacts(account=accounts.get(holder), has_another=another is not None and another != own)

    return [facts(ask, holder) for ask, holder in zip(asks, holders, strict=True)]


DESK = Desk(WORKFLOW, TOTPS, _gather, number=None)
