"""Uploads and downloads through a real server on a real socket, with clients that leave in the middle."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.uploads.forms import CONTENT_TYPE, PDF, end, one_file_form, put, staged_keys
from uploads.receive import UploadLimits, receive
from uploads.refusal import UploadRefused
from uploads.send import send
from uploads.vault import READ_WINDOW_BYTES, Vault, key_of


class _House:
    """A server of one route up and one route down, which says how each request ended."""

    def __init__(self, vault: Vault, limits: UploadLimits) -> None:
        self.vault = vault
        self.limits = limits
        self.endings: asyncio.Queue[str] = asyncio.Queue()
        self.begun = asyncio.Event()
        self.windows_read = 0
        self.app = Starlette(
            routes=[Route("/up", self.up, methods=["POST"]), Route("/down/{key:path}", self.down, methods=["GET"])]
        )

    async def up(self, request: Request) -> Response:
        async def stream() -> AsyncIterator[bytes]:
            async for data in request.stream():
                yield data
                self.begun.set()

        try:
            content_type = request.headers.get("content-type", "")
            async with receive(stream(), content_type, vault=self.vault, limits=self.limits) as operations:
                received = operations["variables"]["f"]
                answer = {"sizeBytes": received.size_bytes, "name": received.name, "mediaType": received.media_type}
            self.endings.put_nowait("received")
            return JSONResponse(answer)
        except UploadRefused as refused:
            self.endings.put_nowait(refused.code.value)
            return JSONResponse({"code": refused.code.value}, status_code=refused.status)
        except ClientDisconnect:
            self.endings.put_nowait("client left")
            raise

    async def down(self, request: Request) -> Response:
        key = request.path_params["key"]
        answer = await send(
            self.vault,
            key,
            name="a.bin",
            media_type="application/pdf",
            size_bytes=await self.vault.size(key),
            sha256="0" * 64,
            request=request,
        )
        body: AsyncIterator[bytes] = answer.body_iterator  # type: ignore[attr-defined]

        async def counted() -> AsyncIterator[bytes]:
            try:
                async for window in body:
                    self.windows_read += 1
                    self.begun.set()
                    yield window
            finally:
                self.endings.put_nowait("sent")

        answer.body_iterator = counted()  # type: ignore[attr-defined]
        return answer


@asynccontextmanager
async def _served(vault: Vault, limits: UploadLimits) -> AsyncIterator[tuple[_House, int]]:
    house = _House(vault, limits)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = uvicorn.Server(
        uvicorn.Config(house.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield house, listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _head(length: int) -> bytes:
    return f"POST /up HTTP/1.1\r\nHost: x\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {length}\r\n\r\n".encode()


async def test_a_client_that_is_not_ours_uploads(vault: Vault) -> None:
    async with _served(vault, UploadLimits()) as (_, port), httpx.AsyncClient() as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}/up",
            data={"operations": '{"query": "q", "variables": {"f": null}}', "map": '{"0": ["variables.f"]}'},
            files={"0": ("报关单.pdf", PDF * 1000)},
        )
    assert answer.json() == {"sizeBytes": len(PDF) * 1000, "name": "报关单.pdf", "mediaType": "application/pdf"}
    assert await staged_keys(vault) == []


async def test_a_connection_cut_in_the_middle_leaves_nothing(vault: Vault) -> None:
    async with _served(vault, UploadLimits()) as (house, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_head(50_000_000) + one_file_form(bytes(8_000_000)).removesuffix(end()))
        await writer.drain()
        await house.begun.wait()
        writer.transport.abort()
        assert await asyncio.wait_for(house.endings.get(), 20) == "client left"
        assert await staged_keys(vault) == []


async def test_an_oversize_upload_is_answered_while_it_still_streams(vault: Vault) -> None:
    async with _served(vault, UploadLimits(file_bytes_max=1_000_000)) as (house, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_head(500_000_000) + one_file_form(bytes(1_200_000)).removesuffix(end()))
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 413 ")
        assert await house.endings.get() == "FILE_TOO_LARGE"
        assert await staged_keys(vault) == []
        writer.transport.abort()


async def test_a_download_ends_with_its_reader(folder_vault: Vault) -> None:
    windows = 40
    key = key_of(uuid4())
    await folder_vault.keep(await put(folder_vault, bytes(windows * READ_WINDOW_BYTES)), key)
    async with _served(folder_vault, UploadLimits()) as (house, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(f"GET /down/{key} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        await house.begun.wait()
        writer.transport.abort()
        assert await asyncio.wait_for(house.endings.get(), 20) == "sent"
        assert house.windows_read < windows
