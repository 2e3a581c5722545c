"""What a file is, told by its content."""

import io
import struct
import zipfile

import pytest

from tests.uploads.forms import EXE, JPEG, PDF, PNG, archive, put, short_id
from uploads import inspect
from uploads.inspect import Inspection
from uploads.vault import Vault


async def _type_of(vault: Vault, content: bytes, piece: int = 64 * 1024) -> str | None:
    key = await put(vault, content)
    inspection = Inspection()
    for start in range(0, len(content), piece):
        inspection.feed(content[start : start + piece])
    return await inspection.media_type(vault, key)


def _zip_of_many(count: int, comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as written:
        for number in range(count):
            written.writestr(zipfile.ZipInfo(f"{number}.txt"), b"x")
        written.comment = comment
    return buffer.getvalue()


OPC = ("[Content_Types].xml", "_rels/.rels")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, inspect.PDF),
        (PNG, inspect.PNG),
        (JPEG, inspect.JPEG),
        (archive("photo.jpg"), inspect.ZIP),
        (_zip_of_many(3, b"with a comment"), inspect.ZIP),
        (archive(*OPC, "word/document.xml"), inspect.DOCX),
        (archive(*OPC, "xl/workbook.xml"), inspect.XLSX),
        ("旧机电产品,编号\r\n挖掘机,1\n".encode(), inspect.TEXT),
        (b"\xef\xbb\xbfwith a mark", inspect.TEXT),
        (b"MZ is how this text begins", inspect.TEXT),
    ],
    ids=short_id,
)
async def test_an_allowed_type_is_recognised(vault: Vault, content: bytes, media_type: str) -> None:
    assert await _type_of(vault, content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        EXE,
        b"\n" + PDF,
        b"GIF89a" + PDF,
        EXE + archive("a.txt"),
        archive("a.txt") + b"trailing bytes",
        archive("a.txt").replace(b"PK\x05\x06", b"hidden" + b"PK\x05\x06"),
        b"PK\x03\x04" + bytes(100),
        archive(*OPC, "word/document.xml", "word/vbaProject.bin"),
        archive(*OPC, "ppt/presentation.xml"),
        archive("META-INF/MANIFEST.MF", "A.class"),
        b"\x89PNG\r\n\x1a\nnot an image",
        b"text with \x00",
        b"text with \x1b[31m",
        "报关单".encode("gb18030"),
        "报关单".encode()[:-1],
        "text".encode("utf-16"),
    ],
    ids=short_id,
)
async def test_anything_else_is_no_type_of_ours(folder_vault: Vault, content: bytes) -> None:
    assert await _type_of(folder_vault, content) is None


async def test_a_workbook_as_spreadsheet_programs_write_it_is_recognised(folder_vault: Vault) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    assert await _type_of(folder_vault, buffer.getvalue()) == inspect.XLSX


async def test_text_is_judged_across_the_pieces_in_which_it_arrives(folder_vault: Vault) -> None:
    text = "进口旧机电产品" * 1000
    assert await _type_of(folder_vault, text.encode(), piece=5) == inspect.TEXT
    assert await _type_of(folder_vault, text.encode() + b"\x00", piece=5) is None


async def test_size_and_digest_are_taken_in_flight() -> None:
    inspection = Inspection()
    for chunk in (b"a", b"", b"bc"):
        inspection.feed(chunk)
    assert inspection.size_bytes == 3
    assert inspection.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


async def test_an_archive_of_more_members_than_two_bytes_count_is_recognised(vault: Vault) -> None:
    big = bytearray(_zip_of_many(1))
    # The extended form for large archives, which some writers use always.
    at = big.rfind(b"PK\x05\x06")
    count, length, start = struct.unpack_from("<HLL", big, at + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert await _type_of(vault, bytes(big[:at]) + record + locator + tail) == inspect.ZIP


async def test_a_table_of_contents_beyond_the_limit_is_not_read(
    folder_vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _zip_of_many(100)
    assert await _type_of(folder_vault, content) == inspect.ZIP
    monkeypatch.setattr("uploads.zip_members.DIRECTORY_BYTES_MAX", 1000)
    assert await _type_of(folder_vault, content) is None


async def test_no_end_of_an_archive_makes_the_inspection_fail(folder_vault: Vault) -> None:
    whole = _zip_of_many(2)
    for at in range(len(whole) - 120, len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        assert await _type_of(folder_vault, damaged) in (None, inspect.ZIP)
        assert await _type_of(folder_vault, whole[:at]) is None
