"""GraphQL over HTTP (first edition): POST and GET, strict in what it takes, JSON with a code in all that it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from inspect import isawaitable
from typing import Final
from urllib.parse import parse_qsl

from graphql import ExecutionResult, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from graph.errors import ErrorCode, PublicError, internal, preferred_language
from graph.execution import Executor, Prepared, RequestRefused, extended
from graph.limits import Limits
from graph.transport.answers import HEADERS, Manner, answer, refusal, with_validator
from graph.transport.asked import IS_WHOLE, Asked
from graph.transport.documents import Intake
from graph.transport.event_stream import EventStream, told
from graph.transport.host import Context, Host, PresumedWrongly, UploadRefusal
from graph.transport.kept import KeptAnswers, KnownHeads, Stranger
from graph.transport.negotiation import (
    AnswerType,
    answer_type,
    media_type,
    takes_event_stream,
    takes_gzip,
    wants_html,
)
from graph.transport.parameters import Parameters, ill_formed, read_json, read_parameters

Multipart = Callable[[Request], AbstractAsyncContextManager[object]]
Explorer = Callable[[Request], Response | Awaitable[Response]]

PREFLIGHT_HEADERS: Final = ("apollo-require-preflight", "x-requested-with")
GET_PARAMETERS: Final = ("query", "documentId", "operationName", "variables", "extensions")
JSON_PARAMETERS: Final = ("variables", "extensions")


class HttpEndpoint:
    """The ASGI application at `/graphql` for HTTP. `multipart` gives the operations object with files in place."""

    def __init__(
        self,
        executor: Executor,
        intake: Intake,
        host: Host,
        *,
        limits: Limits,
        multipart: Multipart | None = None,
        explorer: Explorer | None = None,
        cache_seconds: int = 0,
        kept: KeptAnswers | None = None,
    ) -> None:
        self._executor = executor
        self._intake = intake
        self._host = host
        self._limits = limits
        self._cache_seconds = cache_seconds
        self._kept = kept
        self._heads = KnownHeads()
        self._multipart = multipart
        self._explorer = explorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response | None = None
        if self._kept is not None and (stranger := self._heads.find(scope)) is not None:
            receive = Beginning(await receive(), receive)
            response = await self._told_again(stranger, receive.first, self._kept)
        if response is None:
            try:
                response = await self._response(Asked(scope, receive))
            except ClientDisconnect:
                return
        await response(scope, receive, send)

    async def _told_again(self, stranger: Stranger, message: Message, kept: KeptAnswers) -> Response | None:
        """The answer from memory to a stranger who was answered from it before; None where it is to be received like
        any other, and told there what may be wrong."""
        is_whole = message["type"] == "http.request" and not message.get("more_body")
        parameters = kept.parameters(message["body"]) if is_whole else None
        if parameters is None or parameters.asked is None:
            return None
        language, question = parameters.asked
        known = kept.find(question, kept.state(), parameters, language)
        if known is None or language is not stranger.context.language:
            return None
        context = stranger.context.fresh()
        try:
            await context.count_use()
            await context.spend(known.points)
        except Exception:  # it comes up there too, where there are words for it
            return None
        # To count may have taken its time. Whoever asks just then is counted twice, and told what holds.
        if kept.find(question, kept.state(), parameters, language) is not known:
            return None
        return answer(extended(known.result(), context), stranger.manner)

    async def _response(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        wanted, streamed = answer_type(accept), takes_event_stream(accept)
        try:
            self._check_size(request)
            if self._explorer and request.method == "GET" and wants_html(accept) and not _asks(request):
                return await _page(self._explorer, request)
            if wanted is None and not streamed:
                raise PublicError(ErrorCode.NOT_ACCEPTABLE)
            return await self._answered(request, wanted, streamed=streamed)
        except ClientDisconnect:
            raise
        except PublicError as error:
            refused = error
        except Exception as failure:  # the last door: nothing leaves unmasked, everything is logged
            refused = internal(failure, path=request.url.path)
        language = preferred_language(request.headers.get("accept-language"))
        return refusal(refused, Manner(wanted or AnswerType.JSON, language))

    def _check_size(self, request: Request) -> None:
        """Raises URI_TOO_LONG and HEADERS_TOO_LARGE."""
        scope = request.scope
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self._limits.url_bytes_max:
            raise PublicError(ErrorCode.URI_TOO_LONG)
        if sum([len(name) + len(value) for name, value in scope["headers"]]) > self._limits.header_bytes_max:
            raise PublicError(ErrorCode.HEADERS_TOO_LARGE)

    async def _answered(self, request: Request, wanted: AnswerType | None, *, streamed: bool) -> Response:
        if request.method not in {"GET", "POST"}:
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED)
        # A browser opens a stream with GET and no headers of ours; it changes nothing, and no other site can read it.
        if not (streamed and request.method == "GET"):
            _check_preflight(request)
        try:
            context = await self._context(request, presuming=True)
        except PresumedWrongly:
            context = await self._context(request)
        try:
            async with await self._parameters(request) as parameters:
                try:
                    return await self._run(parameters, request, wanted, context, streamed=streamed)
                except PresumedWrongly:
                    context = await self._context(request)
                    return await self._run(parameters, request, wanted, context, streamed=streamed)
        except PublicError as refused:
            try:
                await context.certain()
            except PresumedWrongly:
                context = await self._context(request)
            raise refused.with_headers(context.headers) from None

    async def _context(self, request: Request, *, presuming: bool = False) -> Context:
        return await self._host.context(
            authorization=request.headers.get("authorization"),
            accept_language=request.headers.get("accept-language"),
            connection=request,
            presuming=presuming,
        )

    async def _run(
        self, parameters: Parameters, request: Request, wanted: AnswerType | None, context: Context, *, streamed: bool
    ) -> Response:
        """The answer to whoever asks, for certain. Raises PresumedWrongly."""
        try:
            response = await self._answer(parameters, request, wanted, context, streamed=streamed)
        except PublicError:
            await context.certain()
            raise
        await context.certain()
        for cookie in context.cookies:
            response.set_cookie(**cookie)
        if context.headers:
            response.headers.update(context.headers)
        return response

    async def _answer(
        self, parameters: Parameters, request: Request, wanted: AnswerType | None, context: Context, *, streamed: bool
    ) -> Response:
        prepared = await self._intake.prepared(parameters, context)
        if isinstance(prepared, list):
            return self._told(RequestRefused(prepared), wanted, context, request)
        if prepared.type is OperationType.SUBSCRIPTION:
            if not streamed:
                refused = RequestRefused([PublicError(ErrorCode.SUBSCRIPTION_NEEDS_STREAM)])
                return self._told(refused, wanted, context, request)
            source = await self._executor.subscribe(prepared, parameters.variables, context)
            answers = told(source) if isinstance(source, ExecutionResult) else source
            return EventStream(answers, context, self._limits, HEADERS)
        if prepared.type is OperationType.MUTATION and request.method == "GET":
            return refusal(_mutation_by_get(), Manner(wanted or AnswerType.JSON, context.language), {"allow": "POST"})
        result, tag = await self._executed(prepared, parameters, context, is_tagged=request.method == "GET")
        if tag is not None and wanted is not None and request.method == "POST" and self._intake.trusts_strangers:
            self._heads.learn(request.scope, context, self._manner(wanted, context, request))
        return self._told(result, wanted, context, request, tag)

    async def _executed(
        self, prepared: Prepared, parameters: Parameters, context: Context, *, is_tagged: bool
    ) -> tuple[ExecutionResult, str | None]:
        """The answer, and what stands for it in a validator where strangers are all answered so."""
        kept = self._kept if self._kept is not None and (is_tagged or self._kept.has_room) else None
        question = None if kept is None else kept.question(prepared, parameters, context)
        if kept is None or question is None:
            return await self._executor.execute(prepared, parameters.variables, context), None
        state = kept.state()
        known = kept.find(question, state, parameters, context.language)
        if known is None:
            result = await self._executor.execute(prepared, parameters.variables, context)
            points = self._executor.cost(prepared, parameters.variables)
            known = kept.keep(question, state, result, parameters, context.language, points)
            if known is None:
                return result, None
        return known.result(), known.tag

    def _told(
        self,
        result: ExecutionResult,
        wanted: AnswerType | None,
        context: Context,
        request: Request,
        tag: str | None = None,
    ) -> Response:
        """One answer, in the type wanted; as a stream of one to a client that takes nothing else."""
        result = extended(result, context)
        if wanted is None:
            return EventStream(told(result), context, self._limits, HEADERS)
        manner = self._manner(wanted, context, request)
        # Only what every stranger would be told alike may be kept for the next one.
        is_alike = request.method == "GET" and context.is_anonymous and not (context.cookies or context.headers)
        response = answer(result, manner, cache_seconds=self._cache_seconds if is_alike else 0)
        return with_validator(response, tag, request) if tag and is_alike and self._cache_seconds else response

    def _manner(self, wanted: AnswerType, context: Context, request: Request) -> Manner:
        takes_it = takes_gzip(request.headers.get("accept-encoding"))
        return Manner(wanted, context.language, self._limits.compressed_bytes_min if takes_it else None)

    async def _parameters(self, request: Request) -> AbstractAsyncContextManager[Parameters]:
        """The request's parameters; files that came with them are there until the block ends."""
        if request.method == "GET":
            return nullcontext(_parameters_of_query(request, self._limits))
        type_, charset = media_type(request.headers.get("content-type"))
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if charset != "utf-8" or encoding != "identity":
            raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        if type_ == "application/json":
            body = await body_of(request, self._limits)
            known = None if self._kept is None else self._kept.parameters(body)
            return nullcontext(known or read_parameters(read_json(body, self._limits), body))
        if type_ == "multipart/form-data" and self._multipart:
            return _with_files(self._multipart(request))
        raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)


class Beginning:
    """What is received, beginning with a message that was taken out already and is let go of when it is received."""

    def __init__(self, first: Message, receive: Receive) -> None:
        self.first, self._receive = first, receive
        self._is_received = False

    async def __call__(self) -> Message:
        if self._is_received:
            return await self._receive()
        self._is_received = True
        first, self.first = self.first, {}
        return first


async def body_of(request: Request, limits: Limits) -> bytes:
    """The request's body. Raises PAYLOAD_TOO_LARGE and REQUEST_TIMEOUT."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.body_bytes_max:
        raise PublicError(ErrorCode.PAYLOAD_TOO_LARGE)
    if IS_WHOLE in request.scope:
        return await _received(request, limits)
    try:
        async with asyncio.timeout(limits.spread(limits.body_seconds_max)):
            return await _received(request, limits)
    except TimeoutError:
        raise PublicError(ErrorCode.REQUEST_TIMEOUT) from None


async def _received(request: Request, limits: Limits) -> bytes:
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limits.body_bytes_max:
            raise PublicError(ErrorCode.PAYLOAD_TOO_LARGE)
    return body


def _check_preflight(request: Request) -> None:
    """Browsers ask before they send these headers to another site; what can be sent unasked is not taken."""
    type_, _ = media_type(request.headers.get("content-type"))
    if type_ == "application/json" or (request.method == "POST" and type_ != "multipart/form-data"):
        return
    if not any(request.headers.get(name) for name in PREFLIGHT_HEADERS):
        raise PublicError(ErrorCode.CSRF_PREFLIGHT_REQUIRED)


def _asks(request: Request) -> bool:
    return any(name in request.query_params for name in ("query", "documentId", "extensions"))


def _parameters_of_query(request: Request, limits: Limits) -> Parameters:
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=limits.url_fields_max,
        )
    except ValueError:
        raise PublicError(
            ErrorCode.BAD_REQUEST, zh="地址参数不是 UTF-8，或过多。", en="The parameters are not UTF-8, or too many."
        ) from None
    content: dict[str, object] = {}
    for name, value in pairs:
        if name not in GET_PARAMETERS:
            continue
        if name in content:
            raise ill_formed(f"{name} 只能给出一次。", f"`{name}` may be given only once.")
        content[name] = value
    for name in JSON_PARAMETERS:
        # An empty text is as if it were absent, and JSON has none.
        if written := content.pop(name, None):
            content[name] = read_json(str(written), limits)
    if content.get("documentId") == "":
        del content["documentId"]
    return read_parameters(content)


def _mutation_by_get() -> PublicError:
    return PublicError(ErrorCode.METHOD_NOT_ALLOWED, zh="变更操作须以 POST 发送。", en="Mutations are sent with POST.")


@asynccontextmanager
async def _with_files(received: AbstractAsyncContextManager[object]) -> AsyncIterator[Parameters]:
    try:
        async with received as content:
            yield read_parameters(content)
    except Exception as refused:
        if not isinstance(refused, UploadRefusal):
            raise
        raise PublicError(
            ErrorCode.UPLOAD_REFUSED,
            zh=refused.zh,
            en=refused.en,
            status=refused.status,
            extensions={"reason": str(refused.code)},
        ) from None


async def _page(explorer: Explorer, request: Request) -> Response:
    page = explorer(request)
    response = await page if isawaitable(page) else page
    response.headers.add_vary_header("Accept")
    return response
