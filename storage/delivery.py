"""Deliveries at rest: the outbox, filled in the transaction that writes the notices, and claimed by lease.

Whoever claims a delivery has it alone for `LEASE`; should the process end meanwhile, another one finds it again.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    case,
    false,
    literal,
    null,
    select,
    true,
)
from sqlalchemy import update as update_rows
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.delivery import (
    ADDRESSES,
    CHANNEL_WAIT,
    Delivery,
    DeliveryFilter,
    DeliveryState,
    deliveries_of,
    without_address,
)
from domain.notice import Channel, Notice
from domain.party import OrganisationKind, Viewer
from storage.columns import table_of
from storage.consequences import row_of
from storage.database import Database
from storage.notice import NOTICES
from storage.organisation import ORGANISATION
from storage.relation import many
from storage.shelf import Seen, Shelf
from storage.sight import sight
from storage.writing import LookedUp, Writing

LEASE = timedelta(minutes=5)
"""Longer than the attempts of one claim can take."""

DELIVERY = table_of(
    Delivery,
    "delivery",
    UniqueConstraint("notice_id", "channel"),
    ForeignKeyConstraint(["notice_id"], ["notice.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "state", "channel", "next_attempt_at"),
    Index(None, "created_at", "id"),
    Index(None, "organisation_id", "created_at", "id"),
)


@sight(zh="收件单位；海关见全部", en="the organisation that it goes to; customs sees all")
def _addressed_to(viewer: Viewer) -> ColumnElement[bool]:
    """An organisation sees what goes to it; customs all, for somebody must find out what does not arrive."""
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    return DELIVERY.c.organisation_id == viewer.organisation_id if viewer.organisation_id else false()


DELIVERIES = Shelf(Delivery, DELIVERY, _addressed_to)


def deliveries(viewer: Viewer, wanted: DeliveryFilter) -> Seen[Delivery]:
    """The deliveries that a viewer may see, by state and channel."""
    seen = DELIVERIES.seen_by(viewer)
    if wanted.state is not None:
        seen = seen.where(DELIVERY.c.state.in_(set(wanted.state)))
    if wanted.channel is not None:
        seen = seen.where(DELIVERY.c.channel == wanted.channel)
    return seen


DELIVERIES_OF = many(DELIVERIES, DELIVERY.c.notice_id, order=(DELIVERY.c.channel,))
"""What becomes of a notice by e-mail and SMS, e-mail first."""


def enqueue(writing: Writing, notices: Sequence[Notice]) -> None:
    """Puts what goes by e-mail or SMS into the outbox, in the transaction that writes the notices."""
    for each in deliveries_of(notices, uuid_utils.compat.uuid7):
        row = {name: value for name, value in row_of(each).items() if name not in _FROM_ORGANISATION}
        writing.insert(DELIVERY, row, looked_up=_ADDRESSED)


def _addressed(delivery: Mapping[str, ColumnElement[Any]]) -> Mapping[str, ColumnElement[Any]]:
    """With the address that its organisation has left for its channel, if it has."""
    address = case(
        *((delivery["channel"] == channel, ORGANISATION.c[name]) for channel, name in ADDRESSES.items()), else_=null()
    )
    otherwise = without_address()
    found = {"state": DeliveryState.WAITING, "last_error": None}
    return {"address": address} | {
        name: case((address.is_(None), literal(otherwise[name], column.type)), else_=literal(found[name], column.type))
        for name in otherwise
        for column in [DELIVERY.c[name]]
    }


_FROM_ORGANISATION = {"address", "state", "last_error"}
_ADDRESSED = LookedUp(ORGANISATION, "organisation_id", _addressed)


async def claim(
    database: Database, channels: Collection[Channel], now: datetime, at_most: int
) -> list[tuple[Delivery, Notice]]:
    """Takes deliveries that are due, the longest due first: nobody else gets them before the lease ends."""
    due = and_(
        DELIVERY.c.state == DeliveryState.WAITING,
        DELIVERY.c.channel.in_(channels),
        DELIVERY.c.next_attempt_at <= now,
    )
    # A look that finds nothing, as most do, takes no lock.
    async with database.reading() as connection:
        if (await connection.execute(select(DELIVERY.c.id).where(due).limit(1))).first() is None:
            return []
    async with database.writing() as connection:
        waiting = select(DELIVERY.c.id).where(due).order_by(DELIVERY.c.next_attempt_at, DELIVERY.c.id).limit(at_most)
        ids = (await connection.execute(waiting.with_for_update(skip_locked=True))).scalars().all()
        taken = (
            update_rows(DELIVERY)
            .where(DELIVERY.c.id.in_(ids), due)
            .values(attempts=DELIVERY.c.attempts + 1, next_attempt_at=now + LEASE)
        )
        await connection.execute(taken)
        return await _with_their_notices(connection, ids)


async def _with_their_notices(connection: AsyncConnection, ids: Sequence[UUID]) -> list[tuple[Delivery, Notice]]:
    width = len(DELIVERIES.columns)
    statement = (
        select(*DELIVERIES.columns, *NOTICES.columns)
        .join_from(DELIVERY, NOTICES.table, DELIVERY.c.notice_id == NOTICES.id)
        .where(DELIVERY.c.id.in_(ids))
        .order_by(DELIVERY.c.id)
    )
    return [
        (DELIVERIES.made_of(row[:width]), NOTICES.made_of(row[width:])) for row in await connection.execute(statement)
    ]


async def settle(database: Database, claimed: Delivery, changes: dict[str, Any]) -> bool:
    """Writes down what came of an attempt; False where the lease had ended and somebody else has it by now."""
    mine = and_(
        DELIVERY.c.id == claimed.id,
        DELIVERY.c.attempts == claimed.attempts,
        DELIVERY.c.state == DeliveryState.WAITING,
    )
    async with database.writing() as connection:
        return (await connection.execute(update_rows(DELIVERY).where(mine).values(**changes))).rowcount == 1


async def lay_aside(database: Database, channels: Collection[Channel], now: datetime) -> int:
    """Says of deliveries by channels that are not open that they will not be sent; how many there were."""
    forgone = and_(
        DELIVERY.c.state == DeliveryState.WAITING,
        DELIVERY.c.channel.in_(channels),
        DELIVERY.c.next_attempt_at <= now,  # a lease that runs is somebody's work
        DELIVERY.c.created_at <= now - CHANNEL_WAIT,
    )
    async with database.reading() as connection:
        if (await connection.execute(select(DELIVERY.c.id).where(forgone).limit(1))).first() is None:
            return 0
    async with database.writing() as connection:
        changed = update_rows(DELIVERY).where(forgone).values(state=DeliveryState.NOT_CONFIGURED)
        return (await connection.execute(changed)).rowcount
