"""The toy application behind a real uvicorn in the test's own event loop, and a small client of the socket protocol."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from graph.limits import Limits
from graph.transport.connection import http_connection, socket_connection

SECONDS_MAX = 10
LIMITS = Limits()


class AnnouncedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(app: ASGIApp, limits: Limits = LIMITS) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Yields `127.0.0.1:port` and the server, which is told to stop at the end. `limits` are those of connections."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=http_connection(limits),
        ws=socket_connection(limits),
        log_level="critical",
        lifespan="off",
        ws_max_size=4_000_000,
    )
    server = AnnouncedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", server
    finally:
        server.should_exit = True
        async with asyncio.timeout(SECONDS_MAX):
            await task


class Talk:
    """A client's side of one socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def says(self, type_: str, **fields: object) -> None:
        await self.sends(orjson.dumps({"type": type_, **fields}).decode())

    async def sends(self, frame: str | bytes) -> None:
        await self.connection.send(frame)

    async def hears(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS_MAX):
            heard: dict[str, Any] = orjson.loads(await self.connection.recv())
        return heard

    async def hello(self, **payload: object) -> None:
        await self.says("connection_init", payload=payload)
        assert await self.hears() == {"type": "connection_ack"}

    async def asks(self, id: str, query: str, **more: object) -> None:
        await self.says("subscribe", id=id, payload={"query": query, **more})

    async def hears_close(self) -> int:
        """The close code, after whatever was still said."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(SECONDS_MAX):
                while True:
                    await self.connection.recv()
        code = self.connection.close_code
        assert code is not None
        return code


@asynccontextmanager
async def talking(
    address: str, *, subprotocol: str | None = "graphql-transport-ws", **options: Any
) -> AsyncIterator[Talk]:
    subprotocols = [Subprotocol(subprotocol)] if subprotocol else None
    async with connect(
        f"ws://{address}/graphql", subprotocols=subprotocols, max_size=None, proxy=None, **options
    ) as connection:
        yield Talk(connection)


def codes(message: dict[str, Any]) -> list[str]:
    """The codes of an `error` message."""
    assert message["type"] == "error"
    return [error["extensions"]["code"] for error in message["payload"]]
