"""Passwords are kept as argon2id and compared in threads, a few at a time, so that no sign-in holds up others.

argon2 lets go of the interpreter's lock, but each comparison keeps four threads of its own busy, behind which the event
loop has to wait for a core. So no more are made at once than there are cores for, and at a lower priority.
"""

import asyncio
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 256
NICENESS = 5
"""A third of the weight that the loop has. More would let comparisons starve where others want all cores."""

_HASHER = PasswordHasher()
COMPARED_AT_ONCE = max(1, (os.cpu_count() or 1) // _HASHER.parallelism)
_NOBODYS_HASH = _HASHER.hash("the password of nobody")


def _step_back() -> None:
    # Only Linux gives threads a priority each; those that argon2 starts inherit it.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_THREADS = ThreadPoolExecutor(COMPARED_AT_ONCE, "passwords", initializer=_step_back)


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
