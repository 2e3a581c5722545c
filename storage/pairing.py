"""Pairings at rest, and the requests of browsers that nobody has scanned yet, which leave no trace.

A browser is known by its secret, the QR code by its code; both are kept as hashes. A request lives for minutes.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Table,
    Uuid,
    and_,
    delete,
    false,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.pairing import (
    NUMBER_LENGTH,
    WORKFLOW,
    Pairing,
    PairingFacts,
    PairingRequest,
    PairingStatus,
    ScanForm,
)
from domain.party import Viewer
from storage.columns import METADATA, Instant, table_of, text
from storage.desk import Ask, Desk, Gathering
from storage.shelf import Shelf
from storage.sight import sight

CODE_BYTES = 16
SECRET_BYTES = 32
REQUESTS_PER_ADDRESS_MAX = 20
REQUESTS_MAX = 20_000
"""Open at a time, from one address and in all: they cost a row each, and nobody has signed in for them."""

KEPT_AFTER_EXPIRY = timedelta(minutes=10)
"""So that a browser hears that it came too late, and not that it never asked."""

PAIRING = table_of(
    Pairing,
    "pairing",
    ForeignKeyConstraint(["user_id"], ["account.id"]),
    Index(None, "user_id", "scanned_at", "id"),
    Index(None, "status", "expires_at"),
)

PAIRING_REQUEST = Table(
    "pairing_request",
    METADATA,
    Column("id", Uuid(), primary_key=True),
    Column("code_hash", text(64), nullable=False, unique=True),
    Column("secret_hash", text(64), nullable=False, unique=True),
    Column("number", text(NUMBER_LENGTH), nullable=False),
    Column("device", text(200)),
    Column("address", text(45)),
    Column("opened_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Index("ix_pairing_request_address_expires_at", "address", "expires_at"),
    Index("ix_pairing_request_expires_at", "expires_at"),
)
Q = PAIRING_REQUEST.c


@sight(zh="扫码的用户本人", en="the user who scanned it")
def _own(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    return PAIRING.c.user_id == viewer.user_id if viewer.user_id else false()


PAIRINGS = Shelf(Pairing, PAIRING, _own)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Asked:
    """A browser's request, with what it alone will ever know: the code to show and the secret to come back with."""

    request: PairingRequest
    code: str
    secret: str


async def ask(
    connection: AsyncConnection, device: str | None, address: str | None, now: datetime, lasts: timedelta
) -> Asked | None:
    """Notes that a browser asks to be signed in; None where too many ask already."""
    await connection.execute(delete(PAIRING_REQUEST).where(Q.expires_at < now - KEPT_AFTER_EXPIRY))
    open_ones = select(func.count()).select_from(PAIRING_REQUEST).where(Q.expires_at > now)
    from_there = (await connection.execute(open_ones.where(Q.address == address))).scalar_one()
    if from_there >= REQUESTS_PER_ADDRESS_MAX or (await connection.execute(open_ones)).scalar_one() >= REQUESTS_MAX:
        return None
    code, secret = secrets.token_urlsafe(CODE_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    request = PairingRequest(
        id=uuid_utils.compat.uuid7(),
        number=f"{secrets.randbelow(10**NUMBER_LENGTH):0{NUMBER_LENGTH}}",
        device=device,
        address=address,
        opened_at=now,
        expires_at=now + lasts,
    )
    await connection.execute(
        insert(PAIRING_REQUEST).values(**vars(request), code_hash=_hash(code), secret_hash=_hash(secret))
    )
    return Asked(request, code, secret)


@dataclass(frozen=True)
class Progress:
    """How far a browser's request has come."""

    request: PairingRequest
    pairing: Pairing | None


async def progress_of(connection: AsyncConnection, secret: str) -> Progress | None:
    """The request of whoever holds this secret, and what has become of it; None for a secret of nobody."""
    statement = select(*_REQUEST).where(Q.secret_hash == _hash(secret))
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    request = _made_of(row)
    found = await connection.execute(select(*PAIRINGS.columns).where(PAIRING.c.id == request.id))
    pairing = found.first()
    return Progress(request, None if pairing is None else PAIRINGS.made_of(pairing))


_REQUEST = (Q.id, Q.number, Q.device, Q.address, Q.opened_at, Q.expires_at)


def _made_of(row: Any) -> PairingRequest:
    return PairingRequest(**row._mapping)


async def _gather(gathering: Gathering, asks: Sequence[Ask[Pairing]]) -> list[PairingFacts]:
    codes = {_hash(ask.form.code): None for ask in asks if isinstance(ask.form, ScanForm) and ask.form.code}
    requests: dict[str, PairingRequest] = {}
    taken: set[UUID] = set()
    if codes:
        rows = await gathering.connection.execute(select(Q.code_hash, *_REQUEST).where(Q.code_hash.in_(list(codes))))
        for row in rows:
            values = dict(row._mapping)
            code_hash = values.pop("code_hash")
            requests[code_hash] = PairingRequest(**values)
        ids = [each.id for each in requests.values()]
        taken = set((await gathering.connection.execute(select(PAIRING.c.id).where(PAIRING.c.id.in_(ids)))).scalars())
    found = []
    for ask in asks:
        request = requests.get(_hash(ask.form.code)) if isinstance(ask.form, ScanForm) and ask.form.code else None
        found.append(PairingFacts(request=request, is_taken=request is not None and request.id in taken))
    return found


def _are_over(now: datetime) -> ColumnElement[bool]:
    return and_(PAIRING.c.status.in_((PairingStatus.SCANNED, PairingStatus.APPROVED)), PAIRING.c.expires_at <= now)


DESK = Desk(WORKFLOW, PAIRINGS, _gather, number=None, due={"expire": _are_over})
