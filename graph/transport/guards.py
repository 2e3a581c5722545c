"""What browsers are told with every answer, and which pages of other sites may read one (CORS, Fetch standard).

An answer that has said something of its own, as the explorer does of its scripts, keeps it. Requests that change
something need no more here: they carry a type or header that no page of another site sends without asking (preflight).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.errors import ErrorCode, PublicError, preferred_language
from graph.transport.answers import Manner, refusal
from graph.transport.negotiation import AnswerType

Header = tuple[bytes, bytes]

GUARDS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
METHODS_ALLOWED: Final = "GET, POST"
HEADERS_ALLOWED: Final = (
    "accept, accept-language, apollo-require-preflight, authorization, content-type, if-none-match, range,"
    " x-requested-with"
)
HEADERS_EXPOSED: Final = (
    b"content-disposition, content-range, etag, ratelimit, ratelimit-policy, retry-after, www-authenticate,"
    b" x-total-count"
)
PREFLIGHT_SECONDS: Final = 7200
"""How long a browser need not ask again; the longest that all of them take."""


ANSWERS_KEPT_MAX: Final = 256
"""For so many kinds of answers, by the names of their headers, it is known what they leave unsaid."""


@lru_cache(ANSWERS_KEPT_MAX)
def _unsaid(guards: tuple[Header, ...], names: tuple[bytes, ...]) -> tuple[Header, ...]:
    return tuple(guard for guard in guards if guard[0] not in names)


class Guards:
    """Wraps the application. `origins_allowed` are sites beside our own; `*` is every site, but without cookies."""

    def __init__(self, app: ASGIApp, *, origins_allowed: Collection[str] = (), hsts_seconds: int = 0) -> None:
        self._app = app
        self._origins_allowed = frozenset(origins_allowed)
        hsts = b"max-age=%d; includeSubDomains" % hsts_seconds
        self._guards = (*GUARDS, (b"strict-transport-security", hsts)) if hsts_seconds else GUARDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        written = next((value for name, value in scope["headers"] if name == b"origin"), None)
        origin = None if written is None else written.decode("latin-1")
        shared = [] if origin is None else self._shared_with(origin)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message.get("headers", ()))
                message["headers"] = [*said, *_unsaid(self._guards, tuple([name for name, _ in said])), *shared]
            await send(message)

        if origin is None or scope["method"] != "OPTIONS":
            return await self._app(scope, receive, guarded)
        headers = Headers(scope=scope)
        if "access-control-request-method" in headers:
            is_allowed = origin in self._origins_allowed or "*" in self._origins_allowed
            return await self._preflight(headers, is_allowed=is_allowed)(scope, receive, guarded)
        return await self._app(scope, receive, guarded)

    def _shared_with(self, origin: str) -> list[Header]:
        """What lets pages of the origin read the answer. That it depends on the origin is said to caches either way."""
        if origin in self._origins_allowed:
            return [
                (b"access-control-allow-origin", origin.encode("latin-1")),
                (b"access-control-allow-credentials", b"true"),
                (b"access-control-expose-headers", HEADERS_EXPOSED),
                (b"vary", b"Origin"),
            ]
        if "*" in self._origins_allowed:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", HEADERS_EXPOSED)]
        return [(b"vary", b"Origin")]

    def _preflight(self, headers: Headers, *, is_allowed: bool) -> Response:
        if not is_allowed:
            language = preferred_language(headers.get("accept-language"))
            return refusal(PublicError(ErrorCode.ORIGIN_NOT_ALLOWED), Manner(AnswerType.JSON, language))
        return Response(
            status_code=204,
            headers={
                "access-control-allow-methods": METHODS_ALLOWED,
                "access-control-allow-headers": HEADERS_ALLOWED,
                "access-control-max-age": str(PREFLIGHT_SECONDS),
                "cache-control": "no-store",
            },
        )
