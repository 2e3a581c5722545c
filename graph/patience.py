"""How long an operation may take. What has taken longer is stopped, its statements first, and answered with a code of
its own; whether a mutation was done all the same is for its client to find out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from graph.errors import ErrorCode, PublicError
from storage.database import TooMuchRead, one_operation

Result = TypeVar("Result")

ENDING_SECONDS_MAX: Final = 1
"""How long it may take to come to its end by itself after its statements were stopped."""


class TookTooLong(Exception):
    """The operation was stopped."""


def too_long(*, may_have_been_done: bool) -> PublicError:
    if not may_have_been_done:
        return PublicError(ErrorCode.OPERATION_TIMEOUT)
    return PublicError(
        ErrorCode.OPERATION_TIMEOUT,
        zh="办理时间过长，已中止；可能已经办成，请查询后再办，或以同一 idempotencyKey 重发。",
        en="The operation took too long and was stopped. It may have been done: look, or repeat it with the same"
        " idempotencyKey.",
    )


class _Alarms:
    """Those that are to be stopped so many seconds after they began, by one timer for all: hardly one is, and one for
    each would be set and taken back for nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: dict[Callable[[], None], float] = {}
        """In the order in which they began."""
        self._is_set = False

    def set(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        due = self._due[stop] = loop.time() + self._seconds
        if not self._is_set:
            self._wait(loop, due)

    def take_back(self, stop: Callable[[], None]) -> None:
        self._due.pop(stop, None)

    def _wait(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._is_set = True
        # Not in the context of the operation that happens to be first.
        loop.call_at(due, self._look, loop, context=Context())

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_set = False
        now = loop.time()
        for stop, due in self._due.items():
            if due > now:
                self._wait(loop, due)
                return
            # Each by itself, so that none is left out because of another.
            loop.call_soon(self._stop, stop)

    def _stop(self, stop: Callable[[], None]) -> None:
        if self._due.pop(stop, None) is not None:
            stop()


_ALARMS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float, _Alarms]] = WeakKeyDictionary()


def _alarms(loop: asyncio.AbstractEventLoop, seconds: float) -> _Alarms:
    of_loop = _ALARMS.get(loop)
    if of_loop is None:
        of_loop = _ALARMS[loop] = {}
    found = of_loop.get(seconds)
    if found is None:
        found = of_loop[seconds] = _Alarms(seconds)
    return found


async def within(seconds: float, work: Awaitable[Result], *, records_max: int | None = None) -> Result:
    """The result of work that has this long, and may read so many records. Raises TookTooLong and TooMuchRead."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task(loop)
    assert task is not None
    wanted_to_end, by_us = task.cancelling(), 0
    ending: asyncio.TimerHandle | None = None

    def stop() -> None:
        nonlocal ending, by_us
        before = task.cancelling()
        operation.stop()
        # A statement of this task itself is stopped by cancelling it.
        by_us += task.cancelling() - before
        ending = loop.call_later(ENDING_SECONDS_MAX, cut)

    def cut() -> None:
        nonlocal by_us
        task.cancel()
        by_us += 1

    with one_operation(records_max) as operation:
        alarms = _alarms(loop, seconds)
        alarms.set(loop, stop)
        try:
            result = await work
        except asyncio.CancelledError:
            if not operation.is_stopped or task.cancelling() - by_us > wanted_to_end:
                raise
            raise TookTooLong from None
        except Exception:
            # What was interrupted fails as whoever interrupts has it, such as SQLite.
            if not operation.is_stopped:
                raise
            raise TookTooLong from None
        finally:
            alarms.take_back(stop)
            if ending is not None:
                ending.cancel()
            for _ in range(by_us):
                task.uncancel()
            if operation.is_stopped:
                # Loaders go on in tasks of their own.
                operation.stop()
    if operation.has_read_too_much:
        raise TooMuchRead
    if operation.is_stopped:
        raise TookTooLong
    return result
