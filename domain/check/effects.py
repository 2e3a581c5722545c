"""What each action changes on a check. Nothing here decides; every function is pure."""

from collections.abc import Callable
from typing import Any

from domain.attachment import Attachment, sent_with
from domain.check.record import (
    Check,
    CheckCase,
    CheckFacts,
    CheckReview,
    CheckStatus,
    CheckSubmission,
    CheckType,
    CheckVisit,
    FailForm,
    FailVisitForm,
    OrderForm,
    PassForm,
    PassVisitForm,
    SubmissionForm,
    VisitForm,
)
from domain.due import due_anew
from domain.marks import today_in_china
from domain.term import Term
from domain.workflow import Case, Effect


def as_ordered(type_: CheckType) -> Callable[["Case[Check, CheckFacts, OrderForm]"], Effect]:
    """The effect of ordering a check of this type."""

    def effect(case: "Case[Check, CheckFacts, OrderForm]") -> Effect:
        return Effect(changes=case.form.sent() | {"type": type_})

    return effect


def as_submitted(case: "Case[Check, CheckFacts, SubmissionForm]") -> Effect:
    form, actor = case.form, case.actor
    assert form.explanation is not None
    assert actor.organisation_id is not None
    submission = CheckSubmission(
        id=case.new_id(),
        explanation=form.explanation,
        submitted_at=case.now,
        organisation_id=actor.organisation_id,
        check_id=case.record.id,
    )
    return Effect(
        changes={"submitted_at": case.now, "overdue": False},
        adds=(submission,),
        replaces={Attachment: sent_with(submission.id, case)},
    )


def as_passed(case: "Case[Check, CheckFacts, PassForm]") -> Effect:
    return Effect(changes={"completed_at": case.now}, adds=(_review(case, passed=True),))


def as_failed(case: "Case[Check, CheckFacts, FailForm]") -> Effect:
    return Effect(changes=_time_again(case), adds=(_review(case, passed=False),))


def as_visited_and_passed(case: "Case[Check, CheckFacts, PassVisitForm]") -> Effect:
    changes = {"completed_at": case.now, "overdue": False}
    return Effect(changes=changes, adds=(_visit(case), _review(case, passed=True)))


def as_visited_and_failed(case: "Case[Check, CheckFacts, FailVisitForm]") -> Effect:
    return Effect(changes=_time_again(case), adds=(_visit(case), _review(case, passed=False)))


def as_overdue(case: CheckCase) -> Effect:
    return Effect(changes={"overdue": True})


def blank_check(case: "Case[Check, CheckFacts, OrderForm]", status: Term | None) -> Check:
    assert isinstance(status, CheckStatus)
    assert case.actor.organisation_id is not None
    check_id = case.new_id()
    return Check(
        id=check_id,
        number=case.fresh_number,
        type=CheckType.DOCUMENT,
        status=status,
        # Nobody's, until the form has been looked at.
        institution_id=check_id,
        content="",
        due_on=today_in_china(case.now),
        created_at=case.now,
        ordered_by_id=case.actor.organisation_id,
    )


def _time_again(case: "Case[Check, CheckFacts, Any]") -> dict[str, Any]:
    """What failed is to be mended, for which customs may have left no time."""
    return {"due_on": due_anew(case.form.due_on, case.record.due_on, case.now), "overdue": False}


def _review(case: "Case[Check, CheckFacts, Any]", *, passed: bool) -> CheckReview:
    assert case.actor.organisation_id is not None
    return CheckReview(
        id=case.new_id(),
        passed=passed,
        opinion=case.form.opinion,
        reviewed_at=case.now,
        organisation_id=case.actor.organisation_id,
        check_id=case.record.id,
    )


def _visit(case: "Case[Check, CheckFacts, Any]") -> CheckVisit:
    form: VisitForm = case.form
    assert form.visited_on is not None
    assert form.inspectors is not None
    assert form.place is not None
    assert form.findings is not None
    assert case.actor.organisation_id is not None
    return CheckVisit(
        id=case.new_id(),
        visited_on=form.visited_on,
        inspectors=form.inspectors,
        place=form.place,
        findings=form.findings,
        recorded_at=case.now,
        organisation_id=case.actor.organisation_id,
        check_id=case.record.id,
    )
