"""What each user has read of the notices: marks of one's own, counted, and gone when a notice says something new."""

import asyncio
from typing import Any

import pytest

from tests.office import Office
from tests.papers import Payload
from tests.person import Person
from tests.publishing import acts, officer, published

MARK = """mutation Mark($ids: [ID!]!) { noticeMarkRead(input: {ids: $ids}) {
  notices { id readAt } viewer { unreadCount } userErrors { code message field }
} }"""
MARK_ALL = "mutation All { noticeMarkAllRead { viewer { unreadCount } userErrors { code } } }"
LIST = """query Unread($unread: Boolean) { notices(filter: {unread: $unread}) {
  totalCount nodes { id titleZh readAt }
} viewer { unreadCount } }"""


async def unread(person: Person) -> int:
    """As counted, which must be what the list shows."""
    data = await person.asks(LIST, unread=True)
    assert data["viewer"]["unreadCount"] == data["notices"]["totalCount"] == len(data["notices"]["nodes"])
    assert all(each["readAt"] is None for each in data["notices"]["nodes"])
    return int(data["viewer"]["unreadCount"])


async def read(person: Person) -> list[str]:
    nodes = (await person.asks(LIST, unread=False))["notices"]["nodes"]
    assert all(each["readAt"] for each in nodes)
    return [each["titleZh"] for each in nodes]


async def marks(person: Person, *notices: Any) -> Payload:
    data = (await person.asks(MARK, ids=[each if isinstance(each, str) else each["id"] for each in notices]))[
        "noticeMarkRead"
    ]
    return Payload(data["notices"], data["userErrors"])


async def marks_all(person: Person) -> int:
    data = (await person.asks(MARK_ALL))["noticeMarkAllRead"]
    assert data["userErrors"] == []
    return int(data["viewer"]["unreadCount"])


async def test_reading_is_each_users_own(office: Office) -> None:
    first, second = [await published(officer(office), titleZh=title) for title in ("甲", "乙")]
    assert await unread(office.enterprise) == await unread(office.enterprise_viewer) == 2
    office.clock.moves(minutes=5)
    (marked,) = (await marks(office.enterprise, first)).done()
    assert marked == {"id": first["id"], "readAt": "2026-06-01T02:05:00Z"}
    assert (await unread(office.enterprise), await read(office.enterprise)) == (1, ["甲"])
    assert (await unread(office.enterprise_viewer), await read(office.enterprise_viewer)) == (2, [])
    office.clock.moves(minutes=5)
    (again,) = (await marks(office.enterprise, first, first)).done()
    assert again == marked
    (await marks(office.enterprise_viewer, first, second)).done()
    assert await unread(office.enterprise_viewer) == 0


async def test_what_workflows_send_is_counted_with_what_customs_publishes(office: Office) -> None:
    await office.pending()
    await published(officer(office), audience="INSTITUTION")
    await published(officer(office), audience="ENTERPRISE")
    assert await unread(office.institution) == 2
    assert await unread(office.other_institution) == 1
    assert await marks_all(office.institution) == 0
    await office.pending()
    assert await unread(office.institution) == 1


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_amended_notice_is_unread_again_and_a_pinned_one_is_not(office: Office, at_once: bool) -> None:
    notice = await published(officer(office))
    if at_once:
        await marks_all(office.enterprise)
    else:
        (await marks(office.enterprise, notice)).done()
    assert await unread(office.enterprise) == 0
    for mutation in ("noticePin", "noticeUnpin"):
        (await acts(officer(office), mutation, id=notice["id"])).done()
        assert await unread(office.enterprise) == 0
    (await acts(officer(office), "noticeAmend", id=notice["id"], bodyZh="改期")).done()
    assert await unread(office.enterprise) == 1
    (await marks(office.enterprise, notice)).done()
    assert await unread(office.enterprise) == 0


async def test_a_notice_taken_down_is_no_longer_counted(office: Office) -> None:
    first, second = [await published(officer(office), titleZh=title) for title in ("甲", "乙")]
    assert await unread(office.institution) == 2
    (await acts(officer(office), "noticeWithdraw", id=first["id"])).done()
    assert await unread(office.institution) == 1
    (await marks(office.institution, second)).done()
    assert await unread(office.institution) == 0
    async with office.unchanged():
        assert (await marks(office.institution, second, first)).refusals == [("NOT_FOUND", "ids.1")]


async def test_all_are_read_at_once_and_what_comes_later_is_not(office: Office) -> None:
    notices = [await published(officer(office), titleZh=f"公告{number}") for number in range(3)]
    (await marks(office.enterprise, notices[1])).done()
    office.clock.moves(minutes=1)
    assert await marks_all(office.enterprise) == 0
    assert await marks_all(office.enterprise) == 0
    assert len(await read(office.enterprise)) == 3
    await published(officer(office), titleZh="后来")
    assert await unread(office.enterprise) == 1
    assert await unread(office.enterprise_viewer) == 4


async def test_customs_counts_what_is_meant_for_customs(office: Office) -> None:
    await published(officer(office), audience="INSTITUTION")
    ours = await published(officer(office), audience="CUSTOMS")
    assert await unread(office.customs) == 1
    (await acts(officer(office), "noticeWithdraw", id=ours["id"])).done()
    assert await unread(office.customs) == 0


async def test_a_notice_that_one_may_not_see_is_not_marked_nor_any_beside_it(office: Office) -> None:
    ours, theirs = [await published(officer(office), audience=each) for each in ("ENTERPRISE", "INSTITUTION")]
    async with office.unchanged():
        refused = await marks(office.enterprise, ours, theirs, "notice_?", "commission_" + "0" * 32)
        assert refused.refusals == [("NOT_FOUND", "ids.1"), ("NOT_FOUND", "ids.2"), ("NOT_FOUND", "ids.3")]
        assert refused.subject is None
        assert (await marks(office.enterprise, *[ours] * 101)).refusals == [("TOO_MANY", "ids")]
        assert (await marks(office.enterprise)).done() == []
        assert await office.anybody.is_told(MARK, ids=[ours["id"]]) == "UNAUTHENTICATED"
        assert await office.anybody.is_told(MARK_ALL) == "UNAUTHENTICATED"


async def test_many_hands_may_mark_the_same_at_once(office: Office) -> None:
    notices = [await published(officer(office), titleZh=f"公告{number}") for number in range(4)]
    both = [marks(office.enterprise, *notices), marks_all(office.enterprise), marks(office.enterprise, *notices[::-1])]
    await asyncio.gather(*both)
    assert await unread(office.enterprise) == 0


async def test_each_action_of_one_request_is_answered_as_things_stand_after_it(office: Office) -> None:
    notice = await published(officer(office))
    query = """mutation Both($id: ID!, $body: String!) {
      read: noticeMarkRead(input: {ids: [$id]}) { notices { readAt } viewer { unreadCount } }
      amended: noticeAmend(input: {id: $id, bodyZh: $body}) { notice { readAt } }
      again: noticeMarkRead(input: {ids: [$id]}) { notices { readAt } viewer { unreadCount } }
    }"""
    data = await officer(office).asks(query, id=notice["id"], body="改期")
    assert data["read"]["notices"][0]["readAt"] is not None
    assert data["amended"]["notice"] == {"readAt": None}
    assert (data["again"]["notices"][0]["readAt"] is not None, data["again"]["viewer"]["unreadCount"]) == (True, 0)
