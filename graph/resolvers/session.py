"""Signing in and out, and who is asking. A name that nobody has takes as long to refuse as a wrong password."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import strawberry

from domain.account import Account
from domain.organisation import Organisation
from domain.party import ANONYMOUS, Viewer
from domain.record import Form
from domain.refusal import Refusal
from domain.session import Session, SessionForm, sign_in_failed
from graph.actions import Payload
from graph.context import Context, Info
from graph.user_error import user_errors
from identity.password import matches, matches_nobody
from storage.account import ACCOUNTS
from storage.organisation import ORGANISATIONS
from storage.perform import Outcome, Request, Transaction, Undone
from storage.session import DESK, account_by_name, hash_of_token, new_token


@strawberry.input(description="登录. What is typed to sign in.")
class SessionOpenInput:
    """User name and password."""

    username: str = strawberry.field(description="用户名. The name of the account.")
    password: str = strawberry.field(description="密码. Its password.")


@dataclass(frozen=True)
class OpenedSession:
    """A session just opened, with the token that nobody will ever see again."""

    token: str
    expires_at: datetime


async def session_open(info: Info, input: SessionOpenInput) -> Payload:
    """登录. Sign in with user name and password; send the token as `Authorization: Bearer …`. 手册 第四篇 (manual)."""
    context = info.context
    async with context.house.database.reading() as connection:
        known = await account_by_name(connection, input.username)
    if known is None:
        # As long as for a known name, so that the time does not tell which names exist.
        await matches_nobody(input.password)
        return Payload(None, user_errors([sign_in_failed()], context.language))
    user, viewer = known
    return await opened(context, viewer, is_proved=await matches(user.password_hash, input.password))


First = Callable[[Transaction], Awaitable[tuple[Refusal, ...]]]
"""What is done in the transaction of a sign-in before the session; its refusals are the answer."""


async def opened(context: Context, viewer: Viewer, *, is_proved: bool, first: First | None = None) -> Payload:
    """A session for whoever has proved to be this user, by whatever means; without proof the refusal."""
    token = new_token()
    form = SessionForm(is_proved=is_proved, token_hash=hash_of_token(token), lasts=context.house.settings.session_lasts)

    async def work(transaction: Transaction) -> Outcome[Session]:
        if first is not None and (refused := await first(transaction)):
            raise Undone(Outcome(None, refused))
        outcome = await transaction.perform(DESK, "open", Request(form=form), viewer)
        if outcome.refusals:
            raise Undone(outcome)
        return outcome

    outcome: Outcome[Session] = await context.house.door.together(work)
    if outcome.record is None or outcome.refusals:
        return Payload(None, user_errors(outcome.refusals, context.language))
    context.viewer = replace(viewer, session_id=outcome.record.id)
    return Payload(None, [], {"session": OpenedSession(token, outcome.record.expires_at), "viewer": context.viewer})


async def session_close(info: Info) -> Payload:
    """退出. Sign out: the token that this request carries is worth nothing any more. 手册 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    outcome = await context.house.door.perform(
        DESK, "close", Request(form=Form(), subject_id=viewer.session_id), viewer
    )
    if not outcome.refusals:
        # What follows in the same operation is asked by nobody.
        context.viewer = ANONYMOUS
    return Payload(None, user_errors(outcome.refusals, context.language))


async def viewer(info: Info) -> Viewer | None:
    """当前账号. Who is asking; null for anonymous requests."""
    return None if info.context.viewer.is_anonymous else info.context.viewer


async def account(root: strawberry.Parent[Viewer], info: Info) -> Account | None:
    """账号. The user who is signed in."""
    return await info.context.one(ACCOUNTS.seen_by(root).where(ACCOUNTS.id == root.user_id))


async def organisation(root: strawberry.Parent[Viewer], info: Info) -> Organisation | None:
    """单位. The organisation that the user belongs to."""
    return await info.context.one(ORGANISATIONS.seen_by(root).where(ORGANISATIONS.id == root.organisation_id))
