"""A kept file on its way out, over a real server and over both vaults."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tests.uploads.forms import put
from uploads.send import StoredFileDiffers, send
from uploads.vault import Vault, key_of

CONTENT = random.Random(1).randbytes(3 * 1024 * 1024 + 17)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "报关单 “最终”.pdf"


async def _keep(vault: Vault, content: bytes) -> str:
    key = key_of(uuid4())
    await vault.keep(await put(vault, content), key)
    return key


def _client(vault: Vault, key: str, size_bytes: int = len(CONTENT), name: str = NAME) -> httpx.AsyncClient:
    async def app(scope: Scope, receive: Receive, outgoing: Send) -> None:
        answer: Response = await send(
            vault,
            key,
            name=name,
            media_type="application/pdf",
            size_bytes=size_bytes,
            sha256=SHA256,
            request=Request(scope),
        )
        await answer(scope, receive, outgoing)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house")


@pytest.fixture
async def client(vault: Vault) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(vault, await _keep(vault, CONTENT)) as client:
        yield client


async def test_a_download_is_whole_and_only_ever_saved(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == f'"{SHA256}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    plain, _, extended = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="___ ____.pdf"'
    assert unquote(extended) == NAME


async def test_head_tells_what_get_would_send(client: httpx.AsyncClient) -> None:
    head, get = await client.head("/", headers={"Range": "bytes=0-5"}), await client.get("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-2000000", 100, 2_000_001),
        ("bytes=3000000-", 3_000_000, len(CONTENT)),
        ("bytes=-10", len(CONTENT) - 10, len(CONTENT)),
        ("bytes=-999999999", 0, len(CONTENT)),
        ("bytes=5-999999999", 5, len(CONTENT)),
        ("Bytes = 5 - 9", 5, 10),
    ],
)
async def test_one_range_is_sent_alone(client: httpx.AsyncClient, asked: str, start: int, stop: int) -> None:
    answer = await client.get("/", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, CONTENT[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=999999999-9999999999", "bytes=-0"])
async def test_a_range_beyond_the_file_is_refused(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get("/", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=²-3", ""])
async def test_a_range_that_means_nothing_is_ignored(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get("/", headers={b"Range": asked.encode()})
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


@pytest.mark.parametrize(
    ("condition", "status"),
    [(f'"{SHA256}"', 206), ('"other"', 200), (f'W/"{SHA256}"', 200), ("Mon, 23 Nov 2026 00:00:00 GMT", 200)],
)
async def test_a_range_of_another_edition_becomes_the_whole_file(
    client: httpx.AsyncClient, condition: str, status: int
) -> None:
    answer = await client.get("/", headers={"Range": "bytes=0-9", "If-Range": condition})
    assert answer.status_code == status


@pytest.mark.parametrize("condition", [f'"{SHA256}"', f'W/"{SHA256}"', f'"a", "{SHA256}"', "*"])
async def test_a_file_already_held_is_not_sent_again(client: httpx.AsyncClient, condition: str) -> None:
    for answer in (
        await client.get("/", headers={"If-None-Match": condition, "Range": "bytes=0-1"}),
        await client.head("/", headers={"If-None-Match": condition}),
    ):
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == f'"{SHA256}"'


@pytest.mark.parametrize("condition", ['"other"', "", SHA256])
async def test_a_file_not_held_is_sent(client: httpx.AsyncClient, condition: str) -> None:
    assert (await client.get("/", headers={"If-None-Match": condition})).status_code == 200


async def test_an_empty_file_is_sent_as_nothing(folder_vault: Vault) -> None:
    async with _client(folder_vault, await _keep(folder_vault, b""), size_bytes=0) as client:
        answer = await client.get("/")
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
        assert (await client.get("/", headers={"Range": "bytes=0-"})).status_code == 416


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1.pdf", "a\\b%22.pdf", "\u202efdp.exe"])
async def test_no_name_breaks_out_of_its_header(folder_vault: Vault, name: str) -> None:
    async with _client(folder_vault, await _keep(folder_vault, CONTENT), name=name) as client:
        answer = await client.head("/")
    disposition = answer.headers["content-disposition"]
    assert "set-cookie" not in answer.headers
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert disposition.count(";") == 2 + disposition.split('"')[1].count(";")


async def test_no_more_is_read_than_the_reader_takes(folder_vault: Vault) -> None:
    key, windows = await _keep(folder_vault, CONTENT), 0
    request = Request({"type": "http", "method": "GET", "headers": []})
    about = {"name": "a.bin", "media_type": "application/pdf", "sha256": SHA256, "size_bytes": len(CONTENT)}
    answer = await send(folder_vault, key, request=request, **about)  # type: ignore[arg-type]
    assert isinstance(answer, StreamingResponse)
    body, taken, may_go_on = answer.body_iterator, asyncio.Event(), asyncio.Event()

    async def counted() -> AsyncIterator[bytes]:
        nonlocal windows
        async for window in body:
            windows += 1
            assert isinstance(window, bytes)
            yield window

    async def outgoing(message: Message) -> None:
        if message.get("body"):
            taken.set()
            await may_go_on.wait()

    async def never() -> Message:
        return await asyncio.Future()

    answer.body_iterator = counted()
    sending = asyncio.create_task(answer({"type": "http", "asgi": {"spec_version": "2.4"}}, never, outgoing))
    await taken.wait()
    assert windows == 1
    may_go_on.set()
    await sending
    assert windows == 4


async def test_a_missing_or_damaged_file_fails_before_the_first_byte(vault: Vault) -> None:
    async with _client(vault, key_of(uuid4())) as client:
        with pytest.raises(FileNotFoundError):
            await client.get("/")
    async with _client(vault, await _keep(vault, CONTENT[:-1])) as client:
        with pytest.raises(StoredFileDiffers):
            await client.get("/")
