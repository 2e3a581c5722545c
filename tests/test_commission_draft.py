"""Drafts of commissions: any part of the form, lines added, changed and deleted in one save, formats always checked."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from storage.code import CODE
from tests.office import Office
from tests.papers import LINE, a_form, a_line, institution_id

SAVES_REMARKS = """
mutation Saves($id: ID!, $remarks: String) {
  commissionSaveDraft(input: {id: $id, remarks: $remarks}) { commission { remarks consigneeName } userErrors { code } }
}
"""


@pytest.mark.manual(14)
@pytest.mark.manual(84)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"consigneeName": "上海临港工程设备租赁有限公司"},
        {"goodsLines": [{}]},
        {"goodsLines": [{"hsCode": "8429510000"}], "remarks": "尚未谈妥"},
        {"institutionId": institution_id("I01"), "productUse": "SALE"},
    ],
    ids=["nothing", "a name", "an empty line", "a code and remarks", "an institution"],
)
async def test_a_draft_may_hold_any_part_of_the_form(office: Office, fields: dict[str, Any]) -> None:
    draft = (await office.enterprise.saves(**fields)).done()
    assert draft["status"] == "DRAFT"
    for name, value in fields.items():
        if name != "goodsLines":
            assert draft[name] == value
    assert len(draft["goodsLines"]) == len(fields.get("goodsLines", ()))


async def test_a_new_draft_has_a_number_of_18_digits_and_the_name_of_its_enterprise(office: Office) -> None:
    first = (await office.enterprise.saves()).done()
    second = (await office.enterprise.saves()).done()
    for draft in (first, second):
        assert len(draft["number"]) == 18
        assert draft["number"].startswith("2026")
        assert draft["number"].isdigit()
        assert draft["enterpriseName"] == "上海浦江联合重工机械有限公司"
        assert draft["commissionedAt"] == "2026-06-01T02:00:00Z"
    assert second["number"] > first["number"]


async def test_a_field_that_is_absent_keeps_its_value_and_null_clears_it(office: Office) -> None:
    draft = await office.draft(remarks="小心轻放")
    kept = (await office.enterprise.saves(draft, consigneeName="宁波镇海精工铸造有限公司")).done()
    assert kept["remarks"] == "小心轻放"
    assert kept["goodsLines"] == draft["goodsLines"]
    cleared = (await office.enterprise.saves(draft, remarks=None)).done()
    assert cleared["remarks"] is None
    assert cleared["consigneeName"] == "宁波镇海精工铸造有限公司"


async def test_a_variable_that_was_not_sent_keeps_and_one_that_is_null_clears(office: Office) -> None:
    draft = await office.draft(remarks="小心轻放")
    data = await office.enterprise.asks(SAVES_REMARKS, id=draft["id"])
    assert data["commissionSaveDraft"]["commission"]["remarks"] == "小心轻放"
    data = await office.enterprise.asks(SAVES_REMARKS, id=draft["id"], remarks=None)
    assert data["commissionSaveDraft"]["commission"]["remarks"] is None


@pytest.mark.manual(88)
@pytest.mark.manual(90)
async def test_lines_are_added_changed_and_deleted_in_one_save(office: Office) -> None:
    draft = await office.draft(goodsLines=[a_line(model=name) for name in ("A", "B", "C")])
    a, _, c = draft["goodsLines"]
    lines = [{"id": c["id"], "quantity": "7.5"}, {"id": a["id"]}, a_line(model="D"), a_line(model="E")]
    saved = (await office.enterprise.saves(draft, goodsLines=lines)).done()["goodsLines"]
    assert [(line["lineNumber"], line["model"]) for line in saved] == [(1, "C"), (2, "A"), (3, "D"), (4, "E")]
    assert [line["id"] for line in saved[:2]] == [c["id"], a["id"]]
    assert saved[0]["quantity"] == "7.5000"
    assert saved[1] == {**a, "lineNumber": 2}
    assert (await office.enterprise.sees(draft))["goodsLines"] == saved


async def test_within_a_line_too_absent_keeps_and_null_clears(office: Office) -> None:
    draft = await office.draft(goodsLines=[a_line(brand="小松 Komatsu", runningHours=3200)])
    (line,) = draft["goodsLines"]
    change = {"id": line["id"], "brand": None, "model": "WA470-7"}
    (saved,) = (await office.enterprise.saves(draft, goodsLines=[change])).done()["goodsLines"]
    assert saved == {**line, "brand": None, "model": "WA470-7"}


async def test_an_empty_list_deletes_all_lines_and_so_does_null(office: Office) -> None:
    nothings: tuple[list[Any] | None, ...] = ([], None)
    for nothing in nothings:
        draft = await office.draft()
        saved = (await office.enterprise.saves(draft, goodsLines=nothing)).done()
        assert saved["goodsLines"] == []
        assert (saved["totalQuantity"], saved["totalAmount"]) == ("0.0000", "0.00")


@pytest.mark.manual(2)
@pytest.mark.manual(89)
async def test_the_hs_code_of_a_line_fills_its_three_flags(office: Office) -> None:
    codes = ["8429510000", "8471494000", "8528721100", None]
    saved = (await office.enterprise.saves(goodsLines=[a_line(hsCode=code) for code in codes])).done()
    assert [
        (line["inspectionRequired"], line["inspectionExempt"], line["importProhibited"]) for line in saved["goodsLines"]
    ] == [(True, False, False), (False, True, False), (False, False, True), (None, None, None)]

    first, *_ = saved["goodsLines"]
    lines = [{"id": first["id"], "hsCode": "8471494000"}]
    (changed,) = (await office.enterprise.saves(saved, goodsLines=lines)).done()["goodsLines"]
    assert (changed["inspectionRequired"], changed["inspectionExempt"]) == (False, True)
    lines = [{"id": first["id"], "hsCode": None}]
    (cleared,) = (await office.enterprise.saves(saved, goodsLines=lines)).done()["goodsLines"]
    assert (cleared["inspectionRequired"], cleared["inspectionExempt"]) == (None, None)


async def test_a_line_keeps_the_version_of_the_rule_that_its_flags_come_from(office: Office) -> None:
    draft = await office.draft()
    query = """query Rules($id: ID!) {
      commission(by: {id: $id}) { goodsLines { rule { hsCode inspectionRequired legalBasis } } }
    }"""
    data = await office.enterprise.asks(query, id=draft["id"])
    (line,) = data["commission"]["goodsLines"]
    assert line["rule"]["hsCode"] == "8429510000"
    assert line["rule"]["inspectionRequired"] is True
    assert "2014年第145号" in line["rule"]["legalBasis"]


@pytest.mark.manual(85)
async def test_totals_are_exact_sums_of_the_lines(office: Office) -> None:
    lines = [a_line(quantity="0.1", amount="0.10"), a_line(quantity="0.2", amount="0.20"), {"quantity": "3"}]
    draft = (await office.enterprise.saves(goodsLines=lines)).done()
    assert (draft["totalQuantity"], draft["totalAmount"]) == ("3.3000", "0.30")
    assert draft["unitsMixed"] is False
    largest = [a_line(quantity="99999999999.9999", amount="9999999999999.99")] * 3
    draft = (await office.enterprise.saves(draft, goodsLines=largest)).done()
    assert (draft["totalQuantity"], draft["totalAmount"]) == ("299999999999.9997", "29999999999999.97")
    assert await office.enterprise.sees(draft) == draft


async def test_a_total_over_different_units_says_so(office: Office) -> None:
    draft = (await office.enterprise.saves(goodsLines=[a_line(unit="001"), a_line(unit="006")])).done()
    assert draft["unitsMixed"] is True
    assert draft["totalQuantity"] == "4.0000"


BAD_FIELDS = [
    pytest.param({"contactPhone": "12"}, "INVALID_FORMAT", "contactPhone", id="phone"),
    pytest.param({"contactMobile": "12345678901"}, "INVALID_FORMAT", "contactMobile", id="mobile"),
    pytest.param({"contactEmail": "haitao@"}, "INVALID_FORMAT", "contactEmail", id="e-mail"),
    pytest.param({"consigneeName": "长" * 201}, "TOO_LONG", "consigneeName", id="201 characters"),
    pytest.param({"productUse": "GIFT"}, "UNKNOWN_CODE", "productUse", id="unknown use"),
    pytest.param({"entryCustoms": "0000"}, "UNKNOWN_CODE", "entryCustoms", id="unknown customs"),
    pytest.param({"institutionId": "institution_1"}, "UNKNOWN_REFERENCE", "institutionId", id="malformed id"),
    pytest.param({"institutionId": f"institution_{7:032x}"}, "UNKNOWN_REFERENCE", "institutionId", id="nobody's id"),
    pytest.param({"institutionId": f"rule_{7:032x}"}, "UNKNOWN_REFERENCE", "institutionId", id="another type's id"),
]
BAD_LINES = [
    pytest.param({"hsCode": "9999999999"}, "UNKNOWN_HS_CODE", "hsCode", id="unknown HS code"),
    pytest.param({"hsCode": "842951000"}, "INVALID_FORMAT", "hsCode", id="9 digits"),
    pytest.param({"hsCode": "８４２９５１００００"}, "INVALID_FORMAT", "hsCode", id="full-width digits"),
    pytest.param({"quantity": "-1"}, "OUT_OF_RANGE", "quantity", id="negative quantity"),
    pytest.param({"quantity": "0"}, "OUT_OF_RANGE", "quantity", id="no quantity"),
    pytest.param({"quantity": "1.00001"}, "TOO_PRECISE", "quantity", id="5 decimals"),
    pytest.param({"amount": "1.005"}, "TOO_PRECISE", "amount", id="amount with 3 decimals"),
    pytest.param({"amount": "-0.01"}, "OUT_OF_RANGE", "amount", id="negative amount"),
    pytest.param({"amount": "10000000000000"}, "OUT_OF_RANGE", "amount", id="amount beyond measure"),
    pytest.param({"unit": "999"}, "UNKNOWN_CODE", "unit", id="unknown unit"),
    pytest.param({"manufacturedOn": "2026-06-02"}, "DATE_IN_FUTURE", "manufacturedOn", id="made tomorrow"),
    pytest.param({"manufacturedOn": "1899-12-31"}, "OUT_OF_RANGE", "manufacturedOn", id="made before all machines"),
    pytest.param({"runningHours": -1}, "OUT_OF_RANGE", "runningHours", id="negative hours"),
    pytest.param({"id": f"goods_line_{7:032x}"}, "UNKNOWN_REFERENCE", "id", id="nobody's line"),
]
NO_VALUES = [
    pytest.param({"quantity": "NaN"}, id="NaN"),
    pytest.param({"quantity": "Infinity"}, id="infinity"),
    pytest.param({"quantity": 1.5}, id="a binary fraction"),
    pytest.param({"manufacturedOn": "2026-02-30"}, id="no such day"),
    pytest.param({"model": "A\0B"}, id="NUL"),
    pytest.param({"lineNumber": 3}, id="a read-only field"),
    pytest.param({"importProhibited": False}, id="a read-only flag"),
]


@pytest.mark.manual(86)
@pytest.mark.parametrize(("fields", "code", "path"), BAD_FIELDS)
async def test_a_badly_written_field_is_refused_at_every_save(
    office: Office, fields: dict[str, Any], code: str, path: str
) -> None:
    draft = await office.draft()
    async with office.unchanged():
        assert (await office.enterprise.saves(draft, **fields)).refusals == [(code, path)]
        assert (await office.enterprise.saves(**fields)).refusals == [(code, path)]


@pytest.mark.parametrize(("fields", "code", "path"), BAD_LINES)
async def test_a_badly_written_goods_line_is_refused_at_every_save(
    office: Office, fields: dict[str, Any], code: str, path: str
) -> None:
    draft = await office.draft()
    async with office.unchanged():
        payload = await office.enterprise.saves(draft, goodsLines=[a_line(), a_line(**fields)])
        assert payload.refusals == [(code, f"goodsLines.1.{path}")]
        assert payload.subject == draft


@pytest.mark.parametrize("fields", NO_VALUES)
async def test_what_is_no_value_of_the_field_at_all_is_an_error_of_the_request(
    office: Office, fields: dict[str, Any]
) -> None:
    draft = await office.draft()
    query = """mutation Saves($input: CommissionSaveDraftInput!) {
      commissionSaveDraft(input: $input) { userErrors { code } }
    }"""
    async with office.unchanged():
        sent = {"id": draft["id"], "goodsLines": [a_line(**fields)]}
        assert await office.enterprise.is_told(query, input=sent) == "BAD_USER_INPUT"


async def test_made_today_is_by_the_calendar_of_china(office: Office) -> None:
    office.clock.moves(hours=13, minutes=59)  # 23:59 in China, 15:59 UTC
    line = a_line(manufacturedOn="2026-06-02")
    assert (await office.enterprise.saves(goodsLines=[line])).codes == ["DATE_IN_FUTURE"]
    office.clock.moves(minutes=1)
    (await office.enterprise.saves(goodsLines=[line])).done()


async def test_a_commission_holds_500_lines_and_not_501(office: Office) -> None:
    line = {"hsCode": "8429510000", "quantity": "1"}
    draft = (await office.enterprise.saves(goodsLines=[line] * 500)).done()
    assert draft["totalQuantity"] == "500.0000"
    async with office.unchanged():
        assert (await office.enterprise.saves(draft, goodsLines=[line] * 501)).refusals == [("TOO_MANY", "goodsLines")]


async def test_a_line_is_named_once_and_is_of_this_commission(office: Office) -> None:
    draft, other = await office.draft(), await office.draft()
    (own,), (foreign,) = draft["goodsLines"], other["goodsLines"]
    async with office.unchanged():
        twice = await office.enterprise.saves(draft, goodsLines=[{"id": own["id"]}, {"id": own["id"]}])
        assert twice.refusals == [("DUPLICATE", "goodsLines.0.id"), ("DUPLICATE", "goodsLines.1.id")]
        stolen = await office.enterprise.saves(draft, goodsLines=[{"id": foreign["id"]}])
        assert stolen.refusals == [("UNKNOWN_REFERENCE", "goodsLines.0.id")]


async def test_everything_that_is_wrong_is_said_at_once_and_in_both_languages(office: Office) -> None:
    wrong = {"contactEmail": "haitao@", "unit": "?", "goodsLines": [a_line(quantity="0"), a_line(unit="999")]}
    del wrong["unit"]
    async with office.unchanged():
        chinese = await office.enterprise.in_chinese().saves(**wrong)
        english = await office.enterprise.in_english().saves(**wrong)
    assert chinese.refusals == english.refusals
    assert set(chinese.refusals) == {
        ("INVALID_FORMAT", "contactEmail"),
        ("OUT_OF_RANGE", "goodsLines.0.quantity"),
        ("UNKNOWN_CODE", "goodsLines.1.unit"),
    }
    for zh, en in zip(chinese.user_errors, english.user_errors, strict=True):
        assert not zh["message"].isascii()
        assert en["message"].isascii()


async def test_what_was_saved_is_what_is_read_again(office: Office) -> None:
    form = a_form(goodsLines=[a_line(brand="小松 Komatsu", engineNumber="E1", chassisNumber="C1", runningHours=0)])
    draft = (await office.enterprise.saves(**form)).done()
    assert await office.enterprise.sees(draft) == draft
    query = "query Node($id: ID!) { node(id: $id) { ... on GoodsLine { ...line } } }" + LINE
    (line,) = draft["goodsLines"]
    assert (await office.enterprise.asks(query, id=line["id"]))["node"] == line


async def test_a_list_far_too_long_is_refused_before_anything_is_looked_up(office: Office) -> None:
    lines = [{"hsCode": f"{8400000000 + number}"} for number in range(15_000)]
    async with office.unchanged():
        with office.statements() as statements:
            assert (await office.enterprise.saves(goodsLines=lines)).refusals == [("TOO_MANY", "goodsLines")]
    assert len(statements) < 10


async def test_a_code_past_its_last_day_is_refused_at_save_and_at_submission(office: Office) -> None:
    draft = await office.draft()
    async with office.database.writing() as connection:
        ended = update(CODE).where(CODE.c.table_name == "UNIT").values(valid_to=date(2020, 12, 31))
        await connection.execute(ended)
    refused = await office.enterprise.submits(draft)
    assert refused.refusals == [("UNKNOWN_CODE", "goodsLines.0.unit")]
    saved = await office.enterprise.saves(draft, goodsLines=[a_line()])
    assert saved.refusals == [("UNKNOWN_CODE", "goodsLines.0.unit")]


@pytest.mark.parametrize("text", ["\u202eabc\u2066", "red\x1b[31m", "\x01"])
async def test_characters_that_nobody_can_see_are_refused(office: Office, text: str) -> None:
    assert (await office.enterprise.saves(enterpriseName=text)).refusals == [("INVALID_FORMAT", "enterpriseName")]
    (await office.enterprise.saves(remarks="两行\n\t缩进")).done()
