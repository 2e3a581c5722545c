"""GraphQL over server-sent events, in the distinct connections mode of graphql-sse: one operation a request.

A stream is what a subscription is answered with wherever the client takes one; queries and mutations are streamed only
to a client that takes nothing else, for many name text/event-stream beside JSON and mean JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, Final

import orjson
import structlog
from graphql import ExecutionResult
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graph.errors import ErrorCode, PublicError, internal, present
from graph.execution import RequestRefused
from graph.limits import Limits
from graph.transport.host import Context

MEDIA_TYPE: Final = "text/event-stream"
COMPLETE: Final = b"event: complete\ndata: \n\n"
STILL_HERE: Final = b":\n\n"
"""A comment: it keeps proxies from taking a quiet stream for a dead one, and finds out that the client has left."""

log = structlog.get_logger(__name__)


async def told(*answers: ExecutionResult) -> AsyncGenerator[ExecutionResult, None]:
    """Answers that are there already, as a stream."""
    for answer in answers:
        yield answer


class EventStream(Response):
    """An answer that goes on until its source ends, the client leaves, or the viewer's session does."""

    media_type = MEDIA_TYPE

    def __init__(
        self, answers: AsyncGenerator[ExecutionResult, None], context: Context, limits: Limits, headers: dict[str, str]
    ) -> None:
        # Some proxies hold an answer back until it is whole, unless they are told.
        super().__init__(headers={**headers, "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._answers, self._context, self._limits = answers, context, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whichever ends first ends it for all; what is left is shown out within the limit."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        telling = asyncio.create_task(self._tell(send))
        leaving = asyncio.create_task(_until_gone(receive))
        ending = asyncio.create_task(self._until_signed_out())
        tasks = {telling, leaving, ending}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            _, staying = await asyncio.wait(tasks, timeout=self._limits.leaving_seconds_max)
            if staying:
                log.warning("operations_did_not_leave", count=len(staying))
        if leaving in done:
            return
        with suppress(OSError, ClientDisconnect):
            if telling not in done:
                signed_out = RequestRefused([PublicError(ErrorCode.UNAUTHENTICATED)])
                await send(_body(self._event(signed_out) + COMPLETE))
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, send: Send) -> None:
        with suppress(OSError, ClientDisconnect):
            async with aclosing(self._answers) as answers:
                async for answer in self._with_signs_of_life(answers):
                    await send(_body(STILL_HERE if answer is None else self._event(answer)))
            await send(_body(COMPLETE))

    async def _with_signs_of_life(
        self, answers: AsyncIterator[ExecutionResult]
    ) -> AsyncIterator[ExecutionResult | None]:
        """The answers as they come, None for every while without one. A failure of the source is the last answer."""
        while True:
            coming = asyncio.ensure_future(anext(answers, None))
            try:
                while not (await asyncio.wait({coming}, timeout=self._limits.stream_silence_seconds_max))[0]:
                    yield None
                answer = coming.result()
            except Exception as failure:  # the stream has begun: an error can only be told as an answer
                yield RequestRefused([internal(failure, path="event stream")])
                return
            finally:
                # Whoever closes a generator must not find it running.
                coming.cancel()
                await asyncio.wait({coming})
            if answer is None:
                return
            yield answer

    def _event(self, answer: ExecutionResult) -> bytes:
        content: dict[str, Any] = {} if isinstance(answer, RequestRefused) else {"data": answer.data}
        if answer.errors:
            content = {"errors": present(answer.errors, self._context.language), **content}
        if answer.extensions:
            content["extensions"] = answer.extensions
        return b"event: next\ndata: " + orjson.dumps(content) + b"\n\n"

    async def _until_signed_out(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._context.seconds_left()):
                await self._context.signed_out()


def _body(content: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def _until_gone(receive: Receive) -> None:
    """The request has been read whole; the next that is heard of the client is that it has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
