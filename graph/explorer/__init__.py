"""The explorer: GraphiQL from vendored files, for a browser that opens the API's address.

The page names no other host and runs under a policy that would not let it reach one; see `build/README.md` for how
`static/` is made.
"""

import gzip
import json
import secrets
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from graph.introspection import Introspection

__all__ = ["ROLES", "example", "explorer_page", "explorer_routes", "signing_operations"]

ROLES: Final = ("anonymous", "enterprise", "institution", "customs")
"""One tab each, in this order; the first is in front."""

_HERE: Final = files(__name__)
_STATIC_PATH: Final = "/explorer/static"
_MEDIA_TYPES: Final = {
    "explorer.js": "text/javascript",
    "explorer.css": "text/css",
    "icon.svg": "image/svg+xml",
    "LICENSES.txt": "text/plain",
}
_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Preship 进口旧机电装运前检验</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
<script type="application/json" id="opening">{opening}</script>
<script src="{script}" defer></script>
</head>
<body><div id="explorer"><noscript>此页面需要 JavaScript。 This page needs JavaScript.</noscript></div></body>
</html>
"""


class Example(NamedTuple):
    """One tab: its operations and the variables they share, as GraphiQL takes them."""

    query: str
    variables: str


class Asset(NamedTuple):
    """One vendored file as it is sent; `path` holds a digest of its content, so a copy of it never grows old."""

    path: str
    media_type: str
    content: bytes
    compressed: bytes


@cache
def example(role: str) -> Example:
    """Return the example operations of one of `ROLES`, from `examples/operations/`."""
    folder = _HERE / "operations"
    return Example(
        query=(folder / f"{role}.graphql").read_text("utf-8"),
        variables=(folder / f"{role}.variables.json").read_text("utf-8"),
    )


@cache
def signing_operations() -> str:
    """Return the document with the operations `SignIn` and `SignOut` that the bar of the page runs."""
    return (_HERE / "session.graphql").read_text("utf-8")


def explorer_page(request: Request, introspection: Introspection = Introspection.EVERYBODY) -> Response:
    """Answer a browser with the explorer for the API at the very address that it asked for.

    The page reads the schema where `introspection` lets it, once its visitor has signed in if need be.
    """
    nonce = secrets.token_urlsafe(16)
    opening = {
        "nonce": nonce,
        "introspection": introspection,
        "signing": signing_operations(),
        "examples": [example(role)._asdict() for role in ROLES],
    }
    page = _PAGE.format(
        icon=_assets()["icon.svg"].path,
        style=_assets()["explorer.css"].path,
        script=_assets()["explorer.js"].path,
        # An example must not be able to close the script element that carries it.
        opening=json.dumps(opening, ensure_ascii=False).replace("<", "\\u003c"),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store", **_guards(nonce)})


def explorer_routes() -> list[BaseRoute]:
    """Return the routes of the files that the page loads, all under `/explorer/static/`."""
    return [Route(_STATIC_PATH + "/{digest}/{name}", _static_file, methods=["GET"])]


def _static_file(request: Request) -> Response:
    digest, name = request.path_params["digest"], request.path_params["name"]
    asset = _assets().get(name)
    # A digest of another build is refused: what is answered may be kept for ever under this address.
    if asset is None or asset.path != f"{_STATIC_PATH}/{digest}/{name}":
        return PlainTextResponse("Not found", status_code=404, headers={"X-Content-Type-Options": "nosniff"})
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.compressed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@cache
def _assets() -> dict[str, Asset]:
    assets = {}
    for name, media_type in _MEDIA_TYPES.items():
        content = (_HERE / "static" / name).read_bytes()
        path = f"{_STATIC_PATH}/{sha256(content).hexdigest()[:16]}/{name}"
        assets[name] = Asset(path, media_type, content, gzip.compress(content, mtime=0))
    return assets


def _guards(nonce: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        # The editors' dialogs lock scrolling through a style element of their own.
        "style-src": f"'self' 'nonce-{nonce}'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{directive} {sources}" for directive, sources in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
