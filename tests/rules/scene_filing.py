"""Filings as the grid lays them out, and the papers of one that could be submitted."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.attachment import Attachment, AttachmentKind, DetachForm
from domain.filing import workflow as filings
from domain.filing.lists import (
    Department,
    DepartmentDraft,
    Equipment,
    EquipmentDraft,
    PastInspection,
    PastInspectionDraft,
    QualityCertificate,
    QualityCertificateDraft,
    Row,
    Signatory,
    SignatoryDraft,
)
from domain.filing.record import Filing, FilingDraft, FilingFacts, FilingStatus, RejectForm, SupplementForm
from domain.institution import InstitutionStatus
from domain.party import Role, Viewer
from domain.record import Form, Record
from domain.refusal import Refusal
from domain.term import Term
from domain.workflow import Action, Case, Decision, decide, unmet
from tests.rules import desk
from tests.rules.scene import OF_THE_INSTITUTION, Scene

WORKFLOW = filings.WORKFLOW
REVIEWER = desk.with_role(desk.CUSTOMS, Role.REVIEWER)
FILING_NUMBER = "JJD2026007"
CODES = frozenset({("COUNTRY", "JP"), ("COUNTRY", "AU"), ("LEGAL_FORM", "STOCK_COMPANY")})
PARTIES: Mapping[str, tuple[set[str], set[str]]] = {
    "the_applicant": (OF_THE_INSTITUTION, OF_THE_INSTITUTION | {"operator of another institution"}),
}

FIELDS: Mapping[str, Any] = {
    "name_zh": "横滨检验",
    "name_en": "Yokohama Inspection",
    "country": "JP",
    "registered_address": "日本横滨",
    "legal_form": "STOCK_COMPANY",
    "registration_number": "0200-01-012345",
    "legal_representative": "佐藤健一",
    "contact_name": "佐藤健一",
    "contact_phone": "+81 45 123 4567",
    "contact_email": "sato@yokohama.example",
    "independence_declared": True,
}
SIGNATORY: Mapping[str, Any] = {"name": "佐藤健一", "title": "首席检验师"}
DEPARTMENT: Mapping[str, Any] = {
    "name": "检验部",
    "scale": "大型",
    "headcount": 12,
    "head": "松本绫子",
    "phone": "+81 45 123 4567",
}
EQUIPMENT: Mapping[str, Any] = {"name": "超声波探伤仪", "quantity": Decimal(3)}
QUALITY: Mapping[str, Any] = {
    "standard": "ISO 9001",
    "number": "QMS-1",
    "issuer": "JQA",
    "issued_on": date(2024, 1, 1),
    "valid_until": date(2027, 1, 1),
}
PAST: Mapping[str, Any] = {"year": 2025, "batches": 40, "non_conforming_batches": 2}


def filled_form(**changes: Any) -> FilingDraft:
    """A draft with all that a submission asks for, and a row in each list."""
    sent = {
        **FIELDS,
        "signatories": (SignatoryDraft.of(**SIGNATORY),),
        "departments": (DepartmentDraft.of(**DEPARTMENT),),
        "equipment": (EquipmentDraft.of(**EQUIPMENT),),
        "quality_certificates": (QualityCertificateDraft.of(**QUALITY),),
        "past_inspections": (PastInspectionDraft.of(**PAST),),
    }
    form: FilingDraft = FilingDraft.of(**sent | changes)
    return form


def rows_of(filing_id: UUID) -> dict[str, tuple[Row, ...]]:
    """A filled row of each list, as it is kept."""
    kept: dict[str, Any] = {"line_number": 1, "filing_id": filing_id}
    return {
        "signatories": (Signatory(id=uuid4(), **kept, **SIGNATORY),),
        "departments": (Department(id=uuid4(), **kept, **DEPARTMENT),),
        "equipment": (Equipment(id=uuid4(), **kept, **EQUIPMENT),),
        "quality_certificates": (QualityCertificate(id=uuid4(), **kept, **QUALITY),),
        "past_inspections": (PastInspection(id=uuid4(), **kept, **PAST),),
    }


def filing(status: FilingStatus = FilingStatus.DRAFT, **changes: Any) -> Filing:
    """A filled filing of INSTITUTION's organisation."""
    is_accepted = status is FilingStatus.ACCEPTED
    known = {
        "id": uuid4(),
        "version": 3,
        "application_number": desk.NUMBER,
        "certificate_number": FILING_NUMBER if is_accepted else None,
        "status": status,
        "created_at": desk.NOW,
        "submitted_at": None if status is FilingStatus.DRAFT else desk.NOW,
        "organisation_id": desk.INSTITUTION.organisation_id,
    }
    return Filing(**{**known, **FIELDS, **changes})


def attachment(record: Record, subject: str) -> Attachment:
    """A file that the institution added."""
    assert desk.INSTITUTION.organisation_id is not None
    return Attachment(
        id=uuid4(),
        name="licence.pdf",
        size_bytes=9,
        media_type="application/pdf",
        kind=AttachmentKind.QUALIFICATION,
        sha256="0" * 64,
        uploaded_at=desk.NOW,
        file_id=uuid4(),
        organisation_id=desk.INSTITUTION.organisation_id,
        subject_type=subject,
        subject_id=record.id,
    )


def facts(record: Filing | None, **changes: Any) -> FilingFacts:
    """Facts under which everything may be done: filled lists, a file, nothing in the registry."""
    known: dict[str, Any] = {"known_codes": CODES}
    if record is not None:
        known |= {"rows": rows_of(record.id), "attachments": (attachment(record, "filing"),)}
    return FilingFacts(**known | changes)


def form_for(action: str, known: FilingFacts) -> Form:
    """What would be filled in for the action."""
    forms: dict[str, Form] = {
        "save_draft": FilingDraft.of(office_address="横滨市中区"),
        "apply_change": FilingDraft.of(contact_fax="+81 45 123 4568"),
        "request_supplement": SupplementForm.of(reason="缺少章程"),
        "reject": RejectForm.of(reason="不具备条件"),
        "erase": desk.AN_ERASURE,
        "attach": desk.A_FILE,
        "detach": DetachForm(attachment_id=next((each.id for each in known.attachments), uuid4())),
    }
    return forms.get(action, Form())


def on_desk(record: Any, actor: Viewer, form: Form, known: Any, number: str = desk.NUMBER) -> Case[Any, Any, Any]:
    """The case as the door would lay it out."""
    return Case(record=record, facts=known, actor=actor, form=form, now=desk.NOW, new_id=uuid4, fresh_number=number)


def decides(
    action: str, record: Filing | None, actor: Viewer, form: Form | None = None, **changed_facts: Any
) -> Decision:
    """What becomes of an action on a filing."""
    known = facts(record, **changed_facts)
    number = FILING_NUMBER if action == "accept" else desk.NUMBER
    case = on_desk(record, actor, form_for(action, known) if form is None else form, known, number)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def stands_in_the_way(action: str, record: Filing | None, actor: Viewer, **changed_facts: Any) -> tuple[Refusal, ...]:
    """What `availableActions` would show."""
    return unmet(WORKFLOW[action], on_desk(record, actor, Form(), facts(record, **changed_facts)), record=record)


def _in_status(status: Term) -> Record:
    assert isinstance(status, FilingStatus)
    return filing(status)


def _case(action: Action, record: Any, actor: Viewer) -> Case[Any, Any, Any]:
    known = facts(record)
    return on_desk(record, actor, form_for(action.name, known), known)


SCENE = Scene(
    WORKFLOW,
    _in_status,
    _case,
    FilingFacts(
        institution=desk.institution(desk.INSTITUTION, InstitutionStatus.RECTIFICATION), open_elsewhere=desk.NUMBER
    ),
)
