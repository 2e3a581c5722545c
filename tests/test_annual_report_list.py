"""Lists of annual reports: by year as the manual has it, every filter, order and page, and who sees which."""

import base64
from datetime import datetime
from typing import Any

import orjson
import pytest

from storage.demo.annual_reports import fill
from storage.demo.world import settle
from storage.verify import verify
from tests.annual_reports import (
    FILLED,
    GREATER_CHINA,
    TOEI,
    acts,
    draft,
    found,
    officer,
    sees,
    starts,
    submitted,
)
from tests.office import Office
from tests.papers import institution_id


@pytest.mark.manual(25)
@pytest.mark.manual(78)
async def test_an_institution_finds_its_reports_by_year_in_pages_of_ten_with_eight_columns(office: Office) -> None:
    for year in range(2013, 2026):
        office.clock.moves(minutes=1)
        await draft(office, year=year)
        await draft(office, "I02", year)
    query = """query Lists($filter: AnnualReportFilter, $offset: Int) {
      annualReports(filter: $filter, first: 10, offset: $offset) {
        totalCount
        nodes { number institution { nameZh } year status contactName contactPhone createdAt submittedAt }
      }
    }"""
    page = (await office.institution.asks(query))["annualReports"]
    assert page["totalCount"] == 13
    assert [each["year"] for each in page["nodes"]] == list(range(2025, 2015, -1))
    assert page["nodes"][0] == {
        "number": page["nodes"][0]["number"],
        "institution": {"nameZh": TOEI},
        "year": 2025,
        "status": "DRAFT",
        "contactName": None,
        "contactPhone": None,
        "createdAt": "2026-06-01T02:13:00Z",
        "submittedAt": None,
    }
    rest = (await office.institution.asks(query, offset=10))["annualReports"]["nodes"]
    assert [each["year"] for each in rest] == [2015, 2014, 2013]
    (only,) = (await office.institution.asks(query, filter={"year": 2020}))["annualReports"]["nodes"]
    assert only["year"] == 2020
    assert (await office.institution.asks(query, filter={"year": 1999}))["annualReports"]["totalCount"] == 0


async def test_customs_finds_reports_by_each_filter_and_all_together(office: Office) -> None:
    first = await submitted(office)
    second = await draft(office, "I02", 2024)
    one, two = (2025, TOEI), (2024, GREATER_CHINA)
    for wanted, expected in [
        ({}, [one, two]),
        ({"number": first["number"]}, [one]),
        ({"number": "2026"}, [one, two]),
        ({"number": "2025"}, []),
        ({"year": 2024}, [two]),
        ({"status": ["SUBMITTED"]}, [one]),
        ({"status": ["DRAFT", "SUBMITTED"]}, [one, two]),
        ({"status": []}, []),
        ({"institutionId": institution_id("I02")}, [two]),
        ({"institutionId": "commission_of_nobody"}, []),
        ({"institutionName": "大中华"}, [two]),
        ({"institutionName": "TOEI"}, [one]),
        ({"institutionName": "%"}, []),
        ({"overdue": True}, []),
        ({"year": 2024, "institutionName": "大中华", "status": ["DRAFT"], "number": second["number"]}, [two]),
        ({"year": 2025, "institutionName": "大中华"}, []),
        (dict.fromkeys(("number", "year", "status", "institutionId", "institutionName", "overdue")), [one, two]),
    ]:
        assert sorted(await found(office.customs, **wanted)) == sorted(expected), wanted


@pytest.mark.parametrize("field", ["CREATED_AT", "NUMBER", "YEAR", "DUE_ON"])
async def test_reports_are_turned_over_page_by_page_in_every_order(office: Office, field: str) -> None:
    for number, year in enumerate((2023, 2025, 2024, 2022, 2021)):
        office.clock.moves(minutes=1)
        (await starts(officer(office), "I01", year=year, dueOn=f"2026-08-{10 + number * 3 % 5}")).done()
    query = """query Turns($after: String, $field: AnnualReportOrderField!, $direction: OrderDirection) {
      annualReports(first: 2, after: $after, orderBy: {field: $field, direction: $direction}) {
        nodes { number createdAt year dueOn } pageInfo { endCursor hasNextPage }
      }
    }"""
    for direction in ("ASC", "DESC"):
        turned: list[Any] = []
        after = None
        while True:
            arguments = {"after": after, "field": field, "direction": direction}
            page = (await office.customs.asks(query, **arguments))["annualReports"]
            turned += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        name = {"CREATED_AT": "createdAt", "NUMBER": "number", "YEAR": "year", "DUE_ON": "dueOn"}[field]
        assert [each[name] for each in turned] == sorted({each[name] for each in turned}, reverse=direction == "DESC")
        assert len(turned) == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("YEAR", 2**40), ("YEAR", True), ("YEAR", "2025"), ("YEAR", None), ("DUE_ON", "gestern"), ("DUE_ON", 7)],
)
async def test_a_cursor_that_no_list_gave_out_is_an_error(office: Office, field: str, value: object) -> None:
    packed = base64.urlsafe_b64encode(orjson.dumps([f"{field}-", value, "0" * 32])).rstrip(b"=").decode()
    query = f'{{ annualReports(after: "{packed}", orderBy: {{field: {field}}}) {{ totalCount }} }}'
    assert await office.customs.is_told(query) == "BAD_USER_INPUT"


async def test_a_report_is_seen_by_customs_and_its_own_institution_alone(office: Office) -> None:
    report = await draft(office)
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    (row, _) = (await sees(office.institution, report))["byCountry"]
    (await acts(office.institution, "Submit", report)).done()
    query = """query Finds($id: ID!, $row: ID!, $number: String!) {
      report: node(id: $id) { id } row: node(id: $row) { id } annualReport(by: {number: $number}) { id }
    }"""
    for person, may in [
        (office.customs, True),
        (office.user("customs.viewer"), True),
        (office.institution_viewer, True),
        (office.other_institution, False),
        (office.enterprise, False),
    ]:
        seen = await person.asks(query, id=report["id"], row=row["id"], number=report["number"])
        assert {each is not None for each in seen.values()} == {may}
        assert await found(person) == ([(2025, TOEI)] if may else [])
    assert await office.anybody.is_told("{ annualReports { totalCount } }") == "UNAUTHENTICATED"


async def test_a_revoked_institution_still_sees_and_submits_its_report(office: Office) -> None:
    report = await draft(office)
    await office.disposes("I01", "REVOKED")
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    assert (await acts(office.institution, "Submit", report)).done()["status"] == "SUBMITTED"
    assert (await sees(office.institution, report))["institution"] == {"nameZh": TOEI, "status": "REVOKED"}


async def test_a_page_of_reports_costs_the_same_whatever_its_size(office: Office) -> None:
    (await starts(officer(office))).done()
    query = """query Costs($first: Int) { annualReports(first: $first) { nodes {
      number institution { nameZh } byCountry { country } attachments { name } availableActions { allowed }
    } } }"""
    await office.customs.asks(query, first=1)
    costs = set()
    for first in (3, 15):
        with office.statements() as sent:
            await office.customs.asks(query, first=first)
        costs.add(len(sent))
    assert len(costs) == 1


@pytest.mark.parametrize("day", ["2026-06-01", "2027-01-03", "2027-02-20", "2028-02-29", "2026-12-31"])
async def test_the_demonstration_fills_a_page_of_the_first_institution_and_leaves_some_reports_to_write(
    office: Office, day: str
) -> None:
    world = await settle(office.database, office.app.state.house.door, "")
    written = await fill(office.database, world, seed=1, now=datetime.fromisoformat(f"{day}T02:00:00+00:00"))
    assert await fill(office.database, world, seed=2) == 0
    query = "{ annualReports(first: 100) { totalCount nodes { year status overdue submittedAt dueOn createdAt } } }"
    own = (await office.institution.asks(query))["annualReports"]
    assert own["totalCount"] == len({each["year"] for each in own["nodes"]}) >= 10
    everybody = (await office.customs.asks(query))["annualReports"]
    assert everybody["totalCount"] == written
    assert {each["status"] for each in everybody["nodes"]} == {"DRAFT", "SUBMITTED"}
    assert not any(each["overdue"] and each["dueOn"] >= day for each in everybody["nodes"])
    assert max(each["submittedAt"] or each["createdAt"] for each in everybody["nodes"]) <= f"{day}T02:00:00Z"
    assert [flaw async for flaw in verify(office.database)] == []
