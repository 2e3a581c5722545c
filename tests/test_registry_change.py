"""The feed of the registry: every committed change in order, none lost and none twice however often one is cut off."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from domain.institution import Standing
from domain.party import THE_PRODUCT
from storage.demo.world import demo_id
from storage.institution import DESK
from storage.perform import Outcome, Request, Transaction
from storage.register import REGISTER
from tests.disciplining import imposes, lifts, revokes
from tests.office import Office
from tests.papers import institution_id
from tests.partners import a_program
from tests.person import Person

CHANGE = "cursor at kind institutionId filingNumber institution { id status dispositionEndsOn }"
PAGE = f"""query Page($after: String, $first: Int) {{ registryChanges(after: $after, first: $first) {{
  changes {{ {CHANGE} }} cursor hasMore latestCursor
}} }}"""
FOLLOW = f"subscription Follow($after: String) {{ registryChanged(after: $after) {{ {CHANGE} }} }}"
INSTITUTIONS = [f"I{number:02}" for number in range(3, 17)]
"""Of the demo world's, those that are in the registry."""
CHANGES = 60


async def page(person: Person, **arguments: Any) -> Any:
    return (await person.asks(PAGE, **arguments))["registryChanges"]


async def whole(person: Person, after: str | None = None, first: int = 100) -> list[Any]:
    """The feed behind a cursor, page by page."""
    found: list[Any] = []
    while True:
        part = await page(person, after=after, first=first)
        found += part["changes"]
        after = part["cursor"]
        if not part["hasMore"]:
            return found


async def written(office: Office) -> list[tuple[str, str]]:
    """What the register tells of institutions, in the order of the stream: action and subject."""
    lines = (
        select(REGISTER.c.action, REGISTER.c.subject_id)
        .where(REGISTER.c.subject_type == "institution")
        .order_by(REGISTER.c.transaction_id, REGISTER.c.id)
    )
    async with office.database.reading() as connection:
        return [(row.action, f"institution_{row.subject_id.hex}") for row in await connection.execute(lines)]


def changing(key: str) -> Request:
    return Request(form=Standing.of(disposition_ends_on=None), subject_id=demo_id(f"{key}.institution"))


async def changes(office: Office, key: str) -> None:
    """One change of an institution's status, as a disposition makes it."""
    outcome = await office.app.state.house.door.perform(DESK, "await_rectification", changing(key), THE_PRODUCT)
    assert not outcome.refusals


async def test_the_feed_tells_what_was_entered_changed_and_struck_off(office: Office) -> None:
    program = await a_program(office, "CHANGE_FEED")
    await office.settles()
    before = await whole(program)
    assert {each["kind"] for each in before} >= {"ENTERED"}
    assert [each["institutionId"] for each in before] == [subject for _, subject in await written(office)]
    start = (await page(program))["latestCursor"]
    assert start == before[-1]["cursor"]
    disposition = (await imposes(office.customs, "I05")).done()
    await office.settles()
    (first,) = await whole(program, start)
    assert (first["kind"], first["institution"]["status"], first["at"]) == (
        "STATUS_CHANGED", "NON_RECOGNITION", "2026-06-01T02:00:00Z",
    )  # fmt: skip
    (await lifts(office.customs, disposition)).done()
    (await revokes(office.customs, "I05")).done()
    await office.settles()
    found = await whole(program, start)
    assert [each["kind"] for each in found] == ["STATUS_CHANGED", "STATUS_CHANGED", "STRUCK_OFF"]
    # Each shows the institution as it is now, which is no longer there.
    assert [each["institution"] for each in found] == [None, None, None]
    assert {each["institutionId"] for each in found} == {institution_id("I05")}
    assert all(each["filingNumber"].startswith("JJD") for each in found)
    assert await whole(office.customs, start) == found


async def test_a_page_goes_on_where_the_last_one_ended(office: Office) -> None:
    program = await a_program(office, "CHANGE_FEED", ratePerMinute=600)
    everything = await whole(program)
    assert await whole(program, first=2) == everything
    last = await page(program, after=everything[-1]["cursor"])
    assert (last["changes"], last["hasMore"], last["cursor"]) == ([], False, everything[-1]["cursor"])
    for first in (0, -1, 101):
        assert await program.is_told(PAGE, first=first) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "cursor", ["", "x", "v1", "WzFd", "W10", "WzAsLTFd", "WzAsMS41XQ", "W3RydWUsMV0", "游标", "MQ" * 99]
)
async def test_a_cursor_of_nothing_is_an_error(office: Office, cursor: str) -> None:
    program = await a_program(office, "CHANGE_FEED")
    assert await program.is_told(PAGE, after=cursor) == "BAD_USER_INPUT"
    async with program.subscribes(FOLLOW, after=cursor) as heard:
        assert await heard.error() == "BAD_USER_INPUT"


async def test_followers_hear_each_change_as_it_is_committed(office: Office) -> None:
    program = await a_program(office, "CHANGE_FEED")
    async with program.subscribes(FOLLOW) as heard, office.customs.subscribes(FOLLOW) as customs:
        await heard.is_settled()
        await customs.is_settled()
        (await imposes(office.customs, "I05", endsOn="2026-09-30")).done()
        event = await heard.next()
        assert event == await customs.next()
        assert (event["kind"], event["institution"]["dispositionEndsOn"]) == ("STATUS_CHANGED", "2026-09-30")
        (await revokes(office.customs, "I06")).done()
        event = await heard.next()
        assert (event["kind"], event["institutionId"], event["institution"]) == (
            "STRUCK_OFF", institution_id("I06"), None,
        )  # fmt: skip
    assert await whole(program, event["cursor"]) == []


async def test_whoever_is_cut_off_again_and_again_loses_nothing_and_hears_nothing_twice(office: Office) -> None:
    program = await a_program(office, "CHANGE_FEED", ratePerMinute=600)
    start = (await page(program))["latestCursor"]
    before = len(await written(office))

    async def make_changes() -> None:
        pending = {asyncio.create_task(changes(office, INSTITUTIONS[n % len(INSTITUTIONS)])) for n in range(CHANGES)}
        await asyncio.gather(*pending)

    async def follow(at_once: int) -> list[Any]:
        heard: list[Any] = []
        while len(heard) < CHANGES:
            after = heard[-1]["cursor"] if heard else start
            async with program.subscribes(FOLLOW, after=after) as subscription:
                heard += [await subscription.next() for _ in range(min(at_once, CHANGES - len(heard)))]
                subscription.talk.connection.transport.abort()
        return heard

    async def read() -> list[Any]:
        found: list[Any] = []
        while len(found) < CHANGES:
            found += await whole(office.customs, found[-1]["cursor"] if found else start, first=7)
        return found

    _, *heard = await asyncio.gather(make_changes(), follow(1 + CHANGES // 8), follow(CHANGES), read())
    told = [subject for _, subject in (await written(office))[before:]]
    assert len(told) == CHANGES
    for each in heard:
        assert [event["institutionId"] for event in each] == told
        assert len({event["cursor"] for event in each}) == CHANGES
    assert await whole(office.customs, heard[0][-1]["cursor"]) == []


async def test_what_may_still_be_overtaken_is_not_told_before_it_cannot(office: Office) -> None:
    """On PostgreSQL a transaction that began first may end last; SQLite has but one at a time."""
    if office.database.is_sqlite:
        pytest.skip("one writer at a time")
    program = await a_program(office, "CHANGE_FEED")
    start = (await page(program))["latestCursor"]
    has_written, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(transaction: Transaction) -> Outcome[Any]:
        outcome = await transaction.perform(DESK, "await_rectification", changing("I05"), THE_PRODUCT)
        has_written.set()
        await may_end.wait()
        return outcome

    slow = asyncio.create_task(office.app.state.house.door.together(slowly))
    await has_written.wait()
    await changes(office, "I06")
    async with program.subscribes(FOLLOW, after=start) as heard:
        await heard.is_settled()
        waiting = await page(program, after=start)
        assert (waiting["changes"], waiting["cursor"], waiting["latestCursor"]) == ([], start, start)
        may_end.set()
        await slow
        told = [(await heard.next())["institutionId"] for _ in range(2)]
    assert told == [institution_id("I05"), institution_id("I06")]
    assert [each["institutionId"] for each in await whole(program, start)] == told
