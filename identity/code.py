"""One-time codes: handed over by an administrator, typed once. Long enough that a plain hash keeps them secret."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what looks alike on paper: 0 and O, 1, I and L, U and V."""

CODE_LENGTH = 16
LONG_CODE_LENGTH = 24
"""For codes that are kept for years: 117 bits, where OWASP ASVS 2.6.2 asks for 112."""

GROUP_LENGTH = 4


def new_code(length: int = CODE_LENGTH) -> str:
    """A code of 78 bits, as `7KQM-2XWD-P9RT-H4BN`, or of another length."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(length))
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, length, GROUP_LENGTH))


def hash_of_code(code: str) -> str:
    """The SHA-256 under which a code is kept; case, blanks and hyphens do not count."""
    written = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(written.encode()).hexdigest()
