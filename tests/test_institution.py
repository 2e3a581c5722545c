"""The registry of inspection institutions, open to everybody: by name or number, with any disposition and its end."""

from datetime import date
from typing import Any

import pytest

from tests.office import Office
from tests.papers import institution_id

INSTITUTIONS = """
query Institutions($filter: InstitutionFilter, $first: Int) {
  institutions(filter: $filter, first: $first) {
    totalCount
    nodes { id filingNumber name nameZh nameEn registeredPlace countryLabel status dispositionEndsOn filedAt }
  }
}
"""


async def found(office: Office, person: Any = None, **filter: Any) -> list[str]:
    data = await (person or office.anybody).asks(INSTITUTIONS, filter=filter, first=100)
    page = data["institutions"]
    assert page["totalCount"] == len(page["nodes"])
    return [each["filingNumber"] for each in page["nodes"]]


@pytest.mark.manual(8)
@pytest.mark.manual(47)
@pytest.mark.manual(82)
async def test_an_institution_is_found_by_a_piece_of_its_name_or_the_beginning_of_its_number(office: Office) -> None:
    assert await found(office, name="东瀛") == ["JJD2019001"]
    assert await found(office, name="toei HARBOUR") == ["JJD2019001"]
    assert await found(office, filingNumber="JJD2020") == ["JJD2020003", "JJD2020002", "JJD2020001"]
    assert await found(office, filingNumber=" jjd2019001 ") == ["JJD2019001"]
    assert await found(office, filingNumber="2019001") == []
    assert await found(office, name="东瀛", filingNumber="JJD2020") == []
    assert await found(office, country="HK") == ["JJD2019002"]
    for sign in ("%", "_"):
        assert await found(office, name=sign) == []


@pytest.mark.manual(47)
async def test_the_registry_shows_the_five_columns_of_the_manual(office: Office) -> None:
    data = await office.anybody.asks(INSTITUTIONS, filter={"filingNumber": "JJD2019002"})
    (row,) = data["institutions"]["nodes"]
    assert (row["filingNumber"], row["name"], row["registeredPlace"], row["status"], row["filedAt"]) == (
        "JJD2019002",
        "大中华检验认证（香港）有限公司",
        "香港薄扶林",
        "NORMAL",
        "2019-04-02T07:07:39Z",
    )
    english = await office.anybody.in_english().asks(INSTITUTIONS, filter={"filingNumber": "JJD2019002"})
    (row,) = english["institutions"]["nodes"]
    assert row["name"] == row["nameEn"] == "Greater China Inspection and Certification (Hong Kong) Limited"


@pytest.mark.manual(48)
async def test_a_disposition_is_shown_with_its_end(office: Office) -> None:
    await office.disposes("I12", "NON_RECOGNITION", date(2026, 12, 31))
    data = await office.anybody.asks(INSTITUTIONS, filter={"filingNumber": "JJD2024001"})
    (row,) = data["institutions"]["nodes"]
    assert (row["status"], row["dispositionEndsOn"]) == ("NON_RECOGNITION", "2026-12-31")
    assert await found(office, status="NON_RECOGNITION") == ["JJD2024001"]
    assert await found(office, status="RECTIFICATION") == ["JJD2022002"]
    labels = await office.anybody.asks('{ codeTable(name: "INSTITUTION_STATUS") { items { code label } } }')
    assert {each["code"]: each["label"] for each in labels["codeTable"]["items"]} == {
        "NORMAL": "正常",
        "NON_RECOGNITION": "不予认可",
        "RECTIFICATION": "限期整改",
        "REVOKED": "撤销备案",
    }


async def test_a_revoked_institution_is_in_no_public_registry(office: Office) -> None:
    assert len(await found(office)) == 16
    for person in (office.anybody, office.enterprise, office.institution, office.user("schelde")):
        assert await found(office, person, filingNumber="JJD2019003") == []
        assert await found(office, person, status="REVOKED") == []
    assert await found(office, office.customs, status="REVOKED") == ["JJD2019003"]
    query = "query Node($id: ID!) { node(id: $id) { id } }"
    for stranger in (office.anybody, office.enterprise, office.institution):
        assert (await stranger.asks(query, id=institution_id("I17")))["node"] is None
    for acquainted in (office.customs, office.user("schelde")):
        assert (await acquainted.asks(query, id=institution_id("I17")))["node"] is not None


async def test_the_latest_filing_comes_first(office: Office) -> None:
    numbers = await found(office)
    assert (numbers[0], numbers[-1]) == ("JJD2026001", "JJD2019001")


async def test_an_enterprise_still_sees_the_revoked_institution_that_it_commissioned(office: Office) -> None:
    pending = await office.pending()
    await office.disposes("I01", "REVOKED")
    query = "query Of($id: ID!) { commission(by: {id: $id}) { institutionId institution { name status } } }"
    shown = (await office.enterprise.asks(query, id=pending["id"]))["commission"]
    assert shown["institutionId"] == institution_id("I01")
    assert shown["institution"]["status"] == "REVOKED"
    node = "query Node($id: ID!) { node(id: $id) { id } }"
    assert (await office.enterprise.asks(node, id=institution_id("I01")))["node"] is not None
    assert (await office.other_enterprise.asks(node, id=institution_id("I01")))["node"] is None
    assert await found(office, office.enterprise, status="REVOKED") == []


async def test_contacts_are_for_those_who_are_signed_in(office: Office) -> None:
    query = "{ institutions(first: 1) { nodes { contactName contactPhone contactEmail } } }"
    (shown,) = (await office.enterprise.asks(query))["institutions"]["nodes"]
    assert all(shown.values())
    (hidden,) = (await office.anybody.asks(query))["institutions"]["nodes"]
    assert set(hidden.values()) == {None}
