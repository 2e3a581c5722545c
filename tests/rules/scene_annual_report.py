"""Annual reports as the grid lays them out, and the desk that their rules are tested on."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.annual_report.record import (
    AnnualReport,
    AnnualReportCountry,
    AnnualReportDraft,
    AnnualReportFacts,
    AnnualReportStatus,
    ReturnForm,
    StartForm,
)
from domain.annual_report.workflow import WORKFLOW
from domain.attachment import Attachment, AttachmentKind, DetachForm
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk
from tests.rules.scene import Scene

FILLED: dict[str, Any] = {
    "contact_name": "佐藤健一",
    "contact_phone": "+81 45 123 4567",
    "certificates_issued": 120,
    "certificates_withdrawn": 1,
    "non_conforming_batches": 4,
    "next_year_plan": "增设两名检验员。",
}
DUE_ON = date(2026, 11, 22)
"""The day before the desk's today."""


def annual_report(status: AnnualReportStatus = AnnualReportStatus.DRAFT, **changes: Any) -> AnnualReport:
    """A report of INSTITUTION's that was due yesterday, with everything that a submission asks for."""
    return AnnualReport(
        **{
            "id": uuid4(),
            "version": 2,
            "number": desk.NUMBER,
            "year": 2025,
            "status": status,
            "created_at": desk.NOW,
            "submitted_at": desk.NOW if status is AnnualReportStatus.SUBMITTED else None,
            "due_on": DUE_ON,
            "institution_id": desk.INSTITUTION.institution_id,
            "started_by_id": desk.CUSTOMS.organisation_id,
            **FILLED,
            **changes,
        }
    )


def country(report_id: UUID, code: str | None = "JP", number: int = 1, **changes: Any) -> AnnualReportCountry:
    """A row as it is kept."""
    kept: dict[str, Any] = {"batches": 100, "value_usd": Decimal("1000000.00")} | changes
    return AnnualReportCountry(id=uuid4(), line_number=number, annual_report_id=report_id, country=code, **kept)


def facts(record: AnnualReport | None, **changes: Any) -> AnnualReportFacts:
    """Facts under which everything may be done."""
    known: dict[str, Any] = {
        "institution": desk.institution(desk.INSTITUTION),
        "known_codes": frozenset({("COUNTRY", "JP"), ("COUNTRY", "DE")}),
    }
    if record is not None:
        known["rows"] = (country(record.id),)
        known["attachments"] = (_file(record),)
    return AnnualReportFacts(**known | changes)


def _file(record: AnnualReport) -> Attachment:
    assert desk.INSTITUTION.organisation_id is not None
    return Attachment(
        id=uuid4(),
        name="report.pdf",
        size_bytes=9,
        media_type="application/pdf",
        kind=AttachmentKind.OTHER,
        sha256="0" * 64,
        uploaded_at=desk.NOW,
        file_id=uuid4(),
        organisation_id=desk.INSTITUTION.organisation_id,
        subject_type="annual_report",
        subject_id=record.id,
    )


def starting(**changes: Any) -> StartForm:
    """What customs fills in to start the report of INSTITUTION on last year."""
    form: StartForm = StartForm.of(**{"institution_id": desk.INSTITUTION.institution_id, "year": 2025} | changes)
    return form


def form_for(action: str, known: AnnualReportFacts) -> Form:
    """What would be filled in for the action, acceptable as far as a form can be."""
    forms: dict[str, Form] = {
        "start": starting(),
        "save_draft": AnnualReportDraft.of(training="两次内部培训。"),
        "return": ReturnForm.of(reason="请补充不合格处理情况。"),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=next((each.id for each in known.attachments), uuid4())),
    }
    return forms.get(action, Form())


def on_desk(record: AnnualReport | None, actor: Viewer, form: Form, known: AnnualReportFacts) -> Case[Any, Any, Any]:
    """The case as the door would lay it out."""
    laid: Any = record
    return Case(record=laid, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4, fresh_number=desk.NUMBER)


def decides(
    action: str, record: AnnualReport | None, actor: Viewer, form: Form | None = None, **changed_facts: Any
) -> Decision:
    """What becomes of an action on an annual report."""
    known = facts(record, **changed_facts)
    case = on_desk(record, actor, form_for(action, known) if form is None else form, known)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def _in_status(status: Term) -> Record:
    assert isinstance(status, AnnualReportStatus)
    return annual_report(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = facts(record)
    return on_desk(record, actor, form_for(action.name, known), known)


SCENE = Scene(
    WORKFLOW,
    _in_status,
    _case,
    AnnualReportFacts(
        institution=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED),
        is_started=True,
        rows=(country(uuid4(), None, batches=None),),
    ),
)
