"""The list of filings as both sides see it, its six columns, and what it costs."""

from typing import Any

import pytest

from tests.conftest import ANY_COST
from tests.filings import acts, drafted, filing_of, submitted
from tests.office import Office
from tests.person import Person

LIST = """
query Filings($filter: FilingFilter, $orderBy: FilingOrder, $first: Int) {
  filings(filter: $filter, orderBy: $orderBy, first: $first) { totalCount nodes {
    applicationNumber certificateNumber nameZh previousFilingNumber status countryLabel
  } }
}
"""
OF_EVERYTHING = """
query Everything($first: Int) { filings(first: $first) { nodes {
  nameZh countryLabel legalFormLabel institution { name } availableActions { action allowed refusals { code } }
  signatories { name } departments { name } equipment { name } qualityCertificates { number } pastInspections { year }
  attachments { name } changes { status changes { label before after } filing { nameZh } }
} } }
"""


EVERYTHING_MAX = 23


async def found(person: Person, **filter: Any) -> list[str]:
    page = (await person.asks(LIST, filter=filter, first=100))["filings"]
    assert page["totalCount"] == len(page["nodes"])
    return [each["applicationNumber"] for each in page["nodes"]]


@pytest.mark.manual(50)
async def test_an_institution_finds_its_filings_with_the_six_columns_of_the_manual(office: Office) -> None:
    page = (await office.user("southerncross").in_chinese().asks(LIST, filter={"certificateNumber": "jjd2020"}))[
        "filings"
    ]
    assert page["nodes"] == [
        {
            "applicationNumber": "202000000000000001",
            "certificateNumber": "JJD2020001",
            "nameZh": "澳洲南十字商品检验有限公司",
            "previousFilingNumber": None,
            "status": "ACCEPTED",
            "countryLabel": "澳大利亚",
        }
    ]
    labels = (await office.anybody.asks('{ codeTable(name: "FILING_STATUS") { items { code label } } }'))["codeTable"]
    assert {each["code"]: each["label"] for each in labels["items"]} == {
        "DRAFT": "暂存",
        "SUBMITTED": "待审核",
        "SUPPLEMENT_REQUIRED": "补充材料",
        "ACCEPTED": "已受理",
        "REJECTED": "不予受理",
        "CANCELLED": "已取消",
    }


@pytest.mark.manual(10)
async def test_every_filter_works_alone_and_together(office: Office) -> None:
    person, customs = office.user("newcomer"), office.customs
    filing = await submitted(person, nameEn="Iberian 100% Survey")
    number = filing["applicationNumber"]
    assert await found(customs, applicationNumber=number) == [number]
    assert await found(customs, name="伊比利亚", status=["SUBMITTED"]) == [number]
    assert await found(customs, name="iberian 100%") == [number]
    assert await found(customs, name="%", status=["SUBMITTED"]) == [number]
    assert await found(customs, submittedFrom="2026-06-01") == [number]
    assert number not in await found(customs, submittedTo="2026-05-31")
    assert await found(customs, submittedFrom="2026-06-01", submittedTo="2026-06-01", status=["ACCEPTED"]) == []
    assert await found(customs, certificateNumber="JJD2019003", name="斯海尔德") == ["201900000000000003"]
    assert set(await found(person)) > {number}
    assert await found(office.enterprise) == []
    drafts = await found(person, status=["DRAFT"])
    assert len(drafts) == 1
    assert await found(customs, status=["DRAFT"]) == []


async def test_the_latest_comes_first_unless_asked_otherwise(office: Office) -> None:
    filing = await drafted(office.user("newcomer"))
    numbers = await found(office.user("newcomer"))
    assert numbers[0] == filing["applicationNumber"]
    order = {"field": "APPLICATION_NUMBER", "direction": "ASC"}
    page = (await office.customs.asks(LIST, orderBy=order, first=3))["filings"]["nodes"]
    assert [each["applicationNumber"] for each in page] == [f"2019{number:014}" for number in (1, 2, 3)]


async def test_the_demo_shows_filings_in_every_status_and_a_change_that_waits(office: Office) -> None:
    own = (await office.user("newcomer").asks(LIST))["filings"]["nodes"]
    assert {each["status"] for each in own} == {"REJECTED", "DRAFT"}
    assert len(await found(office.customs, status=["SUBMITTED"])) == 1
    (again,) = (await office.customs.asks(LIST, filter={"status": ["SUPPLEMENT_REQUIRED"]}))["filings"]["nodes"]
    assert again["previousFilingNumber"] == "JJD2019003"
    assert len(await found(office.customs, status=["ACCEPTED"])) == 17
    waiting = "{ filingChanges(filter: {status: [PENDING]}) { totalCount } }"
    assert (await office.customs.asks(waiting))["filingChanges"]["totalCount"] == 1


async def test_the_registry_says_what_the_accepted_filings_say(office: Office) -> None:
    query = """{ institutions(first: 100) { nodes {
      filingNumber nameZh nameEn registeredPlace country filedAt contactName contactPhone contactEmail
      filing {
        certificateNumber nameZh nameEn registeredAddress country decidedAt contactName contactPhone contactEmail
      }
    } } }"""
    rows = (await office.customs.asks(query))["institutions"]["nodes"]
    assert len(rows) == 17
    for row in rows:
        filing = row.pop("filing")
        assert list(row.values()) == list(filing.values())


async def test_a_list_costs_a_fixed_number_of_statements(open_office: Any) -> None:
    costs = []
    async with open_office(**ANY_COST) as office:
        for first in (19, 100):
            await office.customs.asks(OF_EVERYTHING, first=first)
            with office.statements() as sent:
                await office.customs.asks(OF_EVERYTHING, first=first)
            costs.append(len(sent))
    assert costs[0] == costs[1] <= EVERYTHING_MAX, costs


async def test_a_filing_leads_to_its_place_in_the_registry_while_it_is_there(office: Office) -> None:
    query = "query Of($id: ID!) { filing(by: {id: $id}) { institution { filingNumber } } }"
    filing = await filing_of(office, "I02")
    found = await office.other_institution.asks(query, id=filing["id"])
    assert found["filing"]["institution"] == {"filingNumber": "JJD2019002"}
    draft = (await acts(office.user("newcomer"), "filingSaveDraft")).done()
    assert (await office.user("newcomer").asks(query, id=draft["id"]))["filing"]["institution"] is None
