"""What each action changes on a disposition. Nothing here decides; every function is pure."""

from domain import marks
from domain.attachment import Attachment, sent_with
from domain.disposition.record import (
    ApprovalForm,
    Disposition,
    DispositionCase,
    DispositionFacts,
    DispositionForm,
    DispositionGround,
    DispositionReview,
    DispositionStatus,
    DispositionSubmission,
    DispositionType,
    LiftForm,
    NonRecognitionForm,
    RectificationForm,
    RefusalForm,
    RevocationForm,
    SubmissionForm,
)
from domain.due import due_anew
from domain.record import Form
from domain.term import Term
from domain.workflow import Case, Effect

TYPES: dict[type[Form], DispositionType] = {
    NonRecognitionForm: DispositionType.NON_RECOGNITION,
    RectificationForm: DispositionType.RECTIFICATION,
    RevocationForm: DispositionType.REVOCATION,
}


def blank_disposition(case: DispositionCase, status: Term | None) -> Disposition:
    """The type follows from what is imposed; conditions may look at it before they know that every field is filled."""
    assert isinstance(status, DispositionStatus)
    form = case.form
    return Disposition(
        id=case.new_id(),
        number=case.fresh_number,
        type=TYPES[type(form)],
        status=status,
        institution_id=form.institution_id,
        ground=form.ground or DispositionGround.OTHER,
        content=form.content or "",
        legal_ground=form.legal_ground or "",
        starts_on=form.starts_on or marks.today_in_china(case.now),
        imposed_at=case.now,
        imposed_by_id=case.actor.organisation_id,
    )


def as_imposed(case: "Case[Disposition, DispositionFacts, DispositionForm]") -> Effect:
    form = case.form
    return Effect(changes={"ends_on": getattr(form, "ends_on", None), "due_on": getattr(form, "due_on", None)})


def as_submitted(case: "Case[Disposition, DispositionFacts, SubmissionForm]") -> Effect:
    assert case.form.explanation is not None
    submission = DispositionSubmission(
        id=case.new_id(),
        explanation=case.form.explanation,
        submitted_at=case.now,
        disposition_id=case.record.id,
    )
    return Effect(changes={"overdue": False}, adds=(submission,), replaces={Attachment: sent_with(submission.id, case)})


def _review(case: DispositionCase, *, passed: bool) -> DispositionReview:
    return DispositionReview(
        id=case.new_id(),
        passed=passed,
        opinion=case.form.opinion,
        reviewed_at=case.now,
        disposition_id=case.record.id,
    )


def as_approved(case: "Case[Disposition, DispositionFacts, ApprovalForm]") -> Effect:
    return Effect(changes={"lifted_at": case.now}, adds=(_review(case, passed=True),))


def as_refused(case: "Case[Disposition, DispositionFacts, RefusalForm]") -> Effect:
    """The institution has time again, for customs may have taken long."""
    assert case.record.due_on is not None
    due_on = due_anew(case.form.due_on, case.record.due_on, case.now)
    return Effect(changes={"due_on": due_on, "overdue": False}, adds=(_review(case, passed=False),))


def as_lifted(case: "Case[Disposition, DispositionFacts, LiftForm]") -> Effect:
    return Effect(changes={"lifted_at": case.now, "lift_reason": case.form.reason})


def as_superseded(case: DispositionCase) -> Effect:
    return Effect(changes={"lifted_at": case.now})


def as_overdue(case: DispositionCase) -> Effect:
    return Effect(changes={"overdue": True})
