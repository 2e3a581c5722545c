"""The table of contents of a ZIP, read from the end of the stored file. Nothing is decompressed: no bomb goes off."""

import asyncio
import struct

from uploads.vault import Vault

DIRECTORY_BYTES_MAX = 4 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_COMMENT_BYTES_MAX = 0xFFFF


async def zip_members(vault: Vault, key: str, size_bytes: int) -> frozenset[bytes] | None:
    """The names in the archive, as raw bytes; None if the file is no whole, single, plain ZIP from its first byte to
    its last, or if its table of contents exceeds DIRECTORY_BYTES_MAX (about 50 000 members).

    Source: PKWARE APPNOTE 6.3.10, 4.3.12 to 4.3.16.
    """
    tail_start = max(0, size_bytes - _END.size - _COMMENT_BYTES_MAX - _END_64_LOCATOR.size - _END_64.size)
    tail = await _bytes_of(vault, key, tail_start, size_bytes)
    directory = _find_directory(tail, tail_start)
    if directory is None:
        return None
    start, end, count = directory
    if not 0 <= start < end <= size_bytes or end - start > DIRECTORY_BYTES_MAX:
        return None
    return await asyncio.to_thread(_names, await _bytes_of(vault, key, start, end), count)


async def _bytes_of(vault: Vault, key: str, start: int, end: int) -> bytes:
    return b"".join([window async for window in vault.read(key, start, end)])


def _find_directory(tail: bytes, tail_start: int) -> tuple[int, int, int] | None:
    """Start, end and number of members of the table of contents."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None
    _, disk, first_disk, here, count, length, start, comment_length = _END.unpack_from(tail, at)
    if at + _END.size + comment_length != len(tail):
        return None
    end = tail_start + at
    if 0xFFFF in (disk, here, count) or 0xFFFFFFFF in (length, start):
        locator_at = at - _END_64_LOCATOR.size
        if locator_at < 0:
            return None
        signature, _, record_start, disks = _END_64_LOCATOR.unpack_from(tail, locator_at)
        record_at = record_start - tail_start
        if signature != b"PK\x06\x07" or disks > 1 or not 0 <= record_at <= locator_at - _END_64.size:
            return None
        signature, _, _, _, disk, first_disk, here, count, length, start = _END_64.unpack_from(tail, record_at)
        if signature != b"PK\x06\x06":
            return None
        end = record_start
    # Bytes between the table and its end record, or before the first member, are where polyglots hide.
    if disk or first_disk or here != count or start + length != end:
        return None
    return start, end, count


def _names(directory: bytes, count: int) -> frozenset[bytes] | None:
    names: set[bytes] = set()
    at = 0
    for _ in range(count):
        if len(directory) - at < _ENTRY.size:
            return None
        fields = _ENTRY.unpack_from(directory, at)
        if fields[0] != b"PK\x01\x02":
            return None
        name_length, extra_length, comment_length = fields[10:13]
        at += _ENTRY.size
        names.add(directory[at : at + name_length])
        at += name_length + extra_length + comment_length
    return frozenset(names) if names and at == len(directory) else None
