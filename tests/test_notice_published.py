"""Notices that customs publishes: for an audience, pinned, changed and taken down, in list, node and stream."""

from typing import Any

import pytest
from sqlalchemy import select

from storage.notice import NOTICE as NOTICE_TABLE
from storage.verify import verify
from tests.office import Office
from tests.papers import PDF
from tests.person import Person
from tests.publishing import NOTICE, a_notice, acts, officer, published

LIST = f"""
query Notices($filter: NoticeFilter, $first: Int, $after: String) {{
  notices(filter: $filter, first: $first, after: $after) {{
    totalCount nodes {{ {NOTICE} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
ONE = f"query One($id: ID!) {{ notice(by: {{id: $id}}) {{ {NOTICE} }} node(id: $id) {{ id }} }}"


async def titles(person: Person, **filter: Any) -> list[str]:
    found = (await person.asks(LIST, filter=filter))["notices"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["titleZh"] for each in found["nodes"]]


@pytest.mark.manual(5)
@pytest.mark.manual(81)
@pytest.mark.manual(100)
async def test_a_notice_reaches_the_audience_that_it_is_for_and_nobody_else(office: Office) -> None:
    people = {"INSTITUTION": office.institution, "ENTERPRISE": office.enterprise, "CUSTOMS": office.customs}
    notices = {each: await published(officer(office), titleZh=each, audience=each) for each in ("EVERYBODY", *people)}
    for kind, person in people.items():
        for audience, notice in notices.items():
            is_theirs = audience in ("EVERYBODY", kind) or kind == "CUSTOMS"
            assert (audience in await titles(person)) is is_theirs
            shown = await person.asks(ONE, id=notice["id"])
            assert (shown["notice"] is not None, shown["node"] is not None) == (is_theirs, is_theirs)
    assert await office.anybody.is_told(LIST) == "UNAUTHENTICATED"
    query = "query N($id: ID!) { node(id: $id) { id } }"
    assert (await office.anybody.asks(query, id=notices["EVERYBODY"]["id"]))["node"] is None


@pytest.mark.manual(43)
@pytest.mark.manual(44)
async def test_a_notice_shows_title_type_date_whether_it_is_pinned_and_its_text(office: Office) -> None:
    notice = await published(officer(office))
    shown = (await office.institution.in_english().asks(ONE, id=notice["id"]))["notice"]
    assert (shown["title"], shown["type"], shown["publishedAt"], shown["isPinned"]) == (
        "Maintenance",
        "SYSTEM",
        "2026-06-01T02:00:00Z",
        False,
    )
    assert shown["body"] == "周六22时起停机两小时。"


async def test_pinned_notices_stand_first_and_pages_go_on_behind_them(office: Office) -> None:
    made = []
    for number in range(5):
        made.append(await published(officer(office), titleZh=f"公告{number}"))
        office.clock.moves(minutes=1)
    for number in (1, 3):
        (await acts(officer(office), "noticePin", id=made[number]["id"])).done()
    order = ["公告3", "公告1", "公告4", "公告2", "公告0"]
    assert await titles(office.enterprise) == order
    found: list[str] = []
    page: Any = {"pageInfo": {"endCursor": None}}
    for size in (1, 2, 2):
        page = (await office.enterprise.asks(LIST, first=size, after=page["pageInfo"]["endCursor"]))["notices"]
        found += [each["titleZh"] for each in page["nodes"]]
    assert (found, page["pageInfo"]["hasNextPage"]) == (order, False)
    (await acts(officer(office), "noticeUnpin", id=made[1]["id"])).done()
    assert await titles(office.enterprise) == ["公告3", "公告4", "公告2", "公告1", "公告0"]
    async with office.unchanged():
        assert (await acts(officer(office), "noticeUnpin", id=made[1]["id"])).codes == ["NOTHING_CHANGED"]
        assert (await acts(officer(office), "noticePin", id=made[3]["id"])).codes == ["NOTHING_CHANGED"]


@pytest.mark.parametrize("cursor", ["W10", "WyJQSU5ORURfRklSU1QtIiwgMSwgMiwgM10", "?"])
async def test_a_cursor_of_another_list_is_an_error(office: Office, cursor: str) -> None:
    assert await office.enterprise.is_told(LIST, after=cursor) == "BAD_USER_INPUT"


@pytest.mark.manual(42)
async def test_notices_are_found_by_the_day_of_publication_in_china(office: Office) -> None:
    await published(officer(office), titleZh="六月一日")
    office.clock.moves(hours=14)  # 16:00 in London, midnight in China
    await published(officer(office), titleZh="六月二日")
    assert await titles(office.enterprise, publishedFrom="2026-06-02") == ["六月二日"]
    assert await titles(office.enterprise, publishedTo="2026-06-01") == ["六月一日"]
    assert await titles(office.enterprise, publishedFrom="2026-06-01", publishedTo="2026-06-02", title="二") == [
        "六月二日"
    ]
    assert len(await titles(office.enterprise, publishedFrom="0001-01-01", publishedTo="9999-12-31")) == 2
    assert await titles(office.enterprise, type="SYSTEM", publishedFrom="2026-06-03") == []


async def test_an_amended_notice_says_what_is_new_to_whom_it_is_for_now(office: Office) -> None:
    notice = await published(officer(office))
    office.clock.moves(hours=1)
    amended = (
        await acts(officer(office), "noticeAmend", id=notice["id"], titleZh="改期", audience="INSTITUTION")
    ).done()
    assert (amended["titleZh"], amended["bodyZh"] if "bodyZh" in amended else amended["body"]) == (
        "改期",
        "周六22时起停机两小时。",
    )
    assert (amended["publishedAt"], amended["amendedAt"]) == ("2026-06-01T02:00:00Z", "2026-06-01T03:00:00Z")
    assert await titles(office.institution) == ["改期"]
    assert await titles(office.enterprise) == []
    async with office.unchanged():
        assert (await acts(officer(office), "noticeAmend", id=notice["id"], titleZh="改期")).codes == [
            "NOTHING_CHANGED"
        ]
        cleared = await acts(officer(office), "noticeAmend", id=notice["id"], audience=None)
        assert cleared.refusals == [("REQUIRED", "audience")]


async def test_a_notice_taken_down_is_kept_by_customs_and_gone_for_all_others(office: Office) -> None:
    notice = await published(officer(office))
    file = (await officer(office).uploads(notice)).done()
    assert (await office.enterprise.downloads(file["url"])).content == PDF
    assert (await office.anybody.downloads(file["url"])).status_code == 401
    (await acts(officer(office), "noticeWithdraw", id=notice["id"])).done()
    assert await titles(office.enterprise) == []
    assert await office.enterprise.asks(ONE, id=notice["id"]) == {"notice": None, "node": None}
    assert (await office.enterprise.downloads(file["url"])).status_code == 404
    assert (await office.customs.asks(ONE, id=notice["id"]))["notice"]["status"] == "WITHDRAWN"
    async with office.unchanged():
        for mutation in ("noticePin", "noticeUnpin", "noticeWithdraw"):
            assert (await acts(officer(office), mutation, id=notice["id"])).codes == ["WRONG_STATUS"]


async def test_files_of_a_notice_are_for_its_audience(office: Office) -> None:
    notice = await published(officer(office), audience="INSTITUTION")
    file = (await officer(office).uploads(notice)).done()
    assert (await office.institution.downloads(file["url"])).content == PDF
    assert (await office.enterprise.downloads(file["url"])).status_code == 404
    assert (await office.institution.uploads(notice)).codes == ["NOT_YOUR_ROLE"]
    assert (await office.enterprise.uploads(notice)).codes == ["NOT_FOUND"]


async def test_only_those_who_do_customs_daily_work_publish_notices(office: Office) -> None:
    notice = await published(officer(office))
    async with office.unchanged():
        for person in (office.enterprise, office.institution, office.user("customs.viewer"), office.customs):
            assert (await acts(person, "noticePublish", **a_notice())).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "noticeAmend", id=notice["id"], titleZh="新")).codes == ["NOT_YOUR_ROLE"]
            for mutation in ("noticePin", "noticeUnpin", "noticeWithdraw"):
                assert (await acts(person, mutation, id=notice["id"])).codes == ["NOT_YOUR_ROLE"]
        empty = await acts(officer(office), "noticePublish")
        assert empty.refusals == [("REQUIRED", "titleZh"), ("REQUIRED", "bodyZh"), ("REQUIRED", "audience")]


async def test_what_a_workflow_sent_is_nobodys_to_change(office: Office) -> None:
    await office.pending()
    async with office.database.writing() as connection:
        of_commission = NOTICE_TABLE.c.subject_type == "commission"
        sent = (await connection.execute(select(NOTICE_TABLE.c.id).where(of_commission))).scalar_one()
    notice = f"notice_{sent.hex}"
    async with office.unchanged():
        for mutation, more in (("noticeAmend", {"titleZh": "新"}), ("noticePin", {}), ("noticeWithdraw", {})):
            assert (await acts(officer(office), mutation, id=notice, **more)).codes == ["NOT_FOUND"]
            assert (await acts(office.institution, mutation, id=notice, **more)).codes == ["NOT_YOUR_ROLE"]


async def test_the_register_tells_of_what_customs_published_and_is_sound(office: Office) -> None:
    await office.pending()
    notice = await published(officer(office))
    (await acts(officer(office), "noticeAmend", id=notice["id"], titleZh="改期")).done()
    (await acts(officer(office), "noticePin", id=notice["id"])).done()
    (await officer(office).uploads(notice)).done()
    assert [flaw async for flaw in verify(office.database)] == []
    async with office.database.writing() as connection:
        forged = NOTICE_TABLE.update().where(NOTICE_TABLE.c.audience.is_not(None)).values(title_zh="伪造")
        await connection.execute(forged)
    assert [flaw.subject_type async for flaw in verify(office.database)] == ["notice"]


# ── Over the socket ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_published_notice_is_pushed_to_its_audience(office: Office) -> None:
    async with office.institution.listens() as institution, office.enterprise.in_chinese().listens() as enterprise:
        await institution.is_settled()
        await enterprise.is_settled()
        await published(officer(office), titleZh="致机构", titleEn=None, audience="INSTITUTION")
        assert (await institution.next())["notice"]["title"] == "致机构"
        await published(officer(office), titleZh="致所有用户", titleEn=None)
        assert (await enterprise.next())["notice"]["title"] == "致所有用户"
        assert (await institution.next())["notice"]["title"] == "致所有用户"


async def test_an_amended_notice_is_pushed_again_and_a_pinned_one_is_not(office: Office) -> None:
    notice = await published(officer(office), titleZh="初版", titleEn=None)
    async with office.enterprise.in_chinese().listens() as heard:
        await heard.is_settled()
        (await acts(officer(office), "noticePin", id=notice["id"])).done()
        (await acts(officer(office), "noticeAmend", id=notice["id"], titleZh="改版")).done()
        event = await heard.next()
        assert event["notice"]["title"] == "改版"
    await published(officer(office), titleZh="另一条", titleEn=None)
    async with office.enterprise.in_chinese().listens(after=event["cursor"]) as heard:
        assert (await heard.next())["notice"]["title"] == "另一条"
