"""Which media type a client wants its answer in, and which one it sent (RFC 9110, 8.3 and 12.5.1).
No `Accept` and `*/*` mean application/graphql-response+json, as the GraphQL-over-HTTP specification says since 2025."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

RANGES_MAX: Final = 50
"""Browsers send about ten ranges; what follows the fiftieth is not read."""

UTF_8_NAMES: Final = frozenset({"utf-8", "utf8"})
GZIP_NAMES: Final = frozenset({"gzip", "x-gzip"})

HEADERS_KEPT_MAX: Final = 256
"""So many texts of each header are read once: clients send the same with each request."""


class AnswerType(StrEnum):
    """In order of our preference."""

    GRAPHQL_RESPONSE = "application/graphql-response+json"
    JSON = "application/json"


@lru_cache(HEADERS_KEPT_MAX)
def answer_type(accept: str | None) -> AnswerType | None:
    """The most wanted type of those we speak; None when the client takes neither (406)."""
    if accept is None or not accept.strip():
        return AnswerType.GRAPHQL_RESPONSE
    ranges = _ranges(accept)
    wanted = max(AnswerType, key=lambda offered: _quality(offered, ranges))
    return wanted if _quality(wanted, ranges) > 0 else None


def wants_html(accept: str | None) -> bool:
    """Whether the client names text/html itself, as browsers do; `*/*` does not count."""
    return any(name == "text/html" and quality > 0 for name, _, quality in _ranges(accept or ""))


@lru_cache(HEADERS_KEPT_MAX)
def takes_event_stream(accept: str | None) -> bool:
    """Whether the client names text/event-stream itself, in UTF-8; `*/*` does not count."""
    return any(
        name == "text/event-stream" and quality > 0 and charset == "utf-8"
        for name, charset, quality in _ranges(accept or "")
    )


@lru_cache(HEADERS_KEPT_MAX)
def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether the client names gzip; `*` does not count, for who writes no more than that wants no trouble."""
    return any(name in GZIP_NAMES and quality > 0 for name, _, quality in _ranges(accept_encoding or ""))


@lru_cache(HEADERS_KEPT_MAX)
def media_type(content_type: str | None) -> tuple[str, str]:
    """Type and charset of a Content-Type, in lower case; the charset is utf-8 when none is given."""
    name, *parameters = (content_type or "").split(";")
    charset = "utf-8"
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return name.strip().lower(), "utf-8" if charset in UTF_8_NAMES else charset


def _ranges(accept: str) -> list[tuple[str, str, float]]:
    """Name, charset and quality of each range."""
    ranges = []
    for item in accept.split(",")[:RANGES_MAX]:
        name, charset = media_type(item)
        quality = 1.0
        for parameter in item.split(";")[1:]:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = _number(value)
        if name:
            ranges.append((name, charset, quality))
    return ranges


def _quality(offered: AnswerType, ranges: list[tuple[str, str, float]]) -> float:
    """The quality that the most specific matching range gives; a range of another charset does not match."""
    main, _, _ = offered.partition("/")
    for name in (str(offered), f"{main}/*", "*/*"):
        qualities = [quality for range_, charset, quality in ranges if range_ == name and charset == "utf-8"]
        if qualities:
            return max(qualities)
    return 0.0


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if 0 <= number <= 1 else 0.0
