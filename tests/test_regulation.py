"""Regulations: customs makes them known, changes and takes them down; everybody finds and reads what is published."""

from typing import Any

import pytest

from tests.office import Office
from tests.papers import PDF
from tests.person import Person
from tests.publishing import REGULATION, a_regulation, acts, officer

LIST = f"""
query Regulations($filter: RegulationFilter, $orderBy: RegulationOrder, $first: Int, $after: String) {{
  regulations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {{
    totalCount nodes {{ {REGULATION} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
ONE = f"query One($id: ID!) {{ regulation(by: {{id: $id}}) {{ {REGULATION} }} node(id: $id) {{ id }} }}"


async def publishes(office: Office, **changes: Any) -> Any:
    return (await acts(officer(office), "regulationPublish", **a_regulation(**changes))).done()


async def titles(person: Person, **filter: Any) -> list[str]:
    found = (await person.asks(LIST, filter=filter))["regulations"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["title"] for each in found["nodes"]]


def everyone(office: Office) -> tuple[Person, ...]:
    return (office.anybody, office.enterprise, office.institution, office.customs)


@pytest.mark.manual(9)
@pytest.mark.manual(100)
async def test_what_customs_publishes_everybody_may_read(office: Office) -> None:
    regulation = await publishes(office)
    assert (regulation["status"], regulation["version"], regulation["publishedOn"]) == ("PUBLISHED", 1, "2015-11-23")
    for person in everyone(office):
        assert await titles(person.in_chinese()) == ["进口旧机电产品检验监督管理办法"]
        shown = await person.in_chinese().asks(ONE, id=regulation["id"])
        assert shown["regulation"]["body"] == "规定旧机电产品的装运前检验、口岸查验和目的地检验。"
        assert shown["node"] == {"id": regulation["id"]}


@pytest.mark.manual(49)
@pytest.mark.manual(82)
async def test_regulations_are_found_by_a_piece_of_the_title_and_by_the_day_of_issue(office: Office) -> None:
    await publishes(office, titleZh="公告一", titleEn="Notice 1", publishedOn="2021-05-18")
    await publishes(office, titleZh="公告二", titleEn=None, publishedOn="2021-05-19")
    await publishes(office, titleZh="办法", titleEn="Measures", publishedOn="2021-03-19")
    assert await titles(office.anybody) == ["公告二", "公告一", "办法"]
    assert await titles(office.anybody, title="公告") == ["公告二", "公告一"]
    assert await titles(office.anybody, title="MEASURES") == ["办法"]
    assert await titles(office.anybody, title="%") == []
    assert await titles(office.anybody, publishedFrom="2021-05-18", publishedTo="2021-05-18") == ["公告一"]
    assert await titles(office.anybody, title="公告", publishedFrom="2021-05-19") == ["公告二"]
    assert await titles(office.anybody, publishedTo="2020-12-31") == []


async def test_a_page_of_regulations_goes_on_where_the_last_one_ended(office: Office) -> None:
    for day in range(1, 6):
        await publishes(office, titleZh=f"公告{day}", publishedOn=f"2021-05-0{(day + 1) // 2}")
    for order in (None, {"field": "PUBLISHED_ON", "direction": "ASC"}, {"field": "TITLE"}):
        found, after = [], None
        for _ in range(3):
            page = (await office.anybody.asks(LIST, orderBy=order, first=2, after=after))["regulations"]
            found += [each["title"] for each in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        whole = (await office.anybody.asks(LIST, orderBy=order, first=100))["regulations"]["nodes"]
        assert found == [each["title"] for each in whole]
        assert len(set(found)) == 5


async def test_a_title_without_a_translation_is_shown_in_chinese(office: Office) -> None:
    await publishes(office, titleEn=None)
    assert await titles(office.anybody.in_english()) == ["进口旧机电产品检验监督管理办法"]
    await publishes(office, titleZh="公告", titleEn="Announcement", publishedOn="2020-01-01")
    assert (await titles(office.anybody.in_english()))[0] == "Announcement"


async def test_an_amendment_changes_what_is_given_and_keeps_the_rest(office: Office) -> None:
    regulation = await publishes(office)
    amended = (await acts(officer(office), "regulationAmend", id=regulation["id"], documentNumber=None)).done()
    assert (amended["documentNumber"], amended["titleZh"]) == (None, regulation["titleZh"])
    async with office.unchanged():
        same = await acts(officer(office), "regulationAmend", id=regulation["id"], titleZh=regulation["titleZh"])
        assert same.codes == ["NOTHING_CHANGED"]
        cleared = await acts(officer(office), "regulationAmend", id=regulation["id"], titleZh=None, bodyZh="  ")
        assert cleared.refusals == [("REQUIRED", "titleZh"), ("REQUIRED", "bodyZh")]
        stale = await acts(officer(office), "regulationAmend", id=regulation["id"], titleZh="新", expectedVersion=1)
        assert stale.refusals == [("STALE_VERSION", "expectedVersion")]


async def test_a_regulation_taken_down_is_seen_by_customs_alone(office: Office) -> None:
    regulation = await publishes(office)
    file = (await officer(office).uploads(regulation)).done()
    (await acts(officer(office), "regulationWithdraw", id=regulation["id"])).done()
    for person in (office.anybody, office.enterprise, office.institution):
        assert await titles(person) == []
        assert await titles(person, status="WITHDRAWN") == []
        assert await person.asks(ONE, id=regulation["id"]) == {"regulation": None, "node": None}
        assert (await person.downloads(file["url"])).status_code == (401 if person == office.anybody else 404)
    assert await titles(office.customs, status="WITHDRAWN") == [regulation["title"]]
    assert (await office.customs.downloads(file["url"])).content == PDF
    async with office.unchanged():
        again = await acts(officer(office), "regulationAmend", id=regulation["id"], titleZh="新")
        assert again.codes == ["WRONG_STATUS"]
        assert (await acts(office.enterprise, "regulationAmend", id=regulation["id"], titleZh="新")).codes == [
            "NOT_FOUND"
        ]


@pytest.mark.manual(49)
async def test_everybody_may_download_the_files_of_a_regulation(office: Office) -> None:
    regulation = await publishes(office)
    file = (await officer(office).uploads(regulation, PDF, "公告原文.pdf")).done()
    for person in everyone(office):
        (found,) = (await person.asks(ONE, id=regulation["id"]))["regulation"]["attachments"]
        assert found["url"] == file["url"]
        assert (await person.downloads(found["url"])).content == PDF
    async with office.unchanged():
        assert (await office.enterprise.uploads(regulation)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.enterprise.removes(file)).codes == ["NOT_YOUR_ROLE"]
    (await officer(office).removes(file)).done()
    assert (await office.anybody.downloads(file["url"])).status_code == 401


async def test_only_those_who_do_customs_daily_work_publish(office: Office) -> None:
    regulation = await publishes(office)
    async with office.unchanged():
        for person in (office.enterprise, office.institution, office.user("customs.viewer"), office.customs):
            assert (await acts(person, "regulationPublish", **a_regulation())).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "regulationAmend", id=regulation["id"], titleZh="新")).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "regulationWithdraw", id=regulation["id"])).codes == ["NOT_YOUR_ROLE"]
        mutation = (
            "mutation P($input: RegulationPublishInput!) { regulationPublish(input: $input) { userErrors { code } } }"
        )
        assert await office.anybody.is_told(mutation, input=a_regulation()) == "UNAUTHENTICATED"


async def test_a_regulation_is_not_published_with_gaps_or_from_the_future(office: Office) -> None:
    async with office.unchanged():
        empty = await acts(officer(office), "regulationPublish")
        assert empty.refusals == [("REQUIRED", "titleZh"), ("REQUIRED", "publishedOn"), ("REQUIRED", "bodyZh")]
        ahead = await acts(officer(office), "regulationPublish", **a_regulation(publishedOn="2026-06-02"))
        assert ahead.refusals == [("DATE_IN_FUTURE", "publishedOn")]
        long = await acts(officer(office), "regulationPublish", **a_regulation(titleZh="长" * 301))
        assert long.refusals == [("TOO_LONG", "titleZh")]
    (await acts(officer(office), "regulationPublish", **a_regulation(publishedOn="2026-06-01"))).done()


async def test_each_action_on_a_regulation_is_shown_as_possible_or_with_its_reason(office: Office) -> None:
    regulation = await publishes(office)
    query = """query May($id: ID!) { regulation(by: {id: $id}) {
      availableActions { action allowed refusals { code } }
    } }"""
    found = (await officer(office).asks(query, id=regulation["id"]))["regulation"]["availableActions"]
    assert {each["action"]: each["allowed"] for each in found} == {
        "regulationAmend": True,
        "regulationWithdraw": True,
        "attachmentUpload": True,
        "attachmentRemove": True,
    }
    found = (await office.anybody.asks(query, id=regulation["id"]))["regulation"]["availableActions"]
    assert {each["refusals"][0]["code"] for each in found} == {"NOT_YOUR_ROLE"}
