"""The routes of `/graphql`: one address, spoken to over HTTP and over websockets."""

from __future__ import annotations

from collections.abc import Collection

from starlette.routing import BaseRoute, Route, WebSocketRoute

from graph.execution import Executor
from graph.limits import Limits
from graph.transport.documents import Intake
from graph.transport.host import Host
from graph.transport.http import Explorer, HttpEndpoint, Multipart
from graph.transport.kept import KeptAnswers
from graph.transport.websocket import WebsocketEndpoint

PATH = "/graphql"


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
) -> list[BaseRoute]:
    """HTTP and websocket at `/graphql`. Without `multipart` uploads are 415, without `explorer` browsers get JSON.

    `intake` says which documents are trusted; without it none is and any may run. `cache_seconds` is how long what
    strangers are answered by GET may be kept; `kept` are those of such answers that this process keeps itself.

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
    return [Route(PATH, http), WebSocketRoute(PATH, websocket)]
