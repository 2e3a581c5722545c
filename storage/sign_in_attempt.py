"""Attempts to sign in at rest: an organisation's administrators see those of its accounts, and nobody else any.

The surprise: an attempt is first counted beside the register, for unknown user names with the same statement as for
known ones, so that no answer takes longer because an account exists. When a minute is over, `tell` makes records of it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    Uuid,
    delete,
    false,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import THE_PRODUCT, Role, Viewer
from domain.session import SignInMethod
from domain.sign_in_attempt import (
    ADDRESS_LENGTH_MAX,
    WORKFLOW,
    CountForm,
    SignInAttempt,
    SignInAttemptFilter,
    SignInOutcome,
)
from storage.account import ACCOUNT
from storage.columns import METADATA, Instant, TermType, table_of, text
from storage.desk import Desk, no_facts
from storage.perform import Door, Request, Transaction
from storage.shelf import Seen, Shelf
from storage.sight import sight
from storage.supervision import between_days
from storage.writing import Meeting, Writing

NOBODY = UUID(int=0)
"""Whose attempts are counted that name no account; nothing is told of them."""

SIGN_IN_ATTEMPT = table_of(
    SignInAttempt,
    "sign_in_attempt",
    ForeignKeyConstraint(["account_id"], ["account.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "account_id", "attempted_at", "id"),
    Index(None, "organisation_id", "attempted_at", "id"),
)

SIGN_IN_COUNT = Table(
    "sign_in_count",
    METADATA,
    Column("minute", Instant(), primary_key=True),
    Column("account_id", Uuid(), primary_key=True),
    Column("method", TermType(SignInMethod), primary_key=True),
    Column("outcome", TermType(SignInOutcome), primary_key=True),
    Column("address", text(ADDRESS_LENGTH_MAX), primary_key=True),
    Column("times", Integer(), nullable=False),
)


@sight(zh="本单位管理员", en="administrators of the organisation")
def _of_the_own_organisation(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    if viewer.role is not Role.ADMIN or viewer.organisation_id is None:
        return false()
    return SIGN_IN_ATTEMPT.c.organisation_id == viewer.organisation_id


SIGN_IN_ATTEMPTS = Shelf(SignInAttempt, SIGN_IN_ATTEMPT, _of_the_own_organisation)
DESK = Desk(WORKFLOW, SIGN_IN_ATTEMPTS, no_facts, number=None)

_ACTIONS = {SignInOutcome.SUCCEEDED: "succeed", SignInOutcome.FAILED: "fail"}

log = structlog.get_logger(__name__)


def sign_in_attempts(viewer: Viewer, wanted: SignInAttemptFilter) -> Seen[SignInAttempt]:
    """The attempts at the accounts of a viewer's organisation, by all filters together."""
    c = SIGN_IN_ATTEMPT.c
    seen = SIGN_IN_ATTEMPTS.seen_by(viewer)
    if wanted.account_id is not None:
        seen = seen.where(c.account_id == wanted.account_id)
    if wanted.username:
        seen = seen.where(c.username == wanted.username)
    if wanted.method is not None:
        seen = seen.where(c.method == wanted.method)
    if wanted.outcome is not None:
        seen = seen.where(c.outcome == wanted.outcome)
    return seen.where(*between_days(c.attempted_at, wanted.attempted_from, wanted.attempted_to))


_ONE_MORE = Meeting(tuple(column.name for column in SIGN_IN_COUNT.primary_key), added=("times",))


def note(
    writing: Writing,
    account_id: UUID | None,
    method: SignInMethod,
    outcome: SignInOutcome,
    address: str,
    now: datetime,
) -> None:
    """Counts an attempt, in the same way whether or not there is such an account."""
    row = {
        "minute": now.replace(second=0, microsecond=0),
        "account_id": account_id or NOBODY,
        "method": method,
        "outcome": outcome,
        "address": address,
        "times": 1,
    }
    writing.insert(SIGN_IN_COUNT, row, meeting=_ONE_MORE)


async def tell(door: Door) -> int:
    """Makes records of all that was counted in minutes that are over; how many. Any number of processes may do it."""
    told = 0
    while (made := await door.together(_tell_a_minute)) is not None:
        told += made
    return told


async def tell_for_ever(door: Door, every: timedelta) -> None:
    """`tell` now and then; what a round that fails has left, the next one finds."""
    while True:
        try:
            # Whoever is stopped meanwhile stops behind it: a driver cut off in the middle hangs.
            telling = asyncio.create_task(tell(door))
            try:
                await asyncio.shield(telling)
            except asyncio.CancelledError:
                await asyncio.wait([telling])
                raise
        except Exception:
            log.exception("attempts_not_told")
        await asyncio.sleep(every.total_seconds())


async def _tell_a_minute(transaction: Transaction) -> int | None:
    """The oldest minute that is over; None where there is none. What is taken away here nobody else finds."""
    c, connection = SIGN_IN_COUNT.c, transaction.connection
    this_minute = transaction.now.replace(second=0, microsecond=0)
    oldest = (await connection.execute(select(func.min(c.minute)).where(c.minute < this_minute))).scalar_one()
    if oldest is None:
        return None
    taken = delete(SIGN_IN_COUNT).where(c.minute == oldest).returning(*SIGN_IN_COUNT.c)
    counts = (await connection.execute(taken)).all()
    accounts = await _accounts(connection, {row.account_id for row in counts})
    made = 0
    for outcome, action in _ACTIONS.items():
        forms = list(_forms([row for row in counts if row.outcome is outcome], accounts))
        if forms:
            await transaction.perform_all(DESK, action, [Request(form=form) for form in forms], THE_PRODUCT)
        made += len(forms)
    return made


async def _accounts(connection: AsyncConnection, ids: set[UUID]) -> dict[UUID, Row[Any]]:
    statement = select(ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.organisation_id)
    found: dict[UUID, Row[Any]] = {}
    known = sorted(ids - {NOBODY})
    for start in range(0, len(known), 500):
        some = known[start : start + 500]
        found |= {row.id: row for row in await connection.execute(statement.where(ACCOUNT.c.id.in_(some)))}
    return found


def _forms(counts: Sequence[Row[Any]], accounts: dict[UUID, Row[Any]]) -> Iterator[CountForm]:
    """One for each account and method, in an order that does not change."""

    def of_one(row: Row[Any]) -> tuple[UUID, str]:
        return row.account_id, row.method.code

    for (account_id, _), rows in groupby(sorted(counts, key=of_one), of_one):
        if account_id not in accounts:
            continue
        some = list(rows)
        addresses = Counter({row.address: row.times for row in some})
        yield CountForm(
            account_id=account_id,
            organisation_id=accounts[account_id].organisation_id,
            username=accounts[account_id].username,
            method=some[0].method,
            times=addresses.total(),
            address=max(addresses, key=lambda each: (addresses[each], each)),
            address_count=len(addresses),
            attempted_at=some[0].minute,
        )
