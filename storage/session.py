"""Sessions at rest: a token is looked up by its hash, with user, organisation and institution, in one indexed read."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account import Account
from domain.party import Viewer
from domain.session import WORKFLOW, Session, SessionStatus
from storage.account import ACCOUNT, ACCOUNTS
from storage.columns import table_of
from storage.desk import Desk, no_facts
from storage.institution import INSTITUTION
from storage.organisation import ORGANISATION
from storage.shelf import Shelf

TOKEN_BYTES = 32

SESSION = table_of(
    Session,
    "session",
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["user_id"], ["account.id"]),
    Index(None, "user_id"),
)


def _own(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    return SESSION.c.user_id == viewer.user_id if viewer.user_id else false()


SESSIONS = Shelf(Session, SESSION, _own)
DESK = Desk(WORKFLOW, SESSIONS, no_facts)


def new_token() -> str:
    """256 bits that only the client keeps."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of_token(token: str) -> str:
    """Tokens are random, so a plain SHA-256 is enough to keep them from being read back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _viewers() -> ColumnElement[bool]:
    return and_(ACCOUNT.c.organisation_id == ORGANISATION.c.id, ACCOUNT.c.is_active)


async def viewer_of_token(connection: AsyncConnection, token: str, now: datetime) -> Viewer | None:
    """Who holds this token, or None where it is unknown, closed or past its end, or the account is not active."""
    statement = (
        select(
            SESSION.c.id.label("session_id"),
            SESSION.c.expires_at,
            *_VIEWER_COLUMNS,
        )
        .join_from(SESSION, ACCOUNT, SESSION.c.user_id == ACCOUNT.c.id)
        .join(ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(
            SESSION.c.token_hash == hash_of_token(token),
            SESSION.c.status == SessionStatus.OPEN,
            SESSION.c.expires_at > now,
        )
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
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


_VIEWER_COLUMNS = (
    ORGANISATION.c.kind,
    ACCOUNT.c.id.label("user_id"),
    ACCOUNT.c.organisation_id,
    INSTITUTION.c.id.label("institution_id"),
    ACCOUNT.c.role,
    ACCOUNT.c.language,
)


async def account_by_name(connection: AsyncConnection, username: str) -> tuple[Account, Viewer] | None:
    """An active user with the password's hash, and as whom the user would act."""
    return await _active_account(connection, ACCOUNT.c.username == username)


async def account_by_id(connection: AsyncConnection, user_id: UUID) -> tuple[Account, Viewer] | None:
    """The same by the account's id."""
    return await _active_account(connection, ACCOUNT.c.id == user_id)


async def _active_account(connection: AsyncConnection, named: ColumnElement[bool]) -> tuple[Account, Viewer] | None:
    statement = (
        select(*ACCOUNTS.columns, ORGANISATION.c.kind.label("kind"), INSTITUTION.c.id.label("institution_id"))
        .join_from(ACCOUNT, ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(named)
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


async def session_is_open(connection: AsyncConnection, session_id: UUID) -> bool:
    """Whether a session has not been closed; its expiry is a matter of the clock."""
    statement = select(SESSION.c.status).where(SESSION.c.id == session_id)
    return (await connection.execute(statement)).scalar_one_or_none() is SessionStatus.OPEN
