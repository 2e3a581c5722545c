"""Following a commission: both sides get each change pushed, resume after a cut, and leave without a trace."""

import asyncio
from contextlib import AsyncExitStack
from time import perf_counter

import pytest

from tests.office import Office

SUBSCRIBERS = 200
LEAVING = 100
SHUTDOWN_SECONDS_MAX = 5


@pytest.mark.manual(93)
async def test_both_sides_get_each_change_pushed_to_them(office: Office) -> None:
    pending = await office.pending()
    after = f"v{pending['version']}"
    async with (
        office.enterprise.follows(pending, after) as enterprise,
        office.institution.follows(pending, after) as institution,
        office.customs.follows(pending, after) as customs,
    ):
        heard = (enterprise, institution, customs)
        (await office.institution.accepts(pending)).done()
        for each in heard:
            event = await each.next()
            assert (event["action"], event["at"]) == ("commissionAccept", "2026-06-01T02:00:00Z")
            assert event["commission"]["status"] == "IN_PROGRESS"
        (await office.institution.uploads(pending)).done()
        (await office.institution.completes(pending)).done()
        for each in heard:
            events = [await each.next(), await each.next()]
            assert [event["action"] for event in events] == ["attachmentUpload", "commissionComplete"]
            assert events[1]["commission"]["status"] == "COMPLETED"


async def test_without_a_cursor_only_news_is_told(office: Office) -> None:
    pending = await office.pending()
    async with office.enterprise.follows(pending) as heard:
        await heard.is_settled()
        (await office.institution.returns(pending, "缺少合同")).done()
        event = await heard.next()
        assert event["action"] == "commissionReturn"
        assert event["commission"]["returnReason"] == "缺少合同"


async def test_after_a_cut_each_change_is_told_once_and_in_order(office: Office) -> None:
    draft = await office.draft()
    async with office.enterprise.follows(draft, "v0") as heard:
        first = await heard.next()
        assert (first["action"], first["cursor"]) == ("commissionSaveDraft", "v1")
    (await office.enterprise.submits(draft)).done()
    (await office.institution.returns(draft)).done()
    async with office.enterprise.follows(draft, first["cursor"]) as heard:
        missed = [await heard.next(), await heard.next()]
        assert [each["action"] for each in missed] == ["commissionSubmit", "commissionReturn"]
        (await office.enterprise.submits(draft)).done()
        live = await heard.next()
        assert (live["action"], live["cursor"]) == ("commissionSubmit", "v4")
    async with office.enterprise.follows(draft, missed[0]["cursor"]) as heard:
        assert [(await heard.next())["cursor"] for _ in range(2)] == ["v3", "v4"]


async def test_a_withdrawn_commission_vanishes_and_comes_back_when_it_is_submitted_again(office: Office) -> None:
    pending = await office.pending()
    async with office.institution.follows(pending, f"v{pending['version']}") as heard:
        # Or it may be gone before the institution is first looked at.
        await heard.is_settled()
        (await office.enterprise.withdraws(pending)).done()
        event = await heard.next()
        assert (event["action"], event["commission"]) == ("commissionWithdraw", None)
        (await office.enterprise.saves(pending, remarks="企业自己的事")).done()
        (await office.enterprise.submits(pending)).done()
        event = await heard.next()
        assert (event["action"], event["commission"]["status"]) == ("commissionSubmit", "PENDING")


async def test_refused_actions_are_no_changes(office: Office) -> None:
    pending = await office.pending()
    async with office.enterprise.follows(pending, f"v{pending['version']}") as heard:
        assert (await office.institution.returns(pending, None)).codes
        assert (await office.enterprise.submits(pending)).codes
        (await office.institution.accepts(pending)).done()
        assert (await heard.next())["action"] == "commissionAccept"


@pytest.mark.parametrize("cursor", ["", "v", "1", "v-1", "v1.5", "v9999999999", "v①", "游标"])
async def test_a_cursor_of_nothing_is_an_error(office: Office, cursor: str) -> None:
    draft = await office.draft()
    async with office.enterprise.follows(draft, cursor) as heard:
        assert await heard.error() == "BAD_USER_INPUT"


async def test_nobody_follows_without_signing_in(office: Office) -> None:
    draft = await office.draft()
    async with office.anybody.follows(draft) as heard:
        assert await heard.error() == "UNAUTHENTICATED"


async def test_two_hundred_followers_hear_of_it_at_once(office: Office) -> None:
    pending = await office.pending()
    async with AsyncExitStack() as stack:
        people = (office.enterprise, office.institution)
        after = f"v{pending['version']}"
        heard = [await stack.enter_async_context(people[n % 2].follows(pending, after)) for n in range(SUBSCRIBERS)]
        (await office.institution.accepts(pending)).done()
        events = await asyncio.gather(*(each.next() for each in heard))
    assert {(event["action"], event["commission"]["status"]) for event in events} == {
        ("commissionAccept", "IN_PROGRESS")
    }


async def test_when_a_hundred_leave_at_once_the_product_still_answers_and_stops_quickly(office: Office) -> None:
    pending = await office.pending()
    async with AsyncExitStack() as stack:
        after = f"v{pending['version']}"
        heard = [await stack.enter_async_context(office.enterprise.follows(pending, after)) for _ in range(LEAVING)]
        accepting = asyncio.create_task(office.institution.accepts(pending))
        for each in heard:
            each.talk.connection.transport.abort()
        (await accepting).done()
    assert (await office.enterprise.sees(pending))["status"] == "IN_PROGRESS"
    began = perf_counter()
    await office.leaves()
    assert perf_counter() - began < SHUTDOWN_SECONDS_MAX


async def test_a_cursor_beyond_the_present_is_refused(office: Office) -> None:
    draft = await office.draft()
    async with office.enterprise.follows(draft, "v999999999") as heard:
        assert await heard.error() == "BAD_USER_INPUT"
