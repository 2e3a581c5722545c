"""API keys at rest: seen by their organisation's administrators and those of customs, and by nobody else.

Who stands behind a key, or behind a token got by one, is found in one statement by an index.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    false,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.record import ApiKey, ApiKeyFacts, ApiKeyFilter, ApiKeyIssueForm, ApiKeyStatus, scopes_of
from domain.api_key.workflow import WORKFLOW
from domain.party import OrganisationKind, Role, ShownKey, Viewer
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering
from storage.organisation import ORGANISATION
from storage.search import contains
from storage.shelf import Seen, Shelf
from storage.sight import sight

API_KEY = table_of(
    ApiKey,
    "api_key",
    UniqueConstraint("prefix"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "issued_at", "id"),
    Index(None, "organisation_id", "issued_at", "id"),
    # What the clock looks for.
    Index(None, "status", "expires_at"),
)
K = API_KEY.c


@sight(zh="本单位管理员；海关管理员见全部", en="administrators of the organisation; those of customs see all")
def _kept_by(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    if viewer.role is not Role.ADMIN or viewer.organisation_id is None:
        return false()
    return true() if viewer.kind is OrganisationKind.CUSTOMS else K.organisation_id == viewer.organisation_id


API_KEYS = Shelf(ApiKey, API_KEY, _kept_by)


def api_keys(viewer: Viewer, wanted: ApiKeyFilter) -> Seen[ApiKey]:
    """The keys that a viewer keeps, by fragment of the name, organisation and status."""
    seen = API_KEYS.seen_by(viewer)
    if wanted.name:
        seen = seen.where(contains(K.name, wanted.name))
    if wanted.organisation_id is not None:
        seen = seen.where(K.organisation_id == wanted.organisation_id)
    if wanted.status is not None:
        seen = seen.where(K.status.in_(set(wanted.status)))
    return seen


def is_good(now: datetime) -> ColumnElement[bool]:
    """Whether a key may be used, whatever the clock has come by already."""
    return and_(K.status == ApiKeyStatus.ACTIVE, K.expires_at > now)


async def key_shown(connection: AsyncConnection, prefix: str, secret_hash: str, now: datetime) -> ShownKey | None:
    """The key of this prefix, if the secret is its present one, or the one before while that is still taken."""
    columns = (
        K.id, K.scope, K.rate_per_minute, K.expires_at, K.secret_hash, K.former_secret_hash, K.former_good_until
    )  # fmt: skip
    row = (await connection.execute(select(*columns).where(K.prefix == prefix, is_good(now)))).first()
    if row is None:
        return None
    ends_at: datetime = row.expires_at
    if not hmac.compare_digest(row.secret_hash, secret_hash):
        if row.former_secret_hash is None or not hmac.compare_digest(row.former_secret_hash, secret_hash):
            return None
        ends_at = min(ends_at, row.former_good_until)
        if ends_at <= now:
            return None
    return ShownKey(
        id=row.id,
        scopes=frozenset(scopes_of(row.scope)),
        rate_per_minute=row.rate_per_minute,
        expires_at=ends_at,
        secret_hash=secret_hash,
    )


async def good_until(connection: AsyncConnection, key: ShownKey, now: datetime) -> datetime | None:
    """Until when what was shown will do, as it stands now; None where it does not any more."""
    columns = (K.expires_at, K.secret_hash, K.former_secret_hash, K.former_good_until)
    row = (await connection.execute(select(*columns).where(K.id == key.id, is_good(now)))).first()
    if row is None:
        return None
    ends_at: datetime = min(row.expires_at, key.expires_at)
    if key.secret_hash is not None and key.secret_hash != row.secret_hash:
        if key.secret_hash != row.former_secret_hash:
            return None
        ends_at = min(ends_at, row.former_good_until)
    return ends_at if ends_at > now else None


async def _gather(gathering: Gathering, asks: Sequence[Ask[ApiKey]]) -> list[ApiKeyFacts]:
    connection = gathering.connection
    owners = {owner for ask in asks if (owner := _owner(ask)) is not None}
    if not owners:
        return [ApiKeyFacts()] * len(asks)
    known = set((await connection.execute(select(ORGANISATION.c.id).where(ORGANISATION.c.id.in_(owners)))).scalars())
    counting = (
        select(K.organisation_id, func.count().label("count"))
        .where(K.organisation_id.in_(owners), is_good(gathering.now))
        .group_by(K.organisation_id)
    )
    active = {row.organisation_id: int(row[1]) for row in await connection.execute(counting)}
    return [
        ApiKeyFacts()
        if (owner := _owner(ask)) is None
        else ApiKeyFacts(organisation_is_known=owner in known, active_keys=active.get(owner, 0))
        for ask in asks
    ]


def _owner(ask: Ask[ApiKey]) -> UUID | None:
    """Whose key is being made, if one is."""
    return (ask.form.organisation_id or ask.actor.organisation_id) if isinstance(ask.form, ApiKeyIssueForm) else None


def _are_over(now: datetime) -> ColumnElement[bool]:
    return and_(K.status == ApiKeyStatus.ACTIVE, K.expires_at <= now)


DESK = Desk(WORKFLOW, API_KEYS, _gather, number=None, due={"expire": _are_over})
