"""Signing in by passkey, and registering passkeys. What the browser sends is looked at before any transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.challenge import Challenge, ChallengePurpose, challenge_not_valid
from domain.party import Viewer
from domain.passkey import Passkey, UsePasskeyForm, passkey_sign_in_failed
from domain.record import says
from domain.refusal import Refusal, RefusalCode, refusal
from domain.session import SignInMethod
from graph.actions import Payload, not_done
from graph.context import Context, Info
from graph.ids import record_id
from graph.relation import related
from graph.resolvers.challenge import new_challenge, shown_challenge, using_up, with_challenge
from graph.resolvers.opening import Opening, cookie, opened, refreshable
from identity.passkey import CREDENTIAL_CHARACTERS_MAX, credential_id_of
from storage.account import ACCOUNTS
from storage.passkey import DESK, passkey_and_holder, passkeys_of
from storage.passkey import PASSKEY as TABLE
from storage.perform import Request
from storage.relation import by_id

CHALLENGE = "挑战标识. Id of the challenge."
CREDENTIAL = (
    "凭据. What the browser answered, `JSON.stringify(credential.toJSON())`; at most "
    f"{CREDENTIAL_CHARACTERS_MAX} characters."
)


@dataclass(frozen=True, kw_only=True)
class PasskeyChallenge:
    """What a browser is to ask an authenticator for 挑战: once, and within a short time."""

    id: Annotated[UUID, says("标识", "Id of the challenge, to be sent back with the credential.")]
    options: Annotated[
        str,
        says(
            "选项",
            "In JSON, for `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.",
        ),
    ]
    expires_at: Annotated[datetime, says("到期时间", "It must be back before then.")]


@strawberry.input(description="登记通行密钥. A passkey that was just made.")
class PasskeyRegisterInput:
    """A challenge, and what the browser made of it."""

    challenge_id: strawberry.ID = strawberry.field(description=CHALLENGE)
    credential: str = strawberry.field(description=CREDENTIAL)
    name: str = strawberry.field(description="名称. What to call it, such as the device that it is on.")


@strawberry.input(description="通行密钥登录. A challenge that a passkey has signed.")
class SessionOpenByPasskeyInput:
    """A challenge, and what the browser made of it."""

    challenge_id: strawberry.ID = strawberry.field(description=CHALLENGE)
    credential: str = strawberry.field(description=CREDENTIAL)
    refreshable: bool = refreshable()
    cookie: bool = cookie()


async def passkey_registration_open(info: Info) -> Payload:
    """获取登记挑战. What a browser needs to make a passkey for whoever is signed in. 手册 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    passkeys = context.house.passkeys
    if passkeys is None:
        return not_done(context, _not_offered())
    account = await context.one(ACCOUNTS.seen_by(viewer).where(ACCOUNTS.id == viewer.user_id))
    assert account is not None
    async with context.house.database.reading() as connection:
        there = [each.credential_id for each in await passkeys_of(viewer).all(connection)]
    challenge = await new_challenge(context, ChallengePurpose.PASSKEY_REGISTRATION, viewer.user_id)
    if isinstance(challenge, tuple):
        return not_done(context, *challenge)
    seconds = context.house.settings.card_challenge_seconds
    return _handed_out(challenge, passkeys.to_register(_bytes_of(challenge), account, there, seconds))


async def passkey_register(info: Info, input: PasskeyRegisterInput) -> Payload:
    """登记通行密钥. Register a passkey for the account of whoever is signed in. 手册 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    passkeys = context.house.passkeys
    if passkeys is None:
        return not_done(context, _not_offered())
    purpose = ChallengePurpose.PASSKEY_REGISTRATION
    challenge = await _challenge(context, input.challenge_id, purpose, viewer.user_id)
    if challenge is None:
        return not_done(context, challenge_not_valid())
    form = await passkeys.registered(input.credential, _bytes_of(challenge), input.name)
    if isinstance(form, Refusal):
        return not_done(context, form)
    return await with_challenge(context, DESK, "register", form, challenge)


async def passkey_challenge_open(info: Info) -> Payload:
    """获取登录挑战. What a browser needs to sign in with a passkey; open to everybody. 手册 第四篇 (manual)."""
    context = info.context
    passkeys = context.house.passkeys
    if passkeys is None:
        return not_done(context, _not_offered())
    challenge = await new_challenge(context, ChallengePurpose.PASSKEY_SIGN_IN, None)
    if isinstance(challenge, tuple):
        return not_done(context, *challenge)
    seconds = context.house.settings.card_challenge_seconds
    return _handed_out(challenge, passkeys.to_sign_in(_bytes_of(challenge), seconds))


async def session_open_by_passkey(info: Info, input: SessionOpenByPasskeyInput) -> Payload:
    """通行密钥登录. Sign in with a passkey; it says whose it is. 手册 第四篇 (manual)."""
    context = info.context
    passkeys = context.house.passkeys
    if passkeys is None:
        return not_done(context, _not_offered())
    challenge = await _challenge(context, input.challenge_id, ChallengePurpose.PASSKEY_SIGN_IN, None)
    if challenge is None:
        return not_done(context, challenge_not_valid())
    credential_id, now = credential_id_of(input.credential), context.house.door.clock()
    async with context.house.database.reading() as connection:
        known = None if credential_id is None else await passkey_and_holder(connection, credential_id, now)
    if known is None:
        return not_done(context, passkey_sign_in_failed())
    passkey, viewer = known
    count = await passkeys.proved(input.credential, _bytes_of(challenge), passkey)
    if isinstance(count, Refusal):
        return not_done(context, count)
    use = Request(form=UsePasskeyForm(sign_count=count), subject_id=passkey.id)
    first = using_up(context, challenge, DESK, use, passkey_sign_in_failed())
    opening = Opening(SignInMethod.PASSKEY, is_refreshable=input.refreshable, by_cookie=input.cookie)
    return await opened(context, viewer, opening, is_proved=True, first=first)


async def own_passkeys(root: strawberry.Parent[Viewer], info: Info) -> list[Passkey]:
    """通行密钥. The viewer's own active passkeys, the latest first; `passkeys` has the revoked ones too."""
    async with info.context.house.database.reading() as connection:
        return await passkeys_of(root).all(connection, TABLE.c.registered_at.desc(), TABLE.c.id.desc())


account = related(by_id(ACCOUNTS), "account_id", name="account", words="账号. The account that signs in with it.")


async def _challenge(
    context: Context, public_id: str, purpose: ChallengePurpose, account_id: UUID | None
) -> Challenge | None:
    return await shown_challenge(context, record_id("passkey_challenge", public_id), purpose, account_id)


def _handed_out(challenge: Challenge, options: str) -> Payload:
    shown = PasskeyChallenge(id=challenge.id, options=options, expires_at=challenge.expires_at)
    return Payload(None, [], {"challenge": shown})


def _bytes_of(challenge: Challenge) -> bytes:
    return bytes.fromhex(challenge.nonce)


def _not_offered() -> Refusal:
    return refusal(
        RefusalCode.NOT_OFFERED,
        zh="本系统未开通通行密钥登录，请以用户名和密码登录。",
        en="Nobody signs in by passkey here; use user name and password.",
    )
