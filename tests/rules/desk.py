"""People and cases for tests that decide: what lies on the desk, without database or transport.

Every case is one that could be taken: a test spoils the one thing that it is about.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.attachment import AttachForm, Attachment, AttachmentKind, DetachForm
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import (
    Commission,
    CommissionDraft,
    CommissionFacts,
    CommissionStatus,
    CompleteForm,
    GoodsLine,
    GoodsLineDraft,
    MoveForm,
    ReturnForm,
)
from domain.commission.workflow import WORKFLOW
from domain.institution import Institution, InstitutionStatus
from domain.party import OrganisationKind, Role, Viewer
from domain.person import EraseForm
from domain.record import Form, Record
from domain.refusal import Refusal, RefusalCode
from domain.rule import Rule, RuleStatus
from domain.workflow import Case, Decided, Decision, decide, unmet

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NUMBER = "202600000000000123"
EXCAVATOR, LOADER, TUBE, DRYER = "8429521200", "8429510000", "8540110000", "8451210000"

CODES = frozenset(
    {
        ("UNIT", "001"),
        ("UNIT", "035"),
        ("PRODUCT_USE", "OWN"),
        ("DESTINATION", "310115"),
        ("PORT", "CNSHA"),
        ("CUSTOMS_DISTRICT", "2248"),
    }
)


def person(kind: OrganisationKind, role: Role = Role.OPERATOR, *, institution_id: UUID | None = None) -> Viewer:
    """Somebody of an organisation of their own."""
    return Viewer(kind=kind, role=role, user_id=uuid4(), organisation_id=uuid4(), institution_id=institution_id)


ENTERPRISE = person(OrganisationKind.ENTERPRISE)
OTHER_ENTERPRISE = person(OrganisationKind.ENTERPRISE)
INSTITUTION = person(OrganisationKind.INSTITUTION, institution_id=uuid4())
OTHER_INSTITUTION = person(OrganisationKind.INSTITUTION, institution_id=uuid4())
CUSTOMS = person(OrganisationKind.CUSTOMS)


def with_role(viewer: Viewer, role: Role) -> Viewer:
    """A colleague in the same organisation."""
    return replace(viewer, user_id=uuid4(), role=role)


def institution(
    viewer: Viewer, status: InstitutionStatus = InstitutionStatus.NORMAL, *, ends_on: date | None = None
) -> Institution:
    """The registry's row of an institution's own people."""
    assert viewer.institution_id is not None
    assert viewer.organisation_id is not None
    return Institution(
        id=viewer.institution_id,
        filing_number="JJD2020004",
        name_zh="横滨检验",
        name_en="Yokohama Inspection",
        registered_place="横滨",
        country="JP",
        status=status,
        disposition_ends_on=ends_on,
        filed_at=NOW,
        organisation_id=viewer.organisation_id,
    )


def rule(hs_code: str, **flags: bool) -> Rule:
    """A rule without an end."""
    return Rule(
        id=uuid4(),
        hs_code=hs_code,
        name_zh="规则品名",
        inspection_required=flags.get("inspection_required", False),
        inspection_exempt=flags.get("inspection_exempt", False),
        import_prohibited=flags.get("import_prohibited", False),
        measure="装运前检验",
        legal_basis="2018年第106号公告",
        valid_from=date(2019, 1, 1),
        status=RuleStatus.OPEN,
    )


RULES: Mapping[str, Rule] = {
    EXCAVATOR: rule(EXCAVATOR, inspection_required=True),
    LOADER: rule(LOADER, inspection_required=True),
    TUBE: rule(TUBE, import_prohibited=True),
    DRYER: rule(DRYER, inspection_exempt=True),
}


def filled_line(**changes: Any) -> GoodsLineDraft:
    """A goods line with every required field, as the enterprise types it."""
    typed: dict[str, Any] = {
        "product_name": "液压挖掘机",
        "model": "PC200-8",
        "hs_code": EXCAVATOR,
        "manufactured_on": date(2015, 6, 1),
        "quantity": Decimal(2),
        "unit": "001",
        "amount": Decimal("45000.00"),
    }
    made: GoodsLineDraft = GoodsLineDraft.of(**typed | changes)
    return made


def filled_draft(*lines: GoodsLineDraft, **changes: Any) -> CommissionDraft:
    """A draft with every required field and these goods lines, or one."""
    typed: dict[str, Any] = {
        "enterprise_name": "大中华企业",
        "contact_phone": "021-58300001",
        "contact_email": "sally@dazhonghua.example.com",
        "contact_address": "上海市浦东新区世纪大道1号",
        "consignee_name": "大中华企业",
        "product_use": "OWN",
        "goods_location": "Yokohama",
        "domestic_destination": "310115",
        "destination_port": "CNSHA",
        "destination_customs": "2248",
        "entry_customs": "2248",
        "institution_id": INSTITUTION.institution_id,
        "goods_lines": lines or (filled_line(),),
    }
    made: CommissionDraft = CommissionDraft.of(**typed | changes)
    return made


def goods_line(commission_id: UUID, number: int = 1, **changes: Any) -> GoodsLine:
    """A goods line as it is kept."""
    kept = {name: value for name, value in filled_line().sent().items() if name != "id"}
    return GoodsLine(
        **{
            "id": uuid4(),
            "line_number": number,
            "commission_id": commission_id,
            "inspection_required": True,
            "inspection_exempt": False,
            "import_prohibited": False,
            "rule_id": RULES[EXCAVATOR].id,
            **kept,
            **changes,
        }
    )


def commission(status: CommissionStatus = CommissionStatus.DRAFT, **changes: Any) -> Commission:
    """A commission in this status, of ENTERPRISE and for INSTITUTION."""
    typed = {name: value for name, value in filled_draft().sent().items() if name != "goods_lines"}
    submitted = status not in {CommissionStatus.DRAFT, CommissionStatus.CANCELLED}
    return Commission(
        **{
            "id": uuid4(),
            "version": 3,
            "number": NUMBER,
            "status": status,
            "total_quantity": Decimal(2),
            "total_amount": Decimal("45000.00"),
            "commissioned_at": NOW,
            "enterprise_id": ENTERPRISE.organisation_id,
            "submitted_at": NOW if submitted else None,
            "submitted_to_id": INSTITUTION.institution_id if submitted else None,
            **typed,
            **changes,
        }
    )


def attachment(record: Record, by: Viewer) -> Attachment:
    """A file that somebody added."""
    assert by.organisation_id is not None
    return Attachment(
        id=uuid4(),
        name="report.pdf",
        size_bytes=9,
        media_type="application/pdf",
        kind=AttachmentKind.OTHER,
        sha256="0" * 64,
        uploaded_at=NOW,
        file_id=uuid4(),
        organisation_id=by.organisation_id,
        subject_type="commission",
        subject_id=record.id,
    )


def certificate(record: Commission, **changes: Any) -> Certificate:
    """The certificate of a completed commission, valid for another year."""
    assert INSTITUTION.institution_id is not None
    issued: dict[str, Any] = {
        "id": uuid4(),
        "number": "YI-2026-1",
        "issued_on": date(2026, 5, 23),
        "valid_until": date(2027, 5, 23),
        "status": CertificateStatus.VALID,
        "commission_id": record.id,
        "institution_id": INSTITUTION.institution_id,
    }
    return Certificate(**issued | changes)


def facts(record: Commission | None, **changes: Any) -> CommissionFacts:
    """Facts under which everything may be done: filled lines, a file of each side, all institutions in order."""
    known: dict[str, Any] = {
        "institution": institution(INSTITUTION),
        "commissioned": institution(INSTITUTION),
        "named": institution(OTHER_INSTITUTION),
        "rules": RULES,
        "known_codes": CODES,
        "enterprise_name": "大中华企业",
    }
    if record is not None:
        known["lines"] = (goods_line(record.id),)
        known["attachments"] = (attachment(record, ENTERPRISE), attachment(record, INSTITUTION))
    return CommissionFacts(**known | changes)


A_FILE = AttachForm(file_id=uuid4(), name="report.pdf", size_bytes=9, media_type="application/pdf", sha256="0" * 64)

AN_ERASURE: EraseForm = EraseForm.of(texts=frozenset({"佐藤健一", "+81 45 123 4567"}), reason="本人申请")


def form_for(action: str, actor: Viewer, known: CommissionFacts) -> Form:
    """What this person would fill in for the action, acceptable as far as a form can be."""
    own = (each.id for each in known.attachments if each.organisation_id == actor.organisation_id)
    forms: dict[str, Form] = {
        "save_draft": CommissionDraft.of(remarks="易碎"),
        "return": ReturnForm.of(reason="缺少合同"),
        "complete": CompleteForm.of(certificate_number="YI-2026-1", valid_until=date(2027, 5, 23)),
        "move": MoveForm.of(institution_id=OTHER_INSTITUTION.institution_id),
        "attach": A_FILE,
        "detach": DetachForm(attachment_id=next(own, uuid4())),
    }
    return forms.get(action, Form())


def on_desk(
    record: Commission | None, actor: Viewer, form: Form, known: CommissionFacts, now: datetime = NOW
) -> Case[Any, Any, Any]:
    """The case as the door would lay it out."""
    laid: Any = record
    return Case(record=laid, facts=known, actor=actor, form=form, now=now, new_id=uuid4, fresh_number=NUMBER)


def decides(
    action: str,
    record: Commission | None,
    actor: Viewer,
    form: Form | None = None,
    *,
    version: int | None = None,
    now: datetime = NOW,
    **changed_facts: Any,
) -> Decision:
    """What becomes of an action on a commission."""
    known = facts(record, **changed_facts)
    case = on_desk(record, actor, form_for(action, actor, known) if form is None else form, known, now)
    return decide(WORKFLOW, WORKFLOW[action], case, record=record, expected_version=version)


def stands_in_the_way(
    action: str, record: Commission | None, actor: Viewer, **changed_facts: Any
) -> tuple[Refusal, ...]:
    """What `availableActions` would show."""
    case = on_desk(record, actor, Form(), facts(record, **changed_facts))
    return unmet(WORKFLOW[action], case, record=record)


def done(decision: Decision) -> Decided[Any]:
    """The decision, which must not be a refusal."""
    assert isinstance(decision, Decided), decision
    return decision


def refused(decision: Decision) -> list[tuple[RefusalCode, tuple[str | int, ...] | None]]:
    """Codes and fields of a refusal."""
    assert not isinstance(decision, Decided), "it was allowed"
    return [(each.code, each.field) for each in decision]


def codes(decision: Decision) -> list[RefusalCode]:
    """The codes of a refusal, in order."""
    return [code for code, _ in refused(decision)]


def lines_of(decision: Decision) -> tuple[GoodsLine, ...]:
    """The goods lines that will be written."""
    kept: Any = done(decision).effect.replaces[GoodsLine]
    return tuple(kept)


def told(action: str, record: Commission, actor: Viewer, **changed_facts: Any) -> list[tuple[UUID, str]]:
    """Whom the action tells, and the Chinese title."""
    known = facts(record, **changed_facts)
    case = on_desk(record, actor, form_for(action, actor, known), known)
    return [
        (each, telling.title_and_body(case)[0].zh) for telling in WORKFLOW[action].tells for each in telling.to(case)
    ]
