"""The schema as text at `/schema.graphql`, for whoever may read it by introspection too."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from graph.errors import PublicError, preferred_language
from graph.introspection import Introspection
from graph.transport.answers import Manner, compressed, refusal
from graph.transport.host import Host
from graph.transport.negotiation import AnswerType, takes_gzip

PATH = "/schema.graphql"


@dataclass(frozen=True)
class Printed:
    """The text, and what stands for it in a validator."""

    plain: bytes
    compressed: bytes
    tag: str


@cache
def printed(schema: strawberry.Schema) -> Printed:
    """A schema as text. It takes some ten milliseconds, so a process does it once, before it serves."""
    content = schema.as_str().encode() + b"\n"
    return Printed(content, compressed(content), sha256(content).hexdigest()[:32])


class SchemaText:
    """Answers with a validator, so that whoever has the text already is told only that it still is the same."""

    def __init__(self, printed: Printed, host: Host, introspection: Introspection) -> None:
        self._host, self._introspection, self._printed = host, introspection, printed

    async def answer(self, request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        try:
            context = await self._host.context(
                authorization=request.headers.get("authorization"),
                accept_language=request.headers.get("accept-language"),
                connection=request,
            )
            if not self._introspection.is_open_to(is_anonymous=context.is_anonymous):
                raise self._introspection.refusal()
        except PublicError as refused:
            return refusal(refused, Manner(AnswerType.JSON, language))
        response = self._text(request)
        response.headers.update(context.headers)
        return response

    def _text(self, request: Request) -> Response:
        is_compressed = takes_gzip(request.headers.get("accept-encoding"))
        tag = f'"{self._printed.tag}{"-gzip" if is_compressed else ""}"'
        headers = {"etag": tag, "cache-control": "private, no-cache", "vary": "Accept-Encoding, Authorization, Cookie"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if is_compressed:
            headers["content-encoding"] = "gzip"
        body = self._printed.compressed if is_compressed else self._printed.plain
        # Browsers show plain text and would save a type that they do not know.
        return Response(body, headers={**headers, "content-type": "text/plain; charset=utf-8"})
