"""What the people of this world fill in: complete forms, as the door takes them."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from domain.annual_report.record import AnnualReportCountryDraft
from domain.attachment import AttachForm, AttachmentKind
from domain.commission.record import GoodsLineDraft
from domain.filing.lists import (
    DepartmentDraft,
    EquipmentDraft,
    PastInspectionDraft,
    QualityCertificateDraft,
    SignatoryDraft,
)
from storage.demo import demo_id
from tests.papers import PDF

HS_CODE = "8429510000"
ID_CARD, OTHER_ID_CARD = "11010519491231002X", "440306198512311009"

CODES = frozenset({
    ("PRODUCT_USE", "OWN_USE"), ("DESTINATION", "310000"), ("DESTINATION", "310115"), ("PORT", "CNYSN"),
    ("CUSTOMS_DISTRICT", "2248"), ("CUSTOMS_DISTRICT", "2200"), ("UNIT", "001"), ("COUNTRY", "JP"),
    ("LEGAL_FORM", "LIMITED_COMPANY"),
})  # fmt: skip
"""The entries of code tables that the forms name, with their parents."""

FILE_ID = demo_id("grid.file")
A_FILE: AttachForm = AttachForm.of(
    file_id=FILE_ID, kind=AttachmentKind.OTHER, name="材料.pdf", size_bytes=len(PDF), media_type="application/pdf",
    sha256=hashlib.sha256(PDF).hexdigest(),
)  # fmt: skip
"""All attachments show the same file."""

FILING: dict[str, Any] = {
    "country": "JP", "registered_address": "日本横滨", "legal_form": "LIMITED_COMPANY", "registration_number": "JP-1",
    "legal_representative": "佐藤健一", "contact_name": "佐藤健一", "contact_phone": "+81 45 123 4567",
    "contact_email": "sato@toei.example", "identity_card_number": ID_CARD, "independence_declared": True,
    "signatories": (SignatoryDraft.of(name="佐藤健一", title="授权签字人"),),
    "departments": (
        DepartmentDraft.of(name="检验部", scale="两个组", headcount=12, head="松本绫子", phone="+81 45 123 4568"),
    ),
    "equipment": (EquipmentDraft.of(name="超声波探伤仪", model="UT-60", quantity=Decimal(3)),),
    "quality_certificates": (
        QualityCertificateDraft.of(
            standard="ISO 9001", number="Q-77", issuer="JQA", issued_on=date(2024, 1, 1), valid_until=date(2027, 1, 1)
        ),
    ),
    "past_inspections": (
        PastInspectionDraft.of(
            year=2025, batches=40, value_usd=Decimal(125), countries="JP", goods="机床", non_conforming_batches=2
        ),
    ),
}  # fmt: skip
COMMISSION: dict[str, Any] = {
    "contact_phone": "021-58300001", "contact_email": "zhou@pujiang.example", "contact_address": "上海市世纪大道100号",
    "consignee_name": "上海工程设备租赁有限公司", "product_use": "OWN_USE", "goods_location": "日本横滨 Yokohama",
    "domestic_destination": "310115", "destination_port": "CNYSN", "destination_customs": "2248",
    "entry_customs": "2248",
    "goods_lines": (
        GoodsLineDraft.of(
            product_name="旧轮式前铲装载机", model="WA470-6", hs_code=HS_CODE, manufactured_on=date(2015, 3, 1),
            quantity=Decimal(2), unit="001", amount=Decimal(96_000),
        ),
    ),
}  # fmt: skip
ANNUAL_REPORT: dict[str, Any] = {
    "contact_name": "佐藤健一", "contact_phone": "+81 45 123 4567", "certificates_issued": 12,
    "certificates_withdrawn": 1, "non_conforming_batches": 1, "non_conformity_handling": "已退运。",
    "staff_changes": "无。", "equipment_changes": "无。", "quality_system_changes": "无。", "training": "两次。",
    "complaints": "无。", "quality_issues_handled": "一起。", "next_year_plan": "增设两名检验员。",
    "by_country": (AnnualReportCountryDraft.of(country="JP", batches=12, value_usd=Decimal(1_000_000)),),
}  # fmt: skip
"""Every field that a veil lies over until it is submitted."""

DISPOSITION: dict[str, Any] = {"content": "未实施检验即出具证书。", "legal_ground": "质检总局公告2014年第145号"}
VISIT: dict[str, Any] = {
    "visited_on": date(2026, 6, 1), "inspectors": "钱志远", "place": "日本横滨", "findings": "原始记录缺两份。"
}  # fmt: skip
