"""What each action changes on an annual report. Nothing here decides; every function is pure."""

from typing import Any

from domain import marks
from domain.annual_report.record import (
    DUE_AFTER,
    AnnualReport,
    AnnualReportCase,
    AnnualReportCountry,
    AnnualReportDraft,
    AnnualReportFacts,
    AnnualReportStatus,
    ReturnForm,
    StartForm,
)
from domain.due import due_anew
from domain.record import fields_of
from domain.rows import merged
from domain.term import Term
from domain.workflow import Case, Effect


def blank_annual_report(case: "Case[AnnualReport, AnnualReportFacts, StartForm]", status: Term | None) -> AnnualReport:
    assert case.actor.organisation_id is not None
    assert isinstance(status, AnnualReportStatus)
    return AnnualReport(
        id=case.new_id(),
        number=case.fresh_number,
        year=case.form.year,
        status=status,
        created_at=case.now,
        due_on=case.form.due_on or marks.today_in_china(case.now) + DUE_AFTER,
        institution_id=case.form.institution_id,
        started_by_id=case.actor.organisation_id,
    )


def as_started(case: AnnualReportCase) -> Effect:
    """Nothing more; but the register shows what was started."""
    started = case.record
    return Effect(
        changes={name: getattr(started, name) for name in ("number", "institution_id", "year", "created_at", "due_on")}
    )


def as_saved(case: "Case[AnnualReport, AnnualReportFacts, AnnualReportDraft]") -> Effect:
    """The fields that were sent, and the rows where they were."""
    sent: dict[str, Any] = {name: value for name, value in case.form.sent().items() if name in fields_of(AnnualReport)}
    if "by_country" not in case.form.given:
        return Effect(changes=sent)
    rows = merged(
        case.facts.rows,
        case.form.by_country,
        lambda: AnnualReportCountry(id=case.new_id(), line_number=0, annual_report_id=case.record.id),
    )
    return Effect(changes=sent, replaces={AnnualReportCountry: rows})


def as_submitted(case: AnnualReportCase) -> Effect:
    return Effect(changes={"submitted_at": case.now, "return_reason": None, "overdue": False})


def as_returned(case: "Case[AnnualReport, AnnualReportFacts, ReturnForm]") -> Effect:
    """With time to mend it: what was in time when it was submitted is not overdue for being returned."""
    due_on = due_anew(case.form.due_on, case.record.due_on, case.now)
    return Effect(changes={"return_reason": case.form.reason, "submitted_at": None, "due_on": due_on, "overdue": False})


def as_overdue(case: AnnualReportCase) -> Effect:
    return Effect(changes={"overdue": True})
