"""What a file is, told by its content while it streams in and once more from its stored end. The name never counts, and
a type counts only if its signature stands at the very first byte."""

import codecs
import hashlib
import re

import puremagic

from uploads.vault import Vault
from uploads.zip_members import zip_members

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
ZIP = "application/zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"
ALLOWED_MEDIA_TYPES = frozenset({PDF, PNG, JPEG, ZIP, DOCX, XLSX, TEXT})

HEAD_BYTES = 4096

# puremagic also answers for signatures at other offsets and by its lists of file ends; these pin the first byte.
_SIGNATURES = {
    PDF: re.compile(rb"%PDF-[12]\.[0-9]"),
    PNG: re.compile(rb"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"),
    JPEG: re.compile(rb"\xff\xd8\xff[\xc0-\xfe]"),
    ZIP: re.compile(rb"PK\x03\x04"),
}
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PROGRAM_MEMBERS = frozenset({b"META-INF/MANIFEST.MF", b"AndroidManifest.xml"})


class Inspection:
    """Size, SHA-256 and media type of one file; `feed` it every byte in order, then ask."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._digest = hashlib.sha256()
        self._head = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._is_text = True

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the file; of these it keeps no more than the first HEAD_BYTES."""
        self.size_bytes += len(chunk)
        self._digest.update(chunk)
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
        if self._is_text:
            self._is_text = self._continues_text(chunk)

    @property
    def sha256(self) -> str:
        """The digest of what was fed so far, as 64 hex digits."""
        return self._digest.hexdigest()

    async def media_type(self, vault: Vault, key: str) -> str | None:
        """One of ALLOWED_MEDIA_TYPES, or None for anything else, the empty file included.

        Text is UTF-8 alone. GB18030 is not taken: nearly any bytes pass for it, so it would let in what is no text, and
        the reader of a download could not be told which encoding it has.
        """
        found = self._by_signature()
        if found == ZIP:
            return _kind_of_archive(await zip_members(vault, key, self.size_bytes))
        if found is None and self.size_bytes and self._is_text and self._text_is_complete():
            return TEXT
        return found

    def _by_signature(self) -> str | None:
        try:
            proposed = {match.mime_type for match in puremagic.magic_string(self._head)}
        except (puremagic.PureError, ValueError):
            return None
        for media_type, signature in _SIGNATURES.items():
            if media_type in proposed and signature.match(self._head):
                return media_type
        return None

    def _continues_text(self, chunk: bytes) -> bool:
        if _NOT_IN_TEXT.search(chunk):
            return False
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        return True

    def _text_is_complete(self) -> bool:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True


def _kind_of_archive(members: frozenset[bytes] | None) -> str | None:
    """DOCX and XLSX by the members that ECMA-376 part 2 demands; programs and documents with macros are refused."""
    if members is None or members & _PROGRAM_MEMBERS:
        return None
    if b"[Content_Types].xml" not in members:
        return ZIP
    if any(name.lower().endswith(b"vbaproject.bin") for name in members):
        return None
    if any(name.startswith(b"word/document") and name.endswith(b".xml") for name in members):
        return DOCX
    if any(name.startswith(b"xl/workbook") and name.endswith(b".xml") for name in members):
        return XLSX
    return None
