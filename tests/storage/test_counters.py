"""Counters of attempts at rest: nothing is lost however many count at once, and however often is swept meanwhile."""

import asyncio

import pytest

from domain.throttle import limit, milliseconds
from storage import throttle
from storage.perform import Transaction
from storage.throttle import Counter, count, levels, sweep_counters, take
from tests.storage.world import NOW, World

AT = milliseconds(NOW)
MANY = limit("many", "1000/1h")
FEW = limit("few", "3/1h")


async def test_what_is_counted_at_once_is_all_counted_while_others_sweep(world: World) -> None:
    door, address, account = world.door(), Counter(MANY, "203.0.113.9"), Counter(MANY, "enterprise")

    async def counting(transaction: Transaction) -> None:
        await count(transaction.connection, [address, account], AT)

    async def counting_the_other_way_round(transaction: Transaction) -> None:
        await count(transaction.connection, [account, address], AT)

    async def sweeping(transaction: Transaction) -> None:
        await sweep_counters(transaction.connection, AT)

    for _ in range(10):
        both = (door.together(counting), door.together(counting_the_other_way_round))
        await asyncio.gather(*both, door.together(sweeping), door.together(sweeping))
    async with world.database.reading() as connection:
        found = await levels(connection, [address, account])
    assert [MANY.level(empty_at, AT) for empty_at in found.values()] == [20, 20]


async def test_of_those_who_take_at_once_as_many_get_through_as_the_limit_says(world: World) -> None:
    door, counter = world.door(), Counter(FEW, "203.0.113.9")

    async def taking(transaction: Transaction) -> int:
        return await take(transaction.connection, counter, AT)

    waits = await asyncio.gather(*(door.together(taking) for _ in range(8)))
    assert sorted(waits) == [0, 0, 0] + [20 * 60 * 1000] * 5


async def test_counters_that_are_too_many_are_dropped_from_the_emptiest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "COUNTERS_MAX", 1)
    full, empty = Counter(FEW, "full"), Counter(FEW, "nearly empty")
    async with world.database.writing() as connection:
        for counted in ([full, empty], [full]):
            await count(connection, counted, AT)
        assert await sweep_counters(connection, AT) == 1
        assert [bool(each) for each in (await levels(connection, [full, empty])).values()] == [True, False]
