"""Sign-ins that wait for their second factor: the password was right, the code is still to come.

They prove nothing by themselves and live for minutes, so neither actions nor in the register. The token is kept as a
hash; it is good for one sign-in, from where the password came, and for a few codes.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Uuid, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import METADATA, Instant, text
from storage.session_token import hash_of_token, new_token

CODES_MAX = 5
"""Typed for one token; then the password is asked for again."""

WAITING_MAX = 20
"""Of one account at a time; the oldest is dropped first."""

SECOND_FACTOR = Table(
    "second_factor",
    METADATA,
    Column("token_hash", text(64), primary_key=True),
    Column("account_id", Uuid(), ForeignKey("account.id"), nullable=False),
    Column("password_digest", text(64), nullable=False),
    Column("client_digest", text(64), nullable=False),
    Column("tries", Integer(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Index(None, "account_id", "expires_at"),
    Index(None, "expires_at"),
)
C = SECOND_FACTOR.c


def digest(written: str) -> str:
    """SHA-256, so that nothing is kept twice that is a secret elsewhere."""
    return hashlib.sha256(written.encode()).hexdigest()


@dataclass(frozen=True)
class Waiting:
    """A sign-in that waits: whose, and the digest of the password's hash by which it was let so far."""

    account_id: UUID
    password_digest: str


async def wait_for_code(
    connection: AsyncConnection, account_id: UUID, password_hash: str, client: str, now: datetime, lasts: timedelta
) -> str:
    """The token of a sign-in that waits from now on. `client` says where the password came from."""
    token = new_token()
    await sweep_waiting(connection, now)
    newest_first = select(C.token_hash).where(C.account_id == account_id).order_by(C.expires_at.desc(), C.token_hash)
    crowding = newest_first.offset(WAITING_MAX - 1)
    await connection.execute(delete(SECOND_FACTOR).where(C.token_hash.in_(crowding)))
    await connection.execute(
        insert(SECOND_FACTOR).values(
            token_hash=hash_of_token(token),
            account_id=account_id,
            password_digest=digest(password_hash),
            client_digest=digest(client),
            tries=0,
            expires_at=now + lasts,
        )
    )
    return token


async def take_try(connection: AsyncConnection, token: str, client: str, now: datetime) -> Waiting | None:
    """Whose sign-in this is, for one code more; None where there is none from there, or no code is left.

    Counted before the code is compared, so that many at once are no more than so many in turn.
    """
    statement = (
        update(SECOND_FACTOR)
        .where(
            C.token_hash == hash_of_token(token),
            C.client_digest == digest(client),
            C.expires_at > now,
            C.tries < CODES_MAX,
        )
        .values(tries=C.tries + 1)
        .returning(C.account_id, C.password_digest)
    )
    row = (await connection.execute(statement)).first()
    return None if row is None else Waiting(row.account_id, row.password_digest)


async def use_up(connection: AsyncConnection, token: str) -> bool:
    """The sign-in is done with this transaction; False where it was done by another."""
    statement = delete(SECOND_FACTOR).where(C.token_hash == hash_of_token(token))
    return (await connection.execute(statement)).rowcount == 1


async def sweep_waiting(connection: AsyncConnection, now: datetime) -> int:
    """Drops those that have expired; how many."""
    return (await connection.execute(delete(SECOND_FACTOR).where(C.expires_at <= now))).rowcount
