"""Passkeys at rest: everybody sees one's own, an administrator those of the whole organisation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.passkey import (
    WORKFLOW,
    Passkey,
    PasskeyFacts,
    PasskeyFilter,
    PasskeyStatus,
    RegisterPasskeyForm,
    RevokePasskeyForm,
)
from storage.account import ACCOUNTS, accounts_by_id, own_or_administered
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.session import viewer_of_account
from storage.shelf import Seen, Shelf
from storage.sight import sight

PASSKEY = table_of(
    Passkey,
    "passkey",
    UniqueConstraint("credential_id"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "account_id", "registered_at", "id"),
    Index(None, "organisation_id", "registered_at", "id"),
)


@sight(zh="本人；管理员见本单位全部", en="its holder; an administrator sees those of the whole organisation")
def _own_or_administered(viewer: Viewer) -> ColumnElement[bool]:
    return own_or_administered(viewer, PASSKEY)


PASSKEYS = Shelf(Passkey, PASSKEY, _own_or_administered)


def passkeys(viewer: Viewer, wanted: PasskeyFilter) -> Seen[Passkey]:
    """Passkeys by status and account."""
    seen = PASSKEYS.seen_by(viewer)
    if wanted.status is not None:
        seen = seen.where(PASSKEY.c.status == wanted.status)
    if wanted.account_id is not None:
        seen = seen.where(PASSKEY.c.account_id == wanted.account_id)
    return seen


def passkeys_of(viewer: Viewer) -> Seen[Passkey]:
    """The viewer's own that are active, a handful."""
    seen = PASSKEYS.seen_by(viewer)
    return seen.where(PASSKEY.c.account_id == viewer.user_id, PASSKEY.c.status == PasskeyStatus.ACTIVE)


async def passkey_and_holder(
    connection: AsyncConnection, credential_id: str, now: datetime
) -> tuple[Passkey, Viewer] | None:
    """The passkey and as whom it signs in; None where it is not active, or its account is not."""
    statement = select(*PASSKEYS.columns).where(
        PASSKEY.c.credential_id == credential_id, PASSKEY.c.status == PasskeyStatus.ACTIVE
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    passkey = PASSKEYS.made_of(row)
    viewer = await viewer_of_account(connection, passkey.account_id, now)
    return None if viewer is None else (passkey, viewer)


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[PasskeyFacts]:
    return [await _facts(gathering, ask) for ask in asks]


async def _facts(gathering: Gathering, ask: Ask[Any]) -> PasskeyFacts:
    form, connection = ask.form, gathering.connection
    if isinstance(form, RevokePasskeyForm) and ask.record is not None:
        return PasskeyFacts(account=(await accounts_by_id(connection, [ask.record.account_id]))[ask.record.account_id])
    if not isinstance(form, RegisterPasskeyForm):
        return PasskeyFacts()
    own: UUID | None = ask.actor.user_id
    taken = select(PASSKEY.c.id).where(PASSKEY.c.credential_id == form.credential_id)
    held = select(func.count()).where(PASSKEY.c.account_id == own, PASSKEY.c.status == PasskeyStatus.ACTIVE)
    return PasskeyFacts(
        account=await ACCOUNTS.seen_by(ask.actor).where(ACCOUNTS.id == own).one(connection),
        is_taken=(await connection.execute(taken)).first() is not None,
        held=(await connection.execute(held)).scalar_one(),
    )


DESK = Desk(WORKFLOW, PASSKEYS, _gather, number=None)
