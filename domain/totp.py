"""Authenticator apps 动态口令 (TOTP, RFC 6238): the second factor beside a password, one for an account.

The surprise: a code is compared before the action, outside of the domain; what it amounts to comes along as a `Proof`
and is weighed against the record as it is when the action is taken, so that no code is good twice.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.account.record import Account
from domain.account.told import CODE_REUSED, TOTP_CONFIRMED, TOTP_REVOKED
from domain.card import REASON_LENGTH_MAX, THE_HOLDER
from domain.language import Words
from domain.party import ADMINISTERING, THE_OFFICE, OfAnyKind, OrganisationKind, Party, Role, Viewer
from domain.record import Form, Record, hidden, required, says, sealed
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition, form_is_filled

RECOVERY_CODES = 10
"""Handed out with each, for when the telephone is lost; each is good once."""

CODE_LENGTH_MAX = 64
"""Characters that may be typed for a code; ours have far fewer."""

HASH_LENGTH = 64
MANUAL = "第四篇"

Text = str | None


class TotpStatus(Term):
    """Whether the account's password needs a code beside it."""

    PENDING = "待确认", "Begun; no code has shown yet that the app has the secret."
    ACTIVE = "已启用", "Signing in with the password asks for a code."
    REVOKED = "已停用", "Not asked for any more."


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a typed code amounts to: the time step of which it is the code, or the hash of a recovery code."""

    step: int | None = None
    compared_with: str = field(default="", repr=False)
    """The secret by which it is that step's code."""
    recovery_hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class BeginTotpForm(Form):
    """A secret that was just made."""

    secret: Annotated[str, hidden]


@dataclass(frozen=True, kw_only=True)
class ConfirmTotpForm(Form):
    """A first code, which shows that the app has the secret."""

    one_time_code: Annotated[
        Text, says("动态口令", "The six digits that the app shows."), marks.text(CODE_LENGTH_MAX), required
    ] = None
    proof: Annotated[Proof | None, hidden] = None
    recovery_hashes: Annotated[str, hidden] = ""


@dataclass(frozen=True, kw_only=True)
class UseTotpForm(Form):
    """A code that signs in."""

    proof: Annotated[Proof, hidden]


@dataclass(frozen=True, kw_only=True)
class RevokeTotpForm(Form):
    """Why no code shall be asked for any more, and a last one."""

    one_time_code: Annotated[
        Text,
        says("动态口令", "From the user: six digits of the app, or a recovery code. From an administrator: none."),
        marks.text(CODE_LENGTH_MAX),
    ] = None
    reason: Annotated[Text, says("停用原因", "Why, such as that the phone is lost."), marks.text(REASON_LENGTH_MAX)] = (
        None
    )
    proof: Annotated[Proof | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class Totp(Record):
    """The authenticator app of an account 动态口令: its codes are asked for beside the password."""

    status: Annotated[TotpStatus, says("状态", "Whether a code is asked for.")]
    begun_at: Annotated[datetime, says("登记时间", "When its secret was made.")]
    confirmed_at: Annotated[datetime | None, says("启用时间", "When the first code was typed; null before.")] = None
    last_used_at: Annotated[datetime | None, says("最近登录时间", "When a code last signed in; null before.")] = None
    revoked_at: Annotated[datetime | None, says("停用时间", "When it was revoked; null before.")] = None
    revoke_reason: Annotated[Text, says("停用原因", "Why it was revoked."), marks.text(REASON_LENGTH_MAX)] = None
    recovery_codes_left: Annotated[int, says("剩余备用码", "How many recovery codes were not used yet.")] = 0
    secret: Annotated[str, hidden, sealed]
    """In base32; empty once it was revoked."""
    last_step: Annotated[int | None, hidden] = None
    """The latest time step of which a code was taken; neither it nor an earlier one is good again."""
    recovery_hashes: Annotated[str, hidden, marks.text(RECOVERY_CODES * (HASH_LENGTH + 1))] = ""
    """SHA-256 of the recovery codes that are left, blanks between them."""
    account_id: Annotated[UUID, hidden]
    organisation_id: Annotated[UUID, hidden]


class TotpOrderField(Term):
    """What the list can be sorted by."""

    BEGUN_AT = "登记时间", "By when it was begun."


@dataclass(frozen=True, kw_only=True)
class TotpFilter(Form):
    """Which are wanted; conditions given together must all hold."""

    status: Annotated[TotpStatus | None, says("状态", "In this status.")] = None
    account_id: Annotated[UUID | None, says("账号", "Of this account."), marks.id_of("account")] = None


@dataclass(frozen=True, kw_only=True)
class TotpFacts:
    """Whose it is (of one that is being made: the actor), and whether this account has another active one."""

    account: Account | None = None
    has_another: bool = False


TotpCase = Case[Totp, TotpFacts, Any]


def _administers(viewer: Viewer, record: Totp | None) -> bool:
    # By one's own role: it is lasting power, and nobody goes round the own code in this way.
    own = record is not None and record.account_id == viewer.user_id
    return (
        record is not None
        and not own
        and viewer.role is Role.ADMIN
        and record.organisation_id == viewer.organisation_id
    )


def _administers_customs(viewer: Viewer, record: Totp | None) -> bool:
    return record is not None and viewer.role is Role.ADMIN and record.organisation_id != viewer.organisation_id


ANOTHER_ADMINISTRATOR = OfAnyKind(
    "another_administrator",
    Words(zh="本单位其他管理员", en="another person who is the organisation's administrator"),
    None,
    ADMINISTERING,
    _administers,
)
CUSTOMS_FOR_ADMINISTRATORS = Party(
    "customs_for_administrators",
    Words(
        zh="海关管理员（对其他单位管理员）", en="an administrator of customs, for other organisations' administrators"
    ),
    OrganisationKind.CUSTOMS,
    ADMINISTERING,
    _administers_customs,
)


def second_factor_wrong(field: str = "one_time_code") -> Refusal:
    return refusal(
        RefusalCode.SECOND_FACTOR_WRONG,
        zh="动态口令不正确、已过期或已使用，请输入应用当前显示的口令。",
        en="The code is wrong, too old, or was used already; type the one that the app shows now.",
        field=field,
    )


def second_factor_required() -> Refusal:
    return refusal(
        RefusalCode.SECOND_FACTOR_REQUIRED,
        zh="请输入动态口令应用显示的6位数字，或一个备用码。",
        en="Type the six digits of your authenticator app, or a recovery code.",
        field="one_time_code",
    )


def second_factor_over() -> Refusal:
    """Unknown, used, expired, another's and tried too often are not told apart."""
    return refusal(
        RefusalCode.SECOND_FACTOR_OVER,
        zh="登录步骤已失效，请重新输入用户名和密码。",
        en="The sign-in has taken too long, had too many wrong codes, or is over; begin again with the password.",
        field="second_factor_token",
    )


def proves(record: Totp, proof: Proof | None) -> bool:
    """Whether a code is good for this record as it is now."""
    if proof is None:
        return False
    if proof.recovery_hash is not None:
        return proof.recovery_hash in record.recovery_hashes.split()
    is_new = proof.step is not None and (record.last_step is None or proof.step > record.last_step)
    return is_new and proof.compared_with == record.secret


def was_taken_before(record: Totp, proof: Proof | None) -> bool:
    """Whether a code is the very one that was taken last: somebody may have read it off."""
    return (
        proof is not None
        and proof.step is not None
        and proof.step == record.last_step
        and proof.compared_with == record.secret
    )


def _used_up(record: Totp, proof: Proof) -> dict[str, Any]:
    """What taking the code changes, so that it is not taken again."""
    if proof.recovery_hash is None:
        return {"last_step": proof.step}
    left = [each for each in record.recovery_hashes.split() if each != proof.recovery_hash]
    return {"recovery_hashes": " ".join(left), "recovery_codes_left": len(left)}


@condition(zh="账号尚未启用动态口令", en="the account has no other one that is active")
def none_is_active(case: TotpCase) -> Refusals:
    if case.facts.has_another:
        yield refusal(
            RefusalCode.ALREADY_OPEN,
            zh="账号已启用动态口令；更换手机请先停用。",
            en="The account has an active one; to move to another phone revoke it first.",
        )


@condition(zh="海关管理员只为其他单位的管理员停用", en="in another organisation it is an administrator's")
def holder_is_within_reach(case: TotpCase) -> Refusals:
    account, actor = case.facts.account, case.actor
    is_near = case.record.account_id == actor.user_id or case.record.organisation_id == actor.organisation_id
    if not is_near and (account is None or account.role is not Role.ADMIN):
        yield refusal(
            RefusalCode.NOT_YOUR_ROLE,
            zh="该用户的动态口令由其单位管理员停用。",
            en="The administrator of the user's own organisation revokes it.",
        )


@condition(zh="动态口令正确且未使用过", en="the code is right and was not used before")
def code_is_right(case: TotpCase) -> Refusals:
    if not proves(case.record, case.form.proof):
        yield second_factor_wrong()


@condition(zh="本人停用已启用的，须输入动态口令或备用码", en="its user, once it is active, types a code")
def user_has_typed_a_code(case: "Case[Totp, TotpFacts, RevokeTotpForm]") -> Refusals:
    record, form = case.record, case.form
    if record.account_id != case.actor.user_id or record.status is not TotpStatus.ACTIVE or proves(record, form.proof):
        return
    yield second_factor_wrong() if form.one_time_code else second_factor_required()


def as_begun(case: "Case[Totp, TotpFacts, BeginTotpForm]") -> Effect:
    account = case.facts.account
    assert account is not None
    return Effect(
        changes={
            "secret": case.form.secret,
            "begun_at": case.now,
            "account_id": account.id,
            "organisation_id": account.organisation_id,
        }
    )


def as_confirmed(case: "Case[Totp, TotpFacts, ConfirmTotpForm]") -> Effect:
    assert case.form.proof is not None
    hashes = case.form.recovery_hashes
    return Effect(
        changes={
            "confirmed_at": case.now,
            "last_step": case.form.proof.step,
            "recovery_hashes": hashes,
            "recovery_codes_left": len(hashes.split()),
        }
    )


def as_used(case: "Case[Totp, TotpFacts, UseTotpForm]") -> Effect:
    return Effect(changes={"last_used_at": case.now, **_used_up(case.record, case.form.proof)})


def as_revoked(case: "Case[Totp, TotpFacts, RevokeTotpForm]") -> Effect:
    return Effect(
        changes={
            "revoked_at": case.now,
            "revoke_reason": case.form.reason,
            "secret": "",
            "recovery_hashes": "",
            "recovery_codes_left": 0,
        }
    )


def blank_totp(case: Case[Any, Any, Any], status: Term | None) -> Totp:
    assert isinstance(status, TotpStatus)
    totp_id = case.new_id()
    # Nobody's, until the form has been looked at.
    return Totp(
        id=totp_id, status=status, begun_at=case.now, secret="", account_id=totp_id, organisation_id=totp_id
    )  # fmt: skip


S = TotpStatus

WORKFLOW = Workflow(
    subject="totp",
    words=Words(zh="动态口令", en="Authenticator app"),
    manual=MANUAL,
    record=Totp,
    statuses=TotpStatus,
    blank=blank_totp,
    actions=(
        Action(
            name="begin",
            published_as="totpBegin",
            words=Words(zh="登记", en="Make a secret for one's own authenticator app; one not confirmed goes."),
            manual=MANUAL,
            start=(S.PENDING,),
            creates=S.PENDING,
            by=(THE_HOLDER,),
            provided=(none_is_active,),
            form=BeginTotpForm,
            then=as_begun,
        ),
        Action(
            name="confirm",
            words=Words(zh="启用", en="Show by a code that the app has the secret; from now on codes are asked for."),
            manual=MANUAL,
            start=(S.PENDING,),
            to=S.ACTIVE,
            by=(THE_HOLDER,),
            provided=(none_is_active,),
            form=ConfirmTotpForm,
            accepts=(form_is_filled, code_is_right),
            then=as_confirmed,
            tells=(TOTP_CONFIRMED,),
        ),
        Action(
            name="use",
            words=Words(zh="登录", en="Take a code, once, for a sign-in."),
            manual=MANUAL,
            start=(S.ACTIVE,),
            by=(THE_OFFICE,),
            form=UseTotpForm,
            accepts=(code_is_right,),
            then=as_used,
        ),
        Action(
            name="note_reuse",
            words=Words(
                zh="记录重复使用", en="Note that a code was shown that had been taken before, and was refused."
            ),
            manual=MANUAL,
            start=(S.ACTIVE,),
            by=(THE_OFFICE,),
            tells=(CODE_REUSED,),
        ),
        Action(
            name="revoke",
            words=Words(zh="停用", en="Ask for no codes any more; the secret and the recovery codes are worthless."),
            manual=MANUAL,
            start=(S.PENDING, S.ACTIVE),
            to=S.REVOKED,
            by=(THE_HOLDER, ANOTHER_ADMINISTRATOR, CUSTOMS_FOR_ADMINISTRATORS),
            provided=(holder_is_within_reach,),
            form=RevokeTotpForm,
            accepts=(user_has_typed_a_code,),
            then=as_revoked,
            tells=(TOTP_REVOKED,),
        ),
    ),
)
