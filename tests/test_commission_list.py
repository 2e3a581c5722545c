"""Lists of commissions: the filters of both sides, sorting, cursors both ways, and the manual's numbered pages."""

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.office import Office
from tests.papers import a_line, institution_id
from tests.person import Person

LISTS = """
query Lists(
  $filter: CommissionFilter, $orderBy: CommissionOrder
  $first: Int, $after: String, $last: Int, $before: String, $offset: Int
) {
  commissions(
    filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before, offset: $offset
  ) {
    totalCount
    nodes { number }
    edges { cursor node { number status commissionedAt totalAmount } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def lists(person: Person, **arguments: Any) -> Any:
    return (await person.asks(LISTS, **arguments))["commissions"]


async def names(person: Person, **filter: Any) -> list[str]:
    """The remarks, which are the names here, of what a filter finds; `totalCount` agrees."""
    query = "query Found($filter: CommissionFilter!) { commissions(filter: $filter) { totalCount nodes { remarks } } }"
    found = (await person.asks(query, filter=filter))["commissions"]
    assert found["totalCount"] == len(found["nodes"])
    return sorted(each["remarks"] for each in found["nodes"])


def numbers(page: Any) -> list[str]:
    found = [edge["node"]["number"] for edge in page["edges"]]
    assert found == [node["number"] for node in page["nodes"]]
    return found


async def _three(office: Office) -> list[Any]:
    """甲, 乙 and 丙, which differ in everything that can be asked for; 甲 and 丙 are with the first institution."""
    first = await office.draft(remarks="甲", consigneeName="ABC 100%机械_有限公司")
    await office.enterprise.submits(first)
    office.clock.moves(days=1)
    fields = {"entryCustoms": "5304", "domesticDestination": "441900", "productUse": "SALE"}
    second = await office.draft(
        remarks="乙", consigneeName="ABC 100X机械Y有限公司", institutionId=institution_id("I02"), **fields
    )
    office.clock.moves(days=1)
    third = await office.draft(remarks="丙", consigneeName="abc 宁波", enterpriseName="大中华企业")
    await office.enterprise.submits(third)
    return [first, second, third]


@pytest.mark.manual(83)
async def test_an_enterprise_finds_its_commissions_by_each_of_eight_filters(office: Office) -> None:
    first, second, third = await _three(office)
    for wanted, found in [
        ({"number": second["number"]}, "乙"),
        ({"number": "2026"}, "甲乙丙"),
        ({"number": first["number"][1:]}, ""),
        ({"consigneeName": "abc"}, "甲乙丙"),
        ({"consigneeName": "宁波"}, "丙"),
        ({"entryCustoms": "5304"}, "乙"),
        ({"domesticDestination": "310115"}, "甲丙"),
        ({"productUse": "SALE"}, "乙"),
        ({"institutionId": institution_id("I02")}, "乙"),
        ({"institutionId": "institution_of_nobody"}, ""),
        ({"status": ["PENDING"]}, "甲丙"),
        ({"status": ["PENDING", "DRAFT"]}, "甲乙丙"),
        ({"status": []}, ""),
        ({"commissionedFrom": "2026-06-02"}, "乙丙"),
        ({"commissionedTo": "2026-06-02"}, "甲乙"),
        ({"commissionedFrom": "2026-06-02", "commissionedTo": "2026-06-02"}, "乙"),
        ({"commissionedFrom": "2026-06-03", "commissionedTo": "2026-06-02"}, ""),
        ({}, "甲乙丙"),
    ]:
        assert await names(office.enterprise, **wanted) == sorted(found), wanted
    assert third["status"] == "DRAFT"


@pytest.mark.manual(63)
async def test_an_institution_finds_what_was_submitted_to_it_by_each_of_five_filters(office: Office) -> None:
    first, second, _ = await _three(office)
    for wanted, found in [
        ({"number": first["number"]}, "甲"),
        ({"number": second["number"]}, ""),
        ({"enterpriseName": "浦江"}, "甲"),
        ({"enterpriseName": "大中华"}, "丙"),
        ({"status": ["PENDING"]}, "甲丙"),
        ({"status": ["DRAFT"]}, ""),
        ({"commissionedFrom": "2026-06-02"}, "丙"),
        ({"commissionedTo": "2026-06-01"}, "甲"),
        ({}, "甲丙"),
    ]:
        assert await names(office.institution, **wanted) == sorted(found), wanted


async def test_filters_given_together_must_all_hold(office: Office) -> None:
    first, *_ = await _three(office)
    every = {
        "number": first["number"],
        "enterpriseName": "浦江",
        "consigneeName": "abc",
        "entryCustoms": "2248",
        "domesticDestination": "310115",
        "productUse": "OWN_USE",
        "institutionId": institution_id("I01"),
        "status": ["PENDING"],
        "commissionedFrom": "2026-06-01",
        "commissionedTo": "2026-06-01",
    }
    assert await names(office.enterprise, **every) == ["甲"]
    for name, other in {
        "number": "2025",
        "enterpriseName": "甬江",
        "consigneeName": "宁波",
        "entryCustoms": "5304",
        "domesticDestination": "441900",
        "productUse": "SALE",
        "institutionId": institution_id("I02"),
        "status": ["DRAFT"],
        "commissionedFrom": "2026-06-02",
        "commissionedTo": "2026-05-31",
    }.items():
        assert await names(office.enterprise, **(every | {name: other})) == [], name
    assert await names(office.enterprise, **dict.fromkeys(every)) == sorted("甲乙丙")


async def test_signs_of_patterns_mean_themselves(office: Office) -> None:
    await _three(office)
    for fragment, found in [("100%", "甲"), ("%", "甲"), ("_", "甲"), ("械_有", "甲"), ("\\", ""), ("100", "甲乙")]:
        assert await names(office.enterprise, consigneeName=fragment) == sorted(found), fragment


async def test_each_sees_only_what_concerns_it(office: Office) -> None:
    await _three(office)
    assert await names(office.other_enterprise) == []
    assert await names(office.other_institution) == []
    assert await names(office.customs) == sorted("甲丙")
    assert await office.anybody.is_told(LISTS) == "UNAUTHENTICATED"


async def test_days_begin_at_midnight_in_china(office: Office) -> None:
    office.clock.now = datetime(2026, 6, 10, 15, 59, 59, 999999, tzinfo=UTC)
    await office.draft(remarks="十日")
    office.clock.moves(microseconds=1)
    await office.draft(remarks="十一日")
    assert await names(office.enterprise, commissionedTo="2026-06-10") == ["十日"]
    assert await names(office.enterprise, commissionedFrom="2026-06-11") == ["十一日"]


async def test_the_first_and_the_last_day_of_the_calendar_are_days_like_others(office: Office) -> None:
    await office.draft(remarks="甲")
    assert await names(office.enterprise, commissionedFrom="0001-01-01", commissionedTo="9999-12-31") == ["甲"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("column", ["COMMISSIONED_AT", "NUMBER", "TOTAL_AMOUNT"])
async def test_a_list_is_sorted_by_each_column_in_both_directions_and_read_to_its_end(
    busy_office: Office, column: str, direction: str
) -> None:
    person, order = busy_office.customs, {"field": column, "direction": direction}
    total = (await lists(person, first=0))["totalCount"]
    values: list[Any] = []
    forward: list[str] = []
    page = await lists(person, orderBy=order, first=37)
    while True:
        forward += numbers(page)
        for edge in page["edges"]:
            node = edge["node"]
            values.append(
                {
                    "COMMISSIONED_AT": node["commissionedAt"].rstrip("Z").ljust(26, "0"),
                    "NUMBER": node["number"],
                    "TOTAL_AMOUNT": Decimal(node["totalAmount"]),
                }[column]
            )
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        if not info["hasNextPage"]:
            break
        page = await lists(person, orderBy=order, first=37, after=info["endCursor"])
        assert page["pageInfo"]["hasPreviousPage"]
    assert len(forward) == len(set(forward)) == total
    assert values == sorted(values, reverse=direction == "DESC")

    backward: list[str] = []
    page = await lists(person, orderBy=order, last=41)
    while True:
        backward = numbers(page) + backward
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        page = await lists(person, orderBy=order, last=41, before=page["pageInfo"]["startCursor"])
        assert page["pageInfo"]["hasNextPage"]
    assert backward == forward


async def test_equal_values_neither_repeat_nor_vanish_between_pages(office: Office) -> None:
    made = {
        (await office.enterprise.saves()).done()["number"] for _ in range(7)
    }  # all at one instant, all worth nothing
    for column in ("COMMISSIONED_AT", "TOTAL_AMOUNT"):
        found, after = [], None
        for _ in range(4):
            page = await lists(office.enterprise, orderBy={"field": column}, first=2, after=after)
            found += numbers(page)
            after = page["pageInfo"]["endCursor"]
        assert len(found) == 7
        assert set(found) == made


async def test_the_latest_come_first_unless_asked_otherwise(office: Office) -> None:
    drafts = []
    for _ in range(3):
        drafts.append((await office.enterprise.saves()).done()["number"])
        office.clock.moves(minutes=1)
    assert numbers(await lists(office.enterprise)) == drafts[::-1]


@pytest.mark.manual(65)
async def test_numbered_pages_say_from_where_to_where_and_of_how_many(busy_office: Office) -> None:
    person, found = busy_office.customs, []
    total = (await lists(person, first=0))["totalCount"]
    for size in (10, 25):
        said = []
        for offset in range(0, total, size):
            page = await lists(person, first=size, offset=offset)
            found += numbers(page)
            last = offset + len(page["nodes"])
            said.append(f"显示第 {offset + 1} 到第 {last} 条记录，总共 {page['totalCount']} 条记录")
            assert page["pageInfo"]["hasPreviousPage"] is (offset > 0)
            assert page["pageInfo"]["hasNextPage"] is (last < total)
        assert said[0] == f"显示第 1 到第 {size} 条记录，总共 {total} 条记录"
        assert said[-1].endswith(f"到第 {total} 条记录，总共 {total} 条记录")
    assert found[:total] == found[total:]
    assert len(set(found)) == total
    assert numbers(await lists(person, first=10, offset=10_000)) == []


@pytest.mark.manual(83)
async def test_the_list_shows_the_six_columns_of_the_manual(office: Office) -> None:
    await office.pending()
    query = """{ commissions { nodes {
      number consigneeName entryCustomsLabel domesticDestinationLabel productUseLabel
      institution { name } status commissionedAt
    } } }"""
    (row,) = (await office.enterprise.asks(query))["commissions"]["nodes"]
    assert row.pop("number").startswith("2026")
    assert row == {
        "consigneeName": "上海临港工程设备租赁有限公司",
        "entryCustomsLabel": "洋山港区",
        "domesticDestinationLabel": "上海市浦东新区",
        "productUseLabel": "企业自用",
        "institution": {"name": "东瀛海港机械检验株式会社"},
        "status": "PENDING",
        "commissionedAt": "2026-06-01T02:00:00Z",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": 101},
        {"first": -1},
        {"last": 101},
        {"last": -1},
        {"offset": 10_001},
        {"offset": -1},
        {"first": 1, "last": 1},
        {"offset": 1, "last": 1},
        {"after": "?"},
        {"after": ""},
        {"before": "W10"},
        {"after": "bnVsbA"},
        {"after": "游标"},
        {"after": "A" * 10_000},
    ],
    ids=str,
)
async def test_a_page_that_cannot_be_is_an_error_of_the_request(office: Office, arguments: dict[str, Any]) -> None:
    assert await office.enterprise.is_told(LISTS, **arguments) == "BAD_USER_INPUT"


async def test_a_cursor_belongs_to_its_order(office: Office) -> None:
    await office.draft()
    cursor = (await lists(office.enterprise))["pageInfo"]["endCursor"]
    assert numbers(await lists(office.enterprise, after=cursor)) == []
    for order in ({"field": "NUMBER"}, {"field": "COMMISSIONED_AT", "direction": "ASC"}):
        assert await office.enterprise.is_told(LISTS, after=cursor, orderBy=order) == "BAD_USER_INPUT"
    for together in ({"offset": 1, "after": cursor}, {"offset": 1, "before": cursor}):
        assert await office.enterprise.is_told(LISTS, **together) == "BAD_USER_INPUT"


async def test_a_forged_cursor_is_an_error_of_the_request(office: Office) -> None:
    for order, value in [
        ("COMMISSIONED_AT", "0001-01-01T00:00:00+14:00"),
        ("COMMISSIONED_AT", "2026-06-01T00:00:00"),
        ("COMMISSIONED_AT", 5),
        ("TOTAL_AMOUNT", "1e30"),
        ("TOTAL_AMOUNT", "NaN"),
        ("TOTAL_AMOUNT", None),
        ("NUMBER", "\0"),
        ("NUMBER", ["2026"]),
    ]:
        packed = json.dumps([f"{order}-", value, f"{7:032x}"]).encode()
        cursor = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
        told = await office.enterprise.is_told(LISTS, after=cursor, orderBy={"field": order})
        assert told == "BAD_USER_INPUT", (order, value)


async def test_a_page_holds_100_at_most_and_20_where_nothing_is_said(busy_office: Office) -> None:
    assert len((await lists(busy_office.customs))["nodes"]) == 20
    assert len((await lists(busy_office.customs, first=100))["nodes"]) == 100
    empty = await lists(busy_office.customs, first=0)
    assert (empty["nodes"], empty["pageInfo"]["startCursor"]) == ([], None)
    assert empty["pageInfo"]["hasNextPage"] is True


async def test_totals_of_lines_do_not_depend_on_the_page(office: Office) -> None:
    await office.draft(goodsLines=[a_line(amount="0.01")] * 3)
    (node,) = (await lists(office.enterprise))["edges"]
    assert node["node"]["totalAmount"] == "0.03"


async def test_names_beyond_a_to_z_are_found_as_they_are_written(office: Office) -> None:
    await office.draft(consigneeName="TÜV Österreich GmbH")
    query = "query Of($name: String!) { commissions(filter: {consigneeName: $name}) { totalCount } }"
    for fragment, count in (("TÜV Österreich", 1), ("Ö", 1), ("tÜv ÖSTERREICH", 1), ("ö", 0), ("tuv", 0)):
        assert (await office.enterprise.asks(query, name=fragment))["commissions"]["totalCount"] == count, fragment


async def test_a_filter_of_any_length_is_answered(office: Office) -> None:
    query = "query Of($filter: CommissionFilter!) { commissions(filter: $filter) { totalCount } }"
    for wanted in ({"consigneeName": "%" * 40_000}, {"consigneeName": "x" * 100_000}, {"status": ["DRAFT"] * 40_000}):
        assert (await office.enterprise.asks(query, filter=wanted))["commissions"]["totalCount"] == 0


@pytest.mark.parametrize("amount", ["1E-20000", "1E-999999", "1." + "1" * 20_000, [0, [1], -9999999], True, "NaN"])
async def test_a_forged_cursor_of_amounts_is_refused(office: Office, amount: Any) -> None:
    packed = json.dumps(["TOTAL_AMOUNT-", amount, "0" * 31 + "1"]).encode()
    cursor = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    query = "query Of($after: String) { commissions(after: $after, orderBy: {field: TOTAL_AMOUNT}) { nodes { id } } }"
    assert await office.enterprise.is_told(query, after=cursor) == "BAD_USER_INPUT"
