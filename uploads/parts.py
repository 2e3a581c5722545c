"""The parts of a multipart/form-data body, pulled one after another as the bytes arrive. The parser underneath pushes;
what it has pushed from one piece of the body waits here, so at most PIECE_BYTES are held."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum, auto

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from uploads.limits import UploadLimits
from uploads.names import names_of_part
from uploads.refusal import UploadRefusalCode, UploadRefused

PIECE_BYTES = 256 * 1024
HEADERS_PER_PART_MAX = 8
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_PLAIN_ENCODINGS = (b"", b"7bit", b"8bit", b"binary")


@dataclass(frozen=True)
class Part:
    """The head of one part: the field's name, and the cleaned file name if it is a file."""

    name: str
    file_name: str | None


class _Mark(Enum):
    PART_ENDS = auto()
    BODY_ENDS = auto()


def boundary_of(content_type: str) -> bytes:
    """The boundary that the request's Content-Type names. Raises UploadRefused: NOT_MULTIPART, BOUNDARY_MISSING."""
    media_type, parameters = parse_options_header(content_type.encode("ascii", errors="backslashreplace"))
    if media_type.strip() != b"multipart/form-data":
        raise UploadRefused(
            UploadRefusalCode.NOT_MULTIPART,
            zh="上传请求必须是 multipart/form-data",
            en="An upload must be sent as multipart/form-data",
            status=415,
        )
    boundary = parameters.get(b"boundary", b"")
    if not _BOUNDARY.fullmatch(boundary):
        raise UploadRefused(
            UploadRefusalCode.BOUNDARY_MISSING,
            zh="Content-Type 缺少有效的 boundary（1 至 70 个字符）",
            en="Content-Type lacks a valid boundary (1 to 70 characters)",
        )
    return boundary


class PartReader:
    """`next_part()`, then all of `chunks()`, again and again until `next_part()` gives None: the body is then whole.

    Raises UploadRefused: BODY_MALFORMED, BODY_TRUNCATED, BODY_TOO_SLOW, HEADERS_TOO_LARGE, FILE_NAME_MALFORMED.
    """

    def __init__(self, stream: AsyncIterator[bytes], boundary: bytes, limits: UploadLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._deadline = asyncio.get_running_loop().time() + limits.body_seconds_max
        self._events: deque[Part | bytes | _Mark] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._head_bytes = 0
        self._parts_count = 0
        self._idle_bytes = 0
        self._data = b""
        self._data_at = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": lambda: self._events.append(_Mark.PART_ENDS),
                "on_end": lambda: self._events.append(_Mark.BODY_ENDS),
            },
            max_header_count=HEADERS_PER_PART_MAX,
            max_header_size=limits.header_bytes_max,
        )

    async def next_part(self) -> Part | None:
        """The next part's head, or None at the end of the body."""
        event = await self._next_event()
        if isinstance(event, Part):
            return event
        if event is not _Mark.BODY_ENDS:
            raise RuntimeError("the part before was not read to its end")
        while await self._read_more():
            pass
        return None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content of the part whose head was given last, in pieces of at most PIECE_BYTES."""
        while isinstance(event := await self._next_event(), bytes):
            yield event

    async def _next_event(self) -> Part | bytes | _Mark:
        while not self._events:
            if not await self._read_more():
                raise UploadRefused(
                    UploadRefusalCode.BODY_TRUNCATED,
                    zh="请求正文不完整：未见结束分隔符",
                    en="The body ends before its closing boundary",
                )
        return self._events.popleft()

    async def _read_more(self) -> bool:
        if self._data_at >= len(self._data):
            data = await self._next_data()
            if data is None:
                return False
            self._data, self._data_at = data, 0
        # One piece at a time, however much came at once, or the events of all of it would wait in memory.
        piece = self._data[self._data_at : self._data_at + PIECE_BYTES]
        self._data_at += PIECE_BYTES
        self._parse(piece)
        return True

    async def _next_data(self) -> bytes | None:
        wait_until = asyncio.get_running_loop().time() + self._limits.chunk_wait_seconds_max
        try:
            async with asyncio.timeout_at(min(wait_until, self._deadline)):
                return await anext(self._stream, None)
        except TimeoutError:
            raise UploadRefused(
                UploadRefusalCode.BODY_TOO_SLOW,
                zh=f"上传过慢：{self._limits.chunk_wait_seconds_max:g} 秒内须有数据，"
                f"整个请求不得超过 {self._limits.body_seconds_max:g} 秒",
                en=f"Too slow: data must arrive every {self._limits.chunk_wait_seconds_max:g} seconds, "
                f"the whole body within {self._limits.body_seconds_max:g}",
                status=408,
            ) from None

    def _parse(self, piece: bytes) -> None:
        self._idle_bytes += len(piece)
        try:
            self._parser.write(piece)
        except FormParserError as error:
            if "header" in str(error).lower() and "exceeded" in str(error).lower():
                raise _headers_too_large(self._limits) from None
            raise _malformed() from None
        # Preamble, padding and epilogue belong to no part and would else be endless.
        if self._idle_bytes > (self._parts_count + 2) * (
            self._limits.header_bytes_max + 2 * len(self._parser.boundary)
        ):
            raise _malformed()

    def _on_part_begin(self) -> None:
        self._parts_count += 1
        self._headers = {}
        self._field = self._value = b""
        self._head_bytes = 0

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_head(end - start)
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_head(end - start)
        self._value += data[start:end]

    def _count_head(self, count: int) -> None:
        self._head_bytes += count
        if self._head_bytes > self._limits.header_bytes_max:
            raise _headers_too_large(self._limits)

    def _on_header_end(self) -> None:
        field = self._field.lower()
        if field in self._headers:
            raise _malformed()
        self._headers[field] = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        # An encoded part would be stored, hashed and typed as its encoding; RFC 7578 4.7 retired them.
        if self._headers.get(b"content-transfer-encoding", b"").strip().lower() not in _PLAIN_ENCODINGS:
            raise _malformed()
        name, file_name = names_of_part(self._headers.get(b"content-disposition", b""))
        self._events.append(Part(name, file_name))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._idle_bytes -= end - start
        self._events.append(data[start:end])


def _malformed() -> UploadRefused:
    return UploadRefused(
        UploadRefusalCode.BODY_MALFORMED,
        zh="请求正文不是有效的 multipart/form-data",
        en="The body is not well-formed multipart/form-data",
    )


def _headers_too_large(limits: UploadLimits) -> UploadRefused:
    return UploadRefused(
        UploadRefusalCode.HEADERS_TOO_LARGE,
        zh=f"每个部分的头部不得超过 {limits.header_bytes_max} 字节、{HEADERS_PER_PART_MAX} 行",
        en=f"The headers of a part may have at most {limits.header_bytes_max} bytes in {HEADERS_PER_PART_MAX} lines",
        status=431,
    )
