"""Signing in and out, and who is asking. A name that nobody has takes as long to refuse as a wrong password."""

from asyncio import gather
from dataclasses import replace
from datetime import datetime

import strawberry

from domain.account.record import Account
from domain.organisation import Organisation
from domain.party import ANONYMOUS, THE_PRODUCT, Viewer
from domain.password import has_expired, password_expired, password_known_to_all
from domain.record import Form
from domain.refusal import Refusal, RefusalCode, refusal
from domain.session import Session
from domain.totp import second_factor_over
from graph.actions import Payload
from graph.context import Context, Info
from graph.ids import record_id
from graph.reception.cookies import REFRESH, TOKEN, forgotten
from graph.reception.gate import Claim
from graph.reception.strength import weighed
from graph.resolvers import second_factor
from graph.resolvers.opening import Beside, OpenedSession, Opening, check_cookies, opened, told
from graph.resolvers.second_factor import First
from graph.user_error import user_errors
from identity.password import is_common, matches, matches_nobody
from storage.account import ACCOUNTS
from storage.device import devices_of
from storage.organisation import ORGANISATIONS
from storage.perform import Request, Transaction
from storage.question import Asks, Together
from storage.second_factor import use_up
from storage.session import DESK, account_by_id, account_by_name, addresses_of
from storage.session_token import RefreshToken, Renewed, Stolen, renew
from storage.session_token import last_used_at as last_used_at_of
from storage.totp import active_totp_of


@strawberry.input(description="登录. What is typed to sign in.")
class SessionOpenInput:
    """User name and password, and what the gate asks for."""

    username: str = strawberry.field(description="用户名. The name of the account.")
    password: str = strawberry.field(description="密码. Its password.")
    one_time_code: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="动态口令. Where the account has an authenticator app: the six digits that it shows, or a recovery "
        "code. May be sent afterwards, to `sessionConfirm`.",
    )
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
    refreshable: bool = strawberry.field(
        default=False,
        description="是否可续期. Whether a refresh token is wanted too: the token is then short-lived and renewed by "
        "`sessionRefresh`.",
    )
    cookie: bool = strawberry.field(
        default=False,
        description="是否使用 Cookie. For browsers, over HTTP: the tokens go into cookies that no script can read, and "
        "`session` is null.",
    )


@strawberry.input(description="登录第二步. The code beside a password that was right.")
class SessionConfirmInput:
    """The token that `sessionOpen` gave, and the code."""

    second_factor_token: str = strawberry.field(description="第二步令牌. As `sessionOpen` gave it; it is good once.")
    one_time_code: str = strawberry.field(
        description="动态口令. The six digits that the app shows, or a recovery code."
    )
    device_token: str | None = strawberry.field(
        default=strawberry.UNSET, description="设备令牌. As in `sessionOpen`: what signing in gave this device before."
    )
    refreshable: bool = strawberry.field(
        default=False, description="是否可续期. Whether a refresh token is wanted too, as in `sessionOpen`."
    )
    cookie: bool = strawberry.field(
        default=False, description="是否使用 Cookie. Whether the tokens go into cookies, as in `sessionOpen`."
    )


@strawberry.input(description="续期. What a session is renewed with.")
class SessionRefreshInput:
    """The refresh token."""

    refresh_token: str | None = strawberry.field(
        default=None, description="刷新令牌. The latest; absent where a cookie holds it. It is good once."
    )


@strawberry.input(description="退出. Which session ends.")
class SessionCloseInput:
    """One of the viewer's own sessions."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="标识. Another session of the viewer; absent for the one that asks."
    )


async def session_open(info: Info, input: SessionOpenInput) -> Payload:
    """登录. Sign in with user name and password; send the token as `Authorization: Bearer …`. 手册 第四篇 (manual)."""
    context = info.context
    opening = Opening(is_refreshable=input.refreshable, by_cookie=input.cookie)
    together, claim = Together(context.house.database), _claim(context, input)
    known, weighed = await gather(
        account_by_name(together, input.username, context.house.door.clock()),
        context.house.gate.weigh(together, claim),
    )
    claim = replace(claim, account_id=known[0].id if known else None)

    async def compare() -> bool:
        if known is None:
            # As long as for a known name, so that the time does not tell which names exist.
            await matches_nobody(input.password)
            return False
        return await matches(known[0].password_hash, input.password)

    refused = await context.house.gate.passes(claim, compare, weighed=weighed)
    if refused or known is None:
        return Payload(None, user_errors(refused, context.language))
    user, _ = known
    if has_expired(user.password_changed_at, context.house.settings.password_lasts, context.house.door.clock()):
        return Payload(None, user_errors([password_expired()], context.language))
    if is_common(input.password):
        return Payload(None, user_errors([password_known_to_all()], context.language))
    first: First | None = None
    if input.one_time_code and (totp := await active_totp_of(context.house.database, user.id)) is not None:
        proof = await second_factor.weighed(context, totp, input.one_time_code, claim)
        if isinstance(proof, tuple):
            return Payload(None, user_errors(proof, context.language))
        first = second_factor.taking(totp, proof)
    try:
        return await _let_in(context, claim, known, opening, first)
    except _CodeMissing:
        return await second_factor.asked_for(context, user)


async def session_confirm(info: Info, input: SessionConfirmInput) -> Payload:
    """登录第二步. Finish signing in with a code of the authenticator app, from where the right password came. 手册
    第四篇 (manual)."""
    context = info.context
    over = Payload(None, user_errors([second_factor_over()], context.language))
    waiting = await second_factor.waiting(context, input.second_factor_token)
    if waiting is None:
        return over
    known = await account_by_id(context.house.database, waiting.account_id, context.house.door.clock())
    totp = await active_totp_of(context.house.database, waiting.account_id)
    if known is None or totp is None or not second_factor.still_has_the_password(known[0], waiting):
        return over
    user, viewer = known
    claim = Claim(
        name=user.username, address=context.client.address, account_id=user.id, device_token=input.device_token or None
    )
    proof = await second_factor.weighed(context, totp, input.one_time_code, claim)
    if isinstance(proof, tuple):
        return Payload(None, user_errors(proof, context.language))
    taking = second_factor.taking(totp, proof)

    async def first(transaction: Transaction) -> tuple[Refusal, ...]:
        if not await use_up(transaction.connection, input.second_factor_token):
            return (second_factor_over(),)
        return await taking(transaction)

    opening = Opening(is_refreshable=input.refreshable, by_cookie=input.cookie)
    return await _let_in(context, claim, (user, viewer), opening, first)


class _CodeMissing(Exception):
    """The password does not stand alone."""


async def _let_in(
    context: Context, claim: Claim, known: tuple[Account, Viewer], opening: Opening, first: First | None
) -> Payload:
    """A session for whoever has typed the password, and the token by which the device will be known. `first` uses up
    the code beside the password; without it, raises _CodeMissing where there must be one."""
    (user, viewer), device_token = known, ""

    async def last(asks: Asks, now: datetime) -> Beside:
        nonlocal device_token
        devices, addresses, totp = await gather(
            devices_of(asks, user.id), addresses_of(asks, user.id), active_totp_of(asks, user.id)
        )
        if first is None and totp is not None:
            raise _CodeMissing
        let_in = context.house.gate.let_in(claim, user.id, devices, addresses, now)
        device_token = let_in.device_token
        return Beside(let_in.write, user.username if let_in.is_from_elsewhere else None)

    payload = await opened(
        context,
        viewer,
        opening,
        is_proved=True,
        first=first,
        last=last,
        compared_with=user.password_hash,
    )
    return payload if payload.more is None else replace(payload, more={**payload.more, "device_token": device_token})


def _claim(context: Context, input: SessionOpenInput) -> Claim:
    return Claim(
        name=input.username,
        address=context.client.address,
        device_token=input.device_token or None,
        captcha_id=record_id("captcha", input.captcha_id) if input.captcha_id else None,
        captcha_text=input.captcha_text or None,
        captcha_proof=input.captcha_proof or None,
    )


async def session_refresh(info: Info, input: SessionRefreshInput) -> Payload:
    """续期. Renew the token of a session by its refresh token; both are replaced. A refresh token that comes a second
    time, later than a moment after, is a stolen one: the session is closed. 手册 第四篇 (manual)."""
    context = info.context
    shown, by_cookie = input.refresh_token, False
    if shown is None:
        shown, by_cookie = context.client.refresh_token, True
        check_cookies(context, wanted=by_cookie)
    settings = context.house.settings
    now = context.house.door.clock()

    async def work(transaction: Transaction) -> Renewed | None:
        found = await renew(
            transaction.connection, RefreshToken.of(shown or ""), settings.lifetimes(is_refreshable=True), now
        )
        if isinstance(found, Stolen):
            await transaction.perform(
                DESK, "close_stolen", Request(form=Form(), subject_id=found.session_id), THE_PRODUCT
            )
            return None
        return found

    renewed = await context.house.door.together(work)
    if renewed is None:
        if by_cookie:
            context.cookies += [forgotten(TOKEN, settings), forgotten(REFRESH, settings)]
        return Payload(None, user_errors([_not_renewed()], context.language))
    context.becomes(await weighed(context.house, renewed.viewer))
    opening = Opening(is_refreshable=True, by_cookie=by_cookie)
    session = OpenedSession(
        renewed.token, renewed.token_expires_at, str(renewed.refresh), renewed.viewer.session_expires_at
    )
    return told(context, session, opening)


def _not_renewed() -> Refusal:
    return refusal(
        RefusalCode.SIGN_IN_FAILED,
        zh="刷新令牌无效，请重新登录。",
        en="The refresh token is not good; sign in again.",
        field="refresh_token",
    )


async def session_close(info: Info, input: SessionCloseInput | None = None) -> Payload:
    """退出. Sign out: the token that this request carries is worth nothing any more, and cookies are taken back; or end
    another session of one's own. 手册 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    named = None if input is None or input.id is None else record_id("session", input.id)
    wish = Request(form=Form(), subject_id=named or viewer.session_id)
    outcome = await context.house.door.perform(DESK, "close", wish, viewer)
    if not outcome.refusals and wish.subject_id == viewer.session_id:
        # What follows in the same operation is asked by nobody.
        context.becomes(ANONYMOUS)
        settings = context.house.settings
        context.cookies += [forgotten(TOKEN, settings), forgotten(REFRESH, settings)]
    return Payload(None, user_errors(outcome.refusals, context.language))


def is_current(root: strawberry.Parent[Session], info: Info) -> bool:
    """是否当前登录. Whether it is the session that asks."""
    return root.id == info.context.viewer.session_id


async def last_used_at(root: strawberry.Parent[Session], info: Info) -> datetime | None:
    """最近使用时间. When it was last used, to the minute; null where that was not kept."""
    return await info.context.loading.load(last_used_at_of, root.id)


def viewer(info: Info) -> Viewer | None:
    """当前账号. Who is asking; null for anonymous requests."""
    return None if info.context.viewer.is_anonymous else info.context.viewer


async def account(root: strawberry.Parent[Viewer], info: Info) -> Account | None:
    """账号. The user who is signed in."""
    return await info.context.one(ACCOUNTS.seen_by(root).where(ACCOUNTS.id == root.user_id))


async def organisation(root: strawberry.Parent[Viewer], info: Info) -> Organisation | None:
    """单位. The organisation that the user belongs to."""
    return await info.context.one(ORGANISATIONS.seen_by(root).where(ORGANISATIONS.id == root.organisation_id))
