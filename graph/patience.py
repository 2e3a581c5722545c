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
    with one_operation(records_max) as operation:
        loop, ending = asyncio.get_running_loop(), asyncio.timeout(None)

        def stop() -> None:
            operation.stop()
            ending.reschedule(loop.time() + ENDING_SECONDS_MAX)

        alarm = loop.call_later(seconds, stop)
        try:
            async with ending:
                result = await work
        except TimeoutError:
            raise TookTooLong from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            # Its own statement was stopped by cancelling it, and nobody else wants it to end.
            if not operation.is_stopped or task is None or task.uncancel() > 0:
                raise
            raise TookTooLong from None
        finally:
            alarm.cancel()
            if operation.is_stopped:
                # Loaders go on in tasks of their own.
                operation.stop()
    if operation.has_read_too_much:
        raise TooMuchRead
    if operation.is_stopped:
        raise TookTooLong
    return result
