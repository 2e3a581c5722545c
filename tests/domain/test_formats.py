"""Formats as people type them, right and wrong; the wrong ones include what copying from a letter brings along."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from domain.formats import (
    FormatCheck,
    is_email,
    is_filing_number,
    is_hs_code,
    is_id_card,
    is_mobile,
    is_official_number,
    is_phone,
    is_uscc,
)

CHECKS: list[Callable[[str], FormatCheck]] = [
    is_phone,
    is_mobile,
    is_email,
    is_hs_code,
    is_id_card,
    is_uscc,
    is_filing_number,
    is_official_number,
]

GOOD: list[tuple[Callable[[str], FormatCheck], list[str]]] = [
    (
        is_phone,
        [
            "021-58300001",
            "02158300001",
            "(021) 58300001",
            "0574-86110002-801",
            "021-58300001转801",
            "+1 312 555 0142 ext. 12",
            "400-820-8820",
            "+86 21 5830 0001",
            "13800000101",
            "+81 45 123 4567",
            "+852 2123 4567",
            "+49 (0)40 1234567",
        ],
    ),
    (
        is_mobile,
        [
            "13800000101",
            "19900000101",
            "+8613800000101",
            "+86 138 0000 0101",
            "+81 90 1234 5678",
            "+44 7400 123456",
            "+13125550142",
            "+65 9123 4567",
        ],
    ),
    (
        is_email,
        ["a@b.cn", "zhou.haitao@pujiang-heavy.example", "o'neil+psi@mail.example.com", "X_1@xn--fiqs8s.example"],
    ),
    (is_hs_code, ["8429111000", "0101210010"]),
    (is_id_card, ["110101199003071233", "440306198512311009", "810000199901010014", "310115197501010018"]),
    (is_uscc, ["91350100M000100Y43"]),
    (is_filing_number, ["JJD2020004", "JJD2026999", "JJD20261000"]),
    (is_official_number, ["202000000000002009", "202100000000016009", "202612345678901234"]),
]

BAD: list[tuple[Callable[[str], FormatCheck], list[str]]] = [
    (
        is_phone,
        ["58300001", "110", "021-5830", "+81 45 12", "1+8613800000101", "+1 800 FLOWERS", "++86 21 58300001", "-"],
    ),
    (
        is_mobile,
        [
            "12800000101",
            "1380000010",
            "138000001011",
            "+8612800000101",
            "+13125550142 ext. 12",
            "+8613800000101转12",
            "+8613800000101-12",
            "+81 45 123 4567",
            "021-58300001",
        ],
    ),
    (is_email, ["a", "a@", "@b.cn", "a@b", "a b@c.cn", "a@@b.cn", "a@b..cn", "李@b.cn", "a@例子.cn", "a@[127.0.0.1]"]),
    (is_hs_code, ["842911100", "84291110000", "8429.11.10.00", "8429 111000", "842911100A"]),
    (is_id_card, ["110101199003071234", "110101199013071233", "110101900307123", "000000199003071233"]),
    (is_uscc, ["91350100M000100Y44", "91350100m000100y43", "91350100M000100I43", "91350100-M000100Y4"]),
    (is_filing_number, ["JJD202000", "JJD20200", "jjd2020004", "JJD1999004", "JJD 2020004", "JJD20200041234567890"]),
    (is_official_number, ["20210000000006001", "2021000000000160091", "102100000000016009", "2021-0000000016009"]),
]


def _pairs(table: list[tuple[Callable[[str], FormatCheck], list[str]]]) -> list[object]:
    return [pytest.param(check, text, id=f"{check.__name__}-{text}") for check, texts in table for text in texts]


@pytest.mark.parametrize(("check", "text"), _pairs(GOOD))
def test_what_an_officer_would_accept_is_accepted(check: Callable[[str], FormatCheck], text: str) -> None:
    assert check(text)


@pytest.mark.parametrize(("check", "text"), _pairs(BAD))
def test_what_an_officer_would_send_back_is_refused(check: Callable[[str], FormatCheck], text: str) -> None:
    assert not check(text)


@pytest.mark.parametrize(("check", "text"), _pairs([(check, texts[:1]) for check, texts in GOOD]))
@pytest.mark.parametrize(
    "spoil", ["{}\n", "\n{}", " {}", "{} ", "{}\x00", "\x00{}", "{}📞", "\ufeff{}", "{}\u200b", "{}\ud800"]
)
def test_nothing_may_hide_before_or_after_a_number(check: Callable[[str], FormatCheck], text: str, spoil: str) -> None:
    assert not check(spoil.format(text))


@pytest.mark.parametrize(("check", "text"), _pairs([(check, texts[:1]) for check, texts in GOOD]))
def test_full_width_characters_are_not_taken_for_digits_and_letters(
    check: Callable[[str], FormatCheck], text: str
) -> None:
    assert not check("".join(chr(ord(character) + 0xFEE0) for character in text))


@pytest.mark.parametrize("check", CHECKS)
def test_an_empty_text_has_no_format(check: Callable[[str], FormatCheck]) -> None:
    assert not check("")


class Long(str):
    """A text that no operator may go through; of it, a piece may be taken."""

    def _read(self, *_: object) -> NoReturn:
        raise AssertionError("a text too long was read")

    __contains__ = __eq__ = __format__ = __hash__ = __iter__ = _read


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("piece", ["1", "+", "a@", "０", "1-", "("])
def test_ten_megabytes_are_refused_by_their_length_alone(check: Callable[[str], FormatCheck], piece: str) -> None:
    text = Long(piece * (10_000_000 // len(piece)))
    called: list[str] = []

    def note(_: FrameType, moment: str, what: Any) -> None:
        # Functions in C go through a text unseen: a pattern, say.
        if moment == "c_call":
            called.append(what.__name__)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        found = check(text)
    finally:
        sys.setprofile(before)
    assert not found
    assert set(called) <= {"len", "setprofile"}


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_says_in_both_languages_what_would_be_right(check: Callable[[str], FormatCheck]) -> None:
    found = check("?")
    assert not found.valid
    assert found.zh.endswith("。")
    assert found.en.endswith(".")
    assert found.en.isascii()


@pytest.mark.parametrize("check", CHECKS)
@settings(deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_no_text_whatever_makes_a_check_fail(check: Callable[[str], FormatCheck], text: str) -> None:
    assert isinstance(check(text).valid, bool)


@pytest.mark.parametrize("check", [is_phone, is_mobile, is_id_card, is_uscc])
@settings(deadline=None)
@given(text=st.text(alphabet="+0123456789-() XJDx转ext.", max_size=40))
def test_no_heap_of_digits_makes_a_check_fail(check: Callable[[str], FormatCheck], text: str) -> None:
    assert isinstance(check(text).valid, bool)


def test_an_identity_card_may_end_in_a_small_x() -> None:
    for counter in range(1000):
        number = f"11010119900307{counter:03}"
        if ric.calc_check_digit(number + "0") == "X":
            assert is_id_card(number + "X")
            assert is_id_card(number + "x")
            return
    pytest.fail("No number of this day ends in X")


def test_who_was_born_before_the_county_existed_still_has_an_identity_card() -> None:
    born_in_1975_registered_in_a_district_of_1992 = "310115197501010018"
    assert is_id_card(born_in_1975_registered_in_a_district_of_1992)
