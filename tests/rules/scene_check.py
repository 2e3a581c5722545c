"""Checks as the grid lays them out, and as the tests of their rules fill them in."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from domain.attachment import DetachForm
from domain.check.record import (
    Check,
    CheckFacts,
    CheckStatus,
    CheckType,
    FailForm,
    FailVisitForm,
    OrderForm,
    PassForm,
    PassVisitForm,
    SubmissionForm,
)
from domain.check.workflow import WORKFLOW
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk
from tests.rules.scene import Scene
from tests.rules.scene_quality_issue import a_file

YESTERDAY = date(2026, 11, 22)
VISIT = {"visited_on": desk.TODAY, "inspectors": "钱志远、唐若彤", "place": "横滨", "findings": "设备标定记录齐全。"}


def check(status: CheckStatus = CheckStatus.AWAITING_SUBMISSION, **changes: Any) -> Check:
    """A check of INSTITUTION, ordered by CUSTOMS."""
    return Check(
        **{
            "id": uuid4(),
            "version": 3,
            "number": desk.NUMBER,
            "type": CheckType.ON_SITE if status is CheckStatus.AWAITING_VISIT else CheckType.DOCUMENT,
            "status": status,
            "institution_id": desk.INSTITUTION.institution_id,
            "content": "提交质量管理体系文件。",
            "due_on": desk.TODAY,
            "created_at": desk.NOW,
            "ordered_by_id": desk.CUSTOMS.organisation_id,
            **changes,
        }
    )


def facts(record: Check | None, **changes: Any) -> CheckFacts:
    """Facts under which everything may be done: a file of each side, the institution in order."""
    known: dict[str, Any] = {
        "institution": desk.institution(desk.INSTITUTION),
        "named": desk.institution(desk.INSTITUTION),
    }
    if record is not None:
        known["attachments"] = tuple(a_file("check", record, person) for person in (desk.INSTITUTION, desk.CUSTOMS))
    return CheckFacts(**known | changes)


def filled(**changes: Any) -> OrderForm:
    """What customs fills in to order a check, complete."""
    typed: dict[str, Any] = {
        "institution_id": desk.INSTITUTION.institution_id,
        "content": "提交质量管理体系文件。",
        "due_on": desk.TODAY,
    }
    form: OrderForm = OrderForm.of(**typed | changes)
    return form


def form_for(action: str, actor: Viewer, known: CheckFacts) -> Form:
    """What this person would fill in for the action."""
    own = (each.id for each in known.attachments if each.organisation_id == actor.organisation_id)
    forms: dict[str, Form] = {
        "order_document": filled(),
        "order_on_site": filled(),
        "submit": SubmissionForm.of(explanation="已按要求提交。"),
        "pass": PassForm(),
        "fail": FailForm.of(opinion="缺少内审记录。"),
        "pass_visit": PassVisitForm.of(**VISIT),
        "fail_visit": FailVisitForm.of(**VISIT, opinion="请补充标定证书。"),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=next(own, uuid4())),
    }
    return forms.get(action, Form())


def decides(
    action: str,
    record: Check | None,
    actor: Viewer,
    form: Form | None = None,
    *,
    now: datetime = desk.NOW,
    **changed_facts: Any,
) -> Decision:
    """What becomes of an action on a check."""
    known = facts(record, **changed_facts)
    case = case_of(record, actor, form or form_for(action, actor, known), known, now)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def case_of(record: Any, actor: Viewer, form: Form, known: CheckFacts, now: datetime = desk.NOW) -> Case[Any, Any, Any]:
    """The case as the door would lay it out."""
    return Case(record=record, facts=known, actor=actor, form=form, now=now, new_id=uuid4, fresh_number=desk.NUMBER)


def _in_status(status: Term) -> Record:
    assert isinstance(status, CheckStatus)
    # Late, so that the clock has something to note.
    return check(status, due_on=YESTERDAY)


def _laid(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = facts(record)
    return case_of(record, actor, form_for(action.name, actor, known), known)


SCENE = Scene(
    WORKFLOW,
    _in_status,
    _laid,
    CheckFacts(
        named=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED),
        institution=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED),
        attachments=tuple(a_file("check", check(), desk.INSTITUTION, sent_with_id=uuid4()) for _ in range(50)),
    ),
)
