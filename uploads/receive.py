"""Receives GraphQL requests that carry files, as the GraphQL multipart request specification (version 2) has it. Files
are staged while the body streams in; whatever was not kept when the request ends is dropped, however it ends."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import BaseError

from uploads.inspect import Inspection
from uploads.limits import UploadLimits
from uploads.parts import Part, PartReader, boundary_of
from uploads.places import Place, operations_from, places_from
from uploads.refusal import UploadRefusalCode, UploadRefused
from uploads.vault import Vault, finish_even_if_cancelled

__all__ = ["ReceivedFile", "UploadLimits", "receive"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReceivedFile:
    """A file that has arrived whole and lies staged in the vault until it is kept or the request ends.

    `name` is for showing only; `sha256` is 64 hex digits; `media_type` is told by content, None for a type that is not
    allowed; an empty file arrives with `size_bytes` 0.
    """

    name: str
    size_bytes: int
    sha256: str
    media_type: str | None
    staged_key: str


@asynccontextmanager
async def receive(
    stream: AsyncIterator[bytes], content_type: str, *, vault: Vault, limits: UploadLimits
) -> AsyncIterator[dict[str, Any]]:
    """Gives the request's `operations` with a ReceivedFile at every place that the map names.

    `stream` is the body as it arrives, `content_type` the request's header. Keep what shall stay with `vault.keep`
    before leaving the context. Raises UploadRefused for a request that breaks the specification or a limit; errors of
    the stream (a client gone) pass through.
    """
    staged: list[str] = []
    try:
        yield await _receive(PartReader(stream, boundary_of(content_type), limits), vault, limits, staged)
    finally:
        if staged:
            await finish_even_if_cancelled(_drop_all(vault, staged))


async def _receive(parts: PartReader, vault: Vault, limits: UploadLimits, staged: list[str]) -> dict[str, Any]:
    await _expect_field(parts, "operations")
    operations = operations_from(
        await _content(parts, limits.operations_bytes_max, UploadRefusalCode.OPERATIONS_TOO_LARGE, "operations"), limits
    )
    await _expect_field(parts, "map")
    places = places_from(
        await _content(parts, limits.map_bytes_max, UploadRefusalCode.MAP_TOO_LARGE, "map"), operations, limits
    )
    arrived: dict[str, ReceivedFile] = {}
    bytes_left = limits.files_bytes_max
    while (part := await parts.next_part()) is not None:
        file_name = _name_of_mapped_file(part, places, arrived)
        arrived[part.name] = await _stage(parts, file_name, vault, limits, bytes_left, staged)
        bytes_left -= arrived[part.name].size_bytes
    missing = places.keys() - arrived.keys()
    if missing:
        listed = ", ".join(sorted(name[:20] for name in missing))
        raise UploadRefused(
            UploadRefusalCode.PART_MISSING,
            zh=f"map 提到的文件未收到：{listed}",
            en=f"Files that map names were not sent: {listed}",
        )
    for name, file in arrived.items():
        for place in places[name]:
            place.put(file)
    return operations


async def _expect_field(parts: PartReader, name: str) -> None:
    part = await parts.next_part()
    if part != Part(name, None):
        raise UploadRefused(
            UploadRefusalCode.PART_MISPLACED,
            zh="各部分的顺序必须是：operations、map（均为普通字段），然后是文件",
            en="The parts must come in this order: operations, map (both plain fields), then the files",
        )


async def _content(parts: PartReader, bytes_max: int, code: UploadRefusalCode, name: str) -> bytes:
    content = bytearray()
    async for chunk in parts.chunks():
        content += chunk
        if len(content) > bytes_max:
            raise UploadRefused(
                code,
                zh=f"{name} 不得超过 {bytes_max} 字节",
                en=f"{name} may have at most {bytes_max} bytes",
                status=413,
            )
    return bytes(content)


def _name_of_mapped_file(part: Part, places: dict[str, list[Place]], arrived: dict[str, ReceivedFile]) -> str:
    if part.name in arrived or part.name in ("operations", "map"):
        raise UploadRefused(
            UploadRefusalCode.PART_REPEATED,
            zh=f"部分“{part.name[:20]}”重复出现",
            en=f"The part “{part.name[:20]}” was sent twice",
        )
    if part.name not in places or part.file_name is None:
        raise UploadRefused(
            UploadRefusalCode.PART_UNKNOWN,
            zh=f"部分“{part.name[:20]}”不是 map 所列的文件",
            en=f"The part “{part.name[:20]}” is not a file that map names",
        )
    return part.file_name


async def _stage(
    parts: PartReader, name: str, vault: Vault, limits: UploadLimits, bytes_left: int, staged: list[str]
) -> ReceivedFile:
    inspection = Inspection()
    async with vault.stage() as staging:
        # Noted before it is whole: a cancellation while it closes may still leave it behind.
        staged.append(staging.key)
        async for chunk in parts.chunks():
            inspection.feed(chunk)
            _check_size(inspection.size_bytes, limits, bytes_left)
            await staging.write(chunk)
    return ReceivedFile(
        name=name,
        size_bytes=inspection.size_bytes,
        sha256=inspection.sha256,
        media_type=await inspection.media_type(vault, staging.key),
        staged_key=staging.key,
    )


def _check_size(size_bytes: int, limits: UploadLimits, bytes_left: int) -> None:
    if size_bytes > limits.file_bytes_max:
        raise UploadRefused(
            UploadRefusalCode.FILE_TOO_LARGE,
            zh=f"单个文件不得超过 {limits.file_bytes_max} 字节",
            en=f"A file may have at most {limits.file_bytes_max} bytes",
            status=413,
        )
    if size_bytes > bytes_left:
        raise UploadRefused(
            UploadRefusalCode.BODY_TOO_LARGE,
            zh=f"一次上传的文件合计不得超过 {limits.files_bytes_max} 字节",
            en=f"The files of one request may have at most {limits.files_bytes_max} bytes together",
            status=413,
        )


async def _drop_all(vault: Vault, keys: list[str]) -> None:
    for key in keys:
        try:
            await vault.drop(key)
        except (OSError, BaseError):
            # The request has had its outcome, perhaps a commit; a file left lying must not turn it into a failure.
            _log.warning("could not drop %s; the next sweep will", key, exc_info=True)
