"""What programs show instead of a session's token: a key, `psk_PREFIX_SECRET`, or a token got by one, `pat_…`.

Both are random and long, so a plain SHA-256 keeps them from being read back. Neither is as long as a session's token,
so what somebody shows is one of the three and never two.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

PREFIX_LENGTH = 8
SECRET_BYTES = 32
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PREFIX = re.compile(rf"[{_ALPHABET}]{{{PREFIX_LENGTH}}}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_KEY = re.compile(rf"psk_({_PREFIX.pattern})_({_SECRET.pattern})", re.ASCII)
_TOKEN = re.compile(rf"pat_{_SECRET.pattern}", re.ASCII)
_BEGINNINGS = ("psk_", "pat_")


@dataclass(frozen=True)
class KeyParts:
    """A key that somebody shows, its secret hashed already."""

    prefix: str
    secret_hash: str


def new_prefix() -> str:
    """By which a key is known in public."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PREFIX_LENGTH))


def new_secret() -> str:
    """256 bits."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_access_token() -> str:
    """256 bits."""
    return f"pat_{secrets.token_urlsafe(SECRET_BYTES)}"


def written(prefix: str, secret: str) -> str:
    """The key as its holder keeps it."""
    return f"psk_{prefix}_{secret}"


def key_in(shown: str) -> KeyParts | None:
    """The key that this is; None for anything else."""
    matched = _KEY.fullmatch(shown)
    return None if matched is None else KeyParts(matched[1], hash_of(matched[2]))


def client_in(client_id: str, client_secret: str) -> KeyParts | None:
    """The key whose halves these are, as OAuth sends them; None where they cannot be."""
    if _PREFIX.fullmatch(client_id) is None or _SECRET.fullmatch(client_secret) is None:
        return None
    return KeyParts(client_id, hash_of(client_secret))


def is_access_token(shown: str) -> bool:
    return _TOKEN.fullmatch(shown) is not None


def looks_like_one(text: str) -> bool:
    """Whether a text begins as ours do, be it cut short."""
    return text.startswith(_BEGINNINGS)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
