"""What happens when an enterprise saves a draft 暂存: what is checked, what is kept, and what the HS code fills in."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commission.record import (
    GOODS_LINES_MAX,
    Commission,
    CommissionDraft,
    CommissionForm,
    CommissionStatus,
    GoodsLineDraft,
)
from domain.record import fields_of, plain
from domain.refusal import RefusalCode
from domain.rule import Rule
from tests.rules import desk
from tests.rules.desk import ENTERPRISE, decides, done, filled_draft, filled_line, lines_of, refused


def saves(*lines: GoodsLineDraft, now: Any = desk.NOW, **fields: Any) -> Any:
    """What becomes of a new draft with these lines, otherwise filled rightly."""
    return decides("save_draft", None, ENTERPRISE, filled_draft(*lines, **fields), now=now)


def a_line_with(**fields: Any) -> Any:
    """What becomes of a new draft whose second line has these fields."""
    return refused(saves(filled_line(), filled_line(**fields)))


def test_a_new_draft_gets_its_number_its_day_and_the_enterprise_name() -> None:
    saved = done(decides("save_draft", None, ENTERPRISE, CommissionDraft()))
    assert saved.after.number == desk.NUMBER
    assert saved.after.status is CommissionStatus.DRAFT
    assert saved.after.commissioned_at == desk.NOW
    assert saved.after.enterprise_id == ENTERPRISE.organisation_id
    assert saved.after.enterprise_name == "大中华企业"
    assert saved.after.version == 1


@given(names=st.sets(st.sampled_from(sorted(fields_of(CommissionDraft)))), nulls=st.sets(st.integers(0, 20)))
def test_a_draft_saves_with_any_subset_of_its_fields(names: set[str], nulls: set[int]) -> None:
    filled = filled_draft(contact_mobile="13800138000", remarks="易碎").sent()
    clears = {name for index, name in enumerate(sorted(filled)) if index in nulls and name != "goods_lines"}
    form = CommissionDraft.of(**{name: None if name in clears else filled[name] for name in names})
    saved = done(decides("save_draft", None, ENTERPRISE, form)).after
    for name in fields_of(CommissionForm):
        default = "大中华企业" if name == "enterprise_name" else None
        assert getattr(saved, name) == (getattr(form, name) if name in names else default)


@given(names=st.sets(st.sampled_from(sorted(desk.filled_line().sent()))))
def test_a_goods_line_saves_with_any_subset_of_its_fields(names: set[str]) -> None:
    filled = filled_line().sent()
    (line,) = lines_of(saves(GoodsLineDraft.of(**{name: filled[name] for name in names})))
    for name in filled:
        assert getattr(line, name) == (filled[name] if name in names else None)


def test_a_field_that_is_absent_keeps_its_value_and_null_clears_it() -> None:
    before = desk.commission(contact_mobile="13800138000", remarks="易碎")
    saved = done(decides("save_draft", before, ENTERPRISE, CommissionDraft.of(remarks=None)))
    assert saved.effect.changes == {"remarks": None}
    assert saved.after.contact_mobile == "13800138000"


def test_saving_what_is_there_already_changes_nothing_but_the_version() -> None:
    before = desk.commission()
    saved = done(decides("save_draft", before, ENTERPRISE, CommissionDraft.of(consignee_name=before.consignee_name)))
    assert saved.effect.changes == {}
    assert saved.after == replace(before, version=before.version + 1)


def test_goods_lines_that_are_absent_stay_as_they_are() -> None:
    saved = done(decides("save_draft", desk.commission(), ENTERPRISE, CommissionDraft.of(remarks="易碎")))
    assert saved.effect.replaces == {}
    assert saved.after.total_quantity == Decimal(2)


def test_a_list_of_goods_lines_replaces_the_former_one() -> None:
    form = CommissionDraft.of(goods_lines=(filled_line(product_name="装载机"),))
    assert [line.product_name for line in lines_of(decides("save_draft", desk.commission(), ENTERPRISE, form))] == [
        "装载机"
    ]


def test_deleting_all_goods_lines_brings_the_totals_to_nought() -> None:
    saved = decides("save_draft", desk.commission(), ENTERPRISE, CommissionDraft.of(goods_lines=()))
    assert lines_of(saved) == ()
    assert (done(saved).after.total_quantity, done(saved).after.total_amount) == (Decimal(0), Decimal(0))


def test_a_goods_line_keeps_its_identity_and_its_other_fields_when_it_is_changed_and_moved() -> None:
    before = desk.commission()
    kept = desk.goods_line(before.id, 1, brand="Komatsu", model="PC200")
    form = CommissionDraft.of(
        goods_lines=(filled_line(product_name="新"), GoodsLineDraft.of(id=kept.id, model=None, quantity=Decimal(5)))
    )
    new, same = lines_of(decides("save_draft", before, ENTERPRISE, form, lines=(kept,)))
    assert (same.id, same.line_number, same.brand, same.quantity) == (kept.id, 2, "Komatsu", Decimal(5))
    assert same.model is None
    assert new.id != kept.id
    assert (new.line_number, new.commission_id) == (1, before.id)


def test_a_goods_line_of_another_commission_is_refused() -> None:
    form = CommissionDraft.of(goods_lines=(filled_line(), filled_line(id=uuid4())))
    found = refused(decides("save_draft", desk.commission(), ENTERPRISE, form))
    assert found == [(RefusalCode.UNKNOWN_REFERENCE, ("goods_lines", 1, "id"))]
    assert refused(decides("save_draft", None, ENTERPRISE, form)) == found


def test_the_same_goods_line_named_twice_is_refused() -> None:
    before = desk.commission()
    line = desk.goods_line(before.id)
    form = CommissionDraft.of(goods_lines=(GoodsLineDraft.of(id=line.id), GoodsLineDraft.of(id=line.id)))
    assert refused(decides("save_draft", before, ENTERPRISE, form, lines=(line,))) == [
        (RefusalCode.DUPLICATE, ("goods_lines", 0, "id")),
        (RefusalCode.DUPLICATE, ("goods_lines", 1, "id")),
    ]


def test_an_institution_that_does_not_exist_is_refused() -> None:
    form = CommissionDraft.of(institution_id=uuid4())
    assert refused(decides("save_draft", None, ENTERPRISE, form, named=None)) == [
        (RefusalCode.UNKNOWN_REFERENCE, ("institution_id",))
    ]


def test_an_hs_code_without_a_rule_is_refused_with_its_line() -> None:
    assert a_line_with(hs_code="9999999999") == [(RefusalCode.UNKNOWN_HS_CODE, ("goods_lines", 1, "hs_code"))]


@pytest.mark.parametrize("code", ["842952120", "84295212001", "8429.5212.00", "８４２９５２１２００", "84295212 0"])
def test_an_hs_code_that_is_not_ten_digits_is_refused_once(code: str) -> None:
    assert a_line_with(hs_code=code) == [(RefusalCode.INVALID_FORMAT, ("goods_lines", 1, "hs_code"))]


@pytest.mark.parametrize("quantity", ["-1", "0", "-0", "NaN", "sNaN", "Infinity", "-Infinity", "100000000000"])
def test_a_quantity_that_is_no_amount_of_goods_is_refused(quantity: str) -> None:
    assert a_line_with(quantity=Decimal(quantity)) == [(RefusalCode.OUT_OF_RANGE, ("goods_lines", 1, "quantity"))]


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "-NaN", "Infinity", "10000000000000"])
def test_an_amount_below_nought_or_beyond_all_bounds_is_refused(amount: str) -> None:
    assert a_line_with(amount=Decimal(amount)) == [(RefusalCode.OUT_OF_RANGE, ("goods_lines", 1, "amount"))]


@pytest.mark.parametrize("amount", ["0.001", "1.234", "45000.00000000000000000000000000000001", "1E-400"])
def test_an_amount_with_more_than_two_places_is_refused(amount: str) -> None:
    assert a_line_with(amount=Decimal(amount)) == [(RefusalCode.TOO_PRECISE, ("goods_lines", 1, "amount"))]


@pytest.mark.parametrize("amount", ["0", "-0", "0.000", "1.2300", "45E+3", "9999999999999.99"])
def test_an_amount_with_two_places_is_taken_however_it_is_written(amount: str) -> None:
    (line,) = lines_of(saves(filled_line(amount=Decimal(amount))))
    assert line.amount == Decimal(amount)


def test_an_amount_reads_as_it_will_be_kept() -> None:
    written = ["-0", "1.2300", "45E+3"]
    saved = saves(*[filled_line(amount=Decimal(amount)) for amount in written])
    assert [str(line.amount) for line in lines_of(saved)] == ["0.00", "1.23", "45000.00"]
    assert str(done(saved).after.total_amount) == "45001.23"


def test_minus_nought_is_nought_in_the_register_too() -> None:
    assert plain(Decimal("-0")) == plain(Decimal("0.00")) == "0"


def test_a_quantity_may_have_four_places_and_no_fifth() -> None:
    assert lines_of(saves(filled_line(quantity=Decimal("0.0001"))))[0].quantity == Decimal("0.0001")
    assert a_line_with(quantity=Decimal("0.00001")) == [(RefusalCode.TOO_PRECISE, ("goods_lines", 1, "quantity"))]


def test_a_commission_holds_500_goods_lines_and_not_501() -> None:
    line = filled_line()
    assert len(lines_of(saves(*[line] * GOODS_LINES_MAX))) == 500
    assert refused(saves(*[line] * (GOODS_LINES_MAX + 1))) == [(RefusalCode.TOO_MANY, ("goods_lines",))]


def test_a_date_of_manufacture_after_today_in_china_is_refused() -> None:
    one_in_the_morning_of_the_24th = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    today, tomorrow = date(2026, 11, 24), date(2026, 11, 25)
    done(saves(filled_line(manufactured_on=today), now=one_in_the_morning_of_the_24th))
    assert refused(saves(filled_line(manufactured_on=tomorrow), now=one_in_the_morning_of_the_24th)) == [
        (RefusalCode.DATE_IN_FUTURE, ("goods_lines", 0, "manufactured_on"))
    ]
    assert refused(saves(filled_line(manufactured_on=today), now=datetime(2026, 11, 23, 15, 59, tzinfo=UTC))) == [
        (RefusalCode.DATE_IN_FUTURE, ("goods_lines", 0, "manufactured_on"))
    ]


def test_a_unit_outside_its_code_table_is_refused() -> None:
    assert a_line_with(unit="999") == [(RefusalCode.UNKNOWN_CODE, ("goods_lines", 1, "unit"))]


@pytest.mark.parametrize(
    "field", ["product_use", "domestic_destination", "destination_port", "destination_customs", "entry_customs"]
)
def test_a_code_outside_its_table_is_refused_with_its_field(field: str) -> None:
    assert refused(saves(**{field: "001"})) == [(RefusalCode.UNKNOWN_CODE, (field,))]


@pytest.mark.parametrize(
    ("field", "wrong", "right"),
    [
        ("contact_phone", "12345", "021-58300001"),
        ("contact_phone", "call me", "+81 45 123 4567"),
        ("contact_mobile", "12800138000", "13800138000"),
        ("contact_mobile", "1380013800", "+86 138 0013 8000"),
        ("contact_email", "sally", "sally@dazhonghua.com"),
        ("contact_email", "sally@@dazhonghua.com", "sally.wang+1@dazhonghua.com"),
    ],
)
def test_phone_mobile_and_email_are_checked_at_every_save(field: str, wrong: str, right: str) -> None:
    assert refused(saves(**{field: wrong})) == [(RefusalCode.INVALID_FORMAT, (field,))]
    assert getattr(done(saves(**{field: right})).after, field) == right


@pytest.mark.parametrize(("field", "most"), [("consignee_name", 200), ("goods_location", 300), ("remarks", 2000)])
def test_a_text_as_long_as_its_field_is_kept_and_a_longer_one_refused(field: str, most: int) -> None:
    done(saves(**{field: "货" * most}))
    assert refused(saves(**{field: "货" * (most + 1)})) == [(RefusalCode.TOO_LONG, (field,))]


@pytest.mark.parametrize("hours", [-1, 1_000_001])
def test_running_hours_that_no_machine_has_are_refused(hours: int) -> None:
    assert a_line_with(running_hours=hours) == [(RefusalCode.OUT_OF_RANGE, ("goods_lines", 1, "running_hours"))]


def test_everything_wrong_is_told_at_once() -> None:
    wrong = filled_line(hs_code="1", amount=Decimal("0.001"), unit="999", manufactured_on=date(2030, 1, 1))
    assert refused(saves(filled_line(), wrong, contact_phone="12345")) == [
        (RefusalCode.INVALID_FORMAT, ("contact_phone",)),
        (RefusalCode.INVALID_FORMAT, ("goods_lines", 1, "hs_code")),
        (RefusalCode.TOO_PRECISE, ("goods_lines", 1, "amount")),
        (RefusalCode.UNKNOWN_CODE, ("goods_lines", 1, "unit")),
        (RefusalCode.DATE_IN_FUTURE, ("goods_lines", 1, "manufactured_on")),
    ]


def test_totals_are_added_in_decimals() -> None:
    tenth, fifth = Decimal("0.1"), Decimal("0.2")
    saved = done(saves(filled_line(quantity=tenth, amount=tenth), filled_line(quantity=fifth, amount=fifth))).after
    assert (saved.total_quantity, saved.total_amount) == (Decimal("0.3"), Decimal("0.3"))


@given(amounts=st.lists(st.decimals(0, "9999999999999.99", places=2), min_size=1, max_size=6))
def test_the_total_amount_is_exactly_the_sum_of_the_lines(amounts: list[Decimal]) -> None:
    saved = done(saves(*[filled_line(amount=amount) for amount in amounts])).after
    assert int(saved.total_amount * 100) == sum(int(amount * 100) for amount in amounts)


def test_mixed_units_are_added_and_said() -> None:
    mixed = done(saves(filled_line(unit="001"), filled_line(unit="035"))).after
    alike = done(saves(filled_line(), filled_line(), filled_line(unit=None))).after
    assert (mixed.units_mixed, mixed.total_quantity) == (True, Decimal(4))
    assert not alike.units_mixed


@pytest.mark.parametrize(
    ("code", "flags"),
    [
        (desk.EXCAVATOR, (True, False, False)),
        (desk.DRYER, (False, True, False)),
        (desk.TUBE, (False, False, True)),
    ],
)
def test_the_hs_code_fills_the_three_flags_and_the_rule_is_kept(code: str, flags: tuple[bool, bool, bool]) -> None:
    (line,) = lines_of(saves(filled_line(hs_code=code)))
    assert (line.inspection_required, line.inspection_exempt, line.import_prohibited) == flags
    assert line.rule_id == desk.RULES[code].id


def test_another_hs_code_fills_the_flags_anew_and_none_empties_them() -> None:
    before = desk.commission()
    line = desk.goods_line(before.id)

    def with_code(code: str | None) -> Any:
        form = CommissionDraft.of(goods_lines=(GoodsLineDraft.of(id=line.id, hs_code=code),))
        (saved,) = lines_of(decides("save_draft", before, ENTERPRISE, form, lines=(line,)))
        return saved

    dryer, none = with_code(desk.DRYER), with_code(None)
    assert (dryer.inspection_required, dryer.inspection_exempt, dryer.rule_id) == (
        False, True, desk.RULES[desk.DRYER].id,
    )  # fmt: skip
    assert (none.inspection_required, none.inspection_exempt, none.import_prohibited, none.rule_id) == (None,) * 4


def test_what_the_system_sets_is_no_part_of_the_form() -> None:
    read_only = {"number", "status", "total_quantity", "total_amount", "return_reason", "commissioned_at", "version"}
    assert not read_only & fields_of(CommissionDraft).keys()
    assert read_only <= fields_of(Commission).keys()
    flags = {"line_number", "inspection_required", "inspection_exempt", "import_prohibited"}
    assert not flags & fields_of(GoodsLineDraft).keys()


def test_goods_that_may_not_be_imported_can_be_written_down_but_not_submitted() -> None:
    (line,) = lines_of(saves(filled_line(hs_code=desk.TUBE)))
    assert line.import_prohibited is True


def test_a_returned_commission_is_mended_without_leaving_its_status() -> None:
    before = desk.commission(CommissionStatus.SUPPLEMENT_REQUIRED, return_reason="缺少合同")
    saved = done(decides("save_draft", before, ENTERPRISE, CommissionDraft.of(remarks="已补充")))
    assert saved.status_after is CommissionStatus.SUPPLEMENT_REQUIRED
    assert saved.after.return_reason == "缺少合同"


def test_a_rule_that_has_changed_flags_the_line_anew_at_the_next_save() -> None:
    before = desk.commission()
    line = desk.goods_line(before.id)
    newer: dict[str, Rule] = {desk.EXCAVATOR: desk.rule(desk.EXCAVATOR, inspection_exempt=True)}
    form = CommissionDraft.of(goods_lines=(GoodsLineDraft.of(id=line.id),))
    (saved,) = lines_of(decides("save_draft", before, ENTERPRISE, form, lines=(line,), rules=newer))
    assert (saved.inspection_required, saved.inspection_exempt) == (False, True)
    assert saved.rule_id == newer[desk.EXCAVATOR].id
