"""One-time codes: handed over by an administrator, typed once. Long enough that a plain hash keeps them secret."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what looks alike on paper: 0 and O, 1, I and L, U and V."""

CODE_LENGTH = 16
GROUP_LENGTH = 4


def new_code() -> str:
    """A code of 78 bits, as `7KQM-2XWD-P9RT-H4BN`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, CODE_LENGTH, GROUP_LENGTH))


def hash_of_code(code: str) -> str:
    """The SHA-256 under which a code is kept; case, blanks and hyphens do not count."""
    written = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(written.encode()).hexdigest()
