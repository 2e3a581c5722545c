"""An answer as HTTP carries it: its status, its media type, what caches may do with it, and compressed where that pays.
The surprise: an answer with data and errors is 294 under application/graphql-response+json and 200 under JSON."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from graphql import ExecutionResult, GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from domain.language import Language
from graph.errors import ErrorCode, PublicError, present
from graph.execution import RequestRefused
from graph.transport.negotiation import AnswerType

PARTIAL_SUCCESS: Final = 294
GZIP_LEVEL: Final = 1
"""JSON becomes a fifth at the first level already; the next ones cost twice the time for a few per cent."""

GZIP_WINDOW: Final = 31
"""How zlib is told to write gzip."""

NO_STORE: Final = "no-store"
HEADERS: Final[dict[str, str]] = {
    "cache-control": NO_STORE,
    "vary": "Accept, Accept-Encoding, Accept-Language",
    "x-content-type-options": "nosniff",
}
RAW_HEADERS: Final = {
    wanted: [
        *((name.encode(), value.encode()) for name, value in HEADERS.items()),
        (b"content-type", f"{wanted}; charset=utf-8".encode()),
    ]
    for wanted in AnswerType
}
"""Those of each type of answer, as they are sent."""
VARY_BY_VIEWER: Final = f"{HEADERS['vary']}, Authorization, Cookie"
HEADERS_OF_ERRORS: Final[Mapping[ErrorCode, Mapping[str, str]]] = {
    ErrorCode.UNAUTHENTICATED: {"www-authenticate": "Bearer"},
    ErrorCode.METHOD_NOT_ALLOWED: {"allow": "GET, POST"},
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: {"accept-encoding": "identity"},
    # The rest of the body is still on its way and would be read as the next request.
    ErrorCode.PAYLOAD_TOO_LARGE: {"connection": "close"},
    ErrorCode.REQUEST_TIMEOUT: {"connection": "close"},
    ErrorCode.DATABASE_AWAY: {"retry-after": "1"},
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How one client wants to be answered."""

    wanted: AnswerType
    language: Language
    compressed_bytes_min: int | None = None
    """From which length on in gzip; None where the client takes none."""


def answer(result: ExecutionResult, manner: Manner, *, cache_seconds: int = 0) -> Response:
    """The status says under JSON only that the request was well-formed, under GraphQL's own type what became of it.

    `cache_seconds` is for an answer that everybody would get; one with errors is not kept all the same.
    """
    content: dict[str, object] = {} if isinstance(result, RequestRefused) else {"data": result.data}
    if result.errors:
        content = {"errors": present(result.errors, manner.language), **content}
    if result.extensions:
        content["extensions"] = result.extensions
    if manner.wanted is AnswerType.JSON or not result.errors:
        status = 200
    elif isinstance(result, RequestRefused):
        status = max(_status(error) for error in result.errors)
    else:
        status = PARTIAL_SUCCESS
    response = _json(content, status, manner)
    if cache_seconds and not result.errors:
        response.headers["cache-control"] = f"public, max-age={cache_seconds}"
        response.headers["vary"] = VARY_BY_VIEWER
    return response


def refusal(error: PublicError, manner: Manner, headers: Mapping[str, str] | None = None) -> Response:
    """Not a well-formed request, or not one for this method: a status of its own under either type."""
    response = _json({"errors": present([error], manner.language)}, error.status, manner)
    response.headers.update({**HEADERS_OF_ERRORS.get(error.code, {}), **error.headers, **(headers or {})})
    return response


def with_validator(response: Response, tag: str, request: Request) -> Response:
    """The answer with its tag; without its body, as 304, to whoever has it already."""
    given = request.headers.get("if-none-match", "")
    if given.strip() != "*" and tag.removeprefix("W/") not in {
        each.strip().removeprefix("W/") for each in given.split(",")
    }:
        response.headers["etag"] = tag
        return response
    about = {name: response.headers[name] for name in ("cache-control", "vary")}
    return Response(status_code=304, headers=about | {"etag": tag})


def compressed(content: bytes) -> bytes:
    """In gzip."""
    return zlib.compress(content, GZIP_LEVEL, GZIP_WINDOW)


def _status(error: GraphQLError) -> int:
    return error.status if isinstance(error, PublicError) else ErrorCode.INTERNAL.status


def _json(content: object, status: int, manner: Manner) -> Response:
    body = orjson.dumps(content)
    if manner.compressed_bytes_min is None or len(body) < manner.compressed_bytes_min:
        return _Json(body, status, media_type=manner.wanted)
    response = _Json(compressed(body), status, media_type=manner.wanted)
    response.headers["content-encoding"] = "gzip"
    return response


class _Json(Response):
    """Starlette's response, with headers that are written already; `media_type` is an `AnswerType`."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        self.raw_headers = [*RAW_HEADERS[AnswerType(self.media_type or "")], length]
