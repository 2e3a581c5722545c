"""Filing changes as the grid lays them out."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from domain.attachment import DetachForm
from domain.filing.record import Filing, FilingStatus
from domain.filing_change import workflow as filing_changes
from domain.filing_change.record import (
    ApproveForm,
    ChangedField,
    FilingChange,
    FilingChangeDraft,
    FilingChangeFacts,
    FilingChangeStatus,
    RefuseForm,
)
from domain.institution import Institution, InstitutionStatus
from domain.party import Viewer
from domain.record import Form, Record, changed
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide
from tests.rules import desk, scene_filing
from tests.rules.scene import OF_THE_INSTITUTION, Scene

WORKFLOW = filing_changes.WORKFLOW
PARTIES: Mapping[str, tuple[set[str], set[str]]] = {
    "the_filed_institution": (OF_THE_INSTITUTION, OF_THE_INSTITUTION | {"operator of another institution"}),
}
ON_FILE = scene_filing.filing(FilingStatus.ACCEPTED)


def in_registry(status: InstitutionStatus = InstitutionStatus.NORMAL) -> Institution:
    """The place in the registry that ON_FILE gave."""
    return changed(desk.institution(desk.INSTITUTION, status), filing_number=scene_filing.FILING_NUMBER)


def change(status: FilingChangeStatus = FilingChangeStatus.PENDING, **changes: Any) -> FilingChange:
    """A change of ON_FILE."""
    known: dict[str, Any] = {
        "id": uuid4(),
        "version": 1,
        "status": status,
        "requested_at": desk.NOW,
        "filing_id": ON_FILE.id,
        "organisation_id": desk.INSTITUTION.organisation_id,
    }
    return FilingChange(**known | changes)


def facts(record: FilingChange | None, filing: Filing | None = ON_FILE, **changes: Any) -> FilingChangeFacts:
    """Facts under which everything may be done."""
    known: dict[str, Any] = {"filing": filing, "institution": in_registry(), "known_codes": scene_filing.CODES}
    if filing is not None:
        known["rows"] = scene_filing.rows_of(filing.id)
    if record is not None:
        known["attachments"] = (scene_filing.attachment(record, "filing_change"),)
        known["changes"] = (
            ChangedField(
                id=uuid4(),
                line_number=1,
                name="contact_phone",
                before="+81 45 123 4567",
                after="+81 45 765 4321",
                is_material=False,
                filing_change_id=record.id,
            ),
        )
    return FilingChangeFacts(**known | changes)


def wished(**fields: Any) -> FilingChangeDraft:
    """A request to change ON_FILE."""
    form: FilingChangeDraft = FilingChangeDraft.of(filing_id=ON_FILE.id, **fields)
    return form


def form_for(action: str, known: FilingChangeFacts) -> Form:
    """What would be filled in for the action."""
    forms: dict[str, Form] = {
        "request": wished(contact_phone="+81 45 765 4321"),
        "approve": ApproveForm(),
        "refuse": RefuseForm.of(opinion="证明材料不足"),
        "erase": desk.AN_ERASURE,
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=next((each.id for each in known.attachments), uuid4())),
    }
    return forms.get(action, Form())


def decides(
    action: str, record: FilingChange | None, actor: Viewer, form: Form | None = None, **changed_facts: Any
) -> Decision:
    """What becomes of an action on a change."""
    known = facts(record, **changed_facts)
    case = scene_filing.on_desk(record, actor, form_for(action, known) if form is None else form, known)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def _in_status(status: Term) -> Record:
    assert isinstance(status, FilingChangeStatus)
    return change(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    # Whoever is in the registry is filed by what nobody may erase.
    status = InstitutionStatus.REVOKED if action.name == "erase" else InstitutionStatus.NORMAL
    known = facts(record, institution=in_registry(status))
    return scene_filing.on_desk(record, actor, form_for(action.name, known), known)


SCENE = Scene(WORKFLOW, _in_status, _case, FilingChangeFacts(institution=in_registry()))
