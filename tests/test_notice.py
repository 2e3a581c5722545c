"""Notices: each action tells the other side in the manual's wording, listed and pushed, nothing lost or told twice."""

import asyncio
import re
from typing import Any

import pytest

from tests.office import Office
from tests.papers import institution_id
from tests.person import Person

NOTICES = """
query Notices($filter: NoticeFilter) {
  notices(filter: $filter) { totalCount nodes { id title type publishedAt isPinned body subject { __typename id } } }
}
"""


async def notices(person: Person, **filter: Any) -> Any:
    return (await person.asks(NOTICES, filter=filter))["notices"]["nodes"]


async def latest(person: Person) -> tuple[str, str]:
    found = (await notices(person))[0]
    return found["title"], found["body"]


def number_in(title: str) -> str:
    (number,) = re.findall("[0-9]{18}", title)
    return str(number)


ENTERPRISE = "上海浦江联合重工机械有限公司"
INSTITUTION = "东瀛海港机械检验株式会社"


@pytest.mark.manual(1)
@pytest.mark.manual(81)
async def test_each_action_tells_the_other_side_in_the_words_of_the_manual(office: Office) -> None:
    draft = await office.draft()
    number = draft["number"]
    (await office.enterprise.submits(draft)).done()
    assert await latest(office.institution) == (
        f"您有新的业务委托（委托号：{number}），请及时受理",
        f"{ENTERPRISE}委托贵机构进行装运前检验，委托号：{number}。请接受委托或退回。",
    )
    office.clock.moves(minutes=1)
    (await office.enterprise.withdraws(draft)).done()
    assert (await latest(office.institution))[0] == f"业务委托（委托号：{number}）已被企业撤回"
    office.clock.moves(minutes=1)
    (await office.enterprise.submits(draft)).done()
    (await office.institution.returns(draft, "缺少合同")).done()
    assert await latest(office.enterprise) == (
        f"您的业务委托（委托号：{number}）需补充材料",
        f"{INSTITUTION}退回了您的业务委托（委托号：{number}），退回原因：缺少合同。请修改补充后再次提交。",
    )
    office.clock.moves(minutes=1)
    (await office.enterprise.submits(draft)).done()
    (await office.institution.accepts(draft)).done()
    assert await latest(office.enterprise) == (
        f"您的业务委托（委托号：{number}）已被接受",
        f"{INSTITUTION}已接受您的业务委托（委托号：{number}），状态：受理中。",
    )
    office.clock.moves(minutes=1)
    (await office.institution.uploads(draft)).done()
    (await office.institution.completes(draft)).done()
    assert await latest(office.enterprise) == (
        f"您的业务委托（委托号：{number}）已受理完成",
        f"{INSTITUTION}已完成检验，证书编号：PSI-2026-0001，证书有效期至2027-05-31。",
    )


async def test_a_cancelled_commission_is_told_to_the_institution_that_returned_it(office: Office) -> None:
    returned = await office.returned()
    office.clock.moves(minutes=1)
    (await office.enterprise.cancels(returned)).done()
    assert (await latest(office.institution))[0] == f"业务委托（委托号：{returned['number']}）已被企业取消"
    await office.cancelled()
    assert len(await notices(office.institution)) == 2


async def test_a_moved_commission_is_told_to_its_new_institution(office: Office) -> None:
    pending = await office.pending()
    await office.disposes("I01", "REVOKED")
    (await office.enterprise.moves(pending, institution_id("I02"))).done()
    title, body = await latest(office.other_institution)
    assert title == f"您有新的业务委托（委托号：{pending['number']}），请及时受理"
    assert body == f"{ENTERPRISE}将委托号为{pending['number']}的业务委托改由贵机构检验。请接受委托或退回。"


async def test_a_notice_speaks_the_language_of_its_reader(office: Office) -> None:
    pending = await office.pending()
    number = pending["number"]
    (await office.institution.returns(pending, "缺少合同")).done()
    assert await latest(office.enterprise.in_english()) == (
        f"Your commission ({number}) was returned",
        (
            f"Toei Harbour Machinery Inspection K.K. has returned your commission {number}. "
            "Reason: 缺少合同. Mend it and submit it again."
        ),
    )
    assert (await latest(office.enterprise_viewer))[0] == f"Your commission ({number}) was returned"
    assert (await latest(office.enterprise_viewer.in_chinese()))[0] == f"您的业务委托（委托号：{number}）需补充材料"


async def test_words_that_people_typed_are_never_read_as_blanks(office: Office) -> None:
    pending = await office.pending(enterpriseName="{number} {0} {institution_zh} %s")
    assert (await latest(office.institution))[1].startswith("{number} {0} {institution_zh} %s委托贵机构")
    (await office.institution.returns(pending, "{certificate}")).done()
    assert "退回原因：{certificate}。" in (await latest(office.enterprise))[1]


@pytest.mark.manual(41)
@pytest.mark.manual(42)
async def test_notices_are_found_by_a_piece_of_their_title_and_by_their_type(office: Office) -> None:
    first, second = await office.in_progress(), await office.in_progress()
    (await office.institution.uploads(second)).done()
    (await office.institution.completes(second)).done()
    assert len(await notices(office.enterprise)) == 3
    assert [each["subject"]["id"] for each in await notices(office.enterprise, title="受理完成")] == [second["id"]]
    assert len(await notices(office.enterprise, title="ACCEPTED")) == 2
    assert len(await notices(office.enterprise, title=first["number"])) == 1
    assert await notices(office.enterprise, title="%") == []
    assert len(await notices(office.enterprise, type="COMMISSION")) == 3
    assert await notices(office.enterprise, type="FILING") == []
    assert await notices(office.enterprise, type="COMMISSION", title="年度报告") == []


@pytest.mark.manual(43)
@pytest.mark.manual(44)
async def test_a_notice_shows_its_columns_its_detail_and_what_it_is_about(office: Office) -> None:
    pending = await office.pending()
    (notice,) = await notices(office.institution)
    assert (notice["type"], notice["publishedAt"], notice["isPinned"]) == ("COMMISSION", "2026-06-01T02:00:00Z", False)
    assert notice["subject"] == {"__typename": "Commission", "id": pending["id"]}
    query = "query Detail($id: ID!) { node(id: $id) { ... on Notice { title body } } }"
    assert (await office.institution.asks(query, id=notice["id"]))["node"]["body"] == notice["body"]
    assert (await office.enterprise.asks(query, id=notice["id"]))["node"] is None
    (await office.enterprise.withdraws(pending)).done()
    assert [each["subject"] for each in await notices(office.institution)] == [None, None]


async def test_notices_are_for_the_organisation_addressed_and_nobody_else(office: Office) -> None:
    await office.in_progress()
    assert len(await notices(office.institution)) == len(await notices(office.institution_viewer)) == 1
    for stranger in (office.other_institution, office.other_enterprise, office.customs):
        assert await notices(stranger) == []
    assert await office.anybody.is_told(NOTICES) == "UNAUTHENTICATED"


async def test_a_refused_action_tells_nobody(office: Office) -> None:
    draft = await office.draft(goodsLines=[])
    assert (await office.enterprise.submits(draft)).codes
    assert await notices(office.institution) == []


# ── Over the socket ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_notice_is_pushed_as_it_is_committed(office: Office) -> None:
    draft = await office.draft()
    async with office.institution.listens() as heard, office.other_institution.listens() as stranger:
        await heard.is_settled()
        await stranger.is_settled()
        (await office.enterprise.submits(draft)).done()
        event = await heard.next()
        assert event["notice"]["title"] == f"您有新的业务委托（委托号：{draft['number']}），请及时受理"
        other = await office.draft(institutionId=institution_id("I02"))
        (await office.enterprise.submits(other)).done()
        assert other["number"] in (await stranger.next())["notice"]["title"]


async def test_after_a_cut_nothing_is_lost_and_nothing_told_twice(office: Office) -> None:
    async with office.institution.listens() as heard:
        await heard.is_settled()
        first = await office.pending()
        event = await heard.next()
        assert first["number"] in event["notice"]["title"]
    missed = [await office.pending() for _ in range(3)]
    async with office.institution.listens(after=event["cursor"]) as heard:
        events = [await heard.next() for _ in missed]
        assert [number_in(each["notice"]["title"]) for each in events] == [each["number"] for each in missed]
        live = await office.pending()
        assert live["number"] in (await heard.next())["notice"]["title"]
    async with office.institution.listens(after=events[0]["cursor"]) as heard:
        again = [await heard.next() for _ in range(3)]
        assert [each["cursor"] for each in again[:2]] == [each["cursor"] for each in events[1:]]
        assert live["number"] in again[2]["notice"]["title"]


async def test_notices_of_many_actions_at_once_each_arrive_exactly_once(office: Office) -> None:
    drafts = [await office.draft() for _ in range(12)]
    async with office.institution.listens() as heard:
        await heard.is_settled()
        await asyncio.gather(*(office.enterprise.submits(draft) for draft in drafts))
        titles = [(await heard.next())["notice"]["title"] for _ in drafts]
    assert sorted(map(number_in, titles)) == sorted(draft["number"] for draft in drafts)


@pytest.mark.parametrize("cursor", ["", "?", "v1", "W10", "游标"])
async def test_a_cursor_of_nothing_is_an_error(office: Office, cursor: str) -> None:
    async with office.institution.listens(after=cursor) as heard:
        assert await heard.error() == "BAD_USER_INPUT"


async def test_nobody_listens_without_signing_in(office: Office) -> None:
    async with office.anybody.listens() as heard:
        assert await heard.error() == "UNAUTHENTICATED"
