"""Rules for used machinery, open to everybody: by HS code or name, and as of a day."""

from typing import Any

import pytest

from tests.office import Office

RULES = """
query Rules($filter: RuleFilter, $first: Int, $after: String) {
  rules(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      hsCode nameZh nameEn inspectionRequired inspectionExempt importProhibited
      measure legalBasis validFrom validTo status
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
RULE = (
    "query Rule($hsCode: String!, $on: Date) { rule(hsCode: $hsCode, on: $on) { hsCode importProhibited legalBasis } }"
)


async def codes(office: Office, **filter: Any) -> list[str]:
    return [each["hsCode"] for each in (await office.anybody.asks(RULES, filter=filter))["rules"]["nodes"]]


@pytest.mark.manual(7)
@pytest.mark.manual(46)
@pytest.mark.manual(82)
async def test_rules_are_found_by_the_beginning_of_the_hs_code_or_a_piece_of_the_name(office: Office) -> None:
    assert await codes(office, hsCode="8429") == ["8429111000", "8429401100", "8429510000"]
    assert await codes(office, hsCode="8429510000") == ["8429510000"]
    assert await codes(office, hsCode=" 8429510000 ") == ["8429510000"]
    assert await codes(office, hsCode="29510000") == []
    assert await codes(office, name="装载机") == ["8429510000"]
    assert await codes(office, name="SHOVEL loaders") == ["8429510000"]
    assert await codes(office, name="装载机", hsCode="84") == ["8429510000"]
    assert await codes(office, name="装载机", hsCode="85") == []
    for sign in ("%", "_", "\\"):
        assert await codes(office, name=sign) == await codes(office, hsCode=sign) == []


@pytest.mark.manual(7)
@pytest.mark.manual(3)
async def test_a_rule_says_what_applies_and_on_what_basis(office: Office) -> None:
    data = await office.anybody.asks(RULES, filter={"hsCode": "8528721100"})
    (rule,) = data["rules"]["nodes"]
    assert (rule["inspectionRequired"], rule["inspectionExempt"], rule["importProhibited"]) == (False, False, True)
    assert rule["measure"] == "禁止进口"
    assert "2018年第106号" in rule["legalBasis"]
    assert (rule["status"], rule["validTo"]) == ("OPEN", None)


async def test_all_48_rules_are_read_page_by_page_in_the_order_of_their_codes(office: Office) -> None:
    found: list[str] = []
    after = None
    while True:
        page = (await office.anybody.asks(RULES, first=11, after=after))["rules"]
        found += [each["hsCode"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == sorted(found)
    assert len(set(found)) == page["totalCount"] == 48


async def test_a_rule_applies_from_its_first_day_on(office: Office) -> None:
    (rule,) = (await office.anybody.asks(RULES, filter={"hsCode": "8528721100"}))["rules"]["nodes"]
    assert rule["validFrom"] == "2019-01-01"
    for on, applies in [("2018-12-31", False), ("2019-01-01", True), ("9999-12-31", True), (None, True)]:
        found = (await office.anybody.asks(RULE, hsCode="8528721100", on=on))["rule"]
        assert (found is not None) is applies, on
        assert bool(await codes(office, hsCode="8528721100", on=on)) is applies, on
    assert (await office.anybody.asks(RULE, hsCode="9999999999"))["rule"] is None
    assert (await office.anybody.asks(RULE, hsCode="8528"))["rule"] is None


async def test_rules_are_open_to_every_side(office: Office) -> None:
    for person in (office.anybody, office.enterprise, office.institution, office.customs):
        assert (await person.asks(RULES))["rules"]["totalCount"] == 48


async def test_what_is_no_day_is_an_error_of_the_request(office: Office) -> None:
    for on in ("2026-02-30", "yesterday", 20260101, "2026-01-01T00:00:00Z"):
        assert await office.anybody.is_told(RULE, hsCode="8528721100", on=on) == "BAD_USER_INPUT"
