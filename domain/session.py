"""Sessions 登录: a signed-in user at one device. Opening and closing are actions like others; no token is kept.

The tokens that stand for a session at a time change without being told of: `storage/session_token.py` has their hashes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.account.told import SIGNED_IN_FROM_ELSEWHERE
from domain.language import Words
from domain.party import THE_CLOCK, THE_OFFICE, OfAnyKind, Role, Viewer, anyone_of
from domain.record import Form, Record, hidden, personal, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition

DEVICE_LENGTH_MAX = 200


class SessionStatus(Term):
    """Whether a session may still be used."""

    OPEN = "有效", "May be used until it expires."
    CLOSED = "已退出", "Closed before its end."
    EXPIRED = "已到期", "Ended by itself."


class SignInMethod(Term):
    """How a user proved who it is 登录方式."""

    PASSWORD = "用户名密码", "By user name and password."
    CARD = "卡介质", "By an IC card or IKey."
    PASSKEY = "通行密钥", "By a passkey."
    COMPANION = "移动端", "By the mobile companion, where the user was signed in already."


@dataclass(frozen=True, kw_only=True)
class SessionForm(Form):
    """A sign-in: what proves who it is was looked at already, off the event loop; `is_proved` is the outcome."""

    is_proved: bool
    token_hash: str
    lasts: timedelta
    method: SignInMethod = SignInMethod.PASSWORD
    device: str | None = None
    address: str | None = None
    stranger: str | None = None
    """The user name, where neither the device nor the network has signed in to the account before."""


@dataclass(frozen=True, kw_only=True)
class Session(Record):
    """A signed-in user at one device."""

    user_id: Annotated[UUID, hidden]
    token_hash: Annotated[str, hidden]
    status: Annotated[SessionStatus, says("状态", "Whether it may still be used.")]
    opened_at: Annotated[datetime, says("登录时间", "When the user signed in.")]
    expires_at: Annotated[datetime, says("到期时间", "When it ends by itself, however much it is used.")]
    closed_at: Annotated[datetime | None, says("退出时间", "When it ended before its time.")] = None
    method: Annotated[
        SignInMethod | None, says("登录方式", "How the user signed in; null where that was not kept.")
    ] = None
    device: Annotated[
        str | None,
        says("设备", "What the browser or program calls itself (User-Agent), shortened."),
        marks.text(DEVICE_LENGTH_MAX),
        personal,
    ] = None
    address: Annotated[
        str | None, says("登录地址", "The network address that the user signed in from."), marks.text(45), personal
    ] = None


@dataclass(frozen=True, kw_only=True)
class SessionFilter(Form):
    """Which sessions are wanted; conditions given together must all hold."""

    status: Annotated[tuple[SessionStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    method: Annotated[SignInMethod | None, says("登录方式", "How the user signed in.")] = None


class SessionOrderField(Term):
    """What sessions are sorted by."""

    OPENED_AT = "登录时间", "When the user signed in."


SessionCase = Case[Session, None, Any]


def _is_own(viewer: Viewer, record: Session | None) -> bool:
    return record is None or record.user_id == viewer.user_id


THE_USER = OfAnyKind("the_user", Words(zh="本人", en="the user"), None, frozenset(Role), _is_own)
SOMEBODY = OfAnyKind("somebody", Words(zh="用户", en="a user"), None, frozenset(Role), anyone_of)


@condition(zh="登录已到期", en="its end has come")
def its_end_has_come(case: SessionCase) -> Refusals:
    if case.now < case.record.expires_at:
        yield refusal(RefusalCode.WRONG_STATUS, zh="登录尚未到期。", en="The session has not come to its end.")


@condition(zh="登录凭证属于该用户", en="what was shown proves that it is this user")
def it_is_proved(case: "Case[Session, None, SessionForm]") -> Refusals:
    if not case.form.is_proved:
        yield sign_in_failed()


def sign_in_failed() -> Any:
    return refusal(
        RefusalCode.SIGN_IN_FAILED,
        zh="用户名或密码不正确，或账号已停用。",
        en="User name or password is not correct, or the account is not active.",
    )


def as_opened(case: "Case[Session, None, SessionForm]") -> Effect:
    form = case.form
    return Effect(
        changes={
            "token_hash": form.token_hash,
            "expires_at": case.now + form.lasts,
            "method": form.method,
            "device": form.device,
            "address": form.address,
        }
    )


def as_closed(case: SessionCase) -> Effect:
    return Effect(changes={"closed_at": case.now})


def blank_session(case: SessionCase, status: Term | None) -> Session:
    assert case.actor.user_id is not None
    assert isinstance(status, SessionStatus)
    return Session(
        id=case.new_id(),
        user_id=case.actor.user_id,
        token_hash="",
        status=status,
        opened_at=case.now,
        expires_at=case.now,
    )


WORKFLOW = Workflow(
    subject="session",
    words=Words(zh="登录", en="Session"),
    manual="第四篇",
    record=Session,
    statuses=SessionStatus,
    blank=blank_session,
    actions=(
        Action(
            name="open",
            published_as="sessionOpen",
            words=Words(zh="登录", en="Sign in, by whatever proves who it is."),
            manual="第四篇",
            creates=SessionStatus.OPEN,
            by=(SOMEBODY,),
            form=SessionForm,
            accepts=(it_is_proved,),
            then=as_opened,
            tells=(SIGNED_IN_FROM_ELSEWHERE,),
        ),
        Action(
            name="close",
            published_as="sessionClose",
            words=Words(zh="退出", en="Sign out."),
            manual="第四篇",
            start=(SessionStatus.OPEN,),
            to=SessionStatus.CLOSED,
            by=(THE_USER,),
            then=as_closed,
        ),
        Action(
            name="close_stolen",
            words=Words(
                zh="因刷新令牌被重复使用而退出",
                en="Close it: a refresh token was used a second time, so somebody else has it.",
            ),
            manual="第四篇",
            start=(SessionStatus.OPEN,),
            to=SessionStatus.CLOSED,
            by=(THE_OFFICE,),
            then=as_closed,
        ),
        Action(
            name="revoke",
            words=Words(zh="终止", en="End it because the account was deactivated or changed."),
            manual="第四篇",
            start=(SessionStatus.OPEN,),
            to=SessionStatus.CLOSED,
            by=(THE_OFFICE,),
            then=as_closed,
        ),
        Action(
            name="expire",
            words=Words(zh="登录到期", en="End it, its time being over."),
            manual="第四篇",
            start=(SessionStatus.OPEN,),
            to=SessionStatus.EXPIRED,
            by=(THE_CLOCK,),
            provided=(its_end_has_come,),
        ),
    ),
)
