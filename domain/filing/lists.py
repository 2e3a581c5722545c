"""The lists of a filing 备案附表: who signs, departments, equipment, certificates of quality, past inspections.

Each is written three times over one form: as it is filled in, as it is sent in a draft, and as it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.record import Form, Part, hidden, required, says

SIGNATORIES_MAX = 50
DEPARTMENTS_MAX = 100
EQUIPMENT_MAX = 500
QUALITY_CERTIFICATES_MAX = 50
YEARS_BACK = 3
"""近三年: the calendar years before this one that past inspections are asked of; a year stands in the list once."""

Text = str | None
AN_OLD_ROW = says("标识", "The row to change; absent for a new row.")
POSITION = says("序号", "Position in the list, from 1.")


@dataclass(frozen=True, kw_only=True)
class SignatoryForm(Form):
    """Somebody who may sign certificates, as it is filled in 授权签字人."""

    name: Annotated[Text, says("姓名", "Name of the person."), marks.text(100), required] = None
    title: Annotated[Text, says("职务", "Position within the institution."), marks.text(100), required] = None


@dataclass(frozen=True, kw_only=True)
class DepartmentForm(Form):
    """A department, as it is filled in 主要部门情况."""

    name: Annotated[Text, says("部门名称", "Name of the department."), marks.text(200), required] = None
    scale: Annotated[Text, says("规模", "How large it is, in words."), marks.text(200), required] = None
    headcount: Annotated[
        int | None, says("就业人数", "How many work there, at least 0."), marks.whole(least=0, most=1_000_000), required
    ] = None
    head: Annotated[Text, says("负责人", "Who leads it."), marks.text(100), required] = None
    phone: Annotated[Text, says("负责人电话", "Phone of its head."), marks.a_phone, required] = None


@dataclass(frozen=True, kw_only=True)
class EquipmentForm(Form):
    """Equipment of one kind, as it is filled in 主要检测设备情况."""

    name: Annotated[Text, says("设备名称", "What it is."), marks.text(200), required] = None
    model: Annotated[Text, says("型号", "Model."), marks.text(200)] = None
    maker: Annotated[Text, says("制造商", "Who made it."), marks.text(200)] = None
    quantity: Annotated[
        Decimal | None, says("数量", "How many, more than 0, at most 4 decimal places."), marks.quantity, required
    ] = None
    calibration_valid_until: Annotated[
        date | None, says("校准有效期", "Last day on which its calibration is valid.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class QualityCertificateForm(Form):
    """A certificate of a quality management system, as it is filled in 企业质量管理体系认证情况."""

    standard: Annotated[Text, says("认证标准", "Which standard, as ISO 9001."), marks.text(100), required] = None
    number: Annotated[Text, says("证书编号", "Number of the certificate."), marks.text(100), required] = None
    issuer: Annotated[Text, says("发证机构", "Who issued it."), marks.text(200), required] = None
    issued_on: Annotated[date | None, says("发证日期", "When it was issued."), required] = None
    valid_until: Annotated[
        date | None, says("有效期至", "Last day on which it is valid; after the date of issue."), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class PastInspectionForm(Form):
    """The inspections of one year, as they are filled in 近三年实施装运前检验的情况."""

    year: Annotated[
        int | None,
        says("年度", f"One of the {YEARS_BACK} calendar years before this one; each at most once."),
        marks.whole(least=1900, most=2999),
        required,
    ] = None
    batches: Annotated[
        int | None, says("检验批次", "Batches inspected, at least 0."), marks.whole(least=0, most=100_000_000), required
    ] = None
    value_usd: Annotated[
        Decimal | None, says("货值", "Value of the goods, US dollars, at most 2 decimal places."), marks.amount
    ] = None
    countries: Annotated[Text, says("国家地区", "Where the goods came from."), marks.text(500)] = None
    goods: Annotated[Text, says("主要产品", "Which goods were inspected."), marks.text(500)] = None
    non_conforming_batches: Annotated[
        int | None,
        says("不合格批次", "Batches that failed, at most those inspected."),
        marks.whole(least=0, most=100_000_000),
    ] = None


@dataclass(frozen=True, kw_only=True)
class SignatoryDraft(SignatoryForm):
    """A signatory in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[UUID | None, AN_OLD_ROW, marks.id_of("signatory")] = None


@dataclass(frozen=True, kw_only=True)
class DepartmentDraft(DepartmentForm):
    """A department in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[UUID | None, AN_OLD_ROW, marks.id_of("department")] = None


@dataclass(frozen=True, kw_only=True)
class EquipmentDraft(EquipmentForm):
    """Equipment in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[UUID | None, AN_OLD_ROW, marks.id_of("equipment")] = None


@dataclass(frozen=True, kw_only=True)
class QualityCertificateDraft(QualityCertificateForm):
    """A certificate in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[UUID | None, AN_OLD_ROW, marks.id_of("quality_certificate")] = None


@dataclass(frozen=True, kw_only=True)
class PastInspectionDraft(PastInspectionForm):
    """A year in a draft. With `id` it changes that row (absent fields keep); without, it is a new one."""

    id: Annotated[UUID | None, AN_OLD_ROW, marks.id_of("past_inspection")] = None


@dataclass(frozen=True, kw_only=True)
class Row(Part):
    """One row of a list of a filing."""

    line_number: Annotated[int, POSITION]
    filing_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class Signatory(Row, SignatoryForm):
    """Somebody who may sign the institution's certificates 授权签字人."""


@dataclass(frozen=True, kw_only=True)
class Department(Row, DepartmentForm):
    """A department of the institution 主要部门情况."""


@dataclass(frozen=True, kw_only=True)
class Equipment(Row, EquipmentForm):
    """Equipment of one kind that the institution inspects with 主要检测设备情况."""


@dataclass(frozen=True, kw_only=True)
class QualityCertificate(Row, QualityCertificateForm):
    """A certificate of the institution's quality management system 企业质量管理体系认证情况."""


@dataclass(frozen=True, kw_only=True)
class PastInspection(Row, PastInspectionForm):
    """What the institution inspected in one year 近三年实施装运前检验的情况."""


LISTS: Mapping[str, type[Row]] = {
    "signatories": Signatory,
    "departments": Department,
    "equipment": Equipment,
    "quality_certificates": QualityCertificate,
    "past_inspections": PastInspection,
}
"""The lists by the name of their field."""

Rows = Mapping[str, tuple[Row, ...]]
"""The rows of each list; a list without rows may be missing."""
