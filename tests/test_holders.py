"""Who waits with the same token is told together, and never what was asked before they came."""

import asyncio
from collections import Counter

import pytest

from domain.party import ANONYMOUS
from graph.reception.presumption import Holders
from storage.session_token import Known

HASH = "a" * 64
KNOWN = Known(ANONYMOUS, None, False, False)


class Asked:
    """Answers when it is let, and counts how often it was asked."""

    def __init__(self) -> None:
        self.holders = Holders()
        self.moments = 0
        self.fails: set[int] = set()
        self.hangs: set[int] = set()
        self.may_answer = asyncio.Event()
        self.told: Counter[int] = Counter()

    async def ask(self) -> Known | None:
        self.moments += 1
        moment = self.moments
        await self.may_answer.wait()
        if moment in self.hangs:
            await asyncio.Event().wait()
        if moment in self.fails:
            raise LookupError(moment)
        self.told[moment] += 1
        return KNOWN

    def comes(self, token_hash: str = HASH) -> "asyncio.Task[Known | None]":
        return asyncio.create_task(self.holders.ask(token_hash, self.ask))

    async def goes_on(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def is_at_rest(self) -> bool:
        return not self.holders._asked and not self.holders._tasks


async def test_who_comes_meanwhile_is_told_of_a_later_moment_all_at_once() -> None:
    asked = Asked()
    first = asked.comes()
    await asked.goes_on()
    others = [asked.comes() for _ in range(3)]
    await asked.goes_on()
    assert asked.moments == 1
    asked.may_answer.set()
    assert [await each for each in (first, *others)] == [KNOWN] * 4
    assert asked.moments == 2
    await asked.goes_on()
    assert asked.is_at_rest
    await asked.comes()
    assert asked.moments == 3


async def test_other_tokens_are_not_waited_for() -> None:
    asked = Asked()
    tasks = [asked.comes(), asked.comes("b" * 64)]
    await asked.goes_on()
    assert asked.moments == 2
    asked.may_answer.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("who", ["whoever asks", "one who waits", "all who wait"])
async def test_who_leaves_keeps_nobody_waiting(who: str) -> None:
    asked = Asked()
    first = asked.comes()
    await asked.goes_on()
    second, third = asked.comes(), asked.comes()
    await asked.goes_on()
    leaving = {"whoever asks": [first], "one who waits": [second], "all who wait": [second, third]}[who]
    for each in leaving:
        each.cancel()
    await asked.goes_on()
    asked.may_answer.set()
    for each in (first, second, third):
        if each not in leaving:
            assert await each == KNOWN
    await asked.goes_on()
    assert asked.is_at_rest


async def test_a_failure_is_that_of_those_who_were_told_of_its_moment() -> None:
    asked = Asked()
    asked.fails = {2}
    first = asked.comes()
    await asked.goes_on()
    others = [asked.comes(), asked.comes()]
    await asked.goes_on()
    asked.may_answer.set()
    assert await first == KNOWN
    failures = await asyncio.gather(*others, return_exceptions=True)
    assert [type(each) for each in failures] == [LookupError] * 2
    assert failures[0] is not failures[1]
    await asked.goes_on()
    assert asked.is_at_rest
    assert await asked.comes() == KNOWN


async def test_it_closes_though_an_answer_never_comes() -> None:
    asked = Asked()
    asked.hangs = {2}
    first = asked.comes()
    await asked.goes_on()
    second = asked.comes()
    await asked.goes_on()
    asked.may_answer.set()
    await first
    await asked.goes_on()
    assert asked.moments == 2
    await asked.holders.close()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert asked.is_at_rest
