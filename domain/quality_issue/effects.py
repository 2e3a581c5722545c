"""What each action changes on a quality issue. Nothing here decides; every function is pure."""

from domain.attachment import Attachment, sent_with
from domain.quality_issue.record import (
    AskAgainForm,
    CloseForm,
    QualityIssue,
    QualityIssueFacts,
    QualityIssueStatus,
    QualityQuestion,
    QualityReply,
    QualitySeverity,
    RaiseForm,
    ReplyForm,
)
from domain.term import Term
from domain.workflow import Case, Effect


def as_raised(case: "Case[QualityIssue, QualityIssueFacts, RaiseForm]") -> Effect:
    number = (case.form.certificate_number or "").strip() or None
    return Effect(changes=case.form.sent() | {"certificate_number": number})


def as_replied(case: "Case[QualityIssue, QualityIssueFacts, ReplyForm]") -> Effect:
    form, actor = case.form, case.actor
    assert form.text is not None
    assert actor.organisation_id is not None
    reply = QualityReply(
        id=case.new_id(),
        text=form.text,
        replied_at=case.now,
        organisation_id=actor.organisation_id,
        quality_issue_id=case.record.id,
    )
    return Effect(changes={"replied_at": case.now}, adds=(reply,), replaces={Attachment: sent_with(reply.id, case)})


def as_asked_again(case: "Case[QualityIssue, QualityIssueFacts, AskAgainForm]") -> Effect:
    form, actor = case.form, case.actor
    assert form.question is not None
    assert actor.organisation_id is not None
    question = QualityQuestion(
        id=case.new_id(),
        question=form.question,
        asked_at=case.now,
        organisation_id=actor.organisation_id,
        quality_issue_id=case.record.id,
    )
    return Effect(changes={"due_on": form.due_on} if "due_on" in form.given else {}, adds=(question,))


def as_closed(case: "Case[QualityIssue, QualityIssueFacts, CloseForm]") -> Effect:
    return Effect(changes={"closed_at": case.now, "closing_remark": case.form.closing_remark})


def blank_quality_issue(case: "Case[QualityIssue, QualityIssueFacts, RaiseForm]", status: Term | None) -> QualityIssue:
    assert isinstance(status, QualityIssueStatus)
    assert case.actor.organisation_id is not None
    issue_id = case.new_id()
    return QualityIssue(
        id=issue_id,
        number=case.fresh_number,
        status=status,
        # Nobody's, until the form has been looked at.
        institution_id=issue_id,
        content="",
        severity=QualitySeverity.MINOR,
        created_at=case.now,
        raised_by_id=case.actor.organisation_id,
    )
