"""Delegations 委托办理: one user's work handed to a colleague for a time, who then acts in that role too.

Who acts for whom is found with every request; the register says for whom something was done.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.account.conditions import beyond_own_power
from domain.account.record import Account, AccountStatus
from domain.due import not_before_today
from domain.language import Words
from domain.marks import today_in_china
from domain.party import ADMINISTERING, THE_ADMINISTRATOR, THE_CLOCK, OfAnyKind, Role, Viewer, includes_power
from domain.record import Form, Record, hidden, required, says
from domain.refusal import RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition, form_is_filled

DAYS_MAX = 366
"""The longest period, both days included."""

DELEGATIONS_AT_ONCE_MAX = 20
"""How many may run or wait for one substitute: all of them are looked up with every request."""

MANUAL = "第四篇"


class DelegationStatus(Term):
    """Whether a delegation runs, or is still to run 委托状态."""

    ACTIVE = "有效", "Runs, or begins on its first day."
    ENDED = "已终止", "Revoked, or past its last day."


@dataclass(frozen=True, kw_only=True)
class GrantForm(Form):
    """Whose work goes to whom, and for how long."""

    delegator_id: Annotated[
        UUID | None,
        says("委托人", "Account whose work is handed over; oneself when absent, another's by administrators only."),
        marks.id_of("account"),
    ] = None
    substitute_id: Annotated[
        UUID | None,
        says("受托人", "Account of the colleague who does the work; both must be active."),
        marks.id_of("account"),
        required,
    ] = None
    starts_on: Annotated[
        date | None, says("开始日期", "First day, not before today (China standard time)."), required
    ] = None
    ends_on: Annotated[
        date | None, says("结束日期", f"Last day, included; at most {DAYS_MAX} days in all."), required
    ] = None
    reason: Annotated[str | None, says("委托原因", "Why, at most 500 characters."), marks.text(500), required] = None


@dataclass(frozen=True, kw_only=True)
class Delegation(Record):
    """One user's work in a colleague's hands for a time 委托办理."""

    status: Annotated[DelegationStatus, says("状态", "Whether it runs, or is still to run.")]
    delegator_id: Annotated[UUID, marks.id_of("account")]
    delegator_name: Annotated[str, says("委托人姓名", "Whose work it is, as named when granted."), marks.text(100)]
    substitute_id: Annotated[UUID, marks.id_of("account")]
    substitute_name: Annotated[str, says("受托人姓名", "Who does it, as named when granted."), marks.text(100)]
    starts_on: Annotated[date, says("开始日期", "First day (China standard time).")]
    ends_on: Annotated[date, says("结束日期", "Last day, included.")]
    reason: Annotated[str, says("委托原因", "Why."), marks.text(500)]
    granted_at: Annotated[datetime, says("办理时间", "When it was granted.")]
    ended_at: Annotated[datetime | None, says("终止时间", "When it was revoked or had expired.")] = None
    organisation_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class DelegationFacts:
    """Who is named, as far as they are of the actor's organisation, and what the substitute does for others already."""

    delegator: Account | None = None
    substitute: Account | None = None
    others: tuple[Delegation, ...] = ()


DelegationCase = Case[Delegation, DelegationFacts, Form]
Granting = Case[Delegation, DelegationFacts, GrantForm]


@dataclass(frozen=True, kw_only=True)
class DelegationFilter(Form):
    """Which delegations are wanted; conditions given together must all hold."""

    status: Annotated[tuple[DelegationStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    delegator_id: Annotated[UUID | None, says("委托人", "Account whose work it is."), marks.id_of("account")] = None
    substitute_id: Annotated[UUID | None, says("受托人", "Account that does it."), marks.id_of("account")] = None


class DelegationOrderField(Term):
    """What delegations are sorted by."""

    GRANTED_AT = "办理时间", "When they were granted."
    STARTS_ON = "开始日期", "Their first day."
    ENDS_ON = "结束日期", "Their last day."


def _is_the_delegator(viewer: Viewer, record: Delegation | None) -> bool:
    return record is None or record.delegator_id == viewer.user_id


THE_DELEGATOR = OfAnyKind(
    "the_delegator", Words(zh="委托人本人", en="the person whose work it is"), None, frozenset(Role), _is_the_delegator
)


def _delegator_id(case: Granting) -> UUID | None:
    return case.form.delegator_id or case.actor.user_id


@condition(zh="委托人是本人，或由管理员办理", en="it is one's own work, or an administrator grants it")
def work_is_ones_own_to_give(case: Granting) -> Refusals:
    if _delegator_id(case) == case.actor.user_id:
        return
    if not case.actor.has_role_in(ADMINISTERING):
        yield refusal(
            RefusalCode.NOT_YOUR_ROLE,
            zh="只能委托本人的业务；他人的业务由管理员办理委托。",
            en="You may hand over your own work only; an administrator does it for others.",
            field="delegator_id",
        )
    elif case.facts.delegator is not None and not includes_power(case.actor.role, case.facts.delegator.role):
        yield beyond_own_power("delegator_id")


@condition(
    zh="委托人和受托人是本单位两名状态正常的用户", en="both are active users of the organisation, and not the same"
)
def both_are_active_colleagues(case: Granting) -> Refusals:
    for found, field in ((case.facts.delegator, "delegator_id"), (case.facts.substitute, "substitute_id")):
        named = _delegator_id(case) if field == "delegator_id" else case.form.substitute_id
        if named is not None and (found is None or found.status is not AccountStatus.ACTIVE):
            yield refusal(
                RefusalCode.UNKNOWN_REFERENCE,
                zh="请选择本单位状态正常的用户。",
                en="Choose an active user of your own organisation.",
                field=field,
            )
    if case.form.substitute_id is not None and case.form.substitute_id == _delegator_id(case):
        yield refusal(
            RefusalCode.DUPLICATE,
            zh="受托人不能是委托人本人。",
            en="Nobody is one's own substitute.",
            field="substitute_id",
        )


@condition(zh=f"期限自今天或以后起，最长{DAYS_MAX}天", en=f"it begins today or later and lasts at most {DAYS_MAX} days")
def period_is_possible(case: Granting) -> Refusals:
    first, last = case.form.starts_on, case.form.ends_on
    yield from not_before_today(first, case.now, "starts_on")
    if first is None or last is None:
        return
    if last < first:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"结束日期不得早于开始日期（{first}）。",
            en=f"The last day must not lie before the first ({first}).",
            field="ends_on",
        )
    elif (last - first).days + 1 > DAYS_MAX:
        yield refusal(
            RefusalCode.TERM_TOO_LONG,
            zh=f"委托期限最长{DAYS_MAX}天。",
            en=f"A delegation lasts at most {DAYS_MAX} days.",
            field="ends_on",
        )


@condition(zh="同一委托人与受托人在该期限内没有其他有效委托", en="none between the same two runs in that period")
def none_overlaps(case: Granting) -> Refusals:
    first, last = case.form.starts_on, case.form.ends_on
    if first is None or last is None:
        return
    same = (each for each in case.facts.others if each.delegator_id == _delegator_id(case))
    if any(each.starts_on <= last and first <= each.ends_on for each in same):
        yield refusal(
            RefusalCode.DUPLICATE,
            zh="两人之间在该期限内已有有效委托。",
            en="A delegation between the same two runs in that period already.",
            field="starts_on",
        )


@condition(
    zh=f"受托人的有效委托不超过{DELEGATIONS_AT_ONCE_MAX}项",
    en=f"the substitute has fewer than {DELEGATIONS_AT_ONCE_MAX} that run or wait",
)
def substitute_has_room(case: Granting) -> Refusals:
    if len(case.facts.others) >= DELEGATIONS_AT_ONCE_MAX:
        yield refusal(
            RefusalCode.TOO_MANY,
            zh=f"同一受托人最多有{DELEGATIONS_AT_ONCE_MAX}项有效委托。",
            en=f"At most {DELEGATIONS_AT_ONCE_MAX} delegations to one person run or wait at once.",
            field="substitute_id",
        )


@condition(zh="结束日期已过", en="the last day has passed")
def period_is_over(case: DelegationCase) -> Refusals:
    if case.record.ends_on >= today_in_china(case.now):
        yield refusal(
            RefusalCode.WRONG_STATUS,
            zh=f"委托至{case.record.ends_on}（含当日）有效，尚未到期。",
            en=f"It runs until {case.record.ends_on}, that day included.",
        )


def as_granted(case: Granting) -> Effect:
    form, delegator, substitute = case.form, case.facts.delegator, case.facts.substitute
    assert delegator is not None
    assert substitute is not None
    return Effect(
        changes={
            "delegator_id": delegator.id,
            "delegator_name": delegator.display_name,
            "substitute_id": substitute.id,
            "substitute_name": substitute.display_name,
            "starts_on": form.starts_on,
            "ends_on": form.ends_on,
            "reason": form.reason,
        }
    )


def as_ended(case: DelegationCase) -> Effect:
    return Effect(changes={"ended_at": case.now})


def blank_delegation(case: Case[Any, Any, Any], status: Term | None) -> Delegation:
    assert isinstance(status, DelegationStatus)
    assert case.actor.user_id is not None
    assert case.actor.organisation_id is not None
    today = today_in_china(case.now)
    return Delegation(
        id=case.new_id(),
        status=status,
        delegator_id=case.actor.user_id,
        delegator_name="",
        # One's own, until the form has been looked at.
        substitute_id=case.actor.user_id,
        substitute_name="",
        starts_on=today,
        ends_on=today,
        reason="",
        granted_at=case.now,
        organisation_id=case.actor.organisation_id,
    )


WORKFLOW = Workflow(
    subject="delegation",
    words=Words(zh="委托办理", en="Delegation"),
    manual=MANUAL,
    record=Delegation,
    statuses=DelegationStatus,
    blank=blank_delegation,
    actions=(
        Action(
            name="grant",
            words=Words(zh="委托", en="Hand one user's work to a colleague for a time."),
            manual=MANUAL,
            creates=DelegationStatus.ACTIVE,
            by=(THE_DELEGATOR, THE_ADMINISTRATOR),
            form=GrantForm,
            accepts=(
                form_is_filled,
                work_is_ones_own_to_give,
                both_are_active_colleagues,
                period_is_possible,
                none_overlaps,
                substitute_has_room,
            ),
            then=as_granted,
        ),
        Action(
            name="revoke",
            words=Words(zh="收回", en="End it before its last day."),
            manual=MANUAL,
            start=(DelegationStatus.ACTIVE,),
            to=DelegationStatus.ENDED,
            by=(THE_DELEGATOR, THE_ADMINISTRATOR),
            then=as_ended,
        ),
        Action(
            name="expire",
            words=Words(zh="到期终止", en="End it after its last day."),
            manual=MANUAL,
            start=(DelegationStatus.ACTIVE,),
            to=DelegationStatus.ENDED,
            by=(THE_CLOCK,),
            provided=(period_is_over,),
            then=as_ended,
        ),
    ),
)
