"""What must hold before a disposition is imposed, answered or ended, and when what was filled in is acceptable."""

from datetime import date, timedelta

from domain import marks
from domain.disposition.record import (
    BACKDATED_DAYS_MAX,
    TERM_YEARS_MAX,
    Disposition,
    DispositionCase,
    DispositionFacts,
    DispositionForm,
    DispositionGround,
    DispositionType,
    NonRecognitionForm,
    years_after,
)
from domain.institution import InstitutionStatus
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.workflow import Case, condition


@condition(zh="机构存在且未被撤销备案", en="the institution is in the registry, not revoked")
def institution_is_registered(case: "Case[Disposition, DispositionFacts, DispositionForm]") -> Refusals:
    if case.form.institution_id is None:
        return
    institution = case.facts.institution
    if institution is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="没有这一检验机构。",
            en="There is no such institution.",
            field="institution_id",
        )
    elif institution.status is InstitutionStatus.REVOKED:
        yield refusal(
            RefusalCode.INSTITUTION_NOT_REGISTERED,
            zh=f"机构“{institution.name_zh}”已被撤销备案，不能再作处置。",
            en=f"The filing of {institution.name_en} was revoked already; no other disposition can be imposed.",
            field="institution_id",
        )


@condition(
    zh=f"处置自作出之日起生效，最多可追溯{BACKDATED_DAYS_MAX}天",
    en=f"it takes effect on the day it is imposed, or at most {BACKDATED_DAYS_MAX} days before",
)
def it_starts_by_today(case: "Case[Disposition, DispositionFacts, DispositionForm]") -> Refusals:
    starts_on, today = case.form.starts_on, marks.today_in_china(case.now)
    if starts_on is None:
        return
    earliest = today - timedelta(days=BACKDATED_DAYS_MAX)
    if starts_on > today:
        yield refusal(
            RefusalCode.DATE_IN_FUTURE,
            zh=f"处置自作出之日起生效，开始日期不得晚于今天（{today}）。",
            en=f"A disposition takes effect when it is imposed; it must not start after today ({today}).",
            field="starts_on",
        )
    elif starts_on < earliest:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"开始日期不得早于{earliest}（最多追溯{BACKDATED_DAYS_MAX}天）。",
            en=f"It must not start before {earliest}, {BACKDATED_DAYS_MAX} days ago.",
            field="starts_on",
        )


@condition(zh="事由适用于不予认可", en="the ground is one of non-recognition")
def ground_allows_non_recognition(case: "Case[Disposition, DispositionFacts, NonRecognitionForm]") -> Refusals:
    ground = case.form.ground
    if ground is not None and ground not in TERM_YEARS_MAX:
        allowed = "、".join(each.words.zh for each in TERM_YEARS_MAX)
        yield refusal(
            RefusalCode.UNKNOWN_CODE,
            zh=f"不予认可的事由须为：{allowed}。",
            en=f"The ground of a non-recognition is one of {', '.join(each.name for each in TERM_YEARS_MAX)}.",
            field="ground",
        )


@condition(
    zh="到期时间晚于开始日期和今天，且不超过事由的最长期限（1年、2年或3年）",
    en="it ends after its first day and after today, within the ground's cap of 1, 2 or 3 years",
)
def term_is_within_the_cap(case: "Case[Disposition, DispositionFacts, NonRecognitionForm]") -> Refusals:
    today = marks.today_in_china(case.now)
    ends_on, starts_on = case.form.ends_on, case.form.starts_on or today
    if ends_on is None:
        return
    if ends_on <= starts_on:
        yield refusal(
            RefusalCode.DATES_OUT_OF_ORDER,
            zh=f"处置到期时间须晚于开始日期（{starts_on}）。",
            en=f"The last day must lie after the first ({starts_on}).",
            field="ends_on",
        )
    elif ends_on <= today:
        yield _must_lie_ahead("ends_on", "处置到期时间", today)
    elif case.form.ground is not None:
        yield from _over_the_cap(case.form.ground, starts_on, ends_on)


def _over_the_cap(ground: DispositionGround, starts_on: date, ends_on: date) -> Refusals:
    years = TERM_YEARS_MAX.get(ground)
    if years is not None and ends_on > (latest := years_after(starts_on, years)):
        yield refusal(
            RefusalCode.TERM_TOO_LONG,
            zh=f"事由“{ground.words.zh}”的处置期限最长{years}年，到期时间不得晚于{latest}。",
            en=f"The ground {ground.name} allows at most {years} {'year' if years == 1 else 'years'}: "
            f"the last day is {latest} at the latest.",
            field="ends_on",
        )


@condition(zh="整改期限晚于今天", en="the deadline lies after today")
def deadline_lies_ahead(case: DispositionCase) -> Refusals:
    today = marks.today_in_china(case.now)
    if case.form.due_on is not None and case.form.due_on <= today:
        yield _must_lie_ahead("due_on", "整改期限", today)


@condition(zh="不是撤销备案", en="it is no revocation")
def it_can_be_lifted(case: DispositionCase) -> Refusals:
    if case.record.type is DispositionType.REVOCATION:
        yield refusal(
            RefusalCode.NOT_CHANGEABLE,
            zh="撤销备案不可撤销；机构可重新备案。",
            en="A revocation cannot be lifted; the institution may file anew.",
        )


@condition(zh="不予认可的期限已满", en="the term of the non-recognition is over")
def term_is_over(case: DispositionCase) -> Refusals:
    ends_on = case.record.ends_on
    if ends_on is None or marks.today_in_china(case.now) <= ends_on:
        yield _not_yet(ends_on)


@condition(zh="整改期限已过且尚未标记逾期", en="the deadline has passed and was not marked yet")
def deadline_has_passed(case: DispositionCase) -> Refusals:
    due_on = case.record.due_on
    if case.record.overdue:
        yield refusal(
            RefusalCode.NOTHING_CHANGED,
            zh="已标记为逾期。",
            en="It is marked as overdue already.",
        )
    elif due_on is None or marks.today_in_china(case.now) <= due_on:
        yield _not_yet(due_on)


def _not_yet(day: date | None) -> Refusal:
    return refusal(
        RefusalCode.WRONG_STATUS,
        zh=f"尚未到期（{day}）。" if day else "没有期限。",
        en=f"Its last day, {day}, is not over." if day else "It has no last day.",
    )


def _must_lie_ahead(field: str, name: str, today: date) -> Refusal:
    return refusal(
        RefusalCode.DATE_NOT_IN_FUTURE,
        zh=f"{name}须晚于今天（{today}）。",
        en=f"The day must lie after today ({today}).",
        field=field,
    )
