"""Sessions 登录: a signed-in user at one device. Opening and closing are actions like others; the token is not kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain.language import Words
from domain.party import Party, Role, Viewer, anyone_of
from domain.record import Form, Record, hidden, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition


class SessionStatus(Term):
    """Whether a session may still be used."""

    OPEN = "有效", "May be used until it expires."
    CLOSED = "已退出", "Closed by its user."


@dataclass(frozen=True, kw_only=True)
class SessionForm(Form):
    """A sign-in: what proves who it is was looked at already, off the event loop; `is_proved` is the outcome."""

    is_proved: bool
    token_hash: str
    lasts: timedelta


@dataclass(frozen=True, kw_only=True)
class Session(Record):
    """A signed-in user at one device."""

    user_id: Annotated[UUID, hidden]
    token_hash: Annotated[str, hidden]
    status: Annotated[SessionStatus, says("状态", "Whether it may still be used.")]
    opened_at: Annotated[datetime, says("登录时间", "When the user signed in.")]
    expires_at: Annotated[datetime, says("到期时间", "When it ends by itself.")]
    closed_at: Annotated[datetime | None, says("退出时间", "When the user signed out.")] = None


SessionCase = Case[Session, None, Any]


def _is_own(viewer: Viewer, record: Session | None) -> bool:
    return record is None or record.user_id == viewer.user_id


@dataclass(frozen=True)
class EverySide(Party):
    """A party that a user of any kind of organisation belongs to."""

    @property
    def is_the_product(self) -> bool:
        return False

    def includes(self, viewer: Viewer, record: object | None) -> bool:
        return viewer.user_id is not None and self.relation(viewer, record)


THE_USER = EverySide("the_user", Words(zh="本人", en="the user"), None, frozenset(Role), _is_own)
SOMEBODY = EverySide("somebody", Words(zh="用户", en="a user"), None, frozenset(Role), anyone_of)


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
    return Effect(changes={"token_hash": case.form.token_hash, "expires_at": case.now + case.form.lasts})


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
            words=Words(zh="登录", en="Sign in with user name and password."),
            manual="第四篇",
            creates=SessionStatus.OPEN,
            by=(SOMEBODY,),
            form=SessionForm,
            accepts=(it_is_proved,),
            then=as_opened,
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
    ),
)
