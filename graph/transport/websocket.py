"""The protocol graphql-transport-ws: queries, mutations and subscriptions over one socket, each in a task of its own.
One deadline rules a socket: first the time to say hello, then the end of its token; it also frees a stuck reader."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError, OperationType
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

from domain.language import Language
from graph.errors import ErrorCode, PublicError, internal, preferred_language, present
from graph.execution import Executor, RequestRefused, extended
from graph.limits import Limits
from graph.transport.documents import Intake
from graph.transport.host import Context, Host
from graph.transport.parameters import Parameters, read_json, read_parameters

SUBPROTOCOL: Final = "graphql-transport-ws"
OPERATION_ID_CHARACTERS_MAX: Final = 256
REASON_BYTES_MAX: Final = 123
"""What a close frame holds beside its code (RFC 6455, 5.5)."""

CLOSING_SECONDS_MAX: Final = 2

log = structlog.get_logger(__name__)


class SocketEnded(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")


class WebsocketEndpoint:
    """The ASGI application at `/graphql` for websockets."""

    def __init__(
        self,
        executor: Executor,
        intake: Intake,
        host: Host,
        *,
        limits: Limits,
        origins_allowed: Collection[str] = (),
    ) -> None:
        self._executor = executor
        self._intake = intake
        self._host = host
        self._limits = limits
        self._origins_allowed = frozenset(origins_allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        if not self._is_origin_allowed(websocket):
            return await _deny(websocket)
        if SUBPROTOCOL not in scope.get("subprotocols", ()):
            # A close code can only be sent on an accepted socket.
            await websocket.accept()
            return await websocket.close(4406, "Subprotocol not acceptable")
        await websocket.accept(SUBPROTOCOL)
        return await Socket(websocket, self._executor, self._intake, self._host, self._limits).run()

    def _is_origin_allowed(self, websocket: WebSocket) -> bool:
        """Browsers open sockets to any site and tell only by this header; other clients send none."""
        origin = websocket.headers.get("origin")
        if origin is None or origin in self._origins_allowed or "*" in self._origins_allowed:
            return True
        return urlsplit(origin).netloc.lower() == websocket.headers.get("host", "").lower() != ""


class Socket:
    """One accepted socket, from its first frame to its last task."""

    def __init__(self, websocket: WebSocket, executor: Executor, intake: Intake, host: Host, limits: Limits) -> None:
        self._websocket = websocket
        self._executor = executor
        self._intake = intake
        self._host = host
        self._limits = limits
        self._context: Context | None = None
        self._watch: asyncio.Task[None] | None = None
        self._is_initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._is_open = True
        self._deadline = asyncio.timeout(limits.spread(limits.socket_init_seconds_max))
        self._overdue = SocketEnded(4408, "Connection initialisation timeout")

    async def run(self) -> None:
        try:
            await self._end(await self._converse())
        finally:
            self._is_open = False
            await self._leave()

    async def _converse(self) -> SocketEnded | None:
        """Read frames until something ends the conversation; None when the client or the server is gone."""
        try:
            async with self._deadline:
                while True:
                    await self._handle(await self._frame())
        except TimeoutError:
            return self._overdue
        except SocketEnded as ended:
            return ended
        except (WebSocketDisconnect, WebSocketDisconnected):
            return None if self._is_open else self._overdue
        except Exception as failure:  # the last door: the client learns a reference, the log all
            return SocketEnded(4500, str(internal(failure, path="websocket").extensions or ""))

    async def _frame(self) -> Mapping[str, Any]:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text = message.get("text")
        if text is None:
            raise SocketEnded(4400, "Only text frames are understood")
        if len(text) > self._limits.frame_bytes_max or len(text.encode()) > self._limits.frame_bytes_max:
            raise SocketEnded(1009, "Message too big")
        try:
            frame = read_json(text, self._limits)
        except PublicError:
            raise SocketEnded(4400, "Message is not JSON") from None
        if not isinstance(frame, dict):
            raise SocketEnded(4400, "Message is not an object")
        return frame

    async def _handle(self, frame: Mapping[str, Any]) -> None:
        match frame.get("type"):
            case "connection_init":
                await self._initialise(_object_or_none(frame))
            case "ping":
                payload = _object_or_none(frame)
                await self._send({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})
            case "pong":
                _object_or_none(frame)
            case "subscribe":
                await self._start(_operation_id(frame), _parameters(frame))
            case "complete":
                self._stop(_operation_id(frame))
            case _:
                raise SocketEnded(4400, "Unexpected message type")

    async def _initialise(self, payload: Mapping[str, Any] | None) -> None:
        if self._is_initialised:
            raise SocketEnded(4429, "Too many initialisation requests")
        self._is_initialised = True
        authorization = (payload or {}).get("authorization")
        if authorization is not None and not isinstance(authorization, str):
            raise SocketEnded(4400, "authorization must be a string")
        try:
            context = await self._host.context(
                authorization=authorization,
                accept_language=self._websocket.headers.get("accept-language"),
                connection=self._websocket,
            )
        except PublicError:
            raise SocketEnded(4403, "Forbidden") from None
        self._await_expiry(context)
        self._watch = asyncio.create_task(self._until_signed_out(context))
        await self._send({"type": "connection_ack"})
        self._context = context

    async def _until_signed_out(self, context: Context) -> None:
        await context.signed_out()
        self._overdue = SocketEnded(4403, "Signed out")
        self._deadline.reschedule(asyncio.get_running_loop().time())

    def _await_expiry(self, context: Context) -> None:
        left = context.seconds_left()
        if left is None:
            return self._deadline.reschedule(None)
        self._overdue = SocketEnded(4403, "Token expired")
        if left <= 0:
            raise self._overdue
        return self._deadline.reschedule(asyncio.get_running_loop().time() + left)

    async def _start(self, id: str, parameters: Parameters) -> None:
        if self._context is None:
            raise SocketEnded(4401, "Unauthorized")
        if id in self._operations:
            raise SocketEnded(4409, f"Subscriber for {id} already exists")
        # Those that are still on their way out count, or starting and stopping in a loop would know no bound.
        if len(self._tasks) >= self._limits.socket_operations_max:
            return await self._send_errors(id, [PublicError(ErrorCode.TOO_MANY_OPERATIONS)])
        task = asyncio.create_task(self._run(id, parameters, self._context.fresh()))
        self._operations[id] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return None

    def _stop(self, id: str) -> None:
        """The client's `complete`: reading goes on while the operation finds its end in its own task."""
        task = self._operations.pop(id, None)
        if task:
            task.cancel()

    async def _run(self, id: str, parameters: Parameters, context: Context) -> None:
        try:
            errors = await self._answer(id, parameters, context)
        except (WebSocketDisconnect, WebSocketDisconnected):
            return
        except PublicError as refused:
            errors = [refused]
        except Exception as failure:  # one broken operation must not take the socket with it
            errors = [internal(failure, operation=id)]
        if self._operations.get(id) is not asyncio.current_task():
            return
        # The id is free before the client hears of the end, for it may use it again at once.
        del self._operations[id]
        with suppress(WebSocketDisconnect, WebSocketDisconnected):
            if errors:
                await self._send_errors(id, errors)
            else:
                await self._send({"type": "complete", "id": id})

    async def _answer(self, id: str, parameters: Parameters, context: Context) -> list[GraphQLError]:
        """Send the answers; what is returned are the errors of an operation that was not run or came to a bad end."""
        await context.count_use()
        prepared = await self._intake.prepared(parameters, context)
        if isinstance(prepared, list):
            return prepared
        if prepared.type is not OperationType.SUBSCRIPTION:
            work = self._executor.execute(prepared, parameters.variables, context)
            answer = extended(await self._executor.uninterrupted(work), context)
            return await self._send_next(id, answer, context)
        stream = await self._executor.subscribe(prepared, parameters.variables, context)
        if isinstance(stream, ExecutionResult):
            return stream.errors or []
        async with aclosing(stream):
            async for answer in stream:
                if errors := await self._send_next(id, answer, context):
                    return errors
        return []

    async def _send_next(self, id: str, answer: ExecutionResult, context: Context) -> list[GraphQLError]:
        if isinstance(answer, RequestRefused):
            return answer.errors or []
        payload: dict[str, Any] = {"data": answer.data}
        if answer.errors:
            payload["errors"] = present(answer.errors, context.language)
        if answer.extensions:
            payload["extensions"] = answer.extensions
        await self._send({"type": "next", "id": id, "payload": payload})
        return []

    async def _send_errors(self, id: str, errors: list[GraphQLError]) -> None:
        language = self._context.language if self._context else Language.ZH
        await self._send({"type": "error", "id": id, "payload": present(errors, language)})

    async def _send(self, message: Mapping[str, Any]) -> None:
        """One message at a time and none ahead: a client that does not read stops its own operations."""
        text = orjson.dumps(message).decode()
        async with self._sending:
            if not self._is_open:
                # An operation that could go on unheard would run without anything to hold it back.
                raise WebSocketDisconnect(1006)
            try:
                async with asyncio.timeout(self._limits.socket_send_seconds_max):
                    await self._websocket.send_text(text)
            except TimeoutError:
                if self._is_open:
                    self._is_open = False
                    self._overdue = SocketEnded(1008, "Client does not read")
                    self._deadline.reschedule(asyncio.get_running_loop().time())
                raise WebSocketDisconnect(1008) from None

    async def _end(self, ended: SocketEnded | None) -> None:
        self._is_open = False
        if ended is None or self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        with suppress(TimeoutError, WebSocketDisconnect, WebSocketDisconnected, RuntimeError):
            async with asyncio.timeout(CLOSING_SECONDS_MAX):
                await self._websocket.close(ended.code, ended.reason)

    async def _leave(self) -> None:
        """Cancel what still runs and wait for it within the limit: shutdown must not hang on a guest."""
        if self._watch is not None:
            self._tasks.add(self._watch)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, staying = await asyncio.wait(self._tasks, timeout=self._limits.leaving_seconds_max)
            if staying:
                log.warning("operations_did_not_leave", count=len(staying))


async def _deny(websocket: WebSocket) -> None:
    if "websocket.http.response" not in websocket.scope.get("extensions", {}):
        return await websocket.close(1008)
    language = preferred_language(websocket.headers.get("accept-language"))
    errors = present([PublicError(ErrorCode.ORIGIN_NOT_ALLOWED)], language)
    response = Response(
        orjson.dumps({"errors": errors}), ErrorCode.ORIGIN_NOT_ALLOWED.status, media_type="application/json"
    )
    return await websocket.send_denial_response(response)


def _object_or_none(frame: Mapping[str, Any]) -> Mapping[str, Any] | None:
    payload = frame.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise SocketEnded(4400, "payload must be an object")
    return payload


def _operation_id(frame: Mapping[str, Any]) -> str:
    operation_id = frame.get("id")
    if not isinstance(operation_id, str) or not 0 < len(operation_id) <= OPERATION_ID_CHARACTERS_MAX:
        raise SocketEnded(4400, "id must be a string that is neither empty nor longer than 256 characters")
    return operation_id


def _parameters(frame: Mapping[str, Any]) -> Parameters:
    try:
        return read_parameters(frame.get("payload"))
    except PublicError as refused:
        raise SocketEnded(4400, refused.words[Language.EN]) from None
