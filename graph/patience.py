"""How long an operation may take. What has taken longer is stopped, its statements first, and answered with a code of
its own; whether a mutation was done all the same is for its client to find out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

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


async def within(seconds: float, work: Awaitable[Result], *, records_max: int | None = None) -> Result:
    """The result of work that has this long, and may read so many records. Raises TookTooLong and TooMuchRead."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task(loop)
    assert task is not None
    wanted_to_end, by_us = task.cancelling(), 0
    alarm: asyncio.TimerHandle

    def stop() -> None:
        nonlocal alarm, by_us
        before = task.cancelling()
        operation.stop()
        # A statement of this task itself is stopped by cancelling it.
        by_us += task.cancelling() - before
        alarm = loop.call_later(ENDING_SECONDS_MAX, cut)

    def cut() -> None:
        nonlocal by_us
        task.cancel()
        by_us += 1

    with one_operation(records_max) as operation:
        # Less than `asyncio.timeout` takes, for it surrounds each operation and hardly one comes to its end.
        alarm = loop.call_later(seconds, stop)
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
            alarm.cancel()
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
