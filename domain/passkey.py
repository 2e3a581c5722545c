"""Passkeys 通行密钥 (WebAuthn): today's card, a key in a telephone, computer or token for this site and one account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.account.record import Account
from domain.account.told import PASSKEY_REGISTERED, PASSKEY_REVOKED
from domain.card import THE_HOLDER, RevokeCardForm, as_revoked
from domain.language import Words
from domain.party import THE_ADMINISTRATOR_IN_PERSON, THE_OFFICE
from domain.record import Form, Record, hidden, required, says
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition, form_is_filled

PASSKEYS_MAX = 10
"""Registered for one account at a time."""

CREDENTIAL_ID_LENGTH_MAX = 1364
"""1023 bytes in base64, which is the longest that authenticators give."""

PUBLIC_KEY_LENGTH_MAX = 4000
SIGN_COUNT_MAX = 2**31 - 1
NAME_LENGTH_MAX = 100

Text = str | None


class PasskeyStatus(Term):
    """Whether the account signs in with the passkey."""

    ACTIVE = "有效", "Signs in."
    REVOKED = "已解除", "Signs in no more."


@dataclass(frozen=True, kw_only=True)
class RegisterPasskeyForm(Form):
    """A new key; that it has signed a challenge was looked at already, off the event loop."""

    name: Annotated[
        Text,
        says("名称", "What the user calls it, such as the device that it is on."),
        marks.text(NAME_LENGTH_MAX),
        required,
    ] = None
    credential_id: Annotated[str, hidden]
    public_key: Annotated[str, hidden]
    sign_count: Annotated[int, hidden]


@dataclass(frozen=True, kw_only=True)
class UsePasskeyForm(Form):
    """How often the authenticator says that it has signed; nought where it does not count."""

    sign_count: int


@dataclass(frozen=True, kw_only=True)
class RevokePasskeyForm(RevokeCardForm):
    """Why a passkey is no longer wanted."""


@dataclass(frozen=True, kw_only=True)
class Passkey(Record):
    """A key that an account signs in with 通行密钥."""

    name: Annotated[str, says("名称", "What the user calls it."), marks.text(NAME_LENGTH_MAX)]
    status: Annotated[PasskeyStatus, says("状态", "Whether the account signs in with it.")]
    registered_at: Annotated[datetime, says("登记时间", "When it was registered.")]
    last_used_at: Annotated[datetime | None, says("最近登录时间", "When it last signed in; null before.")] = None
    revoked_at: Annotated[datetime | None, says("解除时间", "When it was revoked; null before.")] = None
    revoke_reason: Annotated[Text, says("解除原因", "Why it was revoked."), marks.text(300)] = None
    credential_id: Annotated[str, hidden, marks.text(CREDENTIAL_ID_LENGTH_MAX)]
    public_key: Annotated[str, hidden, marks.text(PUBLIC_KEY_LENGTH_MAX)]
    sign_count: Annotated[int, hidden]
    account_id: Annotated[UUID, hidden]
    organisation_id: Annotated[UUID, hidden]


class PasskeyOrderField(Term):
    """What the list can be sorted by."""

    REGISTERED_AT = "登记时间", "By when it was registered."


@dataclass(frozen=True, kw_only=True)
class PasskeyFilter(Form):
    """Which passkeys are wanted; conditions given together must all hold."""

    status: Annotated[PasskeyStatus | None, says("状态", "In this status.")] = None
    account_id: Annotated[UUID | None, says("账号", "Of this account."), marks.id_of("account")] = None


@dataclass(frozen=True, kw_only=True)
class PasskeyFacts:
    """The actor's own account, and what is registered already."""

    account: Account | None = None
    is_taken: bool = False
    held: int = 0


Registering = Case[Passkey, PasskeyFacts, RegisterPasskeyForm]
Using = Case[Passkey, PasskeyFacts, UsePasskeyForm]


@condition(zh="该通行密钥未曾登记", en="the passkey was never registered before")
def passkey_is_new(case: Registering) -> Refusals:
    if case.facts.is_taken:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh="该通行密钥已登记过，请在设备上新建一个。",
            en="This passkey was registered before; make a new one on the device.",
            field="credential",
        )


@condition(
    zh=f"账号下的有效通行密钥少于{PASSKEYS_MAX}个", en=f"the account has fewer than {PASSKEYS_MAX} active passkeys"
)
def there_is_room(case: Registering) -> Refusals:
    if case.facts.held >= PASSKEYS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY,
            zh=f"每个账号最多登记{PASSKEYS_MAX}个通行密钥，请先解除不用的。",
            en=f"An account has at most {PASSKEYS_MAX} passkeys; revoke one that is not used.",
        )


@condition(zh="签名计数大于上次，或设备不计数", en="the authenticator has counted on, or does not count at all")
def count_goes_on(case: Using) -> Refusals:
    """One that has not is a copy, or was copied."""
    counts = case.record.sign_count > 0 or case.form.sign_count > 0
    if counts and case.form.sign_count <= case.record.sign_count:
        yield passkey_sign_in_failed()


def passkey_sign_in_failed() -> Refusal:
    """One answer to all that may be wrong, for none of it helps whoever has the passkey."""
    return refusal(
        RefusalCode.SIGN_IN_FAILED,
        zh="通行密钥验证未通过，或未登记到可用的账号。",
        en="The passkey was not verified, or is not registered for an active account.",
    )


def as_registered(case: Registering) -> Effect:
    form, account = case.form, case.facts.account
    assert account is not None
    return Effect(
        changes={
            "name": form.name,
            "credential_id": form.credential_id,
            "public_key": form.public_key,
            "sign_count": form.sign_count,
            "account_id": account.id,
            "organisation_id": account.organisation_id,
        }
    )


def as_used(case: Using) -> Effect:
    return Effect(changes={"last_used_at": case.now, "sign_count": case.form.sign_count})


def blank_passkey(case: Case[Any, Any, Any], status: Term | None) -> Passkey:
    assert isinstance(status, PasskeyStatus)
    passkey_id = case.new_id()
    return Passkey(
        id=passkey_id,
        name="",
        status=status,
        registered_at=case.now,
        credential_id="",
        public_key="",
        sign_count=0,
        # Nobody's, until the form has been looked at.
        account_id=passkey_id,
        organisation_id=passkey_id,
    )


S = PasskeyStatus

WORKFLOW = Workflow(
    subject="passkey",
    words=Words(zh="通行密钥", en="Passkey"),
    manual="第四篇",
    record=Passkey,
    statuses=PasskeyStatus,
    blank=blank_passkey,
    actions=(
        Action(
            name="register",
            published_as="passkeyRegister",
            words=Words(zh="登记", en="Register a passkey for one's own account."),
            manual="第四篇",
            creates=S.ACTIVE,
            by=(THE_HOLDER,),
            form=RegisterPasskeyForm,
            accepts=(form_is_filled, passkey_is_new, there_is_room),
            then=as_registered,
            tells=(PASSKEY_REGISTERED,),
        ),
        Action(
            name="use",
            words=Words(zh="登录", en="Note that the passkey has signed in."),
            manual="第四篇",
            start=(S.ACTIVE,),
            by=(THE_OFFICE,),
            form=UsePasskeyForm,
            accepts=(count_goes_on,),
            then=as_used,
        ),
        Action(
            name="revoke",
            words=Words(zh="解除", en="Let the passkey sign in no more; its open sessions go on until they end."),
            manual="第四篇",
            start=(S.ACTIVE,),
            to=S.REVOKED,
            by=(THE_HOLDER, THE_ADMINISTRATOR_IN_PERSON, THE_OFFICE),
            form=RevokePasskeyForm,
            then=as_revoked,
            tells=(PASSKEY_REVOKED,),
        ),
    ),
)
