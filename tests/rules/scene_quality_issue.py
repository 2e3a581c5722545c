"""Quality issues as the grid lays them out, and as the tests of their rules fill them in."""

from typing import Any
from uuid import uuid4

from domain.attachment import Attachment, AttachmentKind, DetachForm
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import CommissionStatus
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.quality_issue.record import (
    AskAgainForm,
    CloseForm,
    QualityIssue,
    QualityIssueFacts,
    QualityIssueStatus,
    QualitySeverity,
    RaiseForm,
    ReplyForm,
)
from domain.quality_issue.workflow import WORKFLOW
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk
from tests.rules.scene import Scene

CONTENT = "证书所列铭牌照片与实物不符。"
COMMISSION = desk.commission(CommissionStatus.COMPLETED)
CERTIFICATE = Certificate(
    id=uuid4(),
    number="YI-2026-1",
    issued_on=desk.TODAY,
    valid_until=desk.TODAY.replace(year=2027),
    status=CertificateStatus.VALID,
    commission_id=COMMISSION.id,
    institution_id=desk.INSTITUTION.institution_id or uuid4(),
)


def quality_issue(status: QualityIssueStatus = QualityIssueStatus.AWAITING_REPLY, **changes: Any) -> QualityIssue:
    """An issue about INSTITUTION, raised by CUSTOMS."""
    return QualityIssue(
        **{
            "id": uuid4(),
            "version": 3,
            "number": desk.NUMBER,
            "status": status,
            "institution_id": desk.INSTITUTION.institution_id,
            "content": CONTENT,
            "severity": QualitySeverity.SERIOUS,
            "created_at": desk.NOW,
            "raised_by_id": desk.CUSTOMS.organisation_id,
            **changes,
        }
    )


def a_file(subject: str, record: Record, by: Viewer, **changes: Any) -> Attachment:
    """A file that somebody added to the record."""
    return Attachment(
        **{
            "id": uuid4(),
            "name": "explanation.pdf",
            "size_bytes": 9,
            "media_type": "application/pdf",
            "kind": AttachmentKind.EXPLANATION,
            "sha256": "0" * 64,
            "uploaded_at": desk.NOW,
            "file_id": uuid4(),
            "organisation_id": by.organisation_id,
            "subject_type": subject,
            "subject_id": record.id,
            **changes,
        }
    )


def facts(record: QualityIssue | None, **changes: Any) -> QualityIssueFacts:
    """Facts under which everything may be done: a file of each side, commission and certificate the institution's."""
    known: dict[str, Any] = {
        "institution": desk.institution(desk.INSTITUTION),
        "named": desk.institution(desk.INSTITUTION),
        "commission": COMMISSION,
        "certificate": CERTIFICATE,
    }
    if record is not None:
        known["attachments"] = tuple(
            a_file("quality_issue", record, person) for person in (desk.INSTITUTION, desk.CUSTOMS)
        )
    return QualityIssueFacts(**known | changes)


def filled(**changes: Any) -> RaiseForm:
    """What customs fills in, complete."""
    typed: dict[str, Any] = {
        "institution_id": desk.INSTITUTION.institution_id,
        "content": CONTENT,
        "severity": QualitySeverity.SERIOUS,
        "commission_id": COMMISSION.id,
        "certificate_number": CERTIFICATE.number,
        "due_on": desk.TODAY,
    }
    form: RaiseForm = RaiseForm.of(**typed | changes)
    return form


def form_for(action: str, actor: Viewer, known: QualityIssueFacts) -> Form:
    """What this person would fill in for the action."""
    own = (each.id for each in known.attachments if each.organisation_id == actor.organisation_id)
    forms: dict[str, Form] = {
        "raise": filled(),
        "reply": ReplyForm.of(text="已核实并更正。"),
        "ask_again": AskAgainForm.of(question="请补充原始照片。"),
        "close": CloseForm.of(closing_remark="已改正。"),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=next(own, uuid4())),
    }
    return forms[action]


def decides(
    action: str, record: QualityIssue | None, actor: Viewer, form: Form | None = None, **changed_facts: Any
) -> Decision:
    """What becomes of an action on a quality issue."""
    known = facts(record, **changed_facts)
    case = _case(record, actor, form or form_for(action, actor, known), known)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def told(action: str, record: QualityIssue, actor: Viewer) -> list[Any]:
    """Whom the action tells."""
    known = facts(record)
    case = _case(record, actor, form_for(action, actor, known), known)
    return [each for telling in WORKFLOW[action].tells for each in telling.to(case)]


def _case(record: Any, actor: Viewer, form: Form, known: QualityIssueFacts) -> Case[Any, Any, Any]:
    return Case(
        record=record,
        facts=known,
        actor=actor,
        form=form,
        now=desk.NOW,
        new_id=uuid4,
        fresh_number=desk.NUMBER,
    )


def _in_status(status: Term) -> Record:
    assert isinstance(status, QualityIssueStatus)
    return quality_issue(status)


def _laid(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = facts(record)
    return _case(record, actor, form_for(action.name, actor, known), known)


SCENE = Scene(
    WORKFLOW,
    _in_status,
    _laid,
    QualityIssueFacts(
        institution=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED),
        attachments=tuple(
            a_file("quality_issue", quality_issue(), desk.INSTITUTION, sent_with_id=uuid4()) for _ in range(50)
        ),
    ),
)
