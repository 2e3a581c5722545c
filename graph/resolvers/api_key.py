"""How keys are issued and rotated: the secret is made here, told once in the answer, and kept as a hash."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domain.api_key.record import ApiKey
from domain.api_key.scope import ApiKeyScope
from domain.organisation import Organisation
from graph.actions import Payload
from graph.context import Context, Info
from graph.user_error import user_errors
from identity.api_key import hash_of, new_prefix, new_secret, written
from storage.api_key import DESK
from storage.api_key_use import last_used_at as last_used_at_of
from storage.organisation import ORGANISATIONS
from storage.perform import Outcome, Request, Transaction, Undone


async def api_key_issue(info: Info, input: Any) -> Payload:
    """Described by the table."""
    return await _with_secret(info.context, "issue", input)


async def api_key_rotate(info: Info, input: Any) -> Payload:
    """Described by the table."""
    return await _with_secret(info.context, "rotate", input)


async def _with_secret(context: Context, action: str, wish: Request) -> Payload:
    viewer, terms = context.signed_in(), context.house.settings.api_key_terms

    async def work(transaction: Transaction) -> tuple[Outcome[ApiKey], str]:
        secret = new_secret()
        known: dict[str, Any] = {"secret_hash": hash_of(secret), "terms": terms}
        if action == "issue":
            known["prefix"] = new_prefix()
        form = replace(wish.form, **known)
        outcome = await transaction.perform(DESK, action, replace(wish, form=form), viewer)
        if outcome.refusals:
            raise Undone((outcome, secret))
        return outcome, secret

    outcome, secret = await context.house.door.together(work)
    context.forget()
    key = outcome.record
    # A request that is repeated under its idempotency key makes no secret, and the first cannot be told again.
    is_its_own = not outcome.refusals and key is not None and key.secret_hash == hash_of(secret)
    told = {"secret": written(key.prefix, secret) if is_its_own and key is not None else None}
    return Payload(key, user_errors(outcome.refusals, context.language), told)


def scopes(root: strawberry.Parent[ApiKey]) -> list[ApiKeyScope]:
    """范围. What it opens."""
    return list(root.scopes)


async def organisation(root: strawberry.Parent[ApiKey], info: Info) -> Organisation | None:
    """单位. Whose key it is."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
        some = await ORGANISATIONS.seen_by(viewer).where(ORGANISATIONS.id.in_(ids)).all(connection)
        return {each.id: each for each in some}

    return await info.context.loading.load(seen, root.organisation_id, name="organisation")


async def last_used_at(root: strawberry.Parent[ApiKey], info: Info) -> datetime | None:
    """最近使用时间. When it, or a token got by it, was last used; null where it never was."""
    return await info.context.loading.load(last_used_at_of, root.id)
