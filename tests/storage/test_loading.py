"""Loaders whose questions fail after those who asked have gone: the log does not tell of each of them."""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from storage.database import TooMuchRead
from storage.loading import Loading


class _Closed:
    @asynccontextmanager
    async def reading(self) -> Any:
        yield None


@pytest.mark.parametrize("fails_first", [False, True])
async def test_a_question_that_fails_for_nobody_is_no_news(fails_first: bool) -> None:
    unheard: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unheard.append(context))
    asked, may_fail = asyncio.Event(), asyncio.Event()

    async def batch(connection: Any, keys: Sequence[int]) -> Mapping[int, int]:
        asked.set()
        await may_fail.wait()
        raise TooMuchRead

    loading = Loading(cast(Any, _Closed()))
    askers = [asyncio.create_task(loading.load(batch, key)) for key in range(5)]
    await asked.wait()
    if fails_first:
        may_fail.set()
    for asker in askers:
        asker.cancel()
    left = await asyncio.gather(*askers, return_exceptions=True)
    assert {type(each) for each in left} <= {asyncio.CancelledError, TooMuchRead}
    may_fail.set()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    await asyncio.sleep(0)
    del askers, left, loading
    gc.collect()
    assert unheard == []
