"""Multipart bodies written out by hand, byte for byte, so that a test can also write a wrong one."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

from uploads.vault import Vault

BOUNDARY = "----formboundary7MA4YWxk"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(40)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(200)


def part(headers: str | bytes, content: bytes) -> bytes:
    raw = headers.encode() if isinstance(headers, str) else headers
    return f"--{BOUNDARY}\r\n".encode() + raw + b"\r\n\r\n" + content + b"\r\n"


def field(name: str, value: Any) -> bytes:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return part(f'Content-Disposition: form-data; name="{name}"', content)


def file(name: str, content: bytes, filename: str = "a.pdf") -> bytes:
    headers = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return part(f"{headers}\r\nContent-Type: application/octet-stream", content)


def end() -> bytes:
    return f"--{BOUNDARY}--\r\n".encode()


def one_file_form(content: bytes, filename: str = "a.pdf") -> bytes:
    return (
        field("operations", {"query": "mutation($f: Upload!) { x(f: $f) }", "variables": {"f": None}})
        + field("map", {"0": ["variables.f"]})
        + file("0", content, filename)
        + end()
    )


async def in_pieces(body: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def staged_keys(vault: Vault) -> list[str]:
    return [stored.key async for stored in vault.staged()]


async def kept_keys(vault: Vault) -> list[str]:
    return [stored.key async for stored in vault.kept()]


async def content_of(vault: Vault, key: str) -> bytes:
    return b"".join([window async for window in vault.read(key)])


async def put(vault: Vault, content: bytes) -> str:
    async with vault.stage() as staging:
        await staging.write(content)
    return staging.key


def short_id(value: object) -> str | None:
    """A test's name without the whole body in it."""
    return "bytes" if isinstance(value, bytes) else None


def archive(*members: str) -> bytes:
    """A ZIP whose members are stored under a false pretence of compression: whoever unpacks one fails."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as written:
        for member in members:
            written.writestr(zipfile.ZipInfo(member), b"\xff" * 20)
    raw = bytearray(buffer.getvalue())
    for signature, method_at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = raw.find(signature)
        while at >= 0:
            raw[at + method_at : at + method_at + 2] = b"\x08\x00"
            at = raw.find(signature, at + 4)
    return bytes(raw)
