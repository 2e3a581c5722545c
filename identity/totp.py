"""Codes of authenticator apps: what RFC 6238 makes of a secret and the time (SHA-1, six digits, thirty seconds)."""

import hmac
import unicodedata
from datetime import datetime

import pyotp

from domain.totp import CODE_LENGTH_MAX, RECOVERY_CODES, Proof, Totp
from identity.code import LONG_CODE_LENGTH, hash_of_code, new_code

ISSUER = "Preship"
DIGITS = 6
STEPS_OF_DRIFT = 1
"""How many steps the clock of a telephone may be early or late, of thirty seconds each."""


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def uri_of(secret: str, username: str) -> str:
    """What an app is told by the QR image: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def new_recovery_codes() -> tuple[list[str], str]:
    """The codes, to be shown once, and their hashes as they are kept."""
    codes = [new_code(LONG_CODE_LENGTH) for _ in range(RECOVERY_CODES)]
    return codes, " ".join(map(hash_of_code, codes))


def proof_of(totp: Totp, code: str, now: datetime) -> Proof | None:
    """What a typed code amounts to; blanks within it do not count. None where it cannot be any code."""
    if len(code) > CODE_LENGTH_MAX:
        return None
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    if not (len(typed) == DIGITS and typed.isascii() and typed.isdigit()):
        return Proof(recovery_hash=hash_of_code(typed))
    step = _step_of(totp.secret, typed, now)
    return None if step is None else Proof(step=step, compared_with=totp.secret)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    if not secret:
        return None
    app = pyotp.TOTP(secret)
    middle = app.timecode(now)
    for step in range(middle + STEPS_OF_DRIFT, middle - STEPS_OF_DRIFT - 1, -1):
        if hmac.compare_digest(app.generate_otp(step), code):
            return step
    return None
