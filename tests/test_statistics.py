"""统计分析: the figures are those that one would count by hand from the lists, on both engines alike."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from domain.marks import CHINA
from tests.office import Office
from tests.papers import a_line, institution_id
from tests.person import Person

STATISTICS = """
query Statistics($by: [CommissionDimension!]!, $filter: CommissionFilter) {
  statistics { commissions(by: $by, filter: $filter) { isComplete rows { ...figures } total { ...figures } } }
}
fragment figures on CommissionFigures {
  keys { dimension value label } count totalAmount totalQuantity lineCount
  averageAcceptanceHours maximumAcceptanceHours averageInspectionHours maximumInspectionHours
}
"""
LIST = """
query List($filter: CommissionFilter, $after: String) {
  commissions(filter: $filter, after: $after, first: 100) {
    pageInfo { hasNextPage endCursor }
    nodes { number status productUse entryCustoms destinationCustoms institutionId totalAmount totalQuantity
      commissionedAt submittedAt acceptedAt completedAt institution { country name }
      goodsLines { hsCode amount quantity } }
  }
}
"""


async def counted(person: Person, *by: str, **filter: Any) -> Any:
    return (await person.asks(STATISTICS, by=by, filter=filter))["statistics"]["commissions"]


async def listed(person: Person, **filter: Any) -> list[Any]:
    found: list[Any] = []
    after = None
    while True:
        page = (await person.asks(LIST, filter=filter, after=after))["commissions"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def month(node: Any) -> str:
    return f"{datetime.fromisoformat(node['commissionedAt']).astimezone(CHINA):%Y-%m}"


def quarter(node: Any) -> str:
    return f"{month(node)[:4]}-Q{(int(month(node)[5:]) + 2) // 3}"


KEYS: dict[str, Callable[[Any], str | None]] = {
    "PERIOD_MONTH": month,
    "PERIOD_QUARTER": quarter,
    "PERIOD_YEAR": lambda node: month(node)[:4],
    "STATUS": lambda node: str(node["status"]),
    "PRODUCT_USE": lambda node: node["productUse"],
    "ENTRY_CUSTOMS": lambda node: node["entryCustoms"],
    "DESTINATION_CUSTOMS": lambda node: node["destinationCustoms"],
    "INSTITUTION": lambda node: node["institutionId"],
    "COUNTRY": lambda node: node["institution"] and node["institution"]["country"],
}
PAIRS = [*((name,) for name in KEYS), ("PERIOD_MONTH", "STATUS"), ("COUNTRY", "PRODUCT_USE"), ("STATUS", "INSTITUTION")]


def seconds(node: Any, start: str, end: str) -> int | None:
    if node[start] is None or node[end] is None:
        return None
    first, last = (datetime.fromisoformat(node[name]).replace(microsecond=0) for name in (start, end))
    return int((last - first).total_seconds())


def hours(some: Iterable[int | None]) -> tuple[str | None, str | None]:
    """Average and longest."""
    known = [each for each in some if each is not None]
    if not known:
        return None, None
    two = Decimal("0.01")
    return (
        str((Decimal(sum(known)) / len(known) / 3600).quantize(two, ROUND_HALF_UP)),
        str((Decimal(max(known)) / 3600).quantize(two, ROUND_HALF_UP)),
    )


def by_hand(nodes: list[Any]) -> dict[str, Any]:
    acceptance = hours(seconds(node, "submittedAt", "acceptedAt") for node in nodes)
    inspection = hours(seconds(node, "acceptedAt", "completedAt") for node in nodes)
    return {
        "count": len(nodes),
        "totalAmount": str(sum((Decimal(node["totalAmount"]) for node in nodes), Decimal("0.00"))),
        "totalQuantity": str(sum((Decimal(node["totalQuantity"]) for node in nodes), Decimal("0.0000"))),
        "lineCount": None,
        "averageAcceptanceHours": acceptance[0],
        "maximumAcceptanceHours": acceptance[1],
        "averageInspectionHours": inspection[0],
        "maximumInspectionHours": inspection[1],
    }


def figures(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "keys"}


def values(row: Any) -> tuple[str | None, ...]:
    return tuple(key["value"] for key in row["keys"])


@pytest.mark.manual(4)
@pytest.mark.manual(102)
@pytest.mark.parametrize("by", PAIRS, ids="-".join)
async def test_figures_are_those_counted_by_hand(busy_office: Office, by: tuple[str, ...]) -> None:
    for person in (busy_office.customs, busy_office.enterprise, busy_office.institution):
        nodes = await listed(person)
        groups: dict[tuple[str | None, ...], list[Any]] = defaultdict(list)
        for node in nodes:
            groups[tuple(KEYS[name](node) for name in by)].append(node)
        found = await counted(person, *by)
        assert {values(row): figures(row) for row in found["rows"]} == {
            group: by_hand(some) for group, some in groups.items()
        }
        assert figures(found["total"]) == by_hand(nodes)
        assert found["isComplete"] is True
        assert all([key["dimension"] for key in row["keys"]] == list(by) for row in found["rows"])


@pytest.mark.manual(102)
async def test_by_hs_chapter_the_amounts_are_those_of_the_goods_lines(busy_office: Office) -> None:
    nodes = await listed(busy_office.customs)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    lines: Counter[str] = Counter()
    commissions: dict[str, list[Any]] = defaultdict(list)
    for node in nodes:
        for chapter in {line["hsCode"][:2] for line in node["goodsLines"]}:
            commissions[chapter].append(node)
        for line in node["goodsLines"]:
            amounts[line["hsCode"][:2]] += Decimal(line["amount"])
            lines[line["hsCode"][:2]] += 1
    found = await counted(busy_office.customs, "HS_CHAPTER")
    assert {values(row)[0]: (row["count"], Decimal(row["totalAmount"]), row["lineCount"]) for row in found["rows"]} == {
        chapter: (len(commissions[chapter]), amounts[chapter], lines[chapter]) for chapter in amounts
    }
    for row in found["rows"]:
        assert row["averageInspectionHours"] == by_hand(commissions[values(row)[0] or ""])["averageInspectionHours"]
    assert figures(found["total"]) == by_hand(nodes) | {"lineCount": lines.total()}


async def test_one_chapter_alone_counts_its_own_goods_lines(office: Office) -> None:
    await office.pending(goodsLines=[a_line(amount="1.10"), a_line(amount="2.20"), a_line(hsCode="8502131000")])
    await office.draft(goodsLines=[a_line(hsCode=None, amount="5.00")])
    await office.draft(goodsLines=[])
    everything = await counted(office.enterprise, "HS_CHAPTER")
    assert [(values(row), row["count"], row["lineCount"], row["totalAmount"]) for row in everything["rows"]] == [
        ((None,), 2, 1, "5.00"),
        (("84",), 1, 2, "3.30"),
        (("85",), 1, 1, "96000.00"),
    ]
    assert [row["keys"][0]["label"] for row in everything["rows"]] == ["未填写", "第84章", "第85章"]
    assert (everything["total"]["count"], everything["total"]["lineCount"]) == (3, 4)
    alone = await counted(office.enterprise, "HS_CHAPTER", hsChapter="84")
    assert [(values(row), row["lineCount"]) for row in alone["rows"]] == [(("84",), 2)]
    assert figures(alone["rows"][0]) == figures(alone["total"])


FILTERS: list[dict[str, Any]] = [
    {"status": ["PENDING", "COMPLETED"]},
    {"institutionId": institution_id("I01")},
    {"country": "JP"},
    {"country": "XX"},
    {"hsChapter": "84"},
    {"hsChapter": "8429"},
    {"hsChapter": "01"},
    {"productUse": "OWN_USE"},
    {"entryCustoms": "2248", "consigneeName": "机械"},
    {"commissionedFrom": "2026-01-01", "commissionedTo": "2026-06-30"},
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
async def test_a_filter_counts_what_the_list_with_the_same_filter_has(
    busy_office: Office, wanted: dict[str, Any]
) -> None:
    query = "query Count($filter: CommissionFilter) { commissions(filter: $filter, first: 0) { totalCount } }"
    for person in (busy_office.customs, busy_office.enterprise, busy_office.institution):
        total = (await person.asks(query, filter=wanted))["commissions"]["totalCount"]
        found = await counted(person, "STATUS", **wanted)
        assert found["total"]["count"] == total == sum(row["count"] for row in found["rows"])


async def test_each_counts_only_what_concerns_it(office: Office) -> None:
    await office.pending()
    await office.draft()
    for person, count in (
        (office.enterprise, 2),
        (office.enterprise_viewer, 2),
        (office.institution, 1),
        (office.customs, 1),
        (office.other_enterprise, 0),
        (office.other_institution, 0),
    ):
        found = await counted(person)
        assert found["total"]["count"] == count
        assert [row["count"] for row in found["rows"]] == [count]
        assert sum(row["count"] for row in (await counted(person, "STATUS"))["rows"]) == count


async def test_nobody_is_told_figures_without_signing_in(office: Office) -> None:
    assert await office.anybody.is_told("{ statistics { notices(by: []) { total { count } } } }") == "UNAUTHENTICATED"
    public = "{ statistics { institutions(by: [STATUS]) { total { count } } } }"
    assert await office.anybody.is_told(public) == "UNAUTHENTICATED"


async def test_months_begin_at_midnight_in_china(office: Office) -> None:
    office.clock.now = datetime(2026, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    await office.draft()
    office.clock.now += timedelta(microseconds=1)
    await office.draft()
    for dimension, labels in (
        ("PERIOD_MONTH", [("2026-12", "2026年12月", "2026-12"), ("2027-01", "2027年1月", "2027-01")]),
        ("PERIOD_QUARTER", [("2026-Q4", "2026年第4季度", "Q4 2026"), ("2027-Q1", "2027年第1季度", "Q1 2027")]),
        ("PERIOD_YEAR", [("2026", "2026年", "2026"), ("2027", "2027年", "2027")]),
    ):
        chinese = (await counted(office.enterprise.in_chinese(), dimension))["rows"]
        english = (await counted(office.enterprise.in_english(), dimension))["rows"]
        assert [
            (zh["keys"][0]["value"], zh["keys"][0]["label"], en["keys"][0]["label"])
            for zh, en in zip(chinese, english, strict=True)
        ] == labels


async def test_hours_are_counted_from_submission_and_from_acceptance(office: Office) -> None:
    commission = await office.pending()
    office.clock.moves(hours=1, minutes=30)
    await office.institution.accepts(commission)
    (await office.institution.uploads(commission)).done()
    office.clock.moves(hours=10)
    (await office.institution.completes(commission, certificateNumber="A-1")).done()
    await office.in_progress()
    total = (await counted(office.customs))["total"]
    assert (total["averageAcceptanceHours"], total["maximumAcceptanceHours"]) == ("0.75", "1.50")
    assert (total["averageInspectionHours"], total["maximumInspectionHours"]) == ("10.00", "10.00")


async def test_rows_come_in_time_order_and_then_by_what_there_is_most_of(busy_office: Office) -> None:
    rows = (await counted(busy_office.customs, "STATUS", "PERIOD_QUARTER"))["rows"]
    order = [(values(row)[1], -row["count"], values(row)[0]) for row in rows]
    assert order == sorted(order)
    rows = (await counted(busy_office.customs, "INSTITUTION"))["rows"]
    assert [row["count"] for row in rows] == sorted((row["count"] for row in rows), reverse=True)


async def test_sums_beyond_64_bits_are_exact(office: Office) -> None:
    lines = [a_line(quantity="99999999999.9999", amount="9999999999999.99")] * 500
    for _ in range(21):
        (await office.enterprise.saves(goodsLines=lines)).done()
    total = (await counted(office.enterprise))["total"]
    assert total["totalAmount"] == str(Decimal("9999999999999.99") * 500 * 21)
    assert total["totalQuantity"] == str(Decimal("99999999999.9999") * 500 * 21)
    (row,) = (await counted(office.enterprise, "HS_CHAPTER"))["rows"]
    assert row["totalAmount"] == total["totalAmount"]


@pytest.mark.parametrize("by", [["STATUS", "COUNTRY", "INSTITUTION"], ["STATUS", "STATUS"]], ids=str)
async def test_more_than_two_dimensions_or_one_twice_are_refused(office: Office, by: list[str]) -> None:
    assert await office.customs.is_told(STATISTICS, by=by) == "BAD_USER_INPUT"


async def test_labels_are_those_of_the_viewer_s_language(busy_office: Office) -> None:
    (row,) = (await counted(busy_office.customs.in_english(), "STATUS", "COUNTRY", status="PENDING", country="JP"))[
        "rows"
    ]
    assert row["keys"] == [
        {"dimension": "STATUS", "value": "PENDING", "label": "Pending"},
        {"dimension": "COUNTRY", "value": "JP", "label": "Japan"},
    ]
    rows = (await counted(busy_office.customs, "INSTITUTION", institutionId=institution_id("I01")))["rows"]
    assert [row["keys"][0]["label"] for row in rows] == ["东瀛海港机械检验株式会社"]


async def test_a_field_of_figures_costs_a_fixed_number_of_statements(busy_office: Office) -> None:
    await counted(busy_office.customs, "STATUS", "INSTITUTION")
    for by, most in (((), 3), (("PERIOD_MONTH", "STATUS"), 3), (("INSTITUTION", "ENTRY_CUSTOMS"), 5)):
        costs = set()
        for status in ("PENDING", "COMPLETED"):
            with busy_office.statements() as sent:
                await counted(busy_office.customs, *by, status=[status])
            costs.add(len(sent))
        assert len(costs) == 1, by
        assert costs.pop() <= most, by


@pytest.mark.manual(4)
async def test_other_lists_are_counted_by_the_same_means(busy_office: Office) -> None:
    query = """query Others($filter: InstitutionFilter) {
      institutions(filter: $filter, first: 100) { nodes { status country } }
      notices(first: 100) { totalCount nodes { type } }
      statistics {
        institutions(filter: $filter, by: [STATUS, COUNTRY]) {
          rows { keys { value } count } total { count keys { value } }
        }
        notices(by: [TYPE]) { rows { keys { value } count } total { count } }
      }
    }"""
    for wanted in ({}, {"mayBeCommissioned": True}):
        data = await busy_office.customs.asks(query, filter=wanted)
        nodes, found = data["institutions"]["nodes"], data["statistics"]["institutions"]
        by_status = Counter((node["status"], node["country"]) for node in nodes)
        assert {values(row): row["count"] for row in found["rows"]} == by_status
        assert found["total"] == {"count": len(nodes), "keys": []}
    await busy_office.enterprise.submits(await busy_office.draft())
    data = await busy_office.institution.asks(query)
    by_type = Counter((node["type"],) for node in data["notices"]["nodes"])
    found = data["statistics"]["notices"]
    assert {values(row): row["count"] for row in found["rows"]} == by_type
    assert found["total"]["count"] == data["notices"]["totalCount"] == by_type.total() > 0


OUTCOMES = """
{ statistics {
  filings(by: [STATUS]) { rows { keys { value label } count } total { count } }
  filingChanges(by: [STATUS]) { total { count } }
  qualityIssues(by: [STATUS, SEVERITY]) { rows { keys { value } count } total { count } }
  checks(by: [TYPE, STATUS]) { rows { keys { value } count } total { count } }
  dispositions(by: [TYPE]) { rows { keys { value label } count } total { count } }
  annualReports(by: [STATUS]) { rows { keys { value } count } total { count } }
} }
"""


@pytest.mark.manual(102)
async def test_filings_and_what_follows_from_them_are_counted_by_outcome(office: Office) -> None:
    for person in (office.customs, office.institution):
        figures = (await person.in_chinese().asks(OUTCOMES))["statistics"]
        for name, counted_ in figures.items():
            total = (await person.asks(f"{{ {name} {{ totalCount }} }}"))[name]["totalCount"]
            assert counted_["total"]["count"] == total, name
            if "rows" in counted_:
                assert sum(row["count"] for row in counted_["rows"]) == total, name
    seen_by_customs = (await office.customs.in_chinese().asks(OUTCOMES))["statistics"]
    kinds = {row["keys"][0]["value"]: row["keys"][0]["label"] for row in seen_by_customs["dispositions"]["rows"]}
    assert kinds["REVOCATION"] == "撤销备案"
    assert seen_by_customs["filings"]["total"]["count"] > 10
