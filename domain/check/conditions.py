"""What must hold before an action on a check is taken."""

from domain.check.record import Check, CheckCase, CheckFacts, OrderForm, VisitForm
from domain.institution import InstitutionStatus
from domain.marks import today_in_china
from domain.refusal import RefusalCode, Refusals, refusal
from domain.workflow import Case, condition

Ordering = Case[Check, CheckFacts, OrderForm]
Visiting = Case[Check, CheckFacts, VisitForm]


@condition(zh="所查机构在备案名录内", en="the institution named is in the registry")
def institution_is_registered(case: Ordering) -> Refusals:
    named = case.facts.named
    if case.form.institution_id is None:
        return
    if named is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一检验机构。",
            en="There is no such institution.",
            field="institution_id",
        )
    elif named.status is InstitutionStatus.REVOKED:
        yield refusal(
            RefusalCode.INSTITUTION_NOT_REGISTERED,
            zh="该机构已被撤销备案，不再开展监督检查，请另选已备案的机构。",
            en="The institution was revoked and is no longer checked; choose one that is in the registry.",
            field="institution_id",
        )


@condition(
    zh="检查日期不早于下达之日、不晚于今天", en="the visit was made since the check was ordered, and not after today"
)
def visit_was_made(case: Visiting) -> Refusals:
    day, today, ordered_on = case.form.visited_on, today_in_china(case.now), today_in_china(case.record.created_at)
    if day is None:
        return
    if day > today:
        yield refusal(
            RefusalCode.DATE_IN_FUTURE,
            zh=f"检查日期不得晚于今天（{today}）。",
            en=f"The day of the visit must not lie after today ({today}).",
            field="visited_on",
        )
    elif day < ordered_on:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"检查日期不得早于检查下达之日（{ordered_on}）。",
            en=f"The day of the visit must not lie before the check was ordered ({ordered_on}).",
            field="visited_on",
        )


@condition(zh="截止日期已过，且尚未标记逾期", en="the last day has passed, and this was not noted yet")
def day_has_passed(case: CheckCase) -> Refusals:
    if case.record.overdue or case.record.due_on >= today_in_china(case.now):
        yield refusal(
            RefusalCode.WRONG_STATUS,
            zh=f"截止日期为{case.record.due_on}，尚未逾期或已标记逾期。",
            en=f"It is due on {case.record.due_on}: not overdue yet, or noted already.",
        )
