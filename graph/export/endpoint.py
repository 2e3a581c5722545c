"""`/exports/{list}.{csv|xlsx}`: a whole list in one answer, as of one moment, for whoever may see the list.

The surprise: nothing is cancelled in the middle of a read. A client that has left, or does not read on, is noticed
between two pieces; then snapshot and connection are given back.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from graph.context import Context, House
from graph.errors import ErrorCode, PublicError, internal, preferred_language, present, reference_of
from graph.execution import Executor, RequestRefused
from graph.export.columns import Vocabulary, cells
from graph.export.delimited import DelimitedWriter
from graph.export.exported import Exported, exported
from graph.export.workbook import WorkbookWriter
from graph.export.writing import Writer
from graph.limits import Limits
from graph.reception.strength import refuse_the_weak
from graph.transport.answers import HEADERS_OF_ERRORS
from graph.transport.host import Host
from graph.transport.http import body_of
from graph.transport.negotiation import media_type
from graph.transport.parameters import read_json
from storage.shelf import Order, Seen

ROWS_AT_ONCE = 500
SEND_SECONDS_MAX = 30
"""How long a client may refuse to read before it is cut off."""

EXPORT_SECONDS_MAX = 900
ROWS_PER_POINT = 100
"""What an export costs whoever asks for it: a row takes a hundredth of a millisecond. It is charged when it begins, and
never refused for being dear."""
RETRY_SECONDS = "5"
PARAMETERS = ("filter", "orderBy")
WRITERS: Mapping[str, Callable[[], Writer]] = {"csv": DelimitedWriter, "xlsx": WorkbookWriter}

log = structlog.get_logger(__name__)


class Exports:
    """The ASGI application at `/exports/…`. Errors before the first byte are JSON; after it, the connection is cut."""

    def __init__(self, house: House, reception: Host, executor: Executor, limits: Limits) -> None:
        self._house, self._reception, self._executor, self._limits = house, reception, executor, limits
        self._running: list[UUID | None] = []
        # Each holds a reading connection for as long as its client reads; the rest is for everybody else.
        self._at_once_max = house.settings.database_readers // 2

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        async with AsyncExitStack() as held:
            try:
                answer = await self._answer(request, held)
            except ClientDisconnect:
                return
            except PublicError as refused:
                answer = _refusal([refused], request)
            except Exception as failure:  # the last door: nothing leaves unmasked, everything is logged
                answer = _refusal([internal(failure, path=request.url.path)], request)
            await answer(scope, receive, send)

    async def _answer(self, request: Request, held: AsyncExitStack) -> "Response | Sending":
        """What is sent; what it reads from is kept open by `held`."""
        if request.method not in {"GET", "POST"}:
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED)
        context = cast(
            "Context",
            await self._reception.context(
                authorization=request.headers.get("authorization"),
                accept_language=request.headers.get("accept-language"),
                connection=request,
            ),
        )
        try:
            return await self._sent(request, context, held)
        except PublicError as refused:
            raise refused.with_headers(context.headers) from None

    async def _sent(self, request: Request, context: Context, held: AsyncExitStack) -> "Response | Sending":
        refuse_the_weak(context.viewer)
        name, _, ending = request.path_params["file"].rpartition(".")
        export, writer = exported(name), WRITERS.get(ending)
        if export is None or writer is None:
            raise PublicError(ErrorCode.NOT_FOUND, zh="没有这样的导出。", en="There is no such export.")
        asked = self._asked(export, await self._parameters(request), context)
        if isinstance(asked, RequestRefused):
            return _refusal(asked.errors or [], request)
        seen, order = await export.listed.asked(context, asked.get("filter"), asked.get("order_by"))
        key = context.viewer.key
        held.enter_context(self._one_of_a_few(context.viewer.user_id if key is None else key.id))
        connection = await held.enter_async_context(self._house.database.snapshot())
        count = await export.rows.count(connection, seen)
        if count > self._house.settings.export_rows_max:
            raise _too_long(count, self._house.settings.export_rows_max)
        context.spend_more(math.ceil(count / ROWS_PER_POINT))
        vocabulary = Vocabulary(context.viewer, context.language)
        await vocabulary.learn_codes(connection, (each.table for each in export.columns if each.table))
        source = Source(export, connection, seen, order, vocabulary, writer())
        headers = {
            "content-type": source.writer.media_type,
            "content-disposition": f'attachment; filename="{name}-{context.today:%Y%m%d}.{ending}"',
            "x-total-count": str(count),
            "cache-control": "private, no-store",
            "vary": "Authorization, Accept-Language",
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox; default-src 'none'",
            **context.headers,
        }
        return Sending(headers, source, self._executor, held.aclose)

    async def _parameters(self, request: Request) -> dict[str, Any]:
        """`filter` and `orderBy`, from the address or, as they may be long, from a body."""
        if request.method == "GET":
            given = {name: request.query_params.getlist(name) for name in request.query_params}
            if any(len(values) > 1 for values in given.values()):
                raise PublicError(ErrorCode.BAD_REQUEST, zh="每个参数只能给出一次。", en="Give each parameter once.")
            content: object = {name: read_json(value, self._limits) for name, (value,) in given.items()}
        else:
            type_, charset = media_type(request.headers.get("content-type"))
            encoding = request.headers.get("content-encoding", "identity").strip().lower()
            if (type_, charset, encoding) != ("application/json", "utf-8", "identity"):
                raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
            content = read_json(await body_of(request, self._limits), self._limits)
        if not isinstance(content, dict) or not content.keys() <= set(PARAMETERS):
            raise PublicError(
                ErrorCode.BAD_REQUEST,
                zh="只接受 filter 与 orderBy 两个参数。",
                en="The parameters are `filter` and `orderBy`, and no others.",
            )
        return content

    def _asked(self, export: Exported, parameters: Mapping[str, Any], context: Context) -> Any:
        prepared = self._executor.prepare(export.document)
        assert not isinstance(prepared, list), prepared
        return self._executor.arguments(prepared, parameters, context, export.field)

    @contextmanager
    def _one_of_a_few(self, user_id: UUID | None) -> Iterator[None]:
        """One export at once for each user or key, and for all others together. Raises TOO_MANY_OPERATIONS."""
        if len(self._running) >= self._at_once_max or user_id in self._running:
            raise PublicError(
                ErrorCode.TOO_MANY_OPERATIONS,
                zh="正在进行的导出过多，请稍后再试。",
                en="Other exports are running; try again in a moment.",
            )
        self._running.append(user_id)
        try:
            yield
        finally:
            self._running.remove(user_id)


@dataclass(frozen=True)
class Source:
    """Where one export comes from: rows in, bytes out."""

    export: Exported
    connection: Any
    seen: Seen[Any]
    order: Order
    vocabulary: Vocabulary
    writer: Writer

    async def pieces(self, executor: Executor) -> AsyncGenerator[bytes, None]:
        """The file, piece by piece. Writing is done in a thread: it would hold up everybody else's answers."""
        columns = self.export.columns
        yield self.writer.begin([column.heading.in_(self.vocabulary.language) for column in columns])
        read = self.export.rows.read(self.connection, self.seen, self.order, ROWS_AT_ONCE)
        async with aclosing(read) as batches:
            while (rows := await executor.uninterrupted(_next(batches))) is not None:
                for column in columns:
                    if column.kind is not None:
                        ids = {column.id_in(row) for row in rows}
                        await executor.uninterrupted(self.vocabulary.learn_names(self.connection, column.kind, ids))
                yield await asyncio.to_thread(
                    lambda some: self.writer.rows(cells(columns, some, self.vocabulary)), rows
                )
        yield self.writer.end()


async def _next(batches: AsyncIterator[Any]) -> Any:
    return await anext(batches, None)


@dataclass(frozen=True)
class Sending:
    """An answer that is made while it is sent; incomplete, and seen to be so, where it cannot be made to its end."""

    headers: Mapping[str, str]
    source: Source
    executor: Executor
    release: Callable[[], Awaitable[None]]
    """Gives back what was held for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends_at = time.monotonic() + EXPORT_SECONDS_MAX
        left = asyncio.create_task(_left(receive))
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async with aclosing(self.source.pieces(self.executor)) as pieces:
                async for piece in pieces:
                    if left.done() or time.monotonic() > ends_at:
                        log.info("export_cut", left=left.done())
                        return
                    if piece:
                        async with asyncio.timeout(SEND_SECONDS_MAX):
                            await send({"type": "http.response.body", "body": piece, "more_body": True})
            # Before the client hears of the end, for it may ask for the next one at once.
            await self.release()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError) as gone:
            log.info("export_cut", why=type(gone).__name__)
        except Exception as failure:  # the status is sent already: all that is left is to break off
            reference_of(failure, path=scope["path"])
        finally:
            left.cancel()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _too_long(count: int, most: int) -> PublicError:
    return PublicError(
        ErrorCode.BAD_USER_INPUT,
        zh=f"共 {count} 条，超过一次导出的上限 {most} 条，请缩小筛选范围。",
        en=f"There are {count} rows, and an export has at most {most}; narrow the filter.",
    )


def _refusal(errors: list[Any], request: Request) -> Response:
    language = preferred_language(request.headers.get("accept-language"))
    first = next((each for each in errors if isinstance(each, PublicError)), PublicError(ErrorCode.INTERNAL))
    headers = {**HEADERS_OF_ERRORS.get(first.code, {}), **first.headers}
    if first.code is ErrorCode.TOO_MANY_OPERATIONS:
        headers["retry-after"] = RETRY_SECONDS
    return JSONResponse({"errors": present(errors, language)}, first.status, headers)
