"""A kept file as an HTTP answer: ranges, validators, and headers under which a browser only ever saves it. The digest
is the entity tag, as content under a key never changes."""

import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from uploads.names import display_name
from uploads.vault import Vault

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_NOT_PLAIN_ASCII = re.compile(r'[^ -~]|["\\%]')


class StoredFileDiffers(Exception):
    """The vault's file has another size than its record says: damage, not a client's fault."""


async def send(
    vault: Vault, key: str, *, name: str, media_type: str, size_bytes: int, sha256: str, request: Request
) -> Response:
    """The answer to GET or HEAD: 200, 206 for one satisfiable range, 304, or 416; several ranges get the whole file.

    Who may see the file is decided before. Source: RFC 9110, 13 and 14; RFC 6266. Raises FileNotFoundError and
    StoredFileDiffers before the first byte is sent.
    """
    entity_tag = f'"{sha256}"'
    headers = {
        "ETag": entity_tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": _attachment(name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    if _names_tag(request.headers.get("if-none-match"), entity_tag):
        return Response(status_code=304, headers=headers)
    stored_bytes = await vault.size(key)
    if stored_bytes != size_bytes:
        raise StoredFileDiffers(f"{key} has {stored_bytes} bytes, its record says {size_bytes}")
    wanted = _wanted_range(request, entity_tag, size_bytes)
    if wanted is not None and wanted.start >= wanted.stop:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{size_bytes}"})
    whole = range(size_bytes)
    part = whole if wanted is None else wanted
    headers["Content-Length"] = str(len(part))
    if wanted is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size_bytes}"
    status = 200 if wanted is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    body = vault.read(key, part.start, part.stop)
    return StreamingResponse(body, status_code=status, headers=headers, media_type=media_type)


def _wanted_range(request: Request, entity_tag: str, size_bytes: int) -> range | None:
    """The one range asked for, empty if it cannot be satisfied; None if the whole file is to be sent."""
    # RFC 9110 14.2: a range has a meaning for GET alone, and an ill-formed one is ignored.
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", "").lower())
    if match is None or request.method != "GET":
        return None
    if request.headers.get("if-range", entity_tag).strip() != entity_tag:
        return None
    first, last = match.groups()
    if first:
        if last and int(last) < int(first):
            return None
        start = min(int(first), size_bytes)
        return range(start, min(int(last) + 1, size_bytes) if last else size_bytes)
    return range(max(0, size_bytes - int(last)), size_bytes) if last else None


def _names_tag(if_none_match: str | None, entity_tag: str) -> bool:
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or entity_tag in _ENTITY_TAG.findall(if_none_match)


def _attachment(name: str) -> str:
    shown = display_name(name)
    fallback = _NOT_PLAIN_ASCII.sub("_", shown)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(shown, safe='')}"
