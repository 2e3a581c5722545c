"""The routes of `/graphql`: one address, spoken to over HTTP and over websockets."""

from __future__ import annotations

from collections.abc import Collection

from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.execution import Executor
from graph.limits import Limits
from graph.transport.documents import Intake
from graph.transport.host import Host
from graph.transport.http import Explorer, HttpEndpoint, Multipart
from graph.transport.kept import KeptAnswers
from graph.transport.websocket import WebsocketEndpoint

PATH = "/graphql"


class Straight:
    """Middleware: what asks at one address over HTTP goes to its endpoint past the table of routes, which it would
    leave by the same door. The endpoint words its failures itself."""

    def __init__(self, app: ASGIApp, *, path: str, endpoint: ASGIApp) -> None:
        self._app, self._path, self._endpoint = app, path, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_meant = scope["type"] == "http" and scope["path"] == self._path and not scope.get("root_path")
        await (self._endpoint if is_meant else self._app)(scope, receive, send)


def graphql_routes(
    executor: Executor,
    host: Host,
    *,
    limits: Limits,
    multipart: Multipart | None = None,
    explorer: Explorer | None = None,
    origins_allowed: Collection[str] = (),
    intake: Intake | None = None,
    cache_seconds: int = 0,
    kept: KeptAnswers | None = None,
) -> tuple[Route, WebSocketRoute]:
    """HTTP and websocket at `/graphql`. Without `multipart` uploads are 415, without `explorer` browsers get JSON.

    `intake` says which documents are trusted; without it none is and any may run. `cache_seconds` is how long what
    strangers are answered by GET may be kept; `kept` are those answers to strangers that this process keeps itself.

    `origins_allowed` are sites beside our own that may open sockets (`https://example.cn`); `*` is every site.
    """
    intake = intake or Intake(executor, limits)
    http = HttpEndpoint(
        executor,
        intake,
        host,
        limits=limits,
        multipart=multipart,
        explorer=explorer,
        cache_seconds=cache_seconds,
        kept=kept,
    )
    websocket = WebsocketEndpoint(executor, intake, host, limits=limits, origins_allowed=origins_allowed)
    # An endpoint that is no function hears of every method, so that 405 is answered in our own words.
    return Route(PATH, http), WebSocketRoute(PATH, websocket)
