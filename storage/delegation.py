"""Delegations at rest: seen by the two whom they concern and by administrators. Who acts for whom is found with the
token (`storage/session.py`), in the same statement."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, ForeignKeyConstraint, Index, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.record import Account, AccountStatus
from domain.delegation import WORKFLOW, Delegation, DelegationFacts, DelegationFilter, DelegationStatus, GrantForm
from domain.marks import today_in_china
from domain.party import ADMINISTERING, Viewer
from storage.account import ACCOUNT, ACCOUNTS
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.shelf import Seen, Shelf
from storage.sight import sight

DELEGATION = table_of(
    Delegation,
    "delegation",
    ForeignKeyConstraint(["delegator_id"], ["account.id"]),
    ForeignKeyConstraint(["substitute_id"], ["account.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "substitute_id", "status"),
    Index(None, "delegator_id", "granted_at", "id"),
    Index(None, "organisation_id", "granted_at", "id"),
    Index(None, "status", "ends_on", "id"),
)


@sight(
    zh="委托人和受托人本人；管理员见本单位全部",
    en="the person whose work it is and the substitute; an administrator sees those of the whole organisation",
)
def _concerned(viewer: Viewer) -> ColumnElement[bool]:
    c = DELEGATION.c
    if viewer.is_the_product:
        return true()
    if viewer.user_id is None:
        return false()
    if viewer.has_role_in(ADMINISTERING):
        return c.organisation_id == viewer.organisation_id
    return or_(c.delegator_id == viewer.user_id, c.substitute_id == viewer.user_id)


DELEGATIONS = Shelf(Delegation, DELEGATION, _concerned)


def delegations(viewer: Viewer, wanted: DelegationFilter) -> Seen[Delegation]:
    """The delegations of a viewer: one's own and those to oneself; an administrator's are all of the organisation."""
    c = DELEGATION.c
    seen = DELEGATIONS.seen_by(viewer)
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    if wanted.delegator_id is not None:
        seen = seen.where(c.delegator_id == wanted.delegator_id)
    if wanted.substitute_id is not None:
        seen = seen.where(c.substitute_id == wanted.substitute_id)
    return seen


def runs_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Which delegations are in effect on a day."""
    c = DELEGATION.c
    return and_(c.status == DelegationStatus.ACTIVE, c.starts_on <= day, c.ends_on >= day)


async def powers_stand(connection: AsyncConnection, viewer: Viewer) -> bool:
    """Whether all that colleagues have delegated to a viewer is still so; the day is a matter of the clock."""
    if not viewer.powers:
        return True
    c = DELEGATION.c
    statement = (
        select(c.id, ACCOUNT.c.role)
        .join_from(DELEGATION, ACCOUNT, and_(ACCOUNT.c.id == c.delegator_id, ACCOUNT.c.status == AccountStatus.ACTIVE))
        .where(c.id.in_([power.delegation_id for power in viewer.powers]), c.status == DelegationStatus.ACTIVE)
    )
    found = {row.id: row.role for row in await connection.execute(statement)}
    return found == {power.delegation_id: power.role for power in viewer.powers}


async def _gather(gathering: Gathering, asks: Sequence[Ask[Delegation]]) -> list[DelegationFacts]:
    """Who is named is a fact of granting alone."""
    forms = [ask.form if ask.record is None and isinstance(ask.form, GrantForm) else None for ask in asks]
    if not any(forms):
        return [DelegationFacts()] * len(asks)
    return [
        DelegationFacts() if form is None else await _named(gathering, form, ask.actor)
        for form, ask in zip(forms, asks, strict=True)
    ]


async def _named(gathering: Gathering, form: GrantForm, actor: Viewer) -> DelegationFacts:
    connection = gathering.connection
    delegator_id = form.delegator_id or actor.user_id
    ids = {each for each in (delegator_id, form.substitute_id) if each is not None}
    statement = (
        select(*ACCOUNTS.columns)
        .where(ACCOUNT.c.id.in_(ids), ACCOUNT.c.organisation_id == actor.organisation_id)
        .order_by(ACCOUNT.c.id)
    )
    # Locked, so that two grants to the same person see each other.
    statement = statement.with_for_update() if gathering.lock else statement
    found: dict[UUID | None, Account] = {
        each.id: each for each in map(ACCOUNTS.made_of, await connection.execute(statement))
    }
    running = select(*DELEGATIONS.columns).where(
        DELEGATION.c.substitute_id == form.substitute_id, DELEGATION.c.status == DelegationStatus.ACTIVE
    )
    return DelegationFacts(
        delegator=found.get(delegator_id),
        substitute=found.get(form.substitute_id),
        others=tuple(map(DELEGATIONS.made_of, await connection.execute(running))),
    )


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(DELEGATION.c.status == DelegationStatus.ACTIVE, DELEGATION.c.ends_on < today_in_china(now))


DESK = Desk(WORKFLOW, DELEGATIONS, _gather, number=None, due={"expire": _is_over})
