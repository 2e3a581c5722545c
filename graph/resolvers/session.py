"""Signing in and out, and who is asking. A name that nobody has takes as long to refuse as a wrong password."""

from dataclasses import dataclass, replace
from datetime import datetime

import strawberry

from domain.account import Account
from domain.organisation import Organisation
from domain.party import ANONYMOUS, Viewer
from domain.record import Form
from domain.session import SessionForm
from graph.actions import Payload
from graph.context import Context, Info
from graph.gate import Claim
from graph.ids import record_id
from graph.user_error import user_errors
from identity.password import matches, matches_nobody
from storage.account import ACCOUNTS
from storage.organisation import ORGANISATIONS
from storage.perform import Request
from storage.session import DESK, account_by_name, hash_of_token, new_token


@strawberry.input(description="登录. What is typed to sign in.")
class SessionOpenInput:
    """User name and password, and what the gate asks for."""

    username: str = strawberry.field(description="用户名. The name of the account.")
    password: str = strawberry.field(description="密码. Its password.")
    captcha_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="验证码标识. Of a captcha that `captchaOpen` gave for this user name."
    )
    captcha_text: str | None = strawberry.field(
        default=strawberry.UNSET, description="验证码. The text of its picture, whatever its case."
    )
    captcha_proof: str | None = strawberry.field(
        default=strawberry.UNSET, description="工作量证明. Instead of the text: the nonce that does its work."
    )
    device_token: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="设备令牌. What signing in gave this device before: then strangers who try cannot slow it down.",
    )


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

    async def compare() -> bool:
        if known is None:
            # As long as for a known name, so that the time does not tell which names exist.
            await matches_nobody(input.password)
            return False
        return await matches(known[0].password_hash, input.password)

    claim = _claim(context, input, known[0] if known else None)
    refused = await context.house.gate.passes(claim, compare)
    if refused or known is None:
        return Payload(None, user_errors(refused, context.language))
    user, viewer = known
    payload = await opened(context, viewer, is_proved=True)
    if payload.more is None:
        return payload
    return replace(payload, more={**payload.more, "device_token": await context.house.gate.let_in(claim, user.id)})


def _claim(context: Context, input: SessionOpenInput, user: Account | None) -> Claim:
    return Claim(
        name=input.username,
        address=context.address,
        account_id=user.id if user else None,
        device_token=input.device_token or None,
        captcha_id=record_id("captcha", input.captcha_id) if input.captcha_id else None,
        captcha_text=input.captcha_text or None,
        captcha_proof=input.captcha_proof or None,
    )


async def opened(context: Context, viewer: Viewer, *, is_proved: bool) -> Payload:
    """A session for whoever has proved to be this user, by whatever means; without proof the refusal."""
    token = new_token()
    form = SessionForm(is_proved=is_proved, token_hash=hash_of_token(token), lasts=context.house.settings.session_lasts)
    outcome = await context.house.door.perform(DESK, "open", Request(form=form), viewer)
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
