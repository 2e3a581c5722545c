"""Passwords are kept as argon2id and compared in threads, a few at a time, so that no sign-in holds up others.

What is typed is brought into one form first (NFKC), for keyboards write the same character in more than one way. Hashes
from before that was done are of what was typed, so that is compared too.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from domain.password import PASSWORD_LENGTH_MAX

COMPARED_AT_ONCE = 2

_HASHER = PasswordHasher()
_NOBODYS_HASH = _HASHER.hash("the password of nobody")
_THREADS = ThreadPoolExecutor(COMPARED_AT_ONCE, "passwords")
_COMMON = Path(__file__).with_name("common_passwords.txt")


def normalised(password: str) -> str:
    """The password in the form in which it is weighed and hashed."""
    return unicodedata.normalize("NFKC", password)


def hash_of(password: str) -> str:
    """The argon2id hash under which a password is kept (RFC 9106, second recommended option)."""
    return _HASHER.hash(normalised(password))


async def hashed(password: str) -> str:
    """`hash_of` in a thread. Of one that is longer than allowed the rest is not looked at; it is refused elsewhere."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, hash_of, password[:PASSWORD_LENGTH_MAX])


async def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password. Longer ones than allowed are nobody's, and where there is no hash none is right."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _compare, password_hash, password)


async def matches_nobody(password: str) -> None:
    """Takes as long as a comparison."""
    await matches("", password)


def is_common(password: str) -> bool:
    """Whether a password, whatever its case, is among the most common ones, which are guessed first."""
    return normalised(password[:PASSWORD_LENGTH_MAX]).casefold() in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").splitlines())


def _compare(password_hash: str, password: str) -> bool:
    typed = password[:PASSWORD_LENGTH_MAX]
    ways = dict.fromkeys((normalised(typed), typed))
    found = any(_verifies(password_hash or _NOBODYS_HASH, each) for each in ways)
    return found and bool(password_hash) and len(password) <= PASSWORD_LENGTH_MAX


def _verifies(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
