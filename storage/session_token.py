"""The tokens that stand for a session, as hashes only: one to act with, and where asked for one to renew it with.

They change all the time and say nothing about the user, so neither an action nor in the register; that a session was
opened, closed or stolen is. A refresh token has two halves: the family stays for as long as the session, so that
whoever shows a half that was replaced is known to hold a copy.

The surprise: new tokens are worked out from the half that was shown and a seed that is kept, so whoever shows the same
half again, for an answer was lost or several windows renew at once, is told the same. Neither half nor seed is enough.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    Table,
    Uuid,
    bindparam,
    case,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.session import Session, SessionStatus, SignInMethod
from storage.account import ACCOUNT
from storage.columns import METADATA, Instant
from storage.columns import text as text_column
from storage.database import Database
from storage.question import Question, Rows, Values
from storage.session import NOW, SESSION, at, sessions_with_viewer, still_stands_for, viewer_of
from storage.totp import has_totp
from storage.writing import Row

TOKEN_BYTES = 32
HALF_BYTES = 24
USE_NOTED_EVERY = timedelta(minutes=1)
"""A session's last use is known to this, so that reading does not write each time."""

SESSION_TOKEN = Table(
    "session_token",
    METADATA,
    Column("session_id", Uuid(), ForeignKey("session.id"), primary_key=True),
    Column("token_hash", text_column(64), nullable=False, unique=True),
    Column("token_expires_at", Instant(), nullable=False),
    Column("idle_seconds", Integer(), nullable=False),
    Column("used_at", Instant(), nullable=False),
    Column("idle_until", Instant(), nullable=False),
    Column("family_hash", text_column(64), unique=True),
    Column("renewal_hash", text_column(64)),
    Column("former_renewal_hash", text_column(64)),
    Column("renewed_at", Instant()),
    Column("renewal_seed", text_column(64)),
)
T = SESSION_TOKEN.c


def new_token() -> str:
    """256 bits that only the client keeps."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of_token(token: str) -> str:
    """Tokens are random, so a plain SHA-256 is enough to keep them from being read back."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class RefreshToken:
    """What a session is renewed with: `family.half`, the second half new with each renewal."""

    family: str
    half: str

    @classmethod
    def new(cls) -> "RefreshToken":
        return cls(secrets.token_urlsafe(HALF_BYTES), secrets.token_urlsafe(HALF_BYTES))

    @classmethod
    def of(cls, written: str) -> "RefreshToken":
        family, _, half = written.partition(".")
        return cls(family, half)

    def __str__(self) -> str:
        return f"{self.family}.{self.half}"


def _follows(shown: RefreshToken, seed: str) -> tuple[str, RefreshToken]:
    """The tokens that one half is renewed with: the same for the same seed."""

    def worked_out(use: str, size: int) -> str:
        digest = hmac.digest(bytes.fromhex(seed), f"{use}\0{shown.half}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:size]).rstrip(b"=").decode()

    return worked_out("token", TOKEN_BYTES), RefreshToken(shown.family, worked_out("half", HALF_BYTES))


@dataclass(frozen=True)
class Lifetimes:
    """How long a token may be used, how long a session may rest, and how long both halves of a renewal are taken."""

    token: timedelta
    idle: timedelta
    grace: timedelta = timedelta(0)


def first_tokens(session: Session, token_hash: str, refresh: RefreshToken | None, lifetimes: Lifetimes) -> Row:
    """What is handed out with a session, to be written when it is opened."""
    now = session.opened_at
    return {
        "session_id": session.id,
        "token_hash": token_hash,
        "token_expires_at": now + lifetimes.token,
        "idle_seconds": int(lifetimes.idle.total_seconds()),
        "used_at": now,
        "idle_until": now + lifetimes.idle,
        "family_hash": refresh and hash_of_token(refresh.family),
        "renewal_hash": refresh and hash_of_token(refresh.half),
    }


@dataclass(frozen=True)
class Known:
    """Who holds a token, how the session was opened, and whether its use should be noted."""

    viewer: Viewer
    method: SignInMethod | None
    has_totp: bool
    """Whether the user's password needs a code beside it."""
    is_to_be_noted: bool


_HELD = (SESSION.c.method, has_totp(SESSION.c.user_id).label("has_totp"))


def _to_be_noted(noted_before: Any) -> ColumnElement[str]:
    return case((T.used_at <= noted_before, literal_column("'yes'"))).label("is_to_be_noted")


def _shown(token_hash: Any, now: Any) -> Sequence[ColumnElement[bool]]:
    return T.token_hash == token_hash, T.token_expires_at > now, T.idle_until > now


_KNOWN = Question(
    sessions_with_viewer(*_HELD, _to_be_noted(bindparam("noted_before")))
    .join(SESSION_TOKEN, T.session_id == SESSION.c.id)
    .where(*_shown(bindparam("token_hash"), NOW))
)


def holder_asked(token_hash: str, now: datetime) -> tuple[Question, Values]:
    """The question of who holds a token, whose answer `known_of` reads."""
    return _KNOWN, {"token_hash": token_hash, "noted_before": now - USE_NOTED_EVERY, **at(now)}


def known_of(rows: Rows) -> Known | None:
    """Who holds it, or None where it is unknown, past its end, has rested too long, or stands for nobody."""
    if not rows:
        return None
    row = rows[0]
    return Known(viewer_of(rows), row.method, bool(row.has_totp), row.is_to_be_noted is not None)


async def holder_of(asks: AsyncConnection | Database, token: str, now: datetime) -> Known | None:
    """Who holds this token; see `known_of`."""
    question, values = holder_asked(hash_of_token(token), now)
    return known_of(await question.of(asks, **values))


def still_known(known: Known, token_hash: Any, now: Any, noted_before: Any, today: Any) -> Select[Any]:
    """One row if `holder_of` would say the same again, whose only column is not null where the use is to be noted; else
    none. The values may come later; `noted_before` is `USE_NOTED_EVERY` before now."""
    viewer = known.viewer
    has_one = has_totp(SESSION.c.user_id)
    return (
        select(_to_be_noted(noted_before))
        .join_from(SESSION_TOKEN, SESSION, SESSION.c.id == T.session_id)
        .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.user_id)
        .where(
            *_shown(token_hash, now),
            T.session_id == viewer.session_id,
            SESSION.c.method == known.method,
            *still_stands_for(viewer, now, today),
            has_one if known.has_totp else not_(has_one),
        )
    )


@dataclass(frozen=True)
class Rest:
    """How long an open session may go unused."""

    used_at: datetime
    idle_until: datetime

    def left(self, now: datetime) -> float:
        """Seconds; nought when it has rested too long."""
        return max(0.0, (self.idle_until - now).total_seconds())

    def is_to_be_noted(self, now: datetime) -> bool:
        return now - self.used_at >= USE_NOTED_EVERY


async def rest_of(connection: AsyncConnection, session_id: UUID) -> Rest | None:
    """How an open session rests, for sockets, on which no token comes with each operation; None once it is closed."""
    statement = (
        select(T.used_at, T.idle_until)
        .join(SESSION, SESSION.c.id == T.session_id)
        .where(T.session_id == session_id, SESSION.c.status == SessionStatus.OPEN)
    )
    row = (await connection.execute(statement)).first()
    return None if row is None else Rest(row.used_at, row.idle_until)


async def note_use(connection: AsyncConnection, session_id: UUID, now: datetime) -> None:
    """The session is in use: it rests anew from now."""
    idle = (await connection.execute(select(T.idle_seconds).where(T.session_id == session_id))).scalar_one()
    await connection.execute(
        update(SESSION_TOKEN)
        .where(T.session_id == session_id, T.used_at < now)
        .values(used_at=now, idle_until=now + timedelta(seconds=idle))
    )


@dataclass(frozen=True)
class Renewed:
    """A session with new tokens."""

    viewer: Viewer
    token: str
    token_expires_at: datetime
    refresh: RefreshToken


@dataclass(frozen=True)
class Stolen:
    """A session whose refresh token was shown a second time, long after it was replaced."""

    session_id: UUID


_RENEWED = Question(
    sessions_with_viewer(
        T.renewal_hash, T.former_renewal_hash, T.renewed_at, T.renewal_seed, T.token_expires_at, T.idle_until
    )
    .join(SESSION_TOKEN, T.session_id == SESSION.c.id)
    .where(T.family_hash == bindparam("family_hash"))
    .with_for_update(of=SESSION_TOKEN)
)


async def renew(
    connection: AsyncConnection, shown: RefreshToken, lifetimes: Lifetimes, now: datetime
) -> Renewed | Stolen | None:
    """New tokens for old; None for a token that is nobody's. All who come at once with the same are told the same."""
    rows = await _RENEWED.of(connection, family_hash=hash_of_token(shown.family), **at(now))
    if not rows or rows[0].idle_until <= now:
        return None
    row = rows[0]
    half = hash_of_token(shown.half)
    # An answer can be lost on its way, and windows of one browser may renew at once.
    if half == row.former_renewal_hash and row.renewal_seed and now - row.renewed_at < lifetimes.grace:
        token, refresh = _follows(shown, row.renewal_seed)
        return Renewed(viewer_of(rows), token, row.token_expires_at, refresh)
    if half != row.renewal_hash:
        return Stolen(row.session_id)
    seed = secrets.token_hex(TOKEN_BYTES)
    token, refresh = _follows(shown, seed)
    ends_at = min(now + lifetimes.token, row.expires_at)
    await connection.execute(
        update(SESSION_TOKEN)
        .where(T.session_id == row.session_id)
        .values(
            token_hash=hash_of_token(token),
            token_expires_at=ends_at,
            used_at=now,
            idle_until=now + lifetimes.idle,
            renewal_hash=hash_of_token(refresh.half),
            former_renewal_hash=row.renewal_hash,
            renewed_at=now,
            renewal_seed=seed,
        )
    )
    return Renewed(viewer_of(rows), token, ends_at, refresh)


async def last_used_at(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When some sessions were last used, to the minute."""
    rows = await connection.execute(select(T.session_id, T.used_at).where(T.session_id.in_(ids)))
    return {row.session_id: row.used_at for row in rows}
