"""Pairing 登录移动端: a phone on which a user is signed in signs the same user in at a browser that shows a QR code.

Until a phone has scanned the code there is no record: whoever is nobody yet leaves no trace in the register. The number
that the browser shows is typed at the phone, so that nobody approves a browser that is not before the own eyes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.language import Words
from domain.party import THE_CLOCK, THE_OFFICE, OfAnyKind, Viewer
from domain.record import Form, Record, hidden, personal, required, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.session import DEVICE_LENGTH_MAX, SOMEBODY
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition, form_is_filled

CODE_LENGTH_MAX = 64
NUMBER_LENGTH = 2


class PairingStatus(Term):
    """Where a pairing stands 配对状态."""

    SCANNED = "待确认", "A phone has scanned the code; its user has not decided yet."
    APPROVED = "已确认", "The user let the browser in; it has not come in yet."
    REFUSED = "已拒绝", "The user did not let the browser in, or typed another number."
    USED = "已登录", "The browser is signed in; the pairing is good for nothing any more."
    EXPIRED = "已过期", "It was not finished in time."


@dataclass(frozen=True, kw_only=True)
class PairingRequest:
    """A browser that asks to be signed in: what it showed of itself, and the number that it shows to its user."""

    id: UUID
    number: str
    device: str | None
    address: str | None
    opened_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ScanForm(Form):
    """What the QR code says."""

    code: Annotated[
        str | None, says("配对码", "The code within the QR image."), marks.text(CODE_LENGTH_MAX), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class ApproveForm(Form):
    """That the browser is the one before the user's eyes."""

    number: Annotated[
        str | None,
        says("核对数字", f"The {NUMBER_LENGTH} digits that the browser shows; there is one try."),
        marks.text(NUMBER_LENGTH),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class Pairing(Record):
    """A browser that asks a phone to sign it in 移动端登录配对."""

    status: Annotated[PairingStatus, says("状态", "Where it stands.")]
    device: Annotated[
        str | None,
        says("请求设备", "What the browser calls itself (User-Agent), shortened."),
        marks.text(DEVICE_LENGTH_MAX),
        personal,
    ] = None
    address: Annotated[
        str | None, says("请求地址", "The network address that the browser asks from."), marks.text(45), personal
    ] = None
    opened_at: Annotated[datetime, says("请求时间", "When the browser asked.")]
    expires_at: Annotated[datetime, says("失效时间", "Until when it can be finished.")]
    scanned_at: Annotated[datetime, says("扫码时间", "When the phone scanned the code.")]
    decided_at: Annotated[datetime | None, says("确认时间", "When the user decided.")] = None
    number: Annotated[str, hidden]
    user_id: Annotated[UUID, hidden]
    phone_session_id: Annotated[UUID | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class PairingFacts:
    """What the conditions need to know beside the record: the request that the code names, and whether it is taken."""

    request: PairingRequest | None = None
    is_taken: bool = False


PairingCase = Case[Pairing, PairingFacts, Any]


def _is_own(viewer: Viewer, record: Pairing | None) -> bool:
    return record is not None and record.user_id == viewer.user_id


WHO_SCANNED = OfAnyKind(
    "who_scanned", Words(zh="扫码用户", en="the user who scanned it"), None, SOMEBODY.roles, _is_own
)


@condition(zh="配对码有效且未被扫过", en="the code is good and nobody has scanned it")
def code_is_good(case: "Case[Pairing, PairingFacts, ScanForm]") -> Refusals:
    request = case.facts.request
    if case.form.code and (request is None or case.facts.is_taken or case.now >= request.expires_at):
        yield refusal(
            RefusalCode.PAIRING_OVER,
            zh="二维码无效、已过期或已被扫描，请在电脑上刷新后重扫。",
            en="The code is no good, too old, or was scanned already; show a new one in the browser.",
            field="code",
        )


@condition(zh="配对未过期", en="it is not too late")
def it_is_in_time(case: PairingCase) -> Refusals:
    if case.now >= case.record.expires_at:
        yield refusal(
            RefusalCode.PAIRING_OVER,
            zh="登录请求已过期，请在电脑上刷新后重扫。",
            en="It is too late; show a new code in the browser.",
        )


@condition(zh="核对数字与浏览器显示的一致", en="the number is the one that the browser shows")
def number_matches(case: "Case[Pairing, PairingFacts, ApproveForm]") -> Refusals:
    if case.form.number and case.form.number != case.record.number:
        yield refusal(
            RefusalCode.NUMBER_DIFFERS,
            zh="数字与浏览器显示的不一致，已拒绝该登录请求。",
            en="That is not the number that the browser shows; the browser was refused.",
            field="number",
        )


@condition(zh="已到失效时间", en="its time is over")
def its_time_is_over(case: PairingCase) -> Refusals:
    if case.now < case.record.expires_at:
        yield refusal(RefusalCode.WRONG_STATUS, zh="尚未过期。", en="It is not over yet.")


def as_scanned(case: "Case[Pairing, PairingFacts, ScanForm]") -> Effect:
    return Effect(changes={"phone_session_id": case.actor.session_id})


def as_decided(case: PairingCase) -> Effect:
    return Effect(changes={"decided_at": case.now})


def blank_pairing(case: "Case[Pairing, PairingFacts, ScanForm]", status: Term | None) -> Pairing:
    """It takes the id of the request, under which the browser waits for it."""
    assert isinstance(status, PairingStatus)
    assert case.actor.user_id is not None
    request = case.facts.request
    return Pairing(
        id=request.id if request else case.new_id(),
        status=status,
        device=request.device if request else None,
        address=request.address if request else None,
        opened_at=request.opened_at if request else case.now,
        expires_at=request.expires_at if request else case.now,
        scanned_at=case.now,
        number=request.number if request else "",
        user_id=case.actor.user_id,
    )


S = PairingStatus

WORKFLOW = Workflow(
    subject="pairing",
    words=Words(zh="登录移动端", en="Pairing"),
    manual="第四篇",
    record=Pairing,
    statuses=PairingStatus,
    blank=blank_pairing,
    actions=(
        Action(
            name="scan",
            words=Words(zh="扫码", en="Scan the code that a browser shows, and see who asks to be let in."),
            manual="第四篇",
            creates=S.SCANNED,
            by=(SOMEBODY,),
            form=ScanForm,
            accepts=(form_is_filled, code_is_good),
            then=as_scanned,
        ),
        Action(
            name="approve",
            words=Words(zh="确认登录", en="Let the browser in, as oneself."),
            manual="第四篇",
            start=(S.SCANNED,),
            to=S.APPROVED,
            by=(WHO_SCANNED,),
            provided=(it_is_in_time,),
            form=ApproveForm,
            accepts=(form_is_filled, number_matches),
            then=as_decided,
            published_as="pairingApprove",
        ),
        Action(
            name="refuse",
            words=Words(zh="拒绝登录", en="Do not let the browser in."),
            manual="第四篇",
            start=(S.SCANNED, S.APPROVED),
            to=S.REFUSED,
            by=(WHO_SCANNED,),
            then=as_decided,
        ),
        Action(
            name="refuse_other_number",
            words=Words(zh="数字不符而拒绝", en="Refuse the browser, another number having been typed."),
            manual="第四篇",
            start=(S.SCANNED,),
            to=S.REFUSED,
            by=(THE_OFFICE,),
            then=as_decided,
        ),
        Action(
            name="use",
            words=Words(zh="浏览器登录", en="Sign the browser in that was let in."),
            manual="第四篇",
            start=(S.APPROVED,),
            to=S.USED,
            by=(THE_OFFICE,),
        ),
        Action(
            name="expire",
            words=Words(zh="配对过期", en="End it, its time being over."),
            manual="第四篇",
            start=(S.SCANNED, S.APPROVED),
            to=S.EXPIRED,
            by=(THE_CLOCK,),
            provided=(its_time_is_over,),
        ),
    ),
)
