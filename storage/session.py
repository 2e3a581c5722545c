"""Sessions at rest: a token is looked up by its hash, with user, organisation and institution, in one indexed read."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Row,
    Select,
    UniqueConstraint,
    and_,
    false,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account import Account, AccountStatus
from domain.marks import today_in_china
from domain.party import DelegatedPower, Viewer
from domain.session import WORKFLOW, Session, SessionStatus
from storage.account import ACCOUNT, ACCOUNTS
from storage.columns import table_of
from storage.delegation import DELEGATION, runs_on
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
    return and_(ACCOUNT.c.organisation_id == ORGANISATION.c.id, ACCOUNT.c.status == AccountStatus.ACTIVE)


async def viewer_of_token(connection: AsyncConnection, token: str, now: datetime) -> Viewer | None:
    """Who holds this token, or None where it is unknown, closed or past its end, or the account is not active."""
    statement = _with_powers(
        select(
            SESSION.c.id.label("session_id"),
            SESSION.c.expires_at,
            *_VIEWER_COLUMNS,
            *_POWER_COLUMNS,
        )
        .join_from(SESSION, ACCOUNT, SESSION.c.user_id == ACCOUNT.c.id)
        .join(ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(
            SESSION.c.token_hash == hash_of_token(token),
            SESSION.c.status == SessionStatus.OPEN,
            SESSION.c.expires_at > now,
        ),
        now,
    )
    rows = (await connection.execute(statement)).all()
    if not rows:
        return None
    row = rows[0]
    return Viewer(
        kind=row.kind,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        institution_id=row.institution_id,
        session_id=row.session_id,
        session_expires_at=row.expires_at,
        role=row.role,
        powers=_powers(rows),
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
_DELEGATOR = ACCOUNT.alias("delegator")
_POWER_COLUMNS = (
    DELEGATION.c.id.label("delegation_id"),
    _DELEGATOR.c.id.label("delegator_id"),
    _DELEGATOR.c.role.label("delegated_role"),
)


def _with_powers(statement: Select[Any], now: datetime) -> Select[Any]:
    """A row for each colleague whose work the user does today, or a single one. A colleague who may not sign in has no
    power to hand on."""
    mine = and_(DELEGATION.c.substitute_id == ACCOUNT.c.id, runs_on(today_in_china(now)))
    theirs = and_(_DELEGATOR.c.id == DELEGATION.c.delegator_id, _DELEGATOR.c.status == AccountStatus.ACTIVE)
    return statement.outerjoin(DELEGATION, mine).outerjoin(_DELEGATOR, theirs).order_by(DELEGATION.c.id)


def _powers(rows: Sequence[Row[Any]]) -> tuple[DelegatedPower, ...]:
    return tuple(
        DelegatedPower(delegation_id=row.delegation_id, delegator_id=row.delegator_id, role=row.delegated_role)
        for row in rows
        if row.delegator_id is not None
    )


async def account_by_name(connection: AsyncConnection, username: str, now: datetime) -> tuple[Account, Viewer] | None:
    """An active user with the password's hash, and as whom the user would act."""
    side = (ORGANISATION.c.kind.label("kind"), INSTITUTION.c.id.label("institution_id"))
    statement = _with_powers(
        select(*ACCOUNTS.columns, *side, *_POWER_COLUMNS)
        .join_from(ACCOUNT, ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(ACCOUNT.c.username == username),
        now,
    )
    rows = (await connection.execute(statement)).all()
    if not rows:
        return None
    row = rows[0]
    user = ACCOUNTS.made_of(row[: len(ACCOUNTS.columns)])
    viewer = Viewer(
        kind=row.kind,
        user_id=user.id,
        organisation_id=user.organisation_id,
        institution_id=row.institution_id,
        role=user.role,
        powers=_powers(rows),
        language=user.language,
    )
    return user, viewer


async def session_is_open(connection: AsyncConnection, session_id: UUID) -> bool:
    """Whether a session has not been closed; its expiry is a matter of the clock."""
    statement = select(SESSION.c.status).where(SESSION.c.id == session_id)
    return (await connection.execute(statement)).scalar_one_or_none() is SessionStatus.OPEN
