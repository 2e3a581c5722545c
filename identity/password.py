"""Passwords are kept as argon2id and compared in threads, a few at a time, so that no sign-in holds up others."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

COMPARED_AT_ONCE = 2
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 256

_HASHER = PasswordHasher()
_NOBODYS_HASH = _HASHER.hash("the password of nobody")
_THREADS = ThreadPoolExecutor(COMPARED_AT_ONCE, "passwords")


def hash_of(password: str) -> str:
    """The argon2id hash under which a password is kept (RFC 9106, second recommended option)."""
    return _HASHER.hash(password)


async def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password. Longer ones than allowed are nobody's."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _compare, password_hash, password)


async def matches_nobody(password: str) -> None:
    """Takes as long as a comparison."""
    await matches(_NOBODYS_HASH, password)


def _compare(password_hash: str, password: str) -> bool:
    try:
        _HASHER.verify(password_hash, password[:PASSWORD_LENGTH_MAX])
    except (Argon2Error, InvalidHashError):
        return False
    return len(password) <= PASSWORD_LENGTH_MAX
