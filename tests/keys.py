"""The keys of personal data in tests: one under which all templates are filled, and others for rings of more."""

import base64

from storage.keys import KeyRing


def key(name: str) -> str:
    """A key as the setting takes it; the same for the same name."""
    return f"{name}:{base64.b64encode(name.encode().ljust(32, b'.')).decode()}"


PERSONAL_KEYS = key("first")
RING = KeyRing.of(PERSONAL_KEYS)
