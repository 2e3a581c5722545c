"""Tokens as cookies, for browsers: no script can read them, and no other site can have them sent.

Requests that change something are protected a second time: they carry a content type or header that a browser sends to
another site only after asking, and we never allow it.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from graph.settings import Settings

TOKEN = "preship-token"
REFRESH = "preship-refresh"


def _name(name: str, settings: Settings) -> str:
    """Browsers take a name with this prefix only from the site itself, over HTTPS and for all of it."""
    return f"__Host-{name}" if settings.cookies_secure else name


def read(name: str, connection: HTTPConnection, settings: Settings) -> str | None:
    return connection.cookies.get(_name(name, settings)) or None


def kept(name: str, value: str, lasts: timedelta, settings: Settings) -> Mapping[str, Any]:
    """The cookie as Starlette's `set_cookie` takes it."""
    return {
        "key": _name(name, settings),
        "value": value,
        "max_age": int(lasts.total_seconds()),
        "path": "/",
        "secure": settings.cookies_secure,
        "httponly": True,
        "samesite": "strict",
    }


def forgotten(name: str, settings: Settings) -> Mapping[str, Any]:
    return kept(name, "", timedelta(0), settings)


def is_own_site(connection: HTTPConnection, origins_allowed: Collection[str]) -> bool:
    """Whether a cookie may count: the page that asks is ours, or of a site that is named (a wildcard names none)."""
    origin = connection.headers.get("origin")
    if origin is None or origin in origins_allowed:
        return True
    return urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower() != ""
