"""GraphQL over HTTP (first edition): POST and GET, strict in what it takes, JSON with a code in all that it answers.
The surprise: an answer with data and errors is 294 under application/graphql-response+json and 200 under JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import isawaitable
from typing import Final

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.language import Language
from graph.errors import ErrorCode, PublicError, internal, preferred_language, present
from graph.execution import Executor, RequestRefused, extended
from graph.limits import Limits
from graph.transport.event_stream import EventStream, told
from graph.transport.host import Context, Host, UploadRefusal
from graph.transport.negotiation import AnswerType, answer_type, media_type, takes_event_stream, wants_html
from graph.transport.parameters import Parameters, read_json, read_parameters

Multipart = Callable[[Request], AbstractAsyncContextManager[object]]
Explorer = Callable[[Request], Response | Awaitable[Response]]

PARTIAL_SUCCESS: Final = 294
PREFLIGHT_HEADERS: Final = ("apollo-require-preflight", "x-requested-with")
GET_PARAMETERS: Final = ("query", "operationName", "variables", "extensions")
HEADERS: Final[dict[str, str]] = {
    "cache-control": "no-store",
    "vary": "Accept, Accept-Language",
    "x-content-type-options": "nosniff",
}
HEADERS_OF_ERRORS: Final[Mapping[ErrorCode, Mapping[str, str]]] = {
    ErrorCode.UNAUTHENTICATED: {"www-authenticate": "Bearer"},
    ErrorCode.METHOD_NOT_ALLOWED: {"allow": "GET, POST"},
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: {"accept-encoding": "identity"},
    # The rest of the body is still on its way and would be read as the next request.
    ErrorCode.PAYLOAD_TOO_LARGE: {"connection": "close"},
    ErrorCode.REQUEST_TIMEOUT: {"connection": "close"},
}


class HttpEndpoint:
    """The ASGI application at `/graphql` for HTTP. `multipart` gives the operations object with files in place."""

    def __init__(
        self,
        executor: Executor,
        host: Host,
        *,
        limits: Limits,
        multipart: Multipart | None = None,
        explorer: Explorer | None = None,
    ) -> None:
        self._executor = executor
        self._host = host
        self._limits = limits
        self._multipart = multipart
        self._explorer = explorer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        if self._explorer and request.method == "GET" and wants_html(accept) and "query" not in request.query_params:
            return await _page(self._explorer, request)
        wanted, streamed = answer_type(accept), takes_event_stream(accept)
        try:
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
        return _refusal(refused, wanted or AnswerType.JSON, language)

    async def _answered(self, request: Request, wanted: AnswerType | None, *, streamed: bool) -> Response:
        if request.method not in {"GET", "POST"}:
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED)
        # A browser opens a stream with GET and no headers of ours; it changes nothing, and no other site can read it.
        if not (streamed and request.method == "GET"):
            _check_preflight(request)
        context = await self._host.context(
            authorization=request.headers.get("authorization"),
            accept_language=request.headers.get("accept-language"),
            connection=request,
        )
        try:
            response = await self._run(request, wanted, context, streamed=streamed)
        except PublicError as refused:
            raise refused.with_headers(context.headers) from None
        for cookie in context.cookies:
            response.set_cookie(**cookie)
        response.headers.update(context.headers)
        return response

    async def _run(self, request: Request, wanted: AnswerType | None, context: Context, *, streamed: bool) -> Response:
        async with self._parameters(request) as parameters:
            prepared = self._executor.prepare(parameters.query, parameters.operation_name)
            if isinstance(prepared, list):
                return self._told(RequestRefused(prepared), wanted, context)
            context.admit(prepared.type)
            if prepared.type is OperationType.SUBSCRIPTION:
                if not streamed:
                    refused = RequestRefused([PublicError(ErrorCode.SUBSCRIPTION_NEEDS_STREAM)])
                    return self._told(refused, wanted, context)
                source = await self._executor.subscribe(prepared, parameters.variables, context)
                answers = told(source) if isinstance(source, ExecutionResult) else source
                return EventStream(answers, context, self._limits, HEADERS)
            if prepared.type is OperationType.MUTATION and request.method == "GET":
                return _refusal(_mutation_by_get(), wanted or AnswerType.JSON, context.language, {"allow": "POST"})
            return self._told(await self._executor.execute(prepared, parameters.variables, context), wanted, context)

    def _told(self, result: ExecutionResult, wanted: AnswerType | None, context: Context) -> Response:
        """One answer, in the type wanted; as a stream of one to a client that takes nothing else."""
        result = extended(result, context)
        if wanted is None:
            return EventStream(told(result), context, self._limits, HEADERS)
        return _answer(result, wanted, context.language)

    @asynccontextmanager
    async def _parameters(self, request: Request) -> AsyncIterator[Parameters]:
        """The request's parameters; files that came with them are there until the block ends."""
        if request.method == "GET":
            yield _parameters_of_query(request)
            return
        type_, charset = media_type(request.headers.get("content-type"))
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if charset != "utf-8" or encoding != "identity":
            raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        if type_ == "application/json":
            yield read_parameters(read_json(await body_of(request, self._limits)))
        elif type_ == "multipart/form-data" and self._multipart:
            async with _uploads_refused_in_public(), self._multipart(request) as content:
                yield read_parameters(content)
        else:
            raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)


async def body_of(request: Request, limits: Limits) -> bytes:
    """The request's body. Raises PAYLOAD_TOO_LARGE and REQUEST_TIMEOUT."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.body_bytes_max:
        raise PublicError(ErrorCode.PAYLOAD_TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds_max):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes_max:
                    raise PublicError(ErrorCode.PAYLOAD_TOO_LARGE)
    except TimeoutError:
        raise PublicError(ErrorCode.REQUEST_TIMEOUT) from None
    return bytes(body)


def _check_preflight(request: Request) -> None:
    """Browsers ask before they send these headers to another site; what can be sent unasked is not taken."""
    type_, _ = media_type(request.headers.get("content-type"))
    if type_ == "application/json" or (request.method == "POST" and type_ != "multipart/form-data"):
        return
    if not any(request.headers.get(name) for name in PREFLIGHT_HEADERS):
        raise PublicError(ErrorCode.CSRF_PREFLIGHT_REQUIRED)


def _parameters_of_query(request: Request) -> Parameters:
    content: dict[str, object] = {}
    for name in GET_PARAMETERS:
        values = request.query_params.getlist(name)
        if len(values) > 1:
            raise PublicError(
                ErrorCode.BAD_REQUEST, zh=f"{name} 只能给出一次。", en=f"`{name}` may be given only once."
            )
        if values:
            is_text = name in {"query", "operationName"}
            content[name] = values[0] if is_text else read_json(values[0])
    return read_parameters(content)


def _mutation_by_get() -> PublicError:
    return PublicError(ErrorCode.METHOD_NOT_ALLOWED, zh="变更操作须以 POST 发送。", en="Mutations are sent with POST.")


@asynccontextmanager
async def _uploads_refused_in_public() -> AsyncIterator[None]:
    try:
        yield
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


def _answer(result: ExecutionResult, wanted: AnswerType, language: Language) -> Response:
    """The status says under JSON only that the request was well-formed, under GraphQL's own type what became of it."""
    content: dict[str, object] = {} if isinstance(result, RequestRefused) else {"data": result.data}
    if result.errors:
        content = {"errors": present(result.errors, language), **content}
    if result.extensions:
        content["extensions"] = result.extensions
    if wanted is AnswerType.JSON or not result.errors:
        status = 200
    elif isinstance(result, RequestRefused):
        status = max(_status(error) for error in result.errors)
    else:
        status = PARTIAL_SUCCESS
    return _json(content, status, wanted)


def _status(error: GraphQLError) -> int:
    return error.status if isinstance(error, PublicError) else ErrorCode.INTERNAL.status


def _refusal(
    error: PublicError, wanted: AnswerType, language: Language, headers: Mapping[str, str] | None = None
) -> Response:
    """Not a well-formed request, or not one for this method: a status of its own under either type."""
    response = _json({"errors": present([error], language)}, error.status, wanted)
    response.headers.update({**HEADERS_OF_ERRORS.get(error.code, {}), **error.headers, **(headers or {})})
    return response


def _json(content: object, status: int, wanted: AnswerType) -> Response:
    media = f"{wanted}; charset=utf-8"
    return Response(orjson.dumps(content), status, headers={**HEADERS, "content-type": media})


async def _page(explorer: Explorer, request: Request) -> Response:
    page = explorer(request)
    response = await page if isawaitable(page) else page
    response.headers.add_vary_header("Accept")
    return response
