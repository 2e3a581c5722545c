"""Actions that one user takes on many records at once are carried out in few transactions, and each for itself."""

import asyncio
from uuid import UUID

from sqlalchemy import and_, select

from storage.desks import DESKS
from storage.register import REGISTER
from storage.verify import verify
from tests.office import Office

COUNT = 9
UNREAD = "{ viewer { unreadCount } }"


async def test_all_that_is_accepted_at_once_is_accepted_and_told_of_each_for_itself(office: Office) -> None:
    pending = [await office.pending() for _ in range(COUNT)]
    returned = await office.returned()
    before = (await office.enterprise.asks(UNREAD))["viewer"]["unreadCount"]
    first, second, *others = pending
    results = await asyncio.gather(
        *(office.institution.accepts(each) for each in (first, second, returned)),
        office.institution.accepts(second),
        *(office.institution.accepts(each) for each in others),
        office.institution.accepts({"id": "commission_" + "0" * 32}),
    )
    codes = [result.codes for result in results]
    assert codes[2] == ["WRONG_STATUS"]
    assert sorted([codes[1], codes[3]]) == [[], ["WRONG_STATUS"]]
    assert codes[-1] == ["NOT_FOUND"]
    assert [codes[0], *codes[4:-1]] == [[]] * (COUNT - 1)
    for result, commission in zip((results[0], *results[4:-1]), (first, *others), strict=True):
        accepted = result.done()
        assert (accepted["id"], accepted["status"]) == (commission["id"], "IN_PROGRESS")
        assert accepted["version"] == commission["version"] + 1
    assert (await office.enterprise.asks(UNREAD))["viewer"]["unreadCount"] == before + COUNT
    assert [flaw async for flaw in verify(office.database)] == []
    async with office.database.reading() as connection:
        ids = [UUID(each["id"].rpartition("_")[2]) for each in pending]
        accepted_at_once = and_(REGISTER.c.action == "accept", REGISTER.c.subject_id.in_(ids))
        wanted = select(REGISTER.c.transaction_id).where(accepted_at_once)
        transactions = (await connection.execute(wanted)).scalars().all()
    assert len(transactions) == COUNT
    assert len(set(transactions)) < COUNT // 2


def test_actions_go_together_only_where_each_is_weighed_for_itself() -> None:
    together = [(desk, each) for desk in DESKS.values() for each in desk.workflow.actions if each.goes_together]
    assert {each.name for _, each in together} >= {"submit", "accept"}
    for desk, each in together:
        assert not any((each.creates, each.leads_to, each.is_the_products_own)), each.name
        assert each.name not in desk.draws, each.name
        assert each.name not in (desk.due or {}), each.name
