"""Where accounts are worked on: what lies beside them, and the sessions, cards and passkeys that end with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.record import Account, AccountFacts, AccountStatus, NewAccountForm, ResetForm
from domain.account.workflow import WORKFLOW
from domain.card import CardStatus
from domain.organisation import Organisation
from domain.party import Role
from domain.passkey import PasskeyStatus
from domain.session import SessionStatus
from domain.term import Term
from storage import card, passkey, session
from storage.account import ACCOUNT, ACCOUNTS
from storage.card import CARD
from storage.desk import Ask, Desk, Gathering
from storage.organisation import ORGANISATIONS
from storage.passkey import PASSKEY
from storage.session import SESSION


async def _gather(gathering: Gathering, asks: Sequence[Ask[Account]]) -> list[AccountFacts]:
    connection = gathering.connection
    records = [ask.record for ask in asks if ask.record is not None]
    organisations = await _organisations(connection, {each for ask in asks if (each := _organisation_id(ask))})
    # One of several administrators may go only while the others stay.
    administrators = await _administrators(
        gathering, {each.organisation_id for each in records if each.role is Role.ADMIN}
    )
    sessions = await _open_sessions(gathering, [each.id for each in records]) if gathering.lock else {}
    reset = [ask.record.id for ask in asks if ask.record and isinstance(ask.form, ResetForm)] if gathering.lock else []
    cards = await _active(connection, CARD, CardStatus.ACTIVE, reset)
    passkeys = await _active(connection, PASSKEY, PasskeyStatus.ACTIVE, reset)
    names = {ask.form.username.lower() for ask in asks if isinstance(ask.form, NewAccountForm) and ask.form.username}
    taken = await _taken(connection, names) if names else set()

    def facts(ask: Ask[Account]) -> AccountFacts:
        record, form = ask.record, ask.form
        organisation_id = _organisation_id(ask)
        others = set(administrators.get(organisation_id, ())) if organisation_id is not None else set()
        return AccountFacts(
            organisation=organisations.get(organisation_id) if organisation_id is not None else None,
            username_is_taken=isinstance(form, NewAccountForm) and (form.username or "").lower() in taken,
            other_administrators=len(others - {record.id}) if record is not None else len(others),
            sessions=tuple(sessions.get(record.id, ())) if record is not None else (),
            cards=tuple(cards.get(record.id, ())) if record is not None else (),
            passkeys=tuple(passkeys.get(record.id, ())) if record is not None else (),
            contact=(record.email, record.mobile) if record is not None else (None, None),
        )

    return [facts(ask) for ask in asks]


def _organisation_id(ask: Ask[Account]) -> UUID | None:
    if ask.record is not None:
        return ask.record.organisation_id
    return getattr(ask.form, "organisation_id", None) or ask.actor.organisation_id


async def _organisations(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Organisation]:
    statement = select(*ORGANISATIONS.columns).where(ORGANISATIONS.id.in_(list(ids)))
    return {each.id: each for each in map(ORGANISATIONS.made_of, await connection.execute(statement))}


async def _administrators(gathering: Gathering, organisation_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Who can sign in as administrator, by organisation."""
    ids = list(organisation_ids)
    if not ids:
        return {}
    statement = (
        select(ACCOUNT.c.organisation_id, ACCOUNT.c.id, ACCOUNT.c.password_hash)
        .where(
            ACCOUNT.c.organisation_id.in_(ids),
            ACCOUNT.c.role == Role.ADMIN,
            ACCOUNT.c.status == AccountStatus.ACTIVE,
        )
        .order_by(ACCOUNT.c.id)
    )
    statement = statement.with_for_update() if gathering.lock else statement
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await gathering.connection.execute(statement):
        if row.password_hash:
            found[row.organisation_id].append(row.id)
    return found


async def _open_sessions(gathering: Gathering, account_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The sessions that may still be used, locked: none is closed by its user meanwhile."""
    statement = (
        select(SESSION.c.user_id, SESSION.c.id)
        .where(
            SESSION.c.user_id.in_(account_ids),
            SESSION.c.status == SessionStatus.OPEN,
            SESSION.c.expires_at > gathering.now,
        )
        .order_by(SESSION.c.id)
        .with_for_update()
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await gathering.connection.execute(statement):
        found[row.user_id].append(row.id)
    return found


async def _active(
    connection: AsyncConnection, table: Table, active: Term, account_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    """The cards or passkeys that sign in, locked: none is revoked meanwhile."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if account_ids:
        c = table.c
        statement = select(c.account_id, c.id).where(c.account_id.in_(account_ids), c.status == active)
        for row in await connection.execute(statement.order_by(c.id).with_for_update()):
            found[row.account_id].append(row.id)
    return found


async def _taken(connection: AsyncConnection, names: Iterable[str]) -> set[str]:
    statement = select(ACCOUNT.c.name_key).where(ACCOUNT.c.name_key.in_(list(names)))
    return set((await connection.execute(statement)).scalars())


DESK = Desk(
    WORKFLOW,
    ACCOUNTS,
    _gather,
    number=None,
    neighbours=(session.DESK, card.DESK, passkey.DESK),
    # Accounts from before there was a register of them have no line until something is done to them.
    has_lines=ACCOUNT.c.version > 0,
)
