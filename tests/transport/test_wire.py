"""Bytes that no client of good manners sends: heads that two readers could read as two requests, and text that is none.
Each is refused once, and nothing after it on the connection is taken for a request."""

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs
from websockets.frames import Frame, Opcode

from tests.transport.serving import serving, talking
from tests.transport.test_connection import answer_of, connected, rest_of
from tests.transport.toy import toy_app

BODY = b'{"query":"{hello}"}'
CHUNKED = b"13\r\n" + BODY + b"\r\n0\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"


def head(*lines: bytes) -> bytes:
    """The head of a request that needs a body, with these headers more."""
    usual = (b"POST /graphql HTTP/1.1", b"host: x", b"content-type: application/json")
    return b"\r\n".join((*usual, *lines, b"", b""))


AMBIGUOUS = {
    "a length and chunks": head(b"content-length: 19", b"transfer-encoding: chunked") + CHUNKED,
    "chunks and a length": head(b"transfer-encoding: chunked", b"content-length: 4") + CHUNKED,
    "two lengths": head(b"content-length: 19", b"content-length: 4") + BODY,
    "one length twice": head(b"content-length: 19", b"content-length: 19") + BODY,
    "lengths in a list": head(b"content-length: 19, 19") + BODY,
    "a length with a sign": head(b"content-length: +19") + BODY,
    "a length below nothing": head(b"content-length: -1") + BODY,
    "a length in hexadecimal": head(b"content-length: 0x13") + BODY,
    "an encoding that is none": head(b"transfer-encoding: xchunked") + CHUNKED,
    "chunks that are no last encoding": head(b"transfer-encoding: chunked, identity") + CHUNKED,
    "two encodings": head(b"transfer-encoding: chunked", b"transfer-encoding: identity") + CHUNKED,
    "a chunk without end": head(b"transfer-encoding: chunked") + b"f" * 18 + b"\r\n" + BODY,
    "chunks that end in LF alone": head(b"transfer-encoding: chunked") + CHUNKED.replace(b"\r\n", b"\n"),
    "a blank before the colon": head(b"content-length : 19") + BODY,
    "a header on two lines": head(b"x-a: 1\r\n content-length: 4", b"content-length: 19") + BODY,
    "lines that end in LF alone": head(b"content-length: 19").replace(b"\r\n", b"\n") + BODY,
    "CR within a value": head(b"x-a: a\rb", b"content-length: 19") + BODY,
    "NUL within a value": head(b"x-a: \x00", b"content-length: 19") + BODY,
    "NUL within an address": b"GET /graph\x00ql HTTP/1.1\r\nhost: x\r\n\r\n",
    "an address that is no ASCII": b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    "two hosts": head(b"host: y", b"content-length: 19") + BODY,
    "no host": head(b"content-length: 19").replace(b"host: x\r\n", b"") + BODY,
    "two tokens": head(b"authorization: Bearer good", b"Authorization: Bearer bad", b"content-length: 19") + BODY,
    "two types": head(b"content-type: text/plain", b"content-length: 19") + BODY,
    "two origins": head(b"origin: http://x", b"origin: http://y", b"content-length: 19") + BODY,
    "another protocol after a body": head(b"connection: upgrade", b"upgrade: h2c", b"content-length: 19") + BODY,
    "another protocol after chunks": head(b"connection: upgrade", b"upgrade: h2c", b"transfer-encoding: chunked")
    + CHUNKED,
    "a socket after a body": head(b"connection: upgrade", b"upgrade: websocket", b"content-length: 19") + BODY,
    "a tunnel": b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(100),
}


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_a_head_that_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(sent: bytes) -> None:
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(sent + SMUGGLED)
        answer = await rest_of(reader)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"code":"BAD_REQUEST"' in answer


@pytest.mark.parametrize(
    "more",
    [
        (b"connection: upgrade", b"upgrade: h2c", b"content-length: 0"),
        (b"x-a: 1", b"x-a: 2", b"content-length: 0"),
    ],
)
async def test_what_can_be_read_in_one_way_only_is_read(more: tuple[bytes, ...]) -> None:
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(head(*more))
        answer = await answer_of(reader)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"JSON" in answer, "its body was read, and is none"


async def test_requests_one_after_another_are_answered_one_after_another() -> None:
    asked = head(b"content-length: 19") + BODY
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(asked * 3)
        for _ in range(3):
            assert (await answer_of(reader)).startswith(b"HTTP/1.1 200 ")


async def test_what_follows_the_chunks_is_no_header() -> None:
    asked = head(b"transfer-encoding: chunked") + b"11\r\n" + b'{"query":"{user}"}'[:17] + b"\r\n1\r\n}\r\n0\r\n"
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(asked + b"authorization: Bearer good\r\n\r\n")
        answer = await answer_of(reader)
    assert b'{"data":{"user":null}}' in answer


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (b"13\r\n" + BODY + b"\r\n0\r\n", b"x-more: and more\r\n"),
        (b"13;", b"and-more"),
        (b"13\r\n" + BODY + b"\r\n", b"0"),
    ],
    ids=["headers", "an extension", "a length"],
)
async def test_what_goes_on_around_the_chunks_is_cut(before: bytes, piece: bytes) -> None:
    async with serving(toy_app()) as (address, _), connected(address) as (reader, writer):
        writer.write(head(b"transfer-encoding: chunked") + before)
        answer = asyncio.ensure_future(rest_of(reader))
        with suppress(ConnectionError):
            while not answer.done():
                writer.write(piece * 1_000)
                await writer.drain()
                await asyncio.wait({answer}, timeout=0.01)
        assert (await answer).startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A frame as it goes over the wire, masked by zeros; `first` is its first byte."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (masked(b'{"type":"\xff"}'), 1007),
        (masked(b'"\xed\xa0\x80"'), 1007),
        (masked(b"\xef\xbb\xbf" + b'{"type":"ping"}'), 4400),
        (masked(b'{"type":"\\ud800"}'), 4400),
        (masked(b"{}", first=0xC1), 1002),
        (masked(b"{}", first=0xA1), 1002),
        (masked(b"{}", first=0x83), 1002),
        (masked(b"{}", first=0x80), 1002),
        (masked(b"?", first=0x09), 1002),
        (Frame(Opcode.TEXT, b"{}").serialize(mask=False), 1002),
        (b"\x89\xfe\x00\xff" + bytes(4) + b"a" * 255, 1002),
        (b"\x81\xff" + b"\xff" * 8, 1009),
        (b"\x81\xff" + b"\x00" * 3 + b"\xff" * 5, 1009),
    ],
    ids=[
        "no UTF-8", "a surrogate in UTF-8", "a byte order mark", "a lone surrogate", "compressed unasked",
        "a reserved bit", "a reserved kind", "a piece of nothing", "a ping in pieces", "unmasked", "a long ping",
        "a length beyond 63 bits", "a terabyte",
    ],
)  # fmt: skip
async def test_a_frame_that_breaks_the_protocol_closes_the_socket(frame: bytes, code: int) -> None:
    async with serving(toy_app()) as (address, _), talking(address, compression=None) as talk:
        with capture_logs() as lines:
            talk.connection.transport.write(frame)
            assert await talk.hears_close() == code
    assert lines == []
