"""Captchas are drawn in a thread, and compared by hashes that are keyed: nobody reads a text back from the database."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from concurrent.futures import ThreadPoolExecutor

from captcha.image import ImageCaptcha

from domain.captcha import LETTERS, TEXT_LENGTH, KeptCaptcha, as_read, does_the_work

DRAWN_AT_ONCE = 1
WAITING_MAX = 50
WIDTH, HEIGHT = 180, 60
"""Pixels. Such a picture has some eight kilobytes and takes four milliseconds."""

PREFIX_BYTES = 12
SECRET_BYTES = 32

_THREADS = ThreadPoolExecutor(DRAWN_AT_ONCE, "captchas")
_PAINTER = ImageCaptcha(WIDTH, HEIGHT)


def new_text() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(TEXT_LENGTH))


def new_prefix() -> str:
    """What a proof of work starts from, so that none is done in advance."""
    return secrets.token_urlsafe(PREFIX_BYTES)


async def drawn(text: str) -> str:
    """A picture of the text as a `data:` URL of PNG."""
    png = await asyncio.get_running_loop().run_in_executor(_THREADS, _draw, text)
    return "data:image/png;base64," + base64.b64encode(png).decode()


def sealed(secret: bytes, *parts: str) -> str:
    """HMAC-SHA-256 of the parts in hexadecimal: the same for the same parts, and nothing without the secret."""
    return hmac.new(secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def sealed_text(secret: bytes, captcha: str, text: str) -> str:
    """What is kept of the text of one captcha."""
    return sealed(secret, "captcha", captcha, as_read(text))


def bits_shown(secret: bytes, kept: KeptCaptcha, text: str | None, nonce: str | None) -> int | None:
    """What was shown, in bits of work: 0 for the right text of the picture; None where nothing right was shown."""
    if nonce is not None and does_the_work(kept.prefix, nonce, kept.difficulty):
        return kept.difficulty
    if text is not None and kept.text_hash is not None:
        typed = sealed_text(secret, kept.id.hex, text)
        return 0 if hmac.compare_digest(typed, kept.text_hash) else None
    return None


def _draw(text: str) -> bytes:
    return _PAINTER.generate(text).getvalue()
