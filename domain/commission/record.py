"""What a commission is: its statuses, what is filled in, what is kept, and the facts that its rules weigh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.attachment import Attachment
from domain.certificate import Certificate
from domain.institution import Institution
from domain.record import Form, Part, Record, hidden, required, says
from domain.rule import Rule
from domain.term import Term
from domain.workflow import Case

GOODS_LINES_MAX = 500
"""More would no longer be one shipment; the manual's form is filled line by line."""

Text = str | None


class CommissionStatus(Term):
    """Where a commission stands 委托状态."""

    DRAFT = "暂存", "Being written by the enterprise; nobody else sees it."
    PENDING = "待受理", "Submitted; the institution has not decided yet."
    SUPPLEMENT_REQUIRED = (
        "补充材料",
        "Returned by the institution with a reason; the enterprise mends and submits again.",
    )
    IN_PROGRESS = "受理中", "Accepted; the institution inspects."
    COMPLETED = "检验完成", "Inspected; the certificate is issued."
    CANCELLED = "已取消", "Given up by the enterprise."


@dataclass(frozen=True, kw_only=True)
class GoodsLineForm(Form):
    """One kind of goods of a commission, as the enterprise fills it in 申请产品信息."""

    product_name: Annotated[Text, says("产品名称", "Name of the goods."), marks.text(300), required] = None
    model: Annotated[Text, says("型号规格", "Model and specification."), marks.text(200), required] = None
    hs_code: Annotated[Text, says("HS编码", "Ten digits; fills the three flags."), marks.an_hs_code, required] = None
    manufactured_on: Annotated[
        date | None, says("制造日期", "Date of manufacture, not after today (China standard time)."), required
    ] = None
    quantity: Annotated[
        Decimal | None,
        says("数量", "More than 0, at most 4 decimal places, in the unit named."),
        marks.quantity,
        required,
    ] = None
    unit: Annotated[
        Text, says("数量单位", "Code of the table UNIT."), marks.text(8), marks.code_of("UNIT"), required
    ] = None
    amount: Annotated[
        Decimal | None, says("金额", "US dollars, at least 0, at most 2 decimal places."), marks.amount, required
    ] = None
    brand: Annotated[Text, says("品牌", "Brand; asked for with construction machinery."), marks.text(100)] = None
    engine_number: Annotated[Text, says("发动机号", "Engine number; construction machinery."), marks.text(100)] = None
    chassis_number: Annotated[Text, says("车架号", "Chassis number; construction machinery."), marks.text(100)] = None
    running_hours: Annotated[
        int | None,
        says("运行小时数", "Hours run so far; construction machinery."),
        marks.whole(least=0, most=1_000_000),
    ] = None


@dataclass(frozen=True, kw_only=True)
class GoodsLineDraft(GoodsLineForm):
    """A goods line in a draft. With `id` it changes that line (absent fields keep); without, it is a new one."""

    id: Annotated[
        UUID | None, says("标识", "The line to change; absent for a new line."), marks.id_of("goods_line")
    ] = None


@dataclass(frozen=True, kw_only=True)
class CommissionForm(Form):
    """What the enterprise fills in 业务委托."""

    enterprise_name: Annotated[
        Text,
        says("企业名称", "Name of the enterprise; a new draft takes the organisation's own."),
        marks.text(200),
        required,
    ] = None
    contact_phone: Annotated[
        Text, says("联系人电话", "Phone of the contact, with area code."), marks.a_phone, required
    ] = None
    contact_mobile: Annotated[Text, says("联系人手机", "Mobile phone of the contact."), marks.a_mobile] = None
    contact_email: Annotated[Text, says("联系人邮箱", "E-mail address of the contact."), marks.an_email, required] = (
        None
    )
    contact_address: Annotated[
        Text, says("联系人地址", "Postal address of the contact."), marks.text(300), required
    ] = None
    consignee_name: Annotated[Text, says("收货人名称", "Who receives the goods."), marks.text(200), required] = None
    product_use: Annotated[
        Text, says("产品用途", "Code of the table PRODUCT_USE."), marks.text(32), marks.code_of("PRODUCT_USE"), required
    ] = None
    goods_location: Annotated[
        Text, says("货物所在地", "Where the goods stand before shipment."), marks.text(300), required
    ] = None
    domestic_destination: Annotated[
        Text,
        says("境内目的地", "Code of the table DESTINATION."),
        marks.text(16),
        marks.code_of("DESTINATION"),
        required,
    ] = None
    destination_port: Annotated[
        Text, says("境内目的港", "Code of the table PORT."), marks.text(16), marks.code_of("PORT"), required
    ] = None
    destination_customs: Annotated[
        Text,
        says("境内目的关", "Code of the table CUSTOMS_DISTRICT."),
        marks.text(8),
        marks.code_of("CUSTOMS_DISTRICT"),
        required,
    ] = None
    entry_customs: Annotated[
        Text,
        says("入境海关", "Code of the table CUSTOMS_DISTRICT."),
        marks.text(8),
        marks.code_of("CUSTOMS_DISTRICT"),
        required,
    ] = None
    remarks: Annotated[Text, says("备注", "Anything else."), marks.text(2000)] = None
    institution_id: Annotated[
        UUID | None,
        says("装运前检验机构", "The institution to be commissioned."),
        marks.id_of("institution"),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class CommissionDraft(CommissionForm):
    """A draft as it is saved: any subset of the fields, and all goods lines or none of the word."""

    goods_lines: Annotated[
        tuple[GoodsLineDraft, ...],
        says("申请产品信息", "All goods lines, in order: lines left out are deleted. Absent keeps them as they are."),
        marks.at_most(GOODS_LINES_MAX),
    ] = ()


@dataclass(frozen=True, kw_only=True)
class ReturnForm(Form):
    """Why a commission goes back to the enterprise."""

    reason: Annotated[
        Text, says("退回原因", "What is missing or wrong, for the enterprise to mend."), marks.text(1000), required
    ] = None


@dataclass(frozen=True, kw_only=True)
class CompleteForm(Form):
    """The result of the inspection."""

    certificate_number: Annotated[
        Text, says("检验机构证书编号", "The institution's own number, unique within it."), marks.text(64), required
    ] = None
    valid_until: Annotated[
        date | None, says("证书有效期", "Last day on which the certificate is valid; after today."), required
    ] = None
    signatory: Annotated[Text, says("签发人", "Who signed the certificate."), marks.text(100)] = None
    conclusion: Annotated[Text, says("检验结论", "The result in words."), marks.text(2000)] = None


@dataclass(frozen=True, kw_only=True)
class MoveForm(Form):
    """Where a revoked institution's work goes."""

    institution_id: Annotated[
        UUID | None,
        says("装运前检验机构", "The institution that takes over."),
        marks.id_of("institution"),
        required,
    ] = None


@dataclass(frozen=True, kw_only=True)
class GoodsLine(Part, GoodsLineForm):
    """One kind of goods of a commission 申请产品信息. The HS code sets the flags and the rule they come from."""

    line_number: Annotated[int, says("序号", "Position in the commission, from 1.")]
    inspection_required: Annotated[
        bool | None, says("是否需要装运前检验", "Set by the HS code: whether inspection before shipment is needed.")
    ] = None
    inspection_exempt: Annotated[
        bool | None, says("是否免于装运前检验", "Set by the HS code: whether the goods are exempt from it.")
    ] = None
    import_prohibited: Annotated[
        bool | None, says("是否禁止进口", "Set by the HS code: whether the goods may not be imported at all.")
    ] = None
    rule_id: Annotated[UUID | None, hidden] = None
    commission_id: Annotated[UUID, hidden]


@dataclass(frozen=True, kw_only=True)
class Commission(Record, CommissionForm):
    """An enterprise's request to have used machinery inspected before shipment 业务委托."""

    number: Annotated[str, says("业务编号", "18 digits: the year, then 14. Never used again."), marks.text(18)]
    status: Annotated[CommissionStatus, says("状态", "Where the commission stands.")]
    total_quantity: Annotated[
        Decimal, says("总数量", "Sum of the lines' quantities, whatever their units."), marks.sum_of_quantities
    ] = Decimal(0)
    total_amount: Annotated[Decimal, says("总金额", "Sum of the lines' amounts, US dollars."), marks.sum_of_amounts] = (
        Decimal(0)
    )
    units_mixed: Annotated[bool, says("单位混合", "Whether the total quantity adds different units.")] = False
    return_reason: Annotated[Text, says("退回原因", "Why the institution last returned it."), marks.text(1000)] = None
    commissioned_at: Annotated[datetime, says("委托时间", "When it was first saved.")]
    submitted_at: Annotated[datetime | None, says("提交时间", "When it was last submitted.")] = None
    accepted_at: Annotated[datetime | None, says("受理时间", "When the institution accepted it.")] = None
    completed_at: Annotated[datetime | None, says("完成时间", "When the inspection was completed.")] = None
    enterprise_id: Annotated[UUID, hidden]
    submitted_to_id: Annotated[UUID | None, hidden] = None


@dataclass(frozen=True, kw_only=True)
class CommissionFilter(Form):
    """Which commissions are wanted, by the manual's filters of both sides; conditions given together must all hold."""

    number: Annotated[Text, says("业务编号", "The number, or its beginning.")] = None
    enterprise_name: Annotated[Text, says("委托企业名称", "Fragment of the name, whatever its case.")] = None
    consignee_name: Annotated[Text, says("收货人名称", "Fragment of the name, whatever its case.")] = None
    entry_customs: Annotated[Text, says("入境海关", "Code of the table CUSTOMS_DISTRICT.")] = None
    domestic_destination: Annotated[Text, says("境内目的地", "Code of the table DESTINATION.")] = None
    product_use: Annotated[Text, says("产品用途", "Code of the table PRODUCT_USE.")] = None
    institution_id: Annotated[
        UUID | None, says("装运前检验机构", "The institution chosen."), marks.id_of("institution")
    ] = None
    status: Annotated[tuple[CommissionStatus, ...] | None, says("状态", "Any of these statuses.")] = None
    country: Annotated[Text, says("国家地区", "Country or region of the institution chosen, ISO 3166 code.")] = None
    hs_chapter: Annotated[
        Text, says("HS章", "First two digits of the HS code, or more of them, of any of its goods lines.")
    ] = None
    commissioned_from: Annotated[date | None, says("委托开始时间", "First day (China standard time).")] = None
    commissioned_to: Annotated[date | None, says("委托结束时间", "Last day (China standard time).")] = None


class CommissionOrderField(Term):
    """What commissions are sorted by."""

    COMMISSIONED_AT = "委托时间", "When it was first saved."
    NUMBER = "业务编号", "The official number."
    TOTAL_AMOUNT = "总金额", "The total amount."


@dataclass(frozen=True, kw_only=True)
class CommissionFacts:
    """What the conditions need to know beside the record itself.

    `institution` is the one chosen, `commissioned` the one last submitted to, `named` the one that the form names,
    `rules` those in force today by HS code, `known_codes` the pairs (table, code) of the form that exist,
    `enterprise_name` the organisation's own.
    """

    lines: tuple[GoodsLine, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    institution: Institution | None = None
    commissioned: Institution | None = None
    named: Institution | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    known_codes: frozenset[tuple[str, str]] = frozenset()
    certificate_is_taken: bool = False
    enterprise_name: str | None = None


CommissionCase = Case[Commission, CommissionFacts, Any]
