"""What accounts need beside the door: one-time codes are made and told once, passwords weighed and hashed.

Whoever activates or changes an expired password is nobody yet, so all that can be wrong is answered alike and late.
"""

from collections.abc import Iterable
from dataclasses import replace

import strawberry

from domain.account.conditions import activation_failed
from domain.account.record import Account, AccountLanguage, ActivateForm, ChangePasswordForm, IssuedCode, language_of
from domain.account.record import may_read_contact as may_read
from domain.language import Words
from domain.party import ANONYMOUS, Viewer
from domain.password import WeighedPassword, has_expired, password_faults
from domain.refusal import Refusal, RefusalCode, refusal
from domain.session import sign_in_failed
from graph.actions import Payload
from graph.context import Context, Info
from graph.ids import record_id
from graph.reception.gate import Claim
from graph.relation import related
from graph.user_error import user_errors
from identity.code import hash_of_code, new_code
from identity.password import hashed, is_common, matches, matches_nobody, normalised
from storage.account import ACCOUNTS, account_named, accounts_by_id, colleagues_of
from storage.account_desk import DESK
from storage.organisation import OFFICE_NAMED, ORGANISATIONS
from storage.perform import Outcome, Request
from storage.relation import by_id

CAPTCHA_ID = "验证码标识. Without a session: of a captcha that `captchaOpen` gave for this user name."
CAPTCHA_TEXT = "验证码. The text of its picture, whatever its case."
CAPTCHA_PROOF = "工作量证明. Instead of the text: the nonce that does its work."


@strawberry.input(description="激活. The one-time code, and the password that is set with it.")
class AccountActivateInput:
    """Of somebody who is not signed in."""

    username: str = strawberry.field(description="用户名. The name of the account.")
    one_time_code: str = strawberry.field(
        description="一次性代码. As the administrator handed it over; case, blanks and hyphens do not count."
    )
    password: str = strawberry.field(
        description="密码. The new password: any characters, as few as the installation allows (12 by default) and at "
        "most 128; not a common one, and without the user name or the organisation's name."
    )
    captcha_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_ID)
    captcha_text: str | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_TEXT)
    captcha_proof: str | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_PROOF)


@strawberry.input(description="修改密码. The old password and the new one.")
class AccountChangePasswordInput:
    """Of whoever is signed in, or of whoever cannot sign in because the password must be changed first."""

    username: str | None = strawberry.field(
        description="用户名. Only without a session, where the password has expired or is a common one by now; absent "
        "for whoever is signed in.",
        default=None,
    )
    old_password: str = strawberry.field(description="原密码. The present password.")
    new_password: str = strawberry.field(description="新密码. The new password, as in `accountActivate`.")
    captcha_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_ID)
    captcha_text: str | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_TEXT)
    captcha_proof: str | None = strawberry.field(default=strawberry.UNSET, description=CAPTCHA_PROOF)


# ── With a one-time code ───────────────────────────────────────────────────────────────────────────────────────────


async def invite(context: Context, request: Request) -> Payload:
    return await _with_a_code(context, "invite", request)


async def reset_password(context: Context, request: Request) -> Payload:
    return await _with_a_code(context, "reset_password", request)


async def _with_a_code(context: Context, action: str, request: Request) -> Payload:
    code = new_code()
    issued = IssuedCode(hash_of_code(code), context.house.settings.one_time_code_lasts)
    wish = replace(request, form=replace(request.form, code=issued))  # type: ignore[call-arg]
    outcome = await _done(context, action, wish)
    account = outcome.record
    # A wish that was granted before under its key has another code, which nobody is told twice.
    is_told = not outcome.refusals and account is not None and account.code_hash == issued.hash
    more = {"one_time_code": code, "one_time_code_expires_at": account and account.code_expires_at} if is_told else {}
    return Payload(account, user_errors(outcome.refusals, context.language), more)


async def change_role(context: Context, request: Request) -> Payload:
    outcome = await _done(context, "change_role", request)
    return Payload(outcome.record, user_errors(outcome.refusals, context.language))


async def _done(context: Context, action: str, request: Request) -> Outcome[Account]:
    """What ends the sessions of an account; where it is the viewer's own, nobody asks what follows in the operation."""
    outcome = await context.house.door.perform(DESK, action, request, context.viewer)
    context.forget()
    if not outcome.refusals and outcome.record is not None and outcome.record.id == context.viewer.user_id:
        context.viewer = ANONYMOUS
    return outcome


# ── With a password ────────────────────────────────────────────────────────────────────────────────────────────────


async def account_activate(info: Info, input: AccountActivateInput) -> Payload:
    """激活. Set a password with the one-time code of an invitation or a reset; then sign in. Open to everybody; what is
    wrong with name or code is never told. 手册 第四篇 (manual)."""
    context = info.context
    async with context.house.database.reading() as connection:
        known = await account_named(connection, input.username)
    code_hash, now = hash_of_code(input.one_time_code), context.house.door.clock()
    password_hash = ""

    async def compare() -> bool:
        nonlocal password_hash
        # Hashed whatever the code is, so that the time does not tell which names have one.
        password_hash = await hashed(input.password)
        return known is not None and known[0].code_is_good(now) and known[0].code_hash == code_hash

    claim = replace(_claim(context, input.username, input, known[0] if known else None), is_beyond_guessing=True)
    refused = await context.house.gate.passes(claim, compare, otherwise=activation_failed)
    if refused or known is None:
        return Payload(None, user_errors(refused, context.language))
    account, viewer, names = known
    faults = _faults(context, account, names, input.password, "password")
    if hash_of_code(normalised(input.password)) == code_hash:
        faults = (*faults, _is_the_code())
    form = ActivateForm(code_hash=code_hash, password=WeighedPassword(password_hash, faults))
    outcome = await context.house.door.perform(DESK, "activate", Request(form=form, subject_id=account.id), viewer)
    return _told_alone(context, outcome, {*(each.code for each in faults)}, activation_failed())


def _is_the_code() -> Refusal:
    return refusal(
        RefusalCode.NOTHING_CHANGED,
        zh="密码不得与一次性代码相同。",
        en="The password must not be the one-time code.",
        field="password",
    )


async def account_change_password(info: Info, input: AccountChangePasswordInput) -> Payload:
    """修改密码. Change the own password; all other sessions of the account end. Without a session, name the account:
    that is possible only where its password has expired or is a common one by now. 手册 第四篇 (manual)."""
    context = info.context
    if input.username is not None:
        return await _change_expired(context, input.username, input)
    viewer = context.signed_in()
    account = await context.one(ACCOUNTS.seen_by(viewer).where(ACCOUNTS.id == viewer.user_id))
    assert account is not None
    organisation = await context.follow(OFFICE_NAMED, (account.organisation_id,))
    names = Words(zh=organisation.name_zh, en=organisation.name_en)
    is_proved = await matches(account.password_hash, input.old_password)
    outcome = await _change(context, viewer, account, names, input, is_proved=is_proved)
    context.forget()
    return Payload(outcome.record, user_errors(outcome.refusals, context.language))


async def _change_expired(context: Context, username: str, input: AccountChangePasswordInput) -> Payload:
    async with context.house.database.reading() as connection:
        known = await account_named(connection, username)
    lasts, now = context.house.settings.password_lasts, context.house.door.clock()

    async def compare() -> bool:
        if known is None:
            await matches_nobody(input.old_password)
            return False
        # Whoever can sign in does so first: nobody shall try passwords here instead.
        is_proved = await matches(known[0].password_hash, input.old_password)
        must_change = has_expired(known[0].password_changed_at, lasts, now) or is_common(input.old_password)
        return is_proved and must_change

    claim = _claim(context, username, input, known[0] if known else None)
    refused = await context.house.gate.passes(claim, compare)
    if refused or known is None:
        return Payload(None, user_errors(refused, context.language))
    account, viewer, names = known
    faults = {*(each.code for each in _change_faults(context, account, names, input))}
    outcome = await _change(context, viewer, account, names, input, is_proved=True)
    return _told_alone(context, outcome, faults, sign_in_failed())


def _claim(
    context: Context, username: str, input: AccountActivateInput | AccountChangePasswordInput, known: Account | None
) -> Claim:
    """What the gate weighs, as where somebody signs in."""
    return Claim(
        name=username,
        address=context.client.address,
        account_id=known.id if known else None,
        captcha_id=record_id("captcha", input.captcha_id) if input.captcha_id else None,
        captcha_text=input.captcha_text or None,
        captcha_proof=input.captcha_proof or None,
    )


async def _change(
    context: Context,
    viewer: Viewer,
    account: Account,
    names: Words,
    input: AccountChangePasswordInput,
    *,
    is_proved: bool,
) -> Outcome[Account]:
    faults = tuple(_change_faults(context, account, names, input))
    password = WeighedPassword(await hashed(input.new_password), faults)
    form = ChangePasswordForm(is_proved=is_proved, compared_with=account.password_hash, password=password)
    return await context.house.door.perform(DESK, "change_password", Request(form=form, subject_id=account.id), viewer)


def _change_faults(
    context: Context, account: Account, names: Words, input: AccountChangePasswordInput
) -> Iterable[Refusal]:
    yield from _faults(context, account, names, input.new_password, "new_password")
    if normalised(input.new_password) == normalised(input.old_password):
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="新密码不得与原密码相同。",
            en="The new password must differ from the old one.",
            field="new_password",
        )


def _faults(context: Context, account: Account, names: Words, password: str, field: str) -> tuple[Refusal, ...]:
    return tuple(
        password_faults(
            normalised(password),
            username=account.username,
            names=(names.zh, names.en),
            length_min=context.house.settings.password_length_min,
            is_common=is_common(password),
            field=field,
        )
    )


def _told_alone(context: Context, outcome: Outcome[Account], faults: set[RefusalCode], otherwise: Refusal) -> Payload:
    """What the password itself lacks is told; whatever else stands in the way is one and the same to a stranger."""
    if any(each.code not in faults for each in outcome.refusals):
        return Payload(None, user_errors([otherwise], context.language))
    context.forget()
    account = None if outcome.refusals else outcome.record
    return Payload(account, user_errors(outcome.refusals, context.language))


# ── Fields ─────────────────────────────────────────────────────────────────────────────────────────────────────────


organisation = related(
    by_id(ORGANISATIONS),
    "organisation_id",
    name="organisation",
    words="单位. The organisation that the user belongs to.",
)


async def email(root: strawberry.Parent[Account], info: Info) -> str | None:
    """电子邮箱. E-mail address of the person; for oneself and administrators, null for others."""
    return root.email if may_read(info.context.viewer, root) else None


async def mobile(root: strawberry.Parent[Account], info: Info) -> str | None:
    """手机. Mobile phone of the person; for oneself and administrators, null for others."""
    return root.mobile if may_read(info.context.viewer, root) else None


async def language(root: strawberry.Parent[Account], info: Info) -> AccountLanguage | None:
    """语言. In which language the person is answered who asks for none; for oneself and administrators, else null."""
    return language_of(root) if may_read(info.context.viewer, root) else None


async def delegated_by(root: strawberry.Parent[Viewer], info: Info) -> list[Account]:
    """委托人. The colleagues whose work the viewer does at present; see `roles`."""
    found = [await info.context.loading.load(accounts_by_id, power.delegator_id) for power in root.powers]
    return [each for each in found if each is not None]


async def colleagues(root: strawberry.Parent[Viewer], info: Info) -> list[Account]:
    """同事. The active users of the own organisation by name, oneself included, at most 200: who may substitute."""
    async with info.context.house.database.reading() as connection:
        return list(await colleagues_of(connection, root))
