"""What a person is shown as the name of a file."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.names import NAME_CHARACTERS_MAX, display_name, names_of_part
from uploads.refusal import UploadRefusalCode, UploadRefused


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\报关单.pdf", "报关单.pdf"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00.pdf", "a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2066a\u2069\u200b.pdf", "a.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("  a.pdf  ", "a.pdf"),
        ("..", "unnamed"),
        (".", "unnamed"),
        ("", "unnamed"),
        ("dir/", "unnamed"),
        (".htaccess", ".htaccess"),
    ],
)
def test_a_name_shows_no_folder_and_hides_nothing(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


def test_a_very_long_name_is_shortened_and_keeps_its_extension() -> None:
    shown = display_name("设" * 5000 + ".xlsx")
    assert len(shown) == NAME_CHARACTERS_MAX
    assert shown.endswith("设.xlsx")
    assert len(display_name("a." + "b" * 5000)) == NAME_CHARACTERS_MAX


@given(st.text(max_size=300))
def test_a_cleaned_name_is_clean(name: str) -> None:
    shown = display_name(name)
    assert 1 <= len(shown) <= NAME_CHARACTERS_MAX
    assert shown not in (".", "..")
    assert not set(shown) & set("/\\")
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs"}
    assert display_name(shown) == shown


@pytest.mark.parametrize(
    ("disposition", "file_name"),
    [
        ('form-data; name="0"; filename="报关单.pdf"', "报关单.pdf"),
        ('form-data; name="0"; filename="x.pdf"; filename*=UTF-8\'\'%E6%8A%A5%E5%85%B3%E5%8D%95.pdf', "报关单.pdf"),
        ("form-data; name=\"0\"; filename*=utf-8'zh'..%2F..%2Fa.pdf", "a.pdf"),
        ('form-data; name="0"; filename="%E6%8A%A5.pdf"', "报.pdf"),
        ('form-data; name="0"; filename="..%2F..%2Fetc%2Fpasswd"', "passwd"),
        ('form-data; name="0"; filename="%B1%A8.pdf"', "%B1%A8.pdf"),
        ('form-data; name="0"; filename="a\\"b;c.pdf"', 'a"b;c.pdf'),
        ('form-data; name="0"; filename="a%22b.pdf"', 'a"b.pdf'),
        ('form-data; name="0"; filename="C:\\x\\y.pdf"', "y.pdf"),
        ('Form-Data;NAME="0";FileName=a.pdf', "a.pdf"),
        ('form-data; name="0"', None),
    ],
)
def test_file_names_are_read_as_browsers_and_libraries_write_them(disposition: str, file_name: str | None) -> None:
    assert names_of_part(disposition.encode()) == ("0", file_name)


@pytest.mark.parametrize(
    ("disposition", "code"),
    [
        ('form-data; name="0"; filename="报关单.pdf"'.encode("gb18030"), UploadRefusalCode.FILE_NAME_MALFORMED),
        (b"form-data; name=\"0\"; filename*=GBK''%B1%A8.pdf", UploadRefusalCode.FILE_NAME_MALFORMED),
        (b"form-data; name=\"0\"; filename*=UTF-8''%B1%A8.pdf", UploadRefusalCode.FILE_NAME_MALFORMED),
        (b'form-data; name="0"; name="1"', UploadRefusalCode.BODY_MALFORMED),
        (b'form-data; name="0', UploadRefusalCode.BODY_MALFORMED),
        (b'attachment; name="0"', UploadRefusalCode.BODY_MALFORMED),
        (b"form-data", UploadRefusalCode.BODY_MALFORMED),
        (b"", UploadRefusalCode.BODY_MALFORMED),
    ],
)
def test_a_name_that_cannot_be_read_with_certainty_is_refused(disposition: bytes, code: UploadRefusalCode) -> None:
    with pytest.raises(UploadRefused) as refused:
        names_of_part(disposition)
    assert refused.value.code is code
