"""Sessions at rest, each user's own, and who stands behind a token."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKeyConstraint,
    Index,
    Row,
    Select,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    false,
    not_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.record import Account, AccountStatus
from domain.marks import today_in_china
from domain.party import DelegatedPower, OrganisationKind, Viewer
from domain.session import WORKFLOW, Session, SessionFilter, SessionStatus
from storage.account import ACCOUNT, ACCOUNTS
from storage.columns import Instant, table_of
from storage.database import Database
from storage.delegation import DELEGATION, runs_on
from storage.desk import Desk, no_facts
from storage.institution import INSTITUTION
from storage.organisation import ORGANISATION
from storage.question import Asks, Question
from storage.shelf import Seen, Shelf
from storage.sight import sight

ADDRESSES_MAX = 100

NOW = bindparam("now", type_=Instant())
_TODAY = bindparam("today", type_=Date())

SESSION = table_of(
    Session,
    "session",
    UniqueConstraint("token_hash"),
    ForeignKeyConstraint(["user_id"], ["account.id"]),
    Index(None, "user_id", "opened_at", "id"),
    # What the clock looks for.
    Index(None, "status", "expires_at"),
)


@sight(zh="本人", en="its user")
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
    return and_(ACCOUNT.c.organisation_id == ORGANISATION.c.id, ACCOUNT.c.status == AccountStatus.ACTIVE)


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


_THEIRS = and_(_DELEGATOR.c.id == DELEGATION.c.delegator_id, _DELEGATOR.c.status == AccountStatus.ACTIVE)
"""A colleague who may not sign in has no power to hand on."""


def _with_powers(statement: Select[Any]) -> Select[Any]:
    """A row for each colleague whose work the user does today, or a single one."""
    mine = and_(DELEGATION.c.substitute_id == ACCOUNT.c.id, runs_on(_TODAY))
    return statement.outerjoin(DELEGATION, mine).outerjoin(_DELEGATOR, _THEIRS).order_by(DELEGATION.c.id)


def sessions_with_viewer(*columns: Any) -> Select[Any]:
    """Open sessions of active accounts with those for whom they stand, and these columns, for a question that is given
    what is `at` an instant; see `viewer_of`."""
    statement = (
        select(*columns, SESSION.c.id.label("session_id"), SESSION.c.expires_at, *_VIEWER_COLUMNS, *_POWER_COLUMNS)
        .join_from(SESSION, ACCOUNT, SESSION.c.user_id == ACCOUNT.c.id)
        .join(ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
        .where(SESSION.c.status == SessionStatus.OPEN, SESSION.c.expires_at > NOW)
    )
    return _with_powers(statement)


def still_stands_for(viewer: Viewer, now: Any, today: Any) -> Sequence[ColumnElement[bool]]:
    """What holds of `SESSION` and `ACCOUNT` while the viewer's session is open and `viewer_of` would say of it what is
    known. What never changes is not asked: of which kind an organisation is, and which institution once it is one.
    Any value may come later."""
    c = ACCOUNT.c
    same = [
        SESSION.c.id == viewer.session_id,
        SESSION.c.status == SessionStatus.OPEN,
        SESSION.c.expires_at > now,
        c.id == viewer.user_id,
        c.status == AccountStatus.ACTIVE,
        c.organisation_id == viewer.organisation_id,
        c.role == viewer.role,
        c.language == viewer.language,
        *_powers_are(viewer, today),
    ]
    if viewer.kind is OrganisationKind.INSTITUTION and viewer.institution_id is None:
        same.append(not_(exists().where(INSTITUTION.c.organisation_id == viewer.organisation_id)))
    return same


def _powers_are(viewer: Viewer, today: Any) -> Iterator[ColumnElement[bool]]:
    """Whether colleagues delegate to the viewer what is known, and no more."""
    delegated = exists().where(_THEIRS, DELEGATION.c.substitute_id == viewer.user_id, runs_on(today))
    ids = [power.delegation_id for power in viewer.powers]
    yield not_(delegated.where(DELEGATION.c.id.not_in(ids)) if ids else delegated)
    for power in viewer.powers:
        is_this = and_(DELEGATION.c.id == power.delegation_id, _DELEGATOR.c.id == power.delegator_id)
        yield delegated.where(is_this, _DELEGATOR.c.role == power.role)


def at(now: datetime) -> dict[str, Any]:
    """What a question of `sessions_with_viewer` is given of an instant."""
    return {NOW.key: now, _TODAY.key: today_in_china(now)}


def viewer_of(rows: Sequence[Row[Any]]) -> Viewer:
    """For whom one session stands, by all of its rows."""
    row = rows[0]
    return replace(_viewer(rows), session_id=row.session_id, session_expires_at=row.expires_at)


def _viewer(rows: Sequence[Row[Any]]) -> Viewer:
    row = rows[0]
    return Viewer(
        kind=row.kind,
        user_id=row.user_id,
        organisation_id=row.organisation_id,
        institution_id=row.institution_id,
        role=row.role,
        powers=tuple(
            DelegatedPower(delegation_id=each.delegation_id, delegator_id=each.delegator_id, role=each.delegated_role)
            for each in rows
            if each.delegator_id is not None
        ),
        language=row.language,
    )


def _accounts_with_viewer(*columns: Any) -> Select[Any]:
    statement = (
        select(*columns, *_VIEWER_COLUMNS, *_POWER_COLUMNS)
        .join_from(ACCOUNT, ORGANISATION, _viewers())
        .outerjoin(INSTITUTION, INSTITUTION.c.organisation_id == ORGANISATION.c.id)
    )
    return _with_powers(statement)


_BY_NAME = Question(_accounts_with_viewer(*ACCOUNTS.columns).where(ACCOUNT.c.username == bindparam("username")))
_BY_ID = Question(_accounts_with_viewer(*ACCOUNTS.columns).where(ACCOUNT.c.id == bindparam("id")))
_VIEWER = Question(_accounts_with_viewer().where(ACCOUNT.c.id == bindparam("id")))


async def account_by_name(asks: Asks | Database, username: str, now: datetime) -> tuple[Account, Viewer] | None:
    """An active user with the password's hash, and as whom the user would act."""
    rows = await _BY_NAME.of(asks, username=username, today=today_in_china(now))
    return (ACCOUNTS.made_of(rows[0][: len(ACCOUNTS.columns)]), _viewer(rows)) if rows else None


async def account_by_id(
    asks: AsyncConnection | Database, account_id: UUID, now: datetime
) -> tuple[Account, Viewer] | None:
    """The same for whoever is known already."""
    rows = await _BY_ID.of(asks, id=account_id, today=today_in_china(now))
    return (ACCOUNTS.made_of(rows[0][: len(ACCOUNTS.columns)]), _viewer(rows)) if rows else None


async def viewer_of_account(connection: AsyncConnection, account_id: UUID, now: datetime) -> Viewer | None:
    """As whom a user would act; None where the account is not active."""
    rows = await _VIEWER.of(connection, id=account_id, today=today_in_china(now))
    return _viewer(rows) if rows else None


_OPEN = Question(
    select(SESSION.c.id)
    .where(SESSION.c.id == bindparam("id"), SESSION.c.status == SessionStatus.OPEN)
    .with_for_update(key_share=True, read=True)
)


async def session_is_open(asks: Asks, session_id: UUID) -> bool:
    """Whether a session has not been closed, and is not before the transaction ends that asks; its expiry is a matter
    of the clock."""
    return bool(await _OPEN.of(asks, id=session_id))


_LATEST = (
    select(SESSION.c.address)
    .where(SESSION.c.user_id == bindparam("user_id"))
    .order_by(SESSION.c.opened_at.desc(), SESSION.c.id.desc())
    .limit(ADDRESSES_MAX)
    .subquery("latest")
)
_ADDRESSES = Question(select(_LATEST.c.address).where(_LATEST.c.address.is_not(None)).distinct())


async def addresses_of(asks: Asks, user_id: UUID) -> set[str]:
    """From where a user has signed in, as far as that was kept, the last `ADDRESSES_MAX` times."""
    return {row.address for row in await _ADDRESSES.of(asks, user_id=user_id)}
