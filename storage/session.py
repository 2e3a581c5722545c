"""Sessions at rest, each user's own, and who stands behind a token."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, Select, UniqueConstraint, and_, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account import Account
from domain.party import Viewer
from domain.session import WORKFLOW, Session, SessionFilter, SessionStatus
from storage.account import ACCOUNT, ACCOUNTS
from storage.columns import table_of
from storage.desk import Desk, no_facts
from storage.institution import INSTITUTION
from storage.organisation import ORGANISATION
from storage.shelf import Seen, Shelf

SESSION = table_of(
    Session,
    "session",
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["user_id"], ["account.id"]),
    Index(None, "user_id", "opened_at", "id"),
    # What the clock looks for.
    Index(None, "status", "expires_at"),
)


def _own(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    return SESSION.c.user_id == viewer.user_id if viewer.user_id else false()


SESSIONS = Shelf(Session, SESSION, _own)


def sessions(viewer: Viewer, wanted: SessionFilter) -> Seen[Session]:
    """A user's own sessions, by status and method."""
    seen = SESSIONS.seen_by(viewer)
    if wanted.status is not None:
        seen = seen.where(SESSION.c.status.in_(set(wanted.status)))
    if wanted.method is not None:
        seen = seen.where(SESSION.c.method == wanted.method)
    return seen


def _are_over(now: datetime) -> ColumnElement[bool]:
    return and_(SESSION.c.status == SessionStatus.OPEN, SESSION.c.expires_at <= now)


DESK = Desk(WORKFLOW, SESSIONS, no_facts, number=None, due={"expire": _are_over})


def _viewers() -> ColumnElement[bool]:
    return and_(ACCOUNT.c.organisation_id == ORGANISATION.c.id, ACCOUNT.c.is_active)


VIEWER_COLUMNS = (
    ORGANISATION.c.kind,
    ACCOUNT.c.id.label("user_id"),
    ACCOUNT.c.organisation_id,
    INSTITUTION.c.id.label("institution_id"),
    ACCOUNT.c.role,
    ACCOUNT.c.language,
)


def sessions_with_viewer(*columns: Any) -> Select[Any]:
    """Open sessions of active accounts with those for whom they stand, and these columns."""
    return (
        select(*columns, SESSION.c.id.label("session_id"), SESSION.c.expires_at, *VIEWER_COLUMNS)
        .join_from(SESSION, ACCOUNT, SESSION.c.user_id == ACCOUNT.c.id)
        .join(ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(SESSION.c.status == SessionStatus.OPEN)
    )


def viewer_of(row: Any) -> Viewer:
    """For whom a session stands."""
    return Viewer(
        kind=row.kind,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        institution_id=row.institution_id,
        session_id=row.session_id,
        session_expires_at=row.expires_at,
        role=row.role,
        language=row.language,
    )


async def account_by_name(connection: AsyncConnection, username: str) -> tuple[Account, Viewer] | None:
    """An active user with the password's hash, and as whom the user would act."""
    statement = (
        select(*ACCOUNTS.columns, ORGANISATION.c.kind.label("kind"), INSTITUTION.c.id.label("institution_id"))
        .join_from(ACCOUNT, ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(ACCOUNT.c.username == username)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    user = ACCOUNTS.made_of(row[: len(ACCOUNTS.columns)])
    viewer = Viewer(
        kind=row.kind,
        user_id=user.id,
        organisation_id=user.organisation_id,
        institution_id=row.institution_id,
        role=user.role,
        language=user.language,
    )
    return user, viewer


async def viewer_of_account(connection: AsyncConnection, account_id: UUID) -> Viewer | None:
    """As whom a user would act; None where the account is not active."""
    statement = (
        select(*VIEWER_COLUMNS)
        .join_from(ACCOUNT, ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(ACCOUNT.c.id == account_id)
    )
    row = (await connection.execute(statement)).first()
    return None if row is None else Viewer(**row._mapping)


async def session_is_open(connection: AsyncConnection, session_id: UUID) -> bool:
    """Whether a session has not been closed; its expiry is a matter of the clock."""
    statement = select(SESSION.c.status).where(SESSION.c.id == session_id)
    return (await connection.execute(statement)).scalar_one_or_none() is SessionStatus.OPEN
