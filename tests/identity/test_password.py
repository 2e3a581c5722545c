"""Passwords and one-time codes: one form however they are typed, older hashes still good, the common ones known."""

import base64
import math
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from identity.code import ALPHABET, CODE_LENGTH, hash_of_code, new_code
from identity.password import _NOBODYS_HASH, hash_of, hashed, is_common, matches
from identity.totp import new_recovery_codes


async def test_a_password_is_compared_in_its_normal_form() -> None:
    kept = hash_of("ｇｒｅｅｎ　ｔｅａ １２")
    assert await matches(kept, "green tea 12")
    assert await matches(await hashed("green tea 12"), "ｇｒｅｅｎ　ｔｅａ １２")
    assert not await matches(kept, "green tea 1２3")


async def test_a_hash_from_before_passwords_were_brought_into_one_form_is_still_good() -> None:
    typed = "cafe\N{COMBINING ACUTE ACCENT} ①②③"
    assert unicodedata.normalize("NFKC", typed) != typed
    assert await matches(PasswordHasher().hash(typed), typed)


async def test_a_password_from_when_longer_ones_were_allowed_is_still_good() -> None:
    assert await matches(hash_of("x" * 256), "x" * 256)
    assert not await matches(hash_of("x" * 256), "x" * 257)


def test_comparing_with_the_hash_of_nobody_takes_as_much_work_as_with_anybodys() -> None:
    assert extract_parameters(_NOBODYS_HASH) == extract_parameters(hash_of("green tea 12"))


async def test_where_there_is_no_hash_no_password_is_right() -> None:
    for password in ("", "the password of nobody"):
        assert not await matches("", password)


@pytest.mark.parametrize(
    "password", ["password", "PASSWORD", "12345678", "woaini1314", "1qaz2wsx", "p@ssw0rd", "Ｑｗｅｒｔｙｕｉｏｐ"]
)
def test_what_is_guessed_first_is_known(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["correct horse battery staple", "杜鹃在雨里唱歌", "preship-demo", "x" * 10_000])
def test_what_is_not_guessed_at_once_is_no_common_password(password: str) -> None:
    assert not is_common(password)


def test_a_code_is_read_off_paper_without_doubt() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(code.replace("-", "")) == CODE_LENGTH
        assert set(code) <= {*ALPHABET, "-"}
        assert hash_of_code(f" {code.lower().replace('-', ' ')}\n") == hash_of_code(code)
    assert not set("01OILU") & set(ALPHABET)


def test_a_recovery_code_cannot_be_guessed_from_its_hash() -> None:
    codes, hashes = new_recovery_codes()
    assert hashes.split() == [hash_of_code(each) for each in codes]
    for code in codes:
        assert len(code.replace("-", "")) * math.log2(len(ALPHABET)) >= 112


def test_a_password_is_kept_with_a_salt_of_its_own_and_dearly() -> None:
    kept = [hash_of("green tea 12").split("$") for _ in range(2)]
    (_, kind, _, cost, salt, _), other = kept
    memory, rounds, _ = (int(each.partition("=")[2]) for each in cost.split(","))
    assert kind == "argon2id"
    assert memory >= 15 * 1024
    assert rounds >= 2
    assert len(base64.b64decode(salt + "==")) >= 16
    assert salt != other[4]
