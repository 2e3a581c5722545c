"""One connection as the server program holds it, with the patience that uvicorn lacks: for the head of a request, for a
client that does not read, for frames that never make a message and frames that come too fast."""

from __future__ import annotations

from asyncio import Transport
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from domain.language import Language
from graph.errors import ErrorCode, PublicError
from graph.limits import Limits
from graph.transport.answers import Manner, refusal
from graph.transport.asked import IS_WHOLE
from graph.transport.negotiation import AnswerType

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from websockets.frames import Frame

REASONS: Final = {
    ErrorCode.BAD_REQUEST: b"Bad Request",
    ErrorCode.REQUEST_TIMEOUT: b"Request Timeout",
    ErrorCode.HEADERS_TOO_LARGE: b"Headers Too Large",
}
"""What a status line says beside its number; nobody reads it."""

SAID_ONCE: Final = frozenset(
    {b"authorization", b"content-encoding", b"content-type", b"host", b"origin", b"sec-fetch-site"}
)
"""Headers that decide something: of two, a proxy before us might believe the one and we the other."""


class Ambiguous(Exception):
    """A head that two readers may read as different requests. It stops the parser, which refuses it like any other."""


class _Reader:
    """Whether a client takes what was written for it. One that takes too little for too long is cut."""

    def __init__(self, transport: Transport, limits: Limits, loop: Any) -> None:
        self._transport, self._limits, self._loop = transport, limits, loop
        self._timer: TimerHandle | None = None
        self._waiting = 0

    def watch(self) -> None:
        if self._timer is None:
            self._waiting = self._transport.get_write_buffer_size()
            self._timer = self._loop.call_later(self._limits.spread(self._limits.unread_seconds_max), self._look)

    def rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        left = self._transport.get_write_buffer_size()
        if left and self._waiting - left < self._limits.unread_progress_bytes_min:
            self._transport.abort()
        elif left:
            self.watch()


class _Outlet:
    """The way out for one answer. Its head waits for the body that follows at once, and both leave together: a piece
    that leaves costs the system about as much as an answer from memory takes in all."""

    def __init__(self, transport: Transport, loop: Any) -> None:
        self._transport, self._loop = transport, loop
        self._is_first = True
        self._waiting: bytes | None = None

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def write(self, data: bytes) -> None:
        if self._is_first:
            self._is_first, self._waiting = False, data
            # One whose body is still to be made goes alone: streams begin so.
            self._loop.call_soon(self._let_go)
        elif self._waiting is None:
            self._transport.write(data)
        else:
            head, self._waiting = self._waiting, None
            self._transport.writelines((head, data) if data else (head,))

    def close(self) -> None:
        self._let_go()
        self._transport.close()

    def _let_go(self) -> None:
        if self._waiting is not None and not self._transport.is_closing():
            self._transport.write(self._waiting)
        self._waiting = None


class HttpConnection(HttpToolsProtocol):
    """An HTTP connection of uvicorn's. What waits for a head is cut when its time is over, whatever drips in."""

    limits: ClassVar[Limits] = Limits()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._reader = _Reader(transport, self.limits, self.loop)
        self._head_timer: TimerHandle | None = None
        self._head_due: float | None = None
        self._is_in_head, self._brings_body, self._head_bytes = True, False, 0
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
        self._reader.rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._brings_body = False
        super().data_received(data)
        # What follows the last chunk, or describes the next, is as long as it likes until it is counted.
        self._head_bytes = 0 if self._brings_body else self._head_bytes + len(data)
        if self._head_bytes > self.limits.head_bytes_max:
            self._refuse(ErrorCode.HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._brings_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.scope[IS_WHOLE] = True  # type: ignore[typeddict-unknown-key]  # a server may say more
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._head_due = False, None
        is_upgrade = self.parser.should_upgrade()
        self._check_head(is_upgrade=is_upgrade)
        super().on_headers_complete()
        if not is_upgrade:
            self.cycle.transport = _Outlet(self.transport, self.loop)  # type: ignore[assignment]  # all of it that is used
            # uvicorn would add what follows the last chunk to the request's headers, where no proxy has looked at it.
            self.headers = []

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in JSON, like everything else."""
        self._refuse(ErrorCode.BAD_REQUEST)

    def _check_head(self, *, is_upgrade: bool) -> None:
        """Raises Ambiguous."""
        once = [name for name, _ in self.headers if name in SAID_ONCE]
        if len(once) != len(set(once)) or (b"host" not in once and self.parser.get_http_version() == "1.1"):
            raise Ambiguous
        # The parser takes a body after such a head for another protocol, and what comes later for the next request.
        if is_upgrade and any(_announces_body(*header) for header in self.headers):
            raise Ambiguous

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._reader.watch()
        elif self.cycle.response_complete:
            # Also where the body is still dripping in: it makes no head.
            self._await_head()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._reader.watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader.rest()

    def _await_head(self) -> None:
        """One timer does for many requests: where it finds that the head has come, the next one is awaited anew."""
        self._head_due = self.loop.time() + self.limits.spread(self.limits.head_seconds_max)
        if self._head_timer is None:
            self._head_timer = self.loop.call_at(self._head_due, self._look_at_head)

    def _look_at_head(self) -> None:
        self._head_timer = None
        if self._head_due is None:
            return
        if self.loop.time() < self._head_due:
            self._head_timer = self.loop.call_at(self._head_due, self._look_at_head)
        elif self._is_in_head and self._head_bytes:
            self._refuse(ErrorCode.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, code: ErrorCode) -> None:
        self._head_due = None
        if self.transport.is_closing():
            return
        response = refusal(PublicError(code), Manner(AnswerType.JSON, Language.EN), {"connection": "close"})
        head = b"HTTP/1.1 %d %b\r\n" % (response.status_code, REASONS[code])
        lines = b"".join(b"%b: %b\r\n" % line for line in response.raw_headers)
        self.transport.write(head + lines + b"\r\n" + bytes(response.body))
        self.transport.close()
        self._reader.watch()


class SocketConnection(WebSocketsSansIOProtocol):
    """A websocket connection of uvicorn's. Its frames are counted, whatever they are; text has limits further in."""

    limits: ClassVar[Limits] = Limits()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._reader = _Reader(transport, self.limits, self.loop)
        self._empty_at = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        self._reader.rest()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader.watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._reader.rest()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._is_over()

    def handle_parser_exception(self) -> None:
        super().handle_parser_exception()
        self._is_over()

    def handle_text(self, event: Frame) -> None:
        if self._is_in_time():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._is_in_time():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= self.limits.message_frames_max:
            self._fail(1009, "Message of too many frames")
        elif self._is_in_time():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._is_in_time():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._is_in_time():
            super().handle_pong(event)

    def _is_in_time(self) -> bool:
        """Counts a frame in a bucket that drains with time. When it is full the socket is closed."""
        if self.close_sent:
            return False
        now, limits = monotonic(), self.limits
        self._empty_at = max(self._empty_at, now) + 1 / limits.frames_per_second_max
        if self._empty_at - now <= limits.frames_at_once_max / limits.frames_per_second_max:
            return True
        self._fail(1008, "Too many frames")
        return False

    def _fail(self, code: int, reason: str) -> None:
        self.frames = []
        self.conn.fail(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        self._is_over()

    def _is_over(self) -> None:
        """Whatever is still to be said hears that there is nobody any more, as after a client has left."""
        self.disconnected = True
        self.writable.set()
        self._reader.watch()


def _announces_body(name: bytes, value: bytes) -> bool:
    return name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 ") != b"")


def http_connection(limits: Limits) -> type[HttpConnection]:
    """What `uvicorn.run(http=…)` takes."""
    return type("HttpConnection", (HttpConnection,), {"limits": limits})


def socket_connection(limits: Limits) -> type[SocketConnection]:
    """What `uvicorn.run(ws=…)` takes."""
    return type("SocketConnection", (SocketConnection,), {"limits": limits})
