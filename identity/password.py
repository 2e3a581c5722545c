"""Passwords are kept as argon2id and compared in threads, a few at a time, so that no sign-in holds up others.

What is typed is brought into one form first (NFKC), for keyboards write the same character in more than one way. Hashes
from before that was done are of what was typed, so that is compared too.

argon2 lets go of the interpreter's lock, but each comparison keeps four threads of its own busy, behind which the event
loop has to wait for a core. So no more are made at once than there are cores for, and at a lower priority.
"""

import asyncio
import os
import sys
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from domain.password import PASSWORD_TYPED_MAX

NICENESS = 5
"""A third of the weight that the loop has. More would let comparisons starve where others want all cores."""

_HASHER = PasswordHasher()
COMPARED_AT_ONCE = max(1, (os.cpu_count() or 1) // _HASHER.parallelism)
# Of a password that nobody has kept: comparing with it takes as long as with any other.
_NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$XkY9y9bFDSH0e/T/kpr95A$/sbFx1prTC33CQX6/rfjB/hIIhPAX7X/EylXNw3gFBI"


def _step_back() -> None:
    # Only Linux gives threads a priority each; those that argon2 starts inherit it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_THREADS = ThreadPoolExecutor(COMPARED_AT_ONCE, "passwords", initializer=_step_back)
_COMMON = Path(__file__).with_name("common_passwords.txt")


def normalised(password: str) -> str:
    """The password in the form in which it is weighed and hashed."""
    return unicodedata.normalize("NFKC", password)


def hash_of(password: str) -> str:
    """The argon2id hash under which a password is kept (RFC 9106, second recommended option)."""
    return _HASHER.hash(normalised(password))


async def hashed(password: str) -> str:
    """`hash_of` in a thread. Of one that is longer than allowed the rest is not looked at; it is refused elsewhere."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, hash_of, password[:PASSWORD_TYPED_MAX])


async def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password. Longer ones than allowed are nobody's, and where there is no hash none is right."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _compare, password_hash, password)


async def matches_nobody(password: str) -> None:
    """Takes as long as a comparison."""
    await matches("", password)


def is_common(password: str) -> bool:
    """Whether a password, whatever its case, is among the most common ones, which are guessed first."""
    return normalised(password[:PASSWORD_TYPED_MAX]).casefold() in _common()


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").splitlines())


def _compare(password_hash: str, password: str) -> bool:
    typed = password[:PASSWORD_TYPED_MAX]
    ways = dict.fromkeys((normalised(typed), typed))
    found = any(_verifies(password_hash or _NOBODYS_HASH, each) for each in ways)
    return found and bool(password_hash) and len(password) <= PASSWORD_TYPED_MAX


def _verifies(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
