"""Challenges at rest, outside the door and the register, as idempotency keys are.

A challenge concerns no record and proves nothing until somebody has signed it; strangers may ask for as many as they
like, and a register that is never shortened is no place for what they ask. What is done with a signed one is an action
like any other, and uses the challenge up in its own transaction: one of two that come at once finds it gone.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import Index, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.challenge import NONCE_BYTES, Challenge, ChallengePurpose
from storage.columns import table_of
from storage.shelf import kept

# The table kept its name when passkeys came to share it with cards.
CHALLENGE = table_of(Challenge, "card_challenge", Index(None, "expires_at"))


async def open_challenge(
    connection: AsyncConnection, purpose: ChallengePurpose, account_id: UUID | None, now: datetime, lasts: timedelta
) -> Challenge:
    """A new challenge, good for so long; those that have ended are cleared away first."""
    await forget_challenges(connection, now)
    challenge = Challenge(
        id=uuid_utils.compat.uuid7(),
        nonce=secrets.token_hex(NONCE_BYTES),
        purpose=purpose,
        account_id=account_id,
        # To the whole second, as it is signed.
        expires_at=(now + lasts).replace(microsecond=0),
    )
    row = {name: getattr(challenge, name) for name in kept(Challenge)}
    await connection.execute(insert(CHALLENGE).values(row))
    return challenge


async def challenge_for(
    connection: AsyncConnection, challenge_id: UUID, purpose: ChallengePurpose, account_id: UUID | None, now: datetime
) -> Challenge | None:
    """A challenge that may still be used for this, by this account; None for every other."""
    columns = [CHALLENGE.c[name] for name in kept(Challenge)]
    statement = select(*columns).where(*_is_good(challenge_id, purpose, account_id, now))
    row = (await connection.execute(statement)).first()
    return None if row is None else Challenge(**row._asdict())


async def use_up(connection: AsyncConnection, challenge: Challenge, now: datetime) -> bool:
    """Uses it up with this transaction; False where somebody else did."""
    statement = (
        update(CHALLENGE)
        .where(*_is_good(challenge.id, challenge.purpose, challenge.account_id, now))
        .values(used_at=now)
    )
    return (await connection.execute(statement)).rowcount == 1


async def forget_challenges(connection: AsyncConnection, now: datetime) -> int:
    """Clears away those that have ended, used or not; how many."""
    return (await connection.execute(delete(CHALLENGE).where(CHALLENGE.c.expires_at <= now))).rowcount


def _is_good(challenge_id: UUID, purpose: ChallengePurpose, account_id: UUID | None, now: datetime) -> tuple[Any, ...]:
    return (
        CHALLENGE.c.id == challenge_id,
        CHALLENGE.c.purpose == purpose,
        # A sign-in is nobody's yet.
        CHALLENGE.c.account_id.is_not_distinct_from(account_id),
        CHALLENGE.c.used_at.is_(None),
        CHALLENGE.c.expires_at > now,
    )
