"""Whoever follows a commission from before its own time hears nothing of what others did with it then."""

from typing import Any

from sqlalchemy import select

from domain.commission.custody import Custody
from storage.commission import COMMISSION
from storage.commission_custody import custody_at
from storage.register import REGISTER
from tests.office import Office
from tests.papers import institution_id
from tests.person import Person


async def heard_by(person: Person, commission: Any, how_many: int, after: str = "v0") -> list[tuple[str, str, bool]]:
    """The first events from a cursor on: action, cursor, and whether the commission came along. No more must come
    before a next action, which whoever calls takes."""
    async with person.follows(commission, after) as heard:
        events = [await heard.next() for _ in range(how_many)]
    return [(each["action"], each["cursor"], each["commission"] is not None) for each in events]


SUBMIT, RETURN, SAVE = "commissionSubmit", "commissionReturn", "commissionSaveDraft"


async def test_an_institution_hears_nothing_of_the_draft_before_it_was_submitted_to_it(office: Office) -> None:
    draft = await office.draft()
    (await office.enterprise.saves(draft, remarks="企业自己的事")).done()
    (await office.enterprise.submits(draft)).done()
    (await office.institution.returns(draft)).done()
    expected = [(SUBMIT, "v3", True), (RETURN, "v4", True)]
    for cursor in ("v0", "v1", "v2"):
        assert await heard_by(office.institution, draft, 2, cursor) == expected
        assert await heard_by(office.customs, draft, 2, cursor) == expected
    own = await heard_by(office.enterprise, draft, 4)
    assert own == [(SAVE, "v1", True), (SAVE, "v2", True), *expected]


async def test_what_the_enterprise_does_after_a_withdrawal_is_its_own(office: Office) -> None:
    pending = await office.pending()
    (await office.enterprise.withdraws(pending)).done()
    (await office.enterprise.saves(pending, remarks="企业自己的事")).done()
    (await office.enterprise.submits(pending)).done()
    expected = [(SUBMIT, "v2", True), ("commissionWithdraw", "v3", False), (SUBMIT, "v5", True)]
    assert await heard_by(office.institution, pending, 3) == expected
    assert await heard_by(office.institution, pending, 2, "v2") == expected[1:]
    assert await heard_by(office.institution, pending, 1, "v4") == expected[2:]
    assert await heard_by(office.customs, pending, 3) == expected


async def test_a_commission_that_goes_to_another_institution_is_told_to_each_of_its_own_time(office: Office) -> None:
    draft = await office.returned()
    other = institution_id("I02")
    (await office.enterprise.saves(draft, institutionId=other)).done()
    (await office.enterprise.submits(draft)).done()
    (await office.other_institution.returns(draft)).done()
    assert await heard_by(office.other_institution, draft, 2) == [(SUBMIT, "v5", True), (RETURN, "v6", True)]
    everything = await heard_by(office.customs, draft, 5)
    assert [action for action, _, _ in everything] == [SUBMIT, RETURN, SAVE, SUBMIT, RETURN]


async def test_who_has_lost_a_commission_and_has_it_again_hears_nothing_of_the_time_between(office: Office) -> None:
    draft = await office.returned()
    for chosen in ("I02", "I01"):
        (await office.enterprise.saves(draft, institutionId=institution_id(chosen))).done()
        (await office.enterprise.submits(draft)).done()
        if chosen == "I02":
            (await office.other_institution.returns(draft)).done()
    expected = [
        (SUBMIT, "v2", True), (RETURN, "v3", True), (SAVE, "v4", True), (SUBMIT, "v5", False), (SUBMIT, "v8", True),
    ]  # fmt: skip
    assert await heard_by(office.institution, draft, 5) == expected


async def test_after_a_move_the_successor_hears_of_the_move_and_what_follows(office: Office) -> None:
    taken = await office.in_progress()
    await office.disposes("I01", "REVOKED")
    (await office.enterprise.moves(taken, institution_id("I02"))).done()
    (await office.other_institution.accepts(taken)).done()
    expected = [("commissionMove", "v4", True), ("commissionAccept", "v5", True)]
    assert await heard_by(office.other_institution, taken, 2) == expected


async def test_who_follows_while_it_moves_away_hears_of_that_and_no_more(office: Office) -> None:
    taken = await office.in_progress()
    async with office.institution.follows(taken, "v0") as heard:
        assert [(await heard.next())["action"] for _ in range(2)] == [SUBMIT, "commissionAccept"]
        await office.disposes("I01", "REVOKED")
        (await office.enterprise.moves(taken, institution_id("I02"))).done()
        event = await heard.next()
        assert (event["action"], event["commission"]) == ("commissionMove", None)
        (await office.other_institution.returns(taken)).done()
        (await office.enterprise.saves(taken, institutionId=institution_id("I03"))).done()
        await heard.brings_nothing()


async def test_the_lines_of_a_commission_tell_with_whom_it_lies(office: Office) -> None:
    """Held against the record, the one place where that is written."""
    await office.draft()
    await office.pending()
    (await office.enterprise.withdraws(await office.pending())).done()
    (await office.enterprise.saves(await office.returned(), institutionId=None)).done()
    elsewhere = (await office.enterprise.saves(await office.returned(), institutionId=institution_id("I02"))).done()
    (await office.enterprise.submits(elsewhere)).done()
    await office.completed()
    moved = await office.in_progress()
    await office.disposes("I01", "REVOKED")
    (await office.enterprise.moves(moved, institution_id("I02"))).done()
    c = COMMISSION.c
    async with office.database.reading() as connection:
        rows = (await connection.execute(select(c.id, c.version, c.institution_id, c.submitted_to_id))).all()
        assert (len(rows), len({row.submitted_to_id for row in rows})) == (7, 3)
        for row in rows:
            expected = Custody(row.institution_id, row.submitted_to_id)
            assert await custody_at(connection, row.id, row.version) == expected
            lines = select(REGISTER.c.action, REGISTER.c.changes).where(REGISTER.c.subject_id == row.id)
            custody = Custody()
            for line in await connection.execute(lines.order_by(REGISTER.c.version)):
                custody = custody.after(line.action, line.changes)
            assert custody == expected
