"""Attempts to sign in 登录记录: who has tried, from where, with what outcome. For an organisation's administrators.

The surprise: a record is not one attempt but all of one account, method and outcome within a minute, so that whoever
tries ten thousand times makes the register no longer than whoever tries once.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.language import Words
from domain.party import THE_OFFICE
from domain.record import Form, Record, hidden, personal, says
from domain.session import SignInMethod
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow

ADDRESS_LENGTH_MAX = 43
USERNAME_LENGTH_MAX = 64


class SignInOutcome(Term):
    """What came of it 登录结果."""

    SUCCEEDED = "成功", "The user was let in."
    FAILED = "失败", "What was shown did not prove that it is this user."


@dataclass(frozen=True, kw_only=True)
class CountForm(Form):
    """What was counted of one account, method and outcome within a minute."""

    account_id: UUID
    organisation_id: UUID
    username: str
    method: SignInMethod
    times: int
    address: str
    address_count: int
    attempted_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignInAttempt(Record):
    """What one account, method and outcome came to within a minute 登录记录."""

    account_id: Annotated[UUID, says("账号", "Whose account it was."), marks.id_of("account")]
    username: Annotated[str, says("用户名", "Its user name at that time."), marks.text(USERNAME_LENGTH_MAX), personal]
    method: Annotated[SignInMethod, says("登录方式", "What was shown.")]
    outcome: Annotated[SignInOutcome, says("结果", "What came of it.")]
    times: Annotated[int, says("次数", "How often within this minute.")]
    address: Annotated[
        str,
        says("来源网段", "The network from which most of them came: 24 bits of an IPv4 address, 48 of an IPv6 one."),
        marks.text(ADDRESS_LENGTH_MAX),
        personal,
    ]
    address_count: Annotated[int, says("网段数", "From how many networks they came.")]
    attempted_at: Annotated[datetime, says("时间", "The minute in which it was.")]
    organisation_id: Annotated[UUID, hidden]

    @property
    def status(self) -> SignInOutcome:
        """Where it stands in its workflow, which is where it ends."""
        return self.outcome


@dataclass(frozen=True, kw_only=True)
class SignInAttemptFilter(Form):
    """Which attempts are wanted; conditions given together must all hold."""

    account_id: Annotated[UUID | None, says("账号", "Of this account."), marks.id_of("account")] = None
    username: Annotated[str | None, says("用户名", "Of the account with this user name, whole.")] = None
    method: Annotated[SignInMethod | None, says("登录方式", "With this shown.")] = None
    outcome: Annotated[SignInOutcome | None, says("结果", "With this outcome.")] = None
    attempted_from: Annotated[date | None, says("开始日期", "First day (China standard time).")] = None
    attempted_to: Annotated[date | None, says("结束日期", "Last day (China standard time).")] = None


class SignInAttemptOrderField(Term):
    """What attempts are sorted by."""

    ATTEMPTED_AT = "时间", "The minute in which it was."


CountCase = Case[SignInAttempt, None, CountForm]


def as_counted(case: CountCase) -> Effect:
    form = case.form
    return Effect(
        changes={
            "account_id": form.account_id,
            "organisation_id": form.organisation_id,
            "username": form.username,
            "method": form.method,
            "times": form.times,
            "address": form.address,
            "address_count": form.address_count,
            "attempted_at": form.attempted_at,
        }
    )


def blank_attempt(case: "Case[SignInAttempt, None, Any]", status: Term | None) -> SignInAttempt:
    assert isinstance(status, SignInOutcome)
    record_id = case.new_id()
    return SignInAttempt(
        id=record_id,
        # Nobody's, until the form has been looked at.
        account_id=record_id,
        organisation_id=record_id,
        username="",
        method=SignInMethod.PASSWORD,
        outcome=status,
        times=0,
        address="",
        address_count=0,
        attempted_at=case.now,
    )


WORKFLOW = Workflow(
    subject="sign_in_attempt",
    words=Words(zh="登录记录", en="Attempt to sign in"),
    manual="第四篇",
    record=SignInAttempt,
    statuses=SignInOutcome,
    blank=blank_attempt,
    actions=(
        Action(
            name="succeed",
            words=Words(zh="记录登录成功", en="Note that a user was let in, and how often within a minute."),
            manual="第四篇",
            creates=SignInOutcome.SUCCEEDED,
            by=(THE_OFFICE,),
            form=CountForm,
            then=as_counted,
        ),
        Action(
            name="fail",
            words=Words(zh="记录登录失败", en="Note that somebody was not let in, and how often within a minute."),
            manual="第四篇",
            creates=SignInOutcome.FAILED,
            by=(THE_OFFICE,),
            form=CountForm,
            then=as_counted,
        ),
    ),
)
