"""Keys under which clients repeat a request safely. A key is claimed before all else, so twins wait for each other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, Table, Uuid, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from storage.columns import METADATA, Instant, text
from storage.database import insert_into
from storage.writing import Writing

KEY_LENGTH_MAX = 128

IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("user_id", Uuid(), primary_key=True),
    Column("key", text(KEY_LENGTH_MAX), primary_key=True),
    Column("request_digest", text(64), nullable=False),
    Column("subject_id", Uuid()),
    Column("effect_ids", text(None)),
    Column("claimed_at", Instant(), nullable=False),
)


async def claim(
    connection: AsyncConnection, actor: Viewer, key: str, request_digest: str, now: datetime
) -> Row[Any] | None:
    """Takes the key for this transaction; or, where it was used before, says for what."""
    taken = await connection.execute(
        insert_into(connection, IDEMPOTENCY)
        .values(user_id=actor.user_id, key=key, request_digest=request_digest, claimed_at=now)
        .on_conflict_do_nothing()
    )
    if taken.rowcount == 1:
        return None
    taken_before = and_(IDEMPOTENCY.c.user_id == actor.user_id, IDEMPOTENCY.c.key == key)
    return (await connection.execute(select(IDEMPOTENCY).where(taken_before))).one()


def remember(writing: Writing, actor: Viewer, key: str, subject_id: UUID, effect_ids: Sequence[UUID]) -> None:
    """Writes beside the key which record came of it, and which parts were added."""
    came_of_it = {"subject_id": subject_id, "effect_ids": " ".join(each.hex for each in effect_ids)}
    writing.update(IDEMPOTENCY, {"user_id": actor.user_id, "key": key}, came_of_it)


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Gives back the keys that were claimed before an instant; how many. A repeat as late as that is done anew."""
    return (await connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.claimed_at < before))).rowcount


def effect_ids_of(known: Row[Any]) -> tuple[UUID, ...]:
    """The parts that were added when the key was used."""
    return tuple(UUID(each) for each in (known.effect_ids or "").split())
