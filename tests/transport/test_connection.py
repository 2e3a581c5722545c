"""Clients that keep a connection busy and never come to the point: each is cut within a time, or after a number."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.frames import Frame, Opcode

from graph.limits import Limits
from graph.transport.connection import HttpConnection, _Outlet
from tests.transport.serving import serving, talking
from tests.transport.toy import toy_app

SECONDS_MAX = 10
HURRIED = Limits(head_seconds_max=0.1, unread_seconds_max=0.1)
ASK = (
    b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n"
    b'{"query":"{hello}"}'
)
ASK_LONG = ASK.replace(b"19", b"42").replace(b"{hello}", b"{machines(first:3000){number}}")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Streams]:
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes."""
    async with asyncio.timeout(SECONDS_MAX):
        return await reader.read()


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    """One short answer."""
    async with asyncio.timeout(SECONDS_MAX):
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        return head + await reader.readexactly(int(length))


async def test_who_connects_and_says_nothing_is_shown_out() -> None:
    async with serving(toy_app(), HURRIED) as (address, _), connected(address) as (reader, _):
        assert await rest_of(reader) == b""


@pytest.mark.parametrize("before", [b"", ASK])
async def test_a_head_that_does_not_come_to_its_end_is_cut_with_408_the_first_and_the_next(before: bytes) -> None:
    async with serving(toy_app(), HURRIED) as (address, _), connected(address) as (reader, writer):
        if before:
            writer.write(before)
            assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /graphql HTTP/1.1\r\nx-slow: ")
        answer = await rest_of(reader)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"REQUEST_TIMEOUT" in answer


async def test_a_head_that_drips_is_cut_all_the_same() -> None:
    async with serving(toy_app(), HURRIED) as (address, _), connected(address) as (_, writer):
        writer.write(b"GET /graphql HTTP/1.1\r\nx-slow: ")
        await dripped(writer)


async def dripped(writer: asyncio.StreamWriter) -> None:
    """Goes on sending until the server has closed."""
    async with asyncio.timeout(SECONDS_MAX):
        with suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)


async def test_a_head_without_an_end_is_cut_with_431() -> None:
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(b"GET /graphql HTTP/1.1\r\n" + b"x-more: and more\r\n" * 4_000)
        answer = await rest_of(reader)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"HEADERS_TOO_LARGE" in answer


async def test_a_body_that_drips_on_after_its_answer_holds_no_connection() -> None:
    async with serving(toy_app(), HURRIED) as (address, _), connected(address) as (reader, writer):
        writer.write(b"PUT /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 405 ")
        await dripped(writer)


async def test_who_asks_again_in_time_keeps_the_connection() -> None:
    async with serving(toy_app(), Limits(head_seconds_max=SECONDS_MAX)) as (address, _), connected(address) as streams:
        reader, writer = streams
        for _ in range(3):
            writer.write(ASK)
            assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")


async def test_a_client_that_does_not_read_its_answers_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    paused, lost = asyncio.Event(), asyncio.Event()
    pause, lose = HttpConnection.pause_writing, HttpConnection.connection_lost

    def pauses(self: HttpConnection) -> None:
        pause(self)
        paused.set()

    def loses(self: HttpConnection, exc: Exception | None) -> None:
        lose(self, exc)
        lost.set()

    monkeypatch.setattr(HttpConnection, "pause_writing", pauses)
    monkeypatch.setattr(HttpConnection, "connection_lost", loses)
    patient = Limits(head_seconds_max=SECONDS_MAX, unread_seconds_max=0.1)
    async with serving(toy_app(), patient) as (address, _):
        host, port = address.split(":")
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect((host, int(port)))
            deaf.sendall(ASK_LONG * 100)
            async with asyncio.timeout(SECONDS_MAX):
                await lost.wait()
    assert paused.is_set()


class Exit:
    """A transport that notes what is asked of it."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def writelines(self, pieces: tuple[bytes, ...]) -> None:
        self.done.append(pieces)

    def is_closing(self) -> bool:
        return "closed" in self.done

    def close(self) -> None:
        self.done.append("closed")


async def test_a_head_leaves_with_the_body_that_follows_at_once() -> None:
    exit_: Any = Exit()
    outlet = _Outlet(exit_, asyncio.get_running_loop())
    outlet.write(b"head")
    outlet.write(b"body")
    outlet.write(b"more")
    await asyncio.sleep(0)
    assert exit_.done == [(b"head", b"body"), b"more"]


async def test_a_head_alone_leaves_with_the_next_turn_or_before_the_end() -> None:
    first: Any = Exit()
    outlet = _Outlet(first, asyncio.get_running_loop())
    outlet.write(b"head")
    assert first.done == []
    await asyncio.sleep(0)
    outlet.write(b"body")
    assert first.done == [b"head", b"body"]
    last: Any = Exit()
    outlet = _Outlet(last, asyncio.get_running_loop())
    outlet.write(b"head")
    outlet.close()
    await asyncio.sleep(0)
    assert last.done == [b"head", "closed"]


async def test_nothing_but_a_head_leaves_where_there_is_no_body() -> None:
    exit_: Any = Exit()
    outlet = _Outlet(exit_, asyncio.get_running_loop())
    outlet.write(b"head")
    outlet.write(b"")
    assert exit_.done == [(b"head",)]


async def test_a_head_that_waits_while_its_connection_closes_is_dropped() -> None:
    exit_: Any = Exit()
    outlet = _Outlet(exit_, asyncio.get_running_loop())
    outlet.write(b"head")
    exit_.close()
    await asyncio.sleep(0)
    assert exit_.done == ["closed"]


async def test_answers_to_what_was_asked_at_once_come_in_turn_each_whole() -> None:
    async def numbered(scope: Any, receive: Any, send: Any) -> None:
        number = scope["path"].removeprefix("/").encode()
        if scope["method"] != "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            await send({"type": "http.response.body", "body": number})
            return
        await send({"type": "http.response.start", "status": 204, "headers": [(b"x-number", number)]})
        await send({"type": "http.response.body"})

    asked = b"".join(b"%b /%d HTTP/1.1\r\nhost: x\r\n\r\n" % (b"HEAD" if n % 3 == 0 else b"GET", n) for n in range(9))
    async with serving(numbered) as (address, _), connected(address) as (reader, writer):
        writer.write(asked)
        for n in range(9):
            if n % 3:
                assert (await answer_of(reader))[-1:] == b"%d" % n
            else:
                head = await reader.readuntil(b"\r\n\r\n")
                assert (head[:12], b"x-number: %d\r\n" % n in head) == (b"HTTP/1.1 204", True)


async def test_the_head_of_a_stream_does_not_wait_for_its_first_event() -> None:
    is_read = asyncio.Event()

    async def streamed(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await is_read.wait()
        await send({"type": "http.response.body", "body": b"event"})

    async with serving(streamed) as (address, _), connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        async with asyncio.timeout(SECONDS_MAX):
            await reader.readuntil(b"\r\n\r\n")
            is_read.set()
            assert await reader.readexactly(5) == b"event"


async def test_a_body_that_comes_slowly_behind_a_whole_request_is_waited_for_no_longer() -> None:
    limits = Limits(body_seconds_max=0.1)
    slow = ASK.replace(b"length: 19", b"length: 99")
    async with serving(toy_app(limits=limits)) as (address, _), connected(address) as (reader, writer):
        writer.write(ASK + slow)
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 200")
        assert (await answer_of(reader)).startswith(b"HTTP/1.1 408")


FEW = Limits(frames_at_once_max=20, frames_per_second_max=1, message_frames_max=5)


def serialized(*frames: Frame) -> Any:
    """Frames as a library of good manners would not send them."""
    return b"".join(frame.serialize(mask=True) for frame in frames)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([Frame(Opcode.PING, b"?")] * 21, 1008),
        ([Frame(Opcode.PONG, b"!")] * 21, 1008),
        ([Frame(Opcode.TEXT, b'{"type":"ping"}')] * 21, 1008),
        ([Frame(Opcode.TEXT, b"", fin=False), *[Frame(Opcode.CONT, b"", fin=False)] * 5], 1009),
    ],
)
async def test_frames_without_end_close_the_socket(frames: list[Frame], code: int) -> None:
    async with serving(toy_app(), FEW) as (address, _), talking(address) as talk:
        with capture_logs() as lines:
            talk.connection.transport.write(serialized(*frames))
            assert await talk.hears_close() == code
    assert lines == []


async def test_as_many_frames_as_are_allowed_are_answered() -> None:
    async with serving(toy_app(), FEW) as (address, _), talking(address) as talk:
        for _ in range(10):
            await talk.says("ping")
            assert await talk.hears() == {"type": "pong"}


@pytest.mark.parametrize("is_greeted", [False, True])
async def test_a_message_that_unpacks_into_too_much_closes_1009(is_greeted: bool) -> None:
    async with serving(toy_app()) as (address, _), talking(address, compression="deflate") as talk:
        if is_greeted:
            await talk.hello()
            await talk.asks("1", "subscription { count(to: 1000) { number } }")
        with capture_logs() as lines:
            await talk.sends('{"type":"ping","payload":{"x":"' + "0" * 5_000_000 + '"}}')
            assert await talk.hears_close() == 1009
    assert lines == []
