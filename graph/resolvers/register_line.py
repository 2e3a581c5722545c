"""Which question answers which field of a line of the register, and of what verifying it has found."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry

from domain.language import Language
from domain.party import THE_OFFICE, OrganisationKind
from domain.register_line import RegisterFlaw, RegisterLine, RegisterVerdict, told
from domain.register_line import hashed_text as text_of
from domain.register_line import on_behalf_of as delegator_of
from graph.context import Context, Info
from graph.ids import parts_of, public_id
from graph.publish import type_name
from storage.register_line import Side, accounts_seen, numbers_of, sees_a_line_of, sides_of
from storage.verify import verify_one

T = TypeVar("T")
Line = strawberry.Parent[RegisterLine]


def subject_id(root: Line) -> strawberry.ID:
    """记录标识. The record that it was done to, for `node` too where the viewer sees it."""
    workflow = told(root.subject_type, root.action).workflow
    named = root.subject_type if workflow is None else type_name(workflow.record)
    return strawberry.ID(public_id(named, root.subject_id))


def subject_label(root: Line, info: Info) -> str | None:
    """业务类型名称. What kind of record it is, in the viewer's language."""
    return told(root.subject_type, root.action).subject(info.context.language)


def action_label(root: Line, info: Info) -> str | None:
    """操作名称. What was done, in the viewer's language."""
    return told(root.subject_type, root.action).words(info.context.language)


def mutation(root: Line) -> str | None:
    """接口操作. Name of the mutation; null where the product itself acted."""
    return told(root.subject_type, root.action).mutation


def status_before_label(root: Line, info: Info) -> str | None:
    """操作前状态名称. The status before, in the viewer's language."""
    return told(root.subject_type, root.action).status(root.status_before, info.context.language)


def status_after_label(root: Line, info: Info) -> str | None:
    """操作后状态名称. The status after, in the viewer's language."""
    return told(root.subject_type, root.action).status(root.status_after, info.context.language)


async def subject_number(root: Line, info: Info) -> str | None:
    """业务编号. The record's official number; null where it has none, or the viewer may not see the record."""
    return await _asked(info.context, numbers_of, root.subject_id)


def actor_account_id(root: Line) -> strawberry.ID | None:
    """操作账号. Account of whoever acted; null where nobody was signed in, or the product itself acted."""
    return None if root.user_id is None else strawberry.ID(public_id("account", root.user_id))


async def actor_name(root: Line, info: Info) -> str | None:
    """操作人. Name of whoever acted, 系统 for the product itself; null where the viewer may not see the account."""
    if root.user_id is None:
        return by_nobody(root, info.context.language)
    return await _asked(info.context, accounts_seen, root.user_id)


def by_nobody(line: Any, language: Language) -> str | None:
    """Who acted where it was no account."""
    return THE_OFFICE.words.in_(language) if told(line.subject_type, line.action).mutation is None else None


async def actor_kind(root: Line, info: Info) -> OrganisationKind | None:
    """操作方. On which side of the table whoever acted sits; null for the product itself."""
    side = await _side(root, info)
    return None if side is None else side.kind


async def actor_organisation(root: Line, info: Info) -> str | None:
    """操作单位. Organisation of whoever acted, in the viewer's language; null where the viewer may not see it."""
    side = await _side(root, info)
    return None if side is None else side.name(info.context.language)


async def _side(root: RegisterLine, info: Info) -> Side | None:
    if root.organisation_id is None:
        return None
    return await _asked(info.context, sides_of, root.organisation_id)


def on_behalf_of_account_id(root: Line) -> strawberry.ID | None:
    """委托人账号. By whose delegated power it was done, where the actor's own did not suffice."""
    delegator_id = delegator_of(root.changes)
    return None if delegator_id is None else strawberry.ID(public_id("account", delegator_id))


async def on_behalf_of_name(root: Line, info: Info) -> str | None:
    """委托人. Name of that colleague; null where the viewer may not see the account."""
    delegator_id = delegator_of(root.changes)
    if delegator_id is None:
        return None
    return await _asked(info.context, accounts_seen, delegator_id)


def hashed_text(root: Line) -> str:
    """散列原文. The text that `hash` is the SHA-256 of: a JSON array of format, kind and id of the record,
    version, action, statuses, account, organisation, instant, digests and the hash before. Keep it as it came."""
    return text_of(root)


async def _asked(context: Context, question: Callable[..., Awaitable[dict[UUID, T]]], key: UUID) -> T | None:
    async def ask(connection: Any, ids: Sequence[UUID]) -> dict[UUID, T]:
        return await question(connection, context.viewer, ids)

    return await context.loading.load(ask, key, name=question)


async def register_verify(
    info: Info,
    subject_id: Annotated[strawberry.ID, strawberry.argument(description="记录标识. Of which record.")],
) -> RegisterVerdict | None:
    """核验登记簿. Holds all lines of one record against each other and the last one against the record; null where the
    viewer may see none of them. 手册 第四篇 (manual)."""
    context = info.context
    viewer, database = context.signed_in(), context.house.database
    named, record_id = parts_of(subject_id)
    async with database.reading() as connection:
        if not await sees_a_line_of(connection, viewer, record_id):
            return None
    chain, flaws = await verify_one(database, record_id)
    if chain is None:
        return None
    workflow = told(chain.subject_type, "").workflow
    if workflow is not None and type_name(workflow.record) != named:
        return None
    return RegisterVerdict(
        sound=not flaws,
        line_count=chain.line_count,
        last_hash=chain.last_hash,
        flaws=tuple(RegisterFlaw(version=each.version, words=each.words) for each in flaws),
    )


def flaws(root: strawberry.Parent[RegisterVerdict]) -> list[RegisterFlaw]:
    """不符之处. What was found, in order; at most a hundred of lines, then of the record."""
    return list(root.flaws)


def message(root: strawberry.Parent[RegisterFlaw], info: Info) -> str:
    """说明. What is wrong, in the viewer's language."""
    return root.words.in_(info.context.language)
