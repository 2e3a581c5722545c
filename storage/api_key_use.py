"""What changes of keys without being told of in the register: when and how often they are used, and their tokens.

One row counts for all processes: each use is one statement that counts and says how many there are, so however many
come at once, none is counted twice or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Uuid, case, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.record import HASH_LENGTH, scopes_of, written
from domain.api_key.scope import ApiKeyScope
from domain.party import ShownKey
from storage.api_key import API_KEY, is_good
from storage.columns import METADATA, Instant, text
from storage.database import insert_into

WINDOW = timedelta(minutes=1)

API_KEY_USE = Table(
    "api_key_use",
    METADATA,
    Column("api_key_id", Uuid(), ForeignKey("api_key.id"), primary_key=True),
    Column("used_at", Instant(), nullable=False),
    Column("window_ends_at", Instant(), nullable=False),
    Column("uses", Integer(), nullable=False),
)
U = API_KEY_USE.c

API_KEY_TOKEN = Table(
    "api_key_token",
    METADATA,
    Column("token_hash", text(HASH_LENGTH), primary_key=True),
    Column("api_key_id", Uuid(), ForeignKey("api_key.id"), nullable=False),
    Column("scope", text(200), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Index("ix_api_key_token_api_key_id_expires_at", "api_key_id", "expires_at"),
)
T = API_KEY_TOKEN.c


@dataclass(frozen=True)
class Use:
    """How often a key was used in its present window, this time included."""

    uses: int
    window_ends_at: datetime


async def count_use(connection: AsyncConnection, api_key_id: UUID, now: datetime) -> Use:
    """Counts one use. A window begins with the first use after the one before is over."""
    coming = insert_into(connection, API_KEY_USE).values(
        api_key_id=api_key_id, used_at=now, window_ends_at=now + WINDOW, uses=1
    )
    is_open = U.window_ends_at > coming.excluded.used_at
    counted = coming.on_conflict_do_update(
        index_elements=[U.api_key_id],
        set_={
            "used_at": coming.excluded.used_at,
            "uses": case((is_open, U.uses + 1), else_=1),
            "window_ends_at": case((is_open, U.window_ends_at), else_=coming.excluded.window_ends_at),
        },
    ).returning(U.uses, U.window_ends_at)
    row = (await connection.execute(counted)).one()
    return Use(row.uses, row.window_ends_at)


async def last_used_at(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When some keys were last used; those that never were are left out."""
    rows = await connection.execute(select(U.api_key_id, U.used_at).where(U.api_key_id.in_(ids)))
    return {row.api_key_id: row.used_at for row in rows}


async def keep_token(
    connection: AsyncConnection,
    api_key_id: UUID,
    token_hash: str,
    scopes: frozenset[ApiKeyScope],
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keeps a token's hash; those of the same key that have ended make room."""
    await connection.execute(delete(API_KEY_TOKEN).where(T.api_key_id == api_key_id, T.expires_at <= now))
    await connection.execute(
        insert(API_KEY_TOKEN).values(
            token_hash=token_hash, api_key_id=api_key_id, scope=written(scopes), expires_at=expires_at
        )
    )


async def key_behind(connection: AsyncConnection, token_hash: str, now: datetime) -> ShownKey | None:
    """The key behind a token, with the token's own scopes and end; None for a token or key that is not good."""
    statement = (
        select(T.api_key_id, T.scope, T.expires_at, API_KEY.c.rate_per_minute)
        .join_from(API_KEY_TOKEN, API_KEY, T.api_key_id == API_KEY.c.id)
        .where(T.token_hash == token_hash, T.expires_at > now, is_good(now))
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return ShownKey(
        id=row.api_key_id,
        scopes=frozenset(scopes_of(row.scope)),
        rate_per_minute=row.rate_per_minute,
        expires_at=row.expires_at,
    )
