"""Dispositions as the grid lays them out: a non-recognition or a rectification, either overdue since yesterday."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.attachment import DetachForm
from domain.disposition.record import (
    ApprovalForm,
    Disposition,
    DispositionFacts,
    DispositionGround,
    DispositionStatus,
    DispositionType,
    LiftForm,
    NonRecognitionForm,
    RectificationForm,
    RefusalForm,
    RevocationForm,
    SubmissionForm,
)
from domain.disposition.workflow import WORKFLOW
from domain.institution import InstitutionStatus
from domain.party import Viewer
from domain.record import Form, Record
from domain.term import Term
from domain.workflow import Action, Case
from tests.rules import desk
from tests.rules.scene import Scene

YESTERDAY, TOMORROW = desk.TODAY - timedelta(days=1), desk.TODAY + timedelta(days=1)


def disposition(type_: DispositionType, status: DispositionStatus, **changes: Any) -> Disposition:
    """A disposition of INSTITUTION that has run for ten days and was to end yesterday."""
    assert desk.INSTITUTION.institution_id is not None
    kept: dict[str, Any] = {
        "id": uuid4(),
        "version": 2,
        "number": desk.NUMBER,
        "type": type_,
        "status": status,
        "institution_id": desk.INSTITUTION.institution_id,
        "ground": DispositionGround.MISCONDUCT,
        "content": "未实施检验即出具证书。",
        "legal_ground": "2014年第145号公告",
        "starts_on": desk.TODAY - timedelta(days=10),
        "ends_on": YESTERDAY if type_ is DispositionType.NON_RECOGNITION else None,
        "due_on": YESTERDAY if type_ is DispositionType.RECTIFICATION else None,
        "imposed_at": desk.NOW,
    }
    return Disposition(**kept | changes)


def in_status(status: Term) -> Record:
    assert isinstance(status, DispositionStatus)
    is_rectified = status not in (DispositionStatus.IN_FORCE, DispositionStatus.EXPIRED)
    kind = DispositionType.RECTIFICATION if is_rectified else DispositionType.NON_RECOGNITION
    return disposition(kind, status)


def facts(record: Any, **changes: Any) -> DispositionFacts:
    """The institution as it was before, a file of its own, and nothing else in force."""
    known: dict[str, Any] = {"institution": desk.institution(desk.INSTITUTION)}
    if record is not None:
        known["attachments"] = (replace(desk.attachment(record, desk.INSTITUTION), subject_type="disposition"),)
    return DispositionFacts(**known | changes)


def form_for(action: str, known: DispositionFacts) -> Form:
    """What would be filled in for the action, acceptable as it is."""
    imposed: dict[str, Any] = {
        "institution_id": desk.INSTITUTION.institution_id,
        "ground": DispositionGround.MISCONDUCT,
        "content": "未实施检验即出具证书。",
        "legal_ground": "2014年第145号公告",
    }
    own: UUID = known.attachments[0].id if known.attachments else uuid4()
    forms: dict[str, Form] = {
        "impose_non_recognition": NonRecognitionForm.of(**imposed, ends_on=TOMORROW),
        "order_rectification": RectificationForm.of(**imposed, due_on=TOMORROW),
        "revoke": RevocationForm.of(**imposed),
        "submit": SubmissionForm.of(explanation="已重新校准"),
        "approve": ApprovalForm.of(),
        "refuse": RefusalForm.of(opinion="缺少校准证书"),
        "lift": LiftForm.of(reason="复核后撤销"),
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=own),
    }
    return forms.get(action, Form())


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = facts(record)
    form = form_for(action.name, known)
    return Case(
        record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4, fresh_number=desk.NUMBER
    )


SCENE = Scene(
    WORKFLOW,
    in_status,
    _case,
    DispositionFacts(institution=desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED)),
)
