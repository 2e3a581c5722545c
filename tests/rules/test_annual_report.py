"""The rules of annual reports, one by one: the right case and every refusal."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.annual_report.conditions import institutions_unclear
from domain.annual_report.record import (
    DUE_AFTER,
    INSTITUTIONS_MAX,
    AnnualReport,
    AnnualReportCountry,
    AnnualReportCountryDraft,
    AnnualReportDraft,
    AnnualReportStatus,
    ReturnForm,
)
from domain.annual_report.workflow import WORKFLOW
from domain.due import MENDING_LASTS
from domain.institution import InstitutionStatus
from domain.notice import THREE_CHANNELS, Channel
from domain.party import THE_PRODUCT, Role
from domain.refusal import RefusalCode
from domain.workflow import Decided, Decision
from tests.rules import desk
from tests.rules.desk import CUSTOMS, INSTITUTION, TODAY, codes, done, refused
from tests.rules.scene_annual_report import (
    DUE_ON,
    FILLED,
    annual_report,
    country,
    decides,
    facts,
    form_for,
    on_desk,
    starting,
)

S = AnnualReportStatus
TOMORROW = TODAY + timedelta(days=1)


def after(decision: Decision) -> AnnualReport:
    found: Decided[Any] = done(decision)
    assert isinstance(found.after, AnnualReport)
    return found.after


def rows_of(decision: Decision) -> list[tuple[int, str | None, int | None]]:
    kept: Any = done(decision).effect.replaces[AnnualReportCountry]
    return [(row.line_number, row.country, row.batches) for row in kept]


# ── Starting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_report_starts_as_a_draft_of_the_institution_and_year_and_is_due_in_sixty_days() -> None:
    started = after(decides("start", None, CUSTOMS))
    assert (started.status, started.year, started.institution_id) == (S.DRAFT, 2025, INSTITUTION.institution_id)
    assert started.number == desk.NUMBER
    assert started.due_on == TODAY + DUE_AFTER
    assert started.started_by_id == CUSTOMS.organisation_id
    assert started.contact_name is None
    assert not started.overdue
    assert after(decides("start", None, CUSTOMS, starting(due_on=TOMORROW))).due_on == TOMORROW


@pytest.mark.parametrize("year", [2010, 2026])
def test_a_report_is_on_a_year_from_2010_to_this_one(year: int) -> None:
    assert after(decides("start", None, CUSTOMS, starting(year=year))).year == year


@pytest.mark.parametrize("year", [2009, 2027, 0, -2025, 2**31 - 1])
def test_no_report_is_on_a_year_before_2010_or_to_come(year: int) -> None:
    assert refused(decides("start", None, CUSTOMS, starting(year=year))) == [(RefusalCode.OUT_OF_RANGE, ("year",))]


@pytest.mark.parametrize("due_on", [DUE_ON, date(1900, 1, 1)])
def test_a_report_is_due_today_at_the_earliest(due_on: date) -> None:
    found = refused(decides("start", None, CUSTOMS, starting(due_on=due_on)))
    assert found == [(RefusalCode.DATE_IN_PAST, ("due_on",))]
    assert after(decides("start", None, CUSTOMS, starting(due_on=TODAY))).due_on == TODAY


def test_an_institution_reports_on_a_year_once_and_the_refusal_names_it() -> None:
    decision = decides("start", None, CUSTOMS, is_started=True)
    assert refused(decision) == [(RefusalCode.DUPLICATE, ("institution_id",))]
    assert isinstance(decision, tuple)
    assert decision[0].words.zh == "机构“横滨检验”已有2025年的年度报告。"
    assert decision[0].words.en == "Yokohama Inspection has an annual report of 2025 already."


def test_only_an_institution_of_the_registry_is_asked_for_a_report() -> None:
    revoked = desk.institution(INSTITUTION, InstitutionStatus.REVOKED)
    assert codes(decides("start", None, CUSTOMS, institution=revoked)) == [RefusalCode.INSTITUTION_NOT_REGISTERED]
    assert codes(decides("start", None, CUSTOMS, institution=None)) == [RefusalCode.UNKNOWN_REFERENCE]


@pytest.mark.parametrize("status", [InstitutionStatus.NON_RECOGNITION, InstitutionStatus.RECTIFICATION])
def test_an_institution_under_a_disposition_reports_all_the_same(status: InstitutionStatus) -> None:
    assert isinstance(decides("start", None, CUSTOMS, institution=desk.institution(INSTITUTION, status)), Decided)


def test_all_that_stands_against_a_start_comes_at_once() -> None:
    form = starting(year=2030, due_on=DUE_ON)
    assert codes(decides("start", None, CUSTOMS, form, is_started=True)) == [
        RefusalCode.OUT_OF_RANGE,
        RefusalCode.DATE_IN_PAST,
        RefusalCode.DUPLICATE,
    ]


def test_institutions_are_named_each_once_or_all_are_chosen() -> None:
    one, two = uuid4(), uuid4()
    assert list(institutions_unclear([one, two], all_of_them=False)) == []
    assert list(institutions_unclear(None, all_of_them=True)) == []
    for named, everybody in [(None, False), ([one], True), ([], False), ([], True)]:
        (found,) = institutions_unclear(named, all_of_them=everybody)
        assert (found.code, found.field) == (RefusalCode.REQUIRED, ("institution_ids",))
    twice = [(each.code, each.field) for each in institutions_unclear([one, two, one], all_of_them=False)]
    assert twice == [(RefusalCode.DUPLICATE, ("institution_ids", n)) for n in (0, 2)]
    (many,) = institutions_unclear([one] * (INSTITUTIONS_MAX + 1), all_of_them=False)
    assert many.code is RefusalCode.TOO_MANY


# ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_keeps_what_is_absent_and_clears_what_is_null() -> None:
    saved = after(
        decides("save_draft", annual_report(), INSTITUTION, AnnualReportDraft.of(training="培训", contact_name=None))
    )
    assert (saved.training, saved.contact_name) == ("培训", None)
    assert saved.contact_phone == FILLED["contact_phone"]


def test_formats_are_checked_at_every_save() -> None:
    draft = AnnualReportDraft.of(
        contact_phone="45",
        certificates_issued=-1,
        certificates_withdrawn=2**31 - 1,
        next_year_plan="计" * 4001,
        by_country=(
            AnnualReportCountryDraft.of(country="JP", batches=-1, value_usd=Decimal("0.001")),
            AnnualReportCountryDraft.of(country="DE", value_usd=Decimal(-1)),
        ),
    )
    assert refused(decides("save_draft", annual_report(), INSTITUTION, draft)) == [
        (RefusalCode.INVALID_FORMAT, ("contact_phone",)),
        (RefusalCode.OUT_OF_RANGE, ("certificates_issued",)),
        (RefusalCode.OUT_OF_RANGE, ("certificates_withdrawn",)),
        (RefusalCode.TOO_LONG, ("next_year_plan",)),
        (RefusalCode.OUT_OF_RANGE, ("by_country", 0, "batches")),
        (RefusalCode.TOO_PRECISE, ("by_country", 0, "value_usd")),
        (RefusalCode.OUT_OF_RANGE, ("by_country", 1, "value_usd")),
    ]


def test_countries_are_changed_added_and_removed_with_the_draft() -> None:
    report = annual_report()
    japan, germany = country(report.id), country(report.id, "DE", 2)
    draft = AnnualReportDraft.of(
        by_country=(
            AnnualReportCountryDraft.of(country="FR", batches=1),
            AnnualReportCountryDraft.of(id=japan.id, batches=7),
        )
    )
    known = {"rows": (japan, germany), "known_codes": frozenset({("COUNTRY", "FR")})}
    assert rows_of(decides("save_draft", report, INSTITUTION, draft, **known)) == [(1, "FR", 1), (2, "JP", 7)]


def test_a_country_stands_in_one_row_whether_it_was_sent_or_kept() -> None:
    report = annual_report()
    japan = country(report.id)
    draft = AnnualReportDraft.of(
        by_country=(
            AnnualReportCountryDraft.of(id=japan.id, batches=7),
            AnnualReportCountryDraft.of(country="DE"),
            AnnualReportCountryDraft.of(country="JP"),
            AnnualReportCountryDraft.of(),
            AnnualReportCountryDraft.of(),
        )
    )
    assert refused(decides("save_draft", report, INSTITUTION, draft, rows=(japan,))) == [
        (RefusalCode.DUPLICATE, ("by_country", 0, "country")),
        (RefusalCode.DUPLICATE, ("by_country", 2, "country")),
    ]
    moved = AnnualReportDraft.of(
        by_country=(
            AnnualReportCountryDraft.of(id=japan.id, country="DE"),
            AnnualReportCountryDraft.of(country="JP"),
        )
    )
    assert rows_of(decides("save_draft", report, INSTITUTION, moved, rows=(japan,))) == [
        (1, "DE", 100),
        (2, "JP", None),
    ]


def test_a_row_of_another_report_and_an_unknown_country_are_refused() -> None:
    draft = AnnualReportDraft.of(
        by_country=(AnnualReportCountryDraft.of(id=uuid4()), AnnualReportCountryDraft.of(country="XX"))
    )
    assert refused(decides("save_draft", annual_report(), INSTITUTION, draft)) == [
        (RefusalCode.UNKNOWN_CODE, ("by_country", 1, "country")),
        (RefusalCode.UNKNOWN_REFERENCE, ("by_country", 0, "id")),
    ]


# ── Submitting, returning, being late ──────────────────────────────────────────────────────────────────────────────


def test_a_filled_report_is_submitted() -> None:
    submitted = after(decides("submit", annual_report(return_reason="请补充"), INSTITUTION))
    assert (submitted.status, submitted.submitted_at, submitted.return_reason) == (S.SUBMITTED, desk.NOW, None)
    assert after(decides("submit", annual_report(), INSTITUTION, rows=())).status is S.SUBMITTED


def test_a_submission_asks_for_every_required_field_of_report_and_countries_at_once() -> None:
    nothing: dict[str, Any] = dict.fromkeys(FILLED)
    empty = annual_report(**nothing)
    rows = (country(empty.id, None, batches=None, value_usd=None), country(empty.id, "XX", 2))
    assert refused(decides("submit", empty, INSTITUTION, rows=rows)) == [
        *((RefusalCode.REQUIRED, (name,)) for name in FILLED),
        *((RefusalCode.REQUIRED, ("by_country", 0, name)) for name in ("country", "batches", "value_usd")),
        (RefusalCode.UNKNOWN_CODE, ("by_country", 1, "country")),
    ]
    blank = annual_report(contact_name=" ")
    assert refused(decides("submit", blank, INSTITUTION)) == [(RefusalCode.REQUIRED, ("contact_name",))]


def test_customs_returns_a_report_with_a_reason_and_time_to_mend_it() -> None:
    report = annual_report(S.SUBMITTED, overdue=True)
    returned = after(decides("return", report, CUSTOMS, ReturnForm.of(reason="请补充")))
    assert (returned.status, returned.return_reason, returned.submitted_at) == (S.DRAFT, "请补充", None)
    assert (returned.due_on, returned.overdue) == (TODAY + MENDING_LASTS, False)
    far = replace(report, due_on=date(2027, 3, 1))
    assert after(decides("return", far, CUSTOMS, ReturnForm.of(reason="请补充"))).due_on == date(2027, 3, 1)
    named = ReturnForm.of(reason="请补充", due_on=TOMORROW)
    assert after(decides("return", far, CUSTOMS, named)).due_on == TOMORROW


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.REVIEWER])
def test_officers_and_reviewers_of_customs_return_reports(role: Role) -> None:
    assert isinstance(decides("return", annual_report(S.SUBMITTED), desk.with_role(CUSTOMS, role)), Decided)


def test_a_report_is_not_returned_without_a_reason_or_for_a_day_gone_by() -> None:
    report = annual_report(S.SUBMITTED)
    assert refused(decides("return", report, CUSTOMS, ReturnForm.of(reason=" ", due_on=DUE_ON))) == [
        (RefusalCode.REQUIRED, ("reason",)),
        (RefusalCode.DATE_IN_PAST, ("due_on",)),
    ]
    due_today = after(decides("return", report, CUSTOMS, ReturnForm.of(reason="请补充", due_on=TODAY)))
    assert due_today.due_on == TODAY


def test_the_clock_marks_a_draft_once_after_its_last_day() -> None:
    marked = after(decides("mark_overdue", annual_report(), THE_PRODUCT))
    assert marked.overdue
    assert marked.status is S.DRAFT
    assert codes(decides("mark_overdue", marked, THE_PRODUCT)) == [RefusalCode.NOTHING_CHANGED]
    on_its_day = annual_report(due_on=TODAY)
    assert codes(decides("mark_overdue", on_its_day, THE_PRODUCT)) == [RefusalCode.DATE_IN_FUTURE]
    assert codes(decides("mark_overdue", annual_report(S.SUBMITTED), THE_PRODUCT)) == [RefusalCode.WRONG_STATUS]


def test_what_was_submitted_late_is_no_longer_overdue_and_its_days_say_that_it_was_late() -> None:
    submitted = after(decides("submit", annual_report(overdue=True), INSTITUTION))
    assert not submitted.overdue
    assert submitted.submitted_at is not None
    assert submitted.submitted_at.date() > submitted.due_on


def test_the_institution_is_told_by_three_channels_and_customs_by_notice() -> None:
    report, known = annual_report(), facts(annual_report())
    for action, title, organisation, channels in [
        ("start", "年度报告填写通知，（报告编号：{}），请尽快完成提交确认", INSTITUTION, THREE_CHANNELS),
        ("submit", "年度报告（报告编号：{}）已提交", CUSTOMS, (Channel.NOTICE,)),
        ("return", "您的年度报告（报告编号：{}）被退回，请修改后重新提交", INSTITUTION, THREE_CHANNELS),
        ("mark_overdue", "您的年度报告（报告编号：{}）已逾期，请立即提交", INSTITUTION, THREE_CHANNELS),
    ]:
        (telling,) = WORKFLOW[action].tells
        case = on_desk(report, CUSTOMS, form_for(action, known), known)
        assert telling.title_and_body(case)[0].zh == title.format(desk.NUMBER)
        assert telling.to(case) == (organisation.organisation_id,)
        assert telling.channels == channels
    assert not any(WORKFLOW[quiet].tells for quiet in ("save_draft", "attach", "detach"))


def test_a_draft_waits_for_the_institution_and_a_submitted_report_for_nobody() -> None:
    assert {status: party.name for status, party in WORKFLOW.awaits.items()} == {S.DRAFT: "the_institution_concerned"}
