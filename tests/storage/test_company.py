"""What one user wants of several records at once goes together, and each is answered for itself."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from domain.party import ANONYMOUS, Viewer
from domain.record import Form
from domain.refusal import Refusal, RefusalCode, refusal
from storage.commission import DESK
from storage.company import OPEN_MAX, RECORDS_MAX, Company
from storage.database import DatabaseAway
from storage.hand import NOT_FOUND, Outcome, Request

REFUSED = refusal(RefusalCode.WRONG_STATUS, zh="不可", en="No.")


class Work:
    """Carries out all or nothing, when it is let; what it was given is noted."""

    def __init__(self, writers: int = OPEN_MAX + 1) -> None:
        self.company = Company(self.perform_all, writers)
        self.done: list[list[int]] = []
        self.refused: dict[int, Refusal] = {}
        self.failing: dict[int, Exception] = {}
        self.may_go = asyncio.Event()

    async def perform_all(
        self, desk: Any, action_name: str, requests: Sequence[Request], actor: Viewer
    ) -> list[Outcome[Any]]:
        numbers = [each.subject_id.int for each in requests if each.subject_id is not None]
        self.done.append(numbers)
        await self.may_go.wait()
        for each in numbers:
            if each in self.failing:
                raise self.failing[each]
        return [Outcome(None, (self.refused[each],) if each in self.refused else ()) for each in numbers]

    def wants(self, number: int, actor: Viewer = ANONYMOUS, action: str = "accept") -> "asyncio.Task[Outcome[Any]]":
        request = Request(form=Form(), subject_id=UUID(int=number))
        return asyncio.create_task(self.company.perform(DESK, action, request, actor))

    async def lets_go(self, first: "asyncio.Task[Outcome[Any]]") -> None:
        """The first ends; those who have come meanwhile begin, and go no further."""
        await asyncio.sleep(0)
        self.may_go.set()
        self.may_go.clear()
        await first

    async def all_of(self, *numbers: int) -> list[Any]:
        """What came of each that was wanted at once: refusals, or a failure."""
        tasks = [self.wants(each) for each in numbers]
        await asyncio.sleep(0)
        self.may_go.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        return [each if isinstance(each, BaseException) else each.refusals for each in found]


async def test_who_comes_alone_goes_at_once_and_who_comes_meanwhile_goes_together() -> None:
    work = Work()
    assert await work.all_of(*range(5)) == [()] * 5
    assert work.done == [[0], [1, 2, 3, 4]]
    assert await work.all_of(5) == [()]
    assert work.done[-1] == [5]
    assert not work.company._kinds


async def test_a_full_company_goes_beside_the_others_and_fewer_do_not() -> None:
    work = Work()
    tasks = [work.wants(each) for each in range(RECORDS_MAX)]
    await goes_on()
    assert work.done == [[0]]
    tasks.append(work.wants(RECORDS_MAX))
    await goes_on()
    assert work.done == [[0], [*range(1, 1 + RECORDS_MAX)]]
    # However long they take, there are no more than a few.
    tasks += [work.wants(1 + RECORDS_MAX + each) for each in range(3 * RECORDS_MAX)]
    await goes_on()
    assert [len(each) for each in work.done] == [1, RECORDS_MAX, RECORDS_MAX]
    assert len(work.done) == OPEN_MAX
    assert not any(each.done() for each in tasks)
    work.may_go.set()
    assert [each.refusals for each in await asyncio.gather(*tasks)] == [()] * (1 + 4 * RECORDS_MAX)
    assert [len(each) for each in work.done] == [1, *[RECORDS_MAX] * 4]
    assert not work.company._kinds


@pytest.mark.parametrize(("writers", "open_at_most"), [(1, 1), (2, 1), (3, 2), (20, OPEN_MAX)])
async def test_one_action_of_one_user_takes_not_all_connections_that_write(writers: int, open_at_most: int) -> None:
    work = Work(writers)
    tasks = [work.wants(each) for each in range(1 + 5 * RECORDS_MAX)]
    await goes_on()
    assert len(work.done) == open_at_most
    work.may_go.set()
    await asyncio.gather(*tasks)


async def test_who_wants_what_is_under_way_waits_until_it_is_over() -> None:
    work = Work()
    tasks = [work.wants(each) for each in range(1 + RECORDS_MAX)]
    await goes_on()
    again = [work.wants(each) for each in range(1 + RECORDS_MAX)]
    await goes_on()
    assert work.done == [[0], [*range(1, 1 + RECORDS_MAX)]]
    work.may_go.set()
    assert [each.refusals for each in await asyncio.gather(*tasks, *again)] == [()] * len(2 * tasks)
    assert sorted(n for some in work.done for n in some) == sorted(2 * [*range(1 + RECORDS_MAX)])
    assert not work.company._kinds


async def test_who_has_gone_fills_no_company_nor_does_who_wants_the_same() -> None:
    work = Work()
    first, *gone = [work.wants(each) for each in range(RECORDS_MAX)]
    await goes_on()
    for each in gone:
        each.cancel()
    last = [work.wants(RECORDS_MAX) for _ in range(RECORDS_MAX + 1)]
    await goes_on()
    assert work.done == [[0]]
    work.may_go.set()
    assert [each.refusals for each in await asyncio.gather(first, *last)] == [()] * (RECORDS_MAX + 2)
    assert work.done == [[0], *[[RECORDS_MAX]] * (RECORDS_MAX + 1)]


async def goes_on() -> None:
    """Whatever waits for nothing else has been done."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_go_together_than_may() -> None:
    work = Work()
    assert await work.all_of(*range(1 + RECORDS_MAX + 3)) == [()] * (1 + RECORDS_MAX + 3)
    assert [len(each) for each in work.done] == [1, RECORDS_MAX, 3]


async def test_others_and_other_actions_are_not_waited_for() -> None:
    work = Work()
    tasks = [work.wants(n, Viewer(user_id=UUID(int=user)), action) for n, (user, action) in enumerate(
        [(1, "accept"), (2, "accept"), (1, "cancel")]
    )]  # fmt: skip
    await asyncio.sleep(0)
    assert work.done == [[0], [1], [2]]
    work.may_go.set()
    await asyncio.gather(*tasks)


async def test_one_that_is_refused_is_told_so_and_keeps_nobody_back() -> None:
    work = Work()
    work.refused = {3: REFUSED, 5: NOT_FOUND}
    assert await work.all_of(*range(6)) == [(), (), (), (REFUSED,), (), (NOT_FOUND,)]
    assert work.done == [[0], [1, 2, 3, 4, 5], [1, 2, 4]]


async def test_one_that_fails_fails_alone() -> None:
    work = Work()
    work.failing = {3: LookupError("three")}
    *others, failure, last = await work.all_of(*range(5))
    assert (others, str(failure), last) == ([(), (), ()], "three", ())
    assert work.done == [[0], [1, 2, 3, 4], [1], [2], [3], [4]]


async def test_what_may_have_been_done_is_not_done_again() -> None:
    work = Work()
    work.failing = {3: DatabaseAway("away")}
    answers = await work.all_of(*range(5))
    assert answers[0] == ()
    assert all(isinstance(each, DatabaseAway) for each in answers[1:])
    assert work.done == [[0], [1, 2, 3, 4]]
    assert not work.company._kinds


async def test_who_has_gone_meanwhile_does_not_go_alone_after_a_failure() -> None:
    work = Work()
    work.failing = {3: LookupError("three")}
    tasks = [work.wants(n) for n in range(5)]
    await work.lets_go(tasks[0])
    await asyncio.sleep(0)
    assert work.done == [[0], [1, 2, 3, 4]]
    tasks[1].cancel()
    tasks[3].cancel()
    await asyncio.sleep(0)
    work.may_go.set()
    assert [each.refusals for each in await asyncio.gather(tasks[2], tasks[4])] == [(), ()]
    assert work.done == [[0], [1, 2, 3, 4], [2], [4]]


async def test_a_company_that_everybody_has_left_is_cut_off() -> None:
    work = Work()
    tasks = [work.wants(n) for n in range(3)]
    await work.lets_go(tasks[0])
    await asyncio.sleep(0)
    (company,) = work.company._tasks
    for each in tasks[1:]:
        each.cancel()
    await asyncio.wait([company])
    assert company.cancelled()
    await asyncio.sleep(0)
    assert not work.company._kinds
    work.may_go.set()
    assert await work.all_of(7) == [()]


async def test_who_is_under_way_when_the_process_ends_is_told_that_it_may_have_been_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.company.ENDING_SECONDS_MAX", 0)
    work = Work()
    tasks = [work.wants(n) for n in range(3)]
    await work.lets_go(tasks[0])
    await work.company.close()
    answers = await asyncio.gather(*tasks[1:], return_exceptions=True)
    assert [type(each) for each in answers] == [DatabaseAway, DatabaseAway]
    assert not work.company._kinds


async def test_of_one_record_one_goes_at_a_time() -> None:
    work = Work()
    assert await work.all_of(0, 1, 2, 2, 3, 2) == [()] * 6
    assert work.done == [[0], [1, 2, 3], [2], [2]]


async def test_whoever_has_gone_is_not_waited_upon() -> None:
    work = Work()
    tasks = [work.wants(n) for n in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[3].cancel()
    await asyncio.sleep(0)
    work.may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await tasks[3]
    await asyncio.gather(tasks[1], tasks[2], tasks[4])
    assert not any(3 in each for each in work.done)
    assert not work.company._kinds
