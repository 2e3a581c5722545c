"""What a filing is: its statuses, what is filled in, what is kept, and the facts that its rules weigh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.disposition.record import Disposition
from domain.filing.lists import (
    DEPARTMENTS_MAX,
    EQUIPMENT_MAX,
    QUALITY_CERTIFICATES_MAX,
    SIGNATORIES_MAX,
    YEARS_BACK,
    DepartmentDraft,
    EquipmentDraft,
    PastInspectionDraft,
    QualityCertificateDraft,
    Row,
    SignatoryDraft,
)
from domain.institution import Institution
from domain.personal import IN_FULL_FOR_THE_TASK, Masked, masked_number, whose_task_needs_it
from domain.record import Form, Formerly, Record, hidden, personal, required, says, sealed, sealed_and_found
from domain.term import Term
from domain.workflow import Case

Text = str | None


class FilingStatus(Term):
    """Where a filing stands 备案状态."""

    DRAFT = "暂存", "Being written by the institution; nobody else sees it."
    SUBMITTED = "待审核", "Submitted; customs has not decided yet."
    SUPPLEMENT_REQUIRED = "补充材料", "Sent back by customs with a reason; the institution mends and submits again."
    ACCEPTED = "已受理", "Accepted; the institution was entered in the registry."
    REJECTED = "不予受理", "Rejected by customs with a reason; a new filing may be made."
    CANCELLED = "已取消", "Given up by the institution."


OPEN = (FilingStatus.SUBMITTED, FilingStatus.SUPPLEMENT_REQUIRED)
"""An organisation has one filing at most that customs has begun with and not finished."""


NUMBER_MASKED = Masked(whose_task_needs_it(FilingStatus.SUBMITTED), masked_number, IN_FULL_FOR_THE_TASK)


@dataclass(frozen=True, kw_only=True)
class FilingForm(Form):
    """What the institution fills in 备案申请."""

    name_zh: Annotated[
        Text, says("装运前检验机构名称", "Name of the institution in Chinese."), marks.text(200), required
    ] = None
    name_en: Annotated[Text, says("英文名称", "Name of the institution in English."), marks.text(200), required] = None
    country: Annotated[
        Text, says("国家地区", "Code of the table COUNTRY."), marks.text(2), marks.code_of("COUNTRY"), required
    ] = None
    registered_address: Annotated[
        Text,
        says("注册地址", "Where it is registered; the registry shows it as 注册地."),
        marks.text(200),
        required,
    ] = None
    office_address: Annotated[Text, says("办公地址", "Where it works."), marks.text(300)] = None
    legal_form: Annotated[
        Text,
        says("企业性质", "Code of the table LEGAL_FORM."),
        marks.text(32),
        marks.code_of("LEGAL_FORM"),
        required,
    ] = None
    registration_number: Annotated[
        Text, says("注册登记号", "Number under which it is registered at home."), marks.text(100), required
    ] = None
    legal_representative: Annotated[
        Text, says("法定代表人", "Who represents it by law."), marks.text(100), required
    ] = None
    investor: Annotated[Text, says("投资方", "Who has invested in it."), marks.text(300)] = None
    ownership: Annotated[Text, says("所有权结构", "Who owns it, in which shares."), marks.text(1000)] = None
    contact_name: Annotated[Text, says("联系人", "Contact."), marks.text(100), required] = None
    contact_phone: Annotated[
        Text, says("联系电话", "Phone of the contact, from abroad with country code."), marks.a_phone, required
    ] = None
    contact_fax: Annotated[Text, says("传真", "Fax number of the contact."), marks.a_phone] = None
    contact_email: Annotated[Text, says("电子邮件", "E-mail address of the contact."), marks.an_email, required] = None
    identity_card_number: Annotated[
        Text,
        says(
            "身份证号",
            "Chinese identity card of the contact, 18 characters with a check digit, where there is one. In full for "
            "the institution's own operators and for reviewers while they review; else as `110101**********12`, which "
            "is never taken for a new number.",
        ),
        marks.an_id_card,
        personal,
        sealed_and_found,
        NUMBER_MASKED,
    ] = None
    independence_declared: Annotated[
        bool | None,
        says("独立性声明", "Whether it declares to have no stake in the goods or their trade; must be true."),
        required,
    ] = None
    accreditation_number: Annotated[
        Text, says("认可证书编号", "Number of its accreditation by ISO/IEC 17020."), marks.text(100)
    ] = None
    accreditation_body: Annotated[Text, says("认可机构", "Who accredited it."), marks.text(200)] = None
    accreditation_valid_until: Annotated[
        date | None, says("认可有效期", "Last day on which the accreditation is valid.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class FilingDraft(FilingForm):
    """A draft as it is saved: any subset of the fields, and of each list all rows or none of the word."""

    signatories: Annotated[
        tuple[SignatoryDraft, ...],
        says("授权签字人", "All signatories, in order: rows left out are deleted. Absent keeps them as they are."),
        marks.at_most(SIGNATORIES_MAX),
    ] = ()
    departments: Annotated[
        tuple[DepartmentDraft, ...],
        says("主要部门情况", "All departments, in order: rows left out are deleted. Absent keeps them as they are."),
        marks.at_most(DEPARTMENTS_MAX),
    ] = ()
    equipment: Annotated[
        tuple[EquipmentDraft, ...],
        says("主要检测设备情况", "All equipment, in order: rows left out are deleted. Absent keeps it as it is."),
        marks.at_most(EQUIPMENT_MAX),
    ] = ()
    quality_certificates: Annotated[
        tuple[QualityCertificateDraft, ...],
        says("企业质量管理体系认证情况", "All certificates: rows left out are deleted. Absent keeps them."),
        marks.at_most(QUALITY_CERTIFICATES_MAX),
    ] = ()
    past_inspections: Annotated[
        tuple[PastInspectionDraft, ...],
        says("近三年实施装运前检验的情况", "All years: rows left out are deleted. Absent keeps them."),
        marks.at_most(YEARS_BACK),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class SupplementForm(Form):
    """Why a filing goes back to the institution."""

    reason: Annotated[
        Text, says("补充材料原因", "What is missing or wrong, for the institution to mend."), marks.text(1000), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class RejectForm(Form):
    """Why a filing is not accepted."""

    reason: Annotated[Text, says("不予受理原因", "Why it is not accepted."), marks.text(1000), required] = None


@dataclass(frozen=True, kw_only=True)
class Filing(Record, FilingForm):
    """An institution's application to be entered in the registry 备案申请."""

    application_number: Annotated[
        str, says("备案申请号", "18 digits: the year, then 14. Never used again."), marks.text(18)
    ]
    certificate_number: Annotated[
        Text,
        says("备案证书编号", "JJD, the year, and at least three digits; null until accepted."),
        marks.text(20),
        Formerly("filing_number"),
    ] = None
    previous_filing_number: Annotated[
        Text, says("原备案书编号", "The filing that was revoked before this one, if any."), marks.text(20)
    ] = None
    status: Annotated[FilingStatus, says("状态", "Where the filing stands.")]
    review_opinion: Annotated[
        Text, says("审核意见", "Why customs last sent it back or rejected it."), marks.text(1000)
    ] = None
    created_at: Annotated[datetime, says("创建时间", "When it was first saved.")]
    submitted_at: Annotated[datetime | None, says("申请时间", "When it was last submitted.")] = None
    decided_at: Annotated[datetime | None, says("审核时间", "When customs last decided on it.")] = None
    erasure_reason: Annotated[
        Text, says("个人信息删除原因", "Why a person's data was erased from it, if it was."), marks.text(1000)
    ] = None
    salt: Annotated[Text, hidden, sealed] = None
    """Of the digests in the register, from the first number on; erased with it."""
    organisation_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class FilingFilter(Form):
    """Which filings are wanted; conditions given together must all hold."""

    application_number: Annotated[Text, says("备案申请号", "The number, or its beginning.")] = None
    certificate_number: Annotated[Text, says("备案证书编号", "The number, or its beginning.")] = None
    name: Annotated[
        Text, says("装运前检验机构名称", "Fragment of the name, in either language, whatever its case.")
    ] = None
    status: Annotated[tuple[FilingStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    submitted_from: Annotated[date | None, says("申请开始时间", "First day (China standard time).")] = None
    submitted_to: Annotated[date | None, says("申请结束时间", "Last day (China standard time).")] = None


class FilingOrderField(Term):
    """What filings are sorted by."""

    CREATED_AT = "创建时间", "When it was first saved."
    APPLICATION_NUMBER = "备案申请号", "The number of the application."


@dataclass(frozen=True, kw_only=True)
class FilingFacts:
    """What the conditions need to know beside the record itself.

    `rows` are the lists as they are kept, by field; `institution` is the organisation's place in the registry, revoked
    or not, and `dispositions` those that run against it; `customs_offices` are told of what is submitted (fetched only
    where something is done); `open_elsewhere` is the number of another filing of the organisation that is open;
    `known_codes` the pairs (table, code) of form and record that exist.
    """

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    institution: Institution | None = None
    dispositions: tuple[Disposition, ...] = ()
    customs_offices: tuple[UUID, ...] = ()
    open_elsewhere: str | None = None
    known_codes: frozenset[tuple[str, str]] = frozenset()


FilingCase = Case[Filing, FilingFacts, Any]
