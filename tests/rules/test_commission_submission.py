"""Submitting a commission 提交: what must be filled, which goods and institutions stand in the way, what is fixed."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from domain.commission.record import CommissionForm, CommissionStatus, GoodsLineForm
from domain.institution import InstitutionStatus
from domain.record import fields_of
from domain.refusal import RefusalCode
from domain.workflow import Decided
from tests.rules import desk
from tests.rules.desk import ENTERPRISE, INSTITUTION, codes, decides, done, refused

REQUIRED = [
    "enterprise_name",
    "contact_phone",
    "contact_email",
    "contact_address",
    "consignee_name",
    "product_use",
    "goods_location",
    "domestic_destination",
    "destination_port",
    "destination_customs",
    "entry_customs",
    "institution_id",
]
"""The fields with a red asterisk in the manual's form (2.3), less the totals, which nobody types."""
REQUIRED_OF_A_LINE = ["product_name", "model", "hs_code", "manufactured_on", "quantity", "unit", "amount"]


def submits(record: Any = None, **changed: Any) -> Any:
    """What becomes of submitting a commission that lacks nothing but what is changed."""
    return decides("submit", record or desk.commission(), ENTERPRISE, **changed)


def sentences(decision: Any) -> tuple[str, str]:
    """The one refusal's words, in both languages."""
    assert not isinstance(decision, Decided)
    (found,) = decision
    return found.words.zh, found.words.en


def test_the_required_fields_are_those_of_the_manual() -> None:
    assert [name for name, field in fields_of(CommissionForm).items() if field.is_required] == REQUIRED
    assert [name for name, field in fields_of(GoodsLineForm).items() if field.is_required] == REQUIRED_OF_A_LINE


@pytest.mark.parametrize("field", REQUIRED)
def test_a_commission_without_a_required_field_is_not_submitted(field: str) -> None:
    lacking = replace(desk.commission(), **{field: None})  # type: ignore[arg-type]  # one value for fields of all types
    assert refused(
        submits(lacking, institution=None if field == "institution_id" else desk.institution(INSTITUTION))
    ) == [(RefusalCode.REQUIRED, (field,))]


@pytest.mark.parametrize("field", REQUIRED_OF_A_LINE)
def test_a_goods_line_without_a_required_field_is_named(field: str) -> None:
    record = desk.commission()
    lines = (desk.goods_line(record.id, 1), desk.goods_line(record.id, 2, **{field: None}))
    assert refused(submits(record, lines=lines)) == [(RefusalCode.REQUIRED, ("goods_lines", 1, field))]


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\t\n"])
def test_blanks_do_not_fill_a_required_field(blank: str) -> None:
    assert refused(submits(desk.commission(consignee_name=blank))) == [(RefusalCode.REQUIRED, ("consignee_name",))]


def test_a_missing_field_is_asked_for_by_its_name_in_both_languages() -> None:
    assert sentences(submits(desk.commission(product_use=None))) == ("请填写产品用途。", "Fill in `productUse`.")
    lacking = desk.commission(institution_id=None)
    assert sentences(submits(lacking)) == ("请填写装运前检验机构。", "Fill in `institutionId`.")


def test_what_is_not_required_may_stay_empty() -> None:
    record = desk.commission(contact_mobile=None, remarks=None)
    line = desk.goods_line(record.id, brand=None, engine_number=None, chassis_number=None, running_hours=None)
    assert done(submits(record, lines=(line,), attachments=())).status_after is CommissionStatus.PENDING


def test_a_commission_without_goods_is_not_submitted() -> None:
    assert refused(submits(lines=())) == [(RefusalCode.NO_GOODS_LINES, ("goods_lines",))]


def test_goods_that_may_not_be_imported_are_refused_naming_line_and_legal_basis() -> None:
    record = desk.commission()
    tube = desk.goods_line(record.id, 2, hs_code=desk.TUBE, product_name="彩色显像管")
    decision = submits(record, lines=(desk.goods_line(record.id, 1), tube))
    assert refused(decision) == [(RefusalCode.IMPORT_PROHIBITED, ("goods_lines", 1, "hs_code"))]
    zh, en = sentences(decision)
    assert zh == "第2行“彩色显像管”（HS编码8540110000）禁止进口，依据：2018年第106号公告。"
    assert en == ("Line 2, 彩色显像管 (HS code 8540110000), may not be imported. Legal basis: 2018年第106号公告.")


def test_goods_without_a_name_are_refused_under_the_name_of_their_rule() -> None:
    record = desk.commission()
    tube = desk.goods_line(record.id, hs_code=desk.TUBE, product_name=None)
    decision = submits(record, lines=(tube,))
    assert codes(decision) == [RefusalCode.REQUIRED, RefusalCode.IMPORT_PROHIBITED]
    assert "规则品名" in decision[1].words.zh


def test_goods_prohibited_since_the_draft_was_saved_are_refused() -> None:
    since = {desk.EXCAVATOR: desk.rule(desk.EXCAVATOR, import_prohibited=True)}
    assert codes(submits(rules=since)) == [RefusalCode.IMPORT_PROHIBITED]


def test_goods_that_were_prohibited_when_the_draft_was_saved_may_be_submitted_once_they_no_longer_are() -> None:
    record = desk.commission()
    line = desk.goods_line(record.id, inspection_required=False, import_prohibited=True)
    (fixed,) = desk.lines_of(submits(record, lines=(line,)))
    assert (fixed.inspection_required, fixed.import_prohibited) == (True, False)


def test_an_hs_code_that_is_no_longer_in_force_is_refused() -> None:
    assert refused(submits(rules={})) == [(RefusalCode.UNKNOWN_HS_CODE, ("goods_lines", 0, "hs_code"))]


def test_goods_exempt_from_inspection_may_be_commissioned_all_the_same() -> None:
    record = desk.commission()
    line = desk.goods_line(record.id, hs_code=desk.DRYER)
    assert done(submits(record, lines=(line,))).status_after is CommissionStatus.PENDING


@pytest.mark.parametrize("status", [InstitutionStatus.NON_RECOGNITION, InstitutionStatus.RECTIFICATION])
def test_an_institution_under_a_disposition_may_not_be_commissioned(status: InstitutionStatus) -> None:
    under = desk.institution(INSTITUTION, status, ends_on=date(2027, 1, 31))
    decision = submits(institution=under)
    assert refused(decision) == [(RefusalCode.INSTITUTION_UNDER_DISPOSITION, ("institution_id",))]
    zh, en = sentences(decision)
    assert zh == f"机构“横滨检验”处于“{status.words.zh}”处置期内，处置到期时间：2027-01-31，不能接受委托。"
    assert en.endswith(f"is under a disposition ({status.name}) until 2027-01-31 and may not be commissioned.")


def test_a_disposition_without_an_end_is_told_without_one() -> None:
    under = desk.institution(INSTITUTION, InstitutionStatus.RECTIFICATION)
    assert sentences(submits(institution=under))[0] == "机构“横滨检验”处于“限期整改”处置期内，不能接受委托。"


@pytest.mark.parametrize("chosen", [None, desk.institution(INSTITUTION, InstitutionStatus.REVOKED)])
def test_an_institution_outside_the_registry_may_not_be_commissioned(chosen: Any) -> None:
    assert refused(submits(institution=chosen)) == [(RefusalCode.INSTITUTION_NOT_REGISTERED, ("institution_id",))]


def test_everything_in_the_way_of_submission_is_told_at_once() -> None:
    record = desk.commission(consignee_name=None)
    lines = (desk.goods_line(record.id, 1, hs_code=desk.TUBE), desk.goods_line(record.id, 2, hs_code="1234567890"))
    assert refused(
        submits(record, lines=lines, institution=desk.institution(INSTITUTION, InstitutionStatus.REVOKED))
    ) == [
        (RefusalCode.REQUIRED, ("consignee_name",)),
        (RefusalCode.UNKNOWN_HS_CODE, ("goods_lines", 1, "hs_code")),
        (RefusalCode.IMPORT_PROHIBITED, ("goods_lines", 0, "hs_code")),
        (RefusalCode.INSTITUTION_NOT_REGISTERED, ("institution_id",)),
    ]


@pytest.mark.parametrize("status", [CommissionStatus.DRAFT, CommissionStatus.SUPPLEMENT_REQUIRED])
def test_a_submission_fixes_the_day_and_the_institution_and_forgets_the_former_reason(status: CommissionStatus) -> None:
    record = desk.commission(status, return_reason="缺少合同", submitted_at=None, submitted_to_id=None)
    after = done(submits(record)).after
    assert (after.submitted_at, after.submitted_to_id) == (desk.NOW, INSTITUTION.institution_id)
    assert after.return_reason is None
    assert after.commissioned_at == record.commissioned_at


def test_the_flags_are_those_of_the_day_of_submission() -> None:
    record = desk.commission()
    line = desk.goods_line(record.id)
    newer = {desk.EXCAVATOR: desk.rule(desk.EXCAVATOR, inspection_exempt=True)}
    (fixed,) = desk.lines_of(submits(record, lines=(line,), rules=newer))
    assert (fixed.inspection_required, fixed.inspection_exempt) == (False, True)
    assert fixed.rule_id == newer[desk.EXCAVATOR].id
    assert (
        replace(
            fixed, **{name: getattr(line, name) for name in ("inspection_required", "inspection_exempt", "rule_id")}
        )
        == line
    )


def test_goods_lines_whose_rules_have_not_changed_are_not_written_again() -> None:
    assert done(submits()).effect.replaces == {}


def test_a_submission_tells_the_institution_chosen() -> None:
    other = desk.institution(desk.OTHER_INSTITUTION)
    assert desk.told("submit", desk.commission(), ENTERPRISE, institution=other, commissioned=None) == [
        (desk.OTHER_INSTITUTION.organisation_id, f"您有新的业务委托（委托号：{desk.NUMBER}），请及时受理")
    ]


def test_no_field_of_the_form_escapes_the_record() -> None:
    assert {each.name for each in fields(CommissionForm)} <= {each.name for each in fields(desk.commission())}
