"""Devices at which an account has signed in before. Whoever tries with their token is not slowed by strangers.

Each account's own bookmarks, as it were: neither actions nor in the register (decision 0019).
"""

from collections.abc import Collection
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Table, Uuid, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.account import ACCOUNT
from storage.columns import METADATA, Instant, text
from storage.question import Asks, Question
from storage.writing import Meeting, Writing

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
    select(DEVICE.c.token_hash)
    .join(ACCOUNT, ACCOUNT.c.id == DEVICE.c.account_id)
    .where(
        DEVICE.c.token_hash == bindparam("token_hash"),
        ACCOUNT.c.username == bindparam("username"),
        DEVICE.c.signed_in_at > bindparam("since"),
    )
)


async def is_known(asks: Asks, username: str, token_hash: str, since: datetime) -> bool:
    """Whether whoever has this user name has signed in with this token, and not longer ago."""
    return bool(await _KNOWN.of(asks, token_hash=token_hash, username=username, since=since))


_LATEST_FIRST = Question(
    select(DEVICE.c.token_hash, DEVICE.c.signed_in_at)
    .where(DEVICE.c.account_id == bindparam("account_id"))
    .order_by(DEVICE.c.signed_in_at.desc(), DEVICE.c.token_hash)
)


async def devices_of(asks: Asks, account_id: UUID) -> dict[str, datetime]:
    """When the account last signed in with which token, the latest first."""
    return {row.token_hash: row.signed_in_at for row in await _LATEST_FIRST.of(asks, account_id=account_id)}


def remember_device(
    writing: Writing, account_id: UUID, token_hash: str, others: Collection[str], now: datetime
) -> None:
    """Writes down that the account has signed in with this token, and forgets of `others`, the latest first, what is
    more than `DEVICES_MAX` altogether."""
    row = {"token_hash": token_hash, "account_id": account_id, "signed_in_at": now}
    writing.insert(DEVICE, row, meeting=Meeting(("token_hash",), replaced=("account_id", "signed_in_at")))
    for each in islice((other for other in others if other != token_hash), DEVICES_MAX - 1, None):
        writing.delete(DEVICE, {"token_hash": each})


async def sweep_devices(connection: AsyncConnection, before: datetime) -> int:
    """Forgets those at which nobody has signed in since; how many."""
    return (await connection.execute(delete(DEVICE).where(DEVICE.c.signed_in_at <= before))).rowcount
