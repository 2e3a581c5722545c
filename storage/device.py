"""Devices at which an account has signed in before. Whoever tries with their token is not slowed by strangers.

Each account's own bookmarks, as it were: neither actions nor in the register (decision 0019).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Table, Uuid, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import METADATA, Instant, text
from storage.database import Database, insert_into
from storage.question import Question

DEVICES_MAX = 20
"""Of one account; the one that was away longest is forgotten first."""

DEVICE = Table(
    "device",
    METADATA,
    Column("token_hash", text(64), primary_key=True),
    Column("account_id", Uuid(), ForeignKey("account.id"), nullable=False),
    Column("signed_in_at", Instant(), nullable=False),
    Index(None, "account_id", "signed_in_at"),
    Index(None, "signed_in_at"),
)


_KNOWN = Question(
    select(DEVICE.c.token_hash).where(
        DEVICE.c.token_hash == bindparam("token_hash"),
        DEVICE.c.account_id == bindparam("account_id"),
        DEVICE.c.signed_in_at > bindparam("since"),
    )
)


async def is_known(asks: AsyncConnection | Database, account_id: UUID, token_hash: str, since: datetime) -> bool:
    """Whether the account has signed in with this token, and not longer ago."""
    return bool(await _KNOWN.of(asks, token_hash=token_hash, account_id=account_id, since=since))


async def remember_device(connection: AsyncConnection, account_id: UUID, token_hash: str, now: datetime) -> None:
    """Notes that the account has signed in with this token, and forgets what is more than `DEVICES_MAX`."""
    await connection.execute(
        insert_into(connection, DEVICE)
        .values(token_hash=token_hash, account_id=account_id, signed_in_at=now)
        .on_conflict_do_update(index_elements=["token_hash"], set_={"signed_in_at": now, "account_id": account_id})
    )
    latest_first = (
        select(DEVICE.c.token_hash)
        .where(DEVICE.c.account_id == account_id)
        .order_by(DEVICE.c.signed_in_at.desc(), DEVICE.c.token_hash)
    )
    await connection.execute(delete(DEVICE).where(DEVICE.c.token_hash.in_(latest_first.offset(DEVICES_MAX))))


async def sweep_devices(connection: AsyncConnection, before: datetime) -> int:
    """Forgets those at which nobody has signed in since; how many."""
    return (await connection.execute(delete(DEVICE).where(DEVICE.c.signed_in_at <= before))).rowcount
