"""Captchas 验证码: what must be shown beside a password, once for each attempt: the text of a picture, or work done.

The work is for whoever cannot see the picture, and for programs. An account at which strangers have failed often asks
for work alone, and for more of it: so guessing becomes dear without anybody being locked out.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from domain.record import Part
from domain.refusal import Refusal, RefusalCode, refusal
from domain.throttle import Limit

LETTERS = "ACDEFHJKLMNPQRTUVWXY3479"
"""None of them is taken for another, in print or in handwriting: no 0 and O, 1 and I, 2 and Z, 5 and S, 8 and B."""

TEXT_LENGTH = 5
ANSWER_LENGTH_MAX = 64
ALGORITHM = "sha-256"
PICTURE = 0
"""How much work the text of a picture stands for, in bits."""


@dataclass(frozen=True, kw_only=True)
class KeptCaptcha(Part):
    """A captcha that waits for its one attempt. Whom it is for and its text are kept as keyed hashes."""

    name_hash: str | None
    """The user name that it was opened for; None for any at which nothing more is asked than usual."""
    device_hash: str | None
    """The known device that it was opened for, of which no more is asked than usual."""
    text_hash: str | None
    """None where there is no picture, because its text would not be enough."""
    prefix: str
    difficulty: int
    expires_at: datetime


@dataclass(frozen=True)
class Demand:
    """What an attempt must bring: work of `difficulty` bits, or the text of a picture where that is enough."""

    difficulty: int
    picture_is_enough: bool

    def is_met_by(self, bits: int) -> bool:
        return self.picture_is_enough or bits >= self.difficulty


@dataclass(frozen=True)
class Difficulty:
    """Between which bounds work is asked for, in bits: each doubles it."""

    usual: int
    most: int

    def demand(self, limit: Limit, level: int) -> Demand:
        """The usual, until as many have failed as the limit allows; then it rises up to the most at twice as many."""
        beyond = level - limit.most
        if beyond < 0:
            return Demand(self.usual, picture_is_enough=True)
        raised = -(-min(beyond, limit.most) * (self.most - self.usual) // limit.most)
        return Demand(self.usual + raised, picture_is_enough=False)


def as_read(text: str) -> str:
    """What somebody has typed off a picture, whatever its case and however wide its letters are."""
    return unicodedata.normalize("NFKC", text[:ANSWER_LENGTH_MAX]).strip().upper()


def does_the_work(prefix: str, nonce: str, difficulty: int) -> bool:
    """Whether SHA-256 of prefix and nonce (UTF-8) begins with so many bits that are nought."""
    if len(nonce) > ANSWER_LENGTH_MAX:
        return False
    digest = hashlib.sha256((prefix + nonce).encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - difficulty) == 0


def captcha_required(field: str = "captcha_id") -> Refusal:
    return refusal(
        RefusalCode.CAPTCHA_REQUIRED,
        zh="请用captchaOpen为该用户名获取验证码，并填写图中文字或工作量证明。",
        en="Open a captcha for this user name with captchaOpen; send the text of its picture, or a proof of work.",
        field=field,
    )


def more_is_asked() -> Refusal:
    return refusal(
        RefusalCode.CAPTCHA_REQUIRED,
        zh="该用户名登录失败次数较多，需要更高难度的工作量证明，请重新获取验证码。",
        en="Too many have failed at this user name, so more work is asked for; open another captcha for it.",
        field="captcha_id",
    )


def captcha_wrong(field: str) -> Refusal:
    return refusal(
        RefusalCode.CAPTCHA_WRONG,
        zh="验证码不正确、已过期或已使用，请重新获取。",
        en="The captcha is not answered rightly, has expired, was used or is for another user name; open a new one.",
        field=field,
    )
