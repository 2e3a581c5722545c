"""Every day that a form takes lies in living memory or the foreseeable future, whatever the form is."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.annual_report.record import AnnualReportCountryDraft, AnnualReportDraft
from domain.commission.record import CommissionDraft, CommissionStatus, CompleteForm, GoodsLineDraft
from domain.record import DAY_MAX, DAY_MIN, Form, badly_written, fields_of
from domain.refusal import RefusalCode
from domain.workflows import WORKFLOWS
from tests.rules import desk

FORMS = {action.form for workflow in WORKFLOWS for action in workflow.actions}
DATED = [
    pytest.param(form, each.name, id=f"{form.__name__}.{each.name}")
    for form in sorted(FORMS, key=lambda form: form.__name__)
    for each in fields_of(form).values()
    if each.type is date
]


def found(form: Form) -> list[tuple[RefusalCode, tuple[str | int, ...] | None]]:
    return [(each.code, each.field) for each in badly_written(form, given=form.given)]


def with_day(kind: type[Form], name: str, day: date) -> Form:
    """The form with this day alone, whatever else it asks for."""
    made: Form = object.__new__(kind)
    values: dict[str, Any] = {each.name: None for each in fields_of(kind).values()} | {name: day}
    made.__dict__.update(values, given=frozenset({name}))
    return made


@pytest.mark.parametrize(("kind", "name"), DATED)
def test_a_day_out_of_time_is_refused_by_every_form(kind: type[Form], name: str) -> None:
    for day in (date.min, DAY_MIN - timedelta(days=1), DAY_MAX + timedelta(days=1), date.max):
        assert found(with_day(kind, name, day)) == [(RefusalCode.OUT_OF_RANGE, (name,))]
    for day in (DAY_MIN, desk.TODAY, DAY_MAX):
        assert found(with_day(kind, name, day)) == []


def test_there_are_forms_with_days_of_every_kind() -> None:
    assert len(DATED) > 10


def test_a_day_within_a_row_is_looked_at_too_and_what_is_wrong_is_said_in_both_languages() -> None:
    form = CommissionDraft.of(goods_lines=(GoodsLineDraft.of(), GoodsLineDraft.of(manufactured_on=date.min)))
    (refusal,) = badly_written(form, given=form.given)
    assert refusal.field == ("goods_lines", 1, "manufactured_on")
    assert refusal.words.zh == "日期须在1900-01-01与2100-12-31之间。"
    assert refusal.words.en == "The date must lie between 1900-01-01 and 2100-12-31."


def test_a_completion_until_the_end_of_all_calendars_is_refused() -> None:
    record = desk.commission(CommissionStatus.IN_PROGRESS)
    form = CompleteForm.of(certificate_number="YI-2026-1", valid_until=date.max)
    assert desk.refused(desk.decides("complete", record, desk.INSTITUTION, form)) == [
        (RefusalCode.OUT_OF_RANGE, ("valid_until",))
    ]


def test_forms_without_days_are_left_alone() -> None:
    assert found(AnnualReportDraft.of(by_country=(AnnualReportCountryDraft.of(country="JP"),))) == []
