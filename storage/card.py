"""Cards at rest: everybody sees one's own, an administrator those of the whole organisation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.record import AccountStatus
from domain.card import REMINDED_BEFORE, WORKFLOW, BindCardForm, Card, CardFacts, CardFilter, CardStatus, RevokeCardForm
from domain.party import Viewer
from storage.account import ACCOUNTS, accounts_by_id, own_or_administered
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.session import viewer_of_account
from storage.shelf import Seen, Shelf
from storage.sight import sight

CARD = table_of(
    Card,
    "card",
    UniqueConstraint("fingerprint"),
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "account_id", "bound_at", "id"),
    Index(None, "organisation_id", "bound_at", "id"),
    Index(None, "organisation_id", "valid_until", "id"),
    # What the clock looks for.
    Index(None, "status", "valid_until"),
)


@sight(zh="本人；管理员见本单位全部", en="its holder; an administrator sees those of the whole organisation")
def _own_or_administered(viewer: Viewer) -> ColumnElement[bool]:
    return own_or_administered(viewer, CARD)


CARDS = Shelf(Card, CARD, _own_or_administered)


def cards(viewer: Viewer, wanted: CardFilter) -> Seen[Card]:
    """Cards by status and account."""
    seen = CARDS.seen_by(viewer)
    if wanted.status is not None:
        seen = seen.where(CARD.c.status == wanted.status)
    if wanted.account_id is not None:
        seen = seen.where(CARD.c.account_id == wanted.account_id)
    return seen


def cards_of(viewer: Viewer) -> Seen[Card]:
    """The viewer's own that are active, a handful."""
    return CARDS.seen_by(viewer).where(CARD.c.account_id == viewer.user_id, CARD.c.status == CardStatus.ACTIVE)


async def holder_of(connection: AsyncConnection, fingerprint: str, now: datetime) -> tuple[UUID, Viewer] | None:
    """The card of this certificate and as whom it signs in; None where it is not active, or its account is not."""
    statement = select(CARD.c.id, CARD.c.account_id).where(
        CARD.c.fingerprint == fingerprint, CARD.c.status == CardStatus.ACTIVE
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    viewer = await viewer_of_account(connection, row.account_id, now)
    return None if viewer is None else (row.id, viewer)


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[CardFacts]:
    return [await _facts(gathering, ask) for ask in asks]


async def _facts(gathering: Gathering, ask: Ask[Any]) -> CardFacts:
    form, connection = ask.form, gathering.connection
    if ask.record is not None and (isinstance(form, RevokeCardForm) or ask.record.ends_soon(gathering.now)):
        return CardFacts(account=(await accounts_by_id(connection, [ask.record.account_id]))[ask.record.account_id])
    if not isinstance(form, BindCardForm):
        return CardFacts()
    # Customs' administrators see other organisations' too, and a card signs in as whose it is.
    own = ACCOUNTS.organisation_id == ask.actor.organisation_id
    account = await ACCOUNTS.seen_by(ask.actor).where(own, ACCOUNTS.id == form.account_id).one(connection)
    taken = select(CARD.c.id).where(CARD.c.fingerprint == form.certificate.fingerprint)
    held = select(func.count()).where(CARD.c.account_id == form.account_id, CARD.c.status == CardStatus.ACTIVE)
    return CardFacts(
        account=account if account is not None and account.status is AccountStatus.ACTIVE else None,
        is_taken=(await connection.execute(taken)).first() is not None,
        held=(await connection.execute(held)).scalar_one(),
    )


def _ends_soon(now: datetime) -> ColumnElement[bool]:
    ends_soon = and_(CARD.c.valid_until > now, CARD.c.valid_until <= now + REMINDED_BEFORE)
    return and_(CARD.c.status == CardStatus.ACTIVE, ends_soon, CARD.c.reminded_at.is_(None))


DESK = Desk(WORKFLOW, CARDS, _gather, number=None, due={"remind": _ends_soon})
