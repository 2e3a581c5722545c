"""Challenges 挑战: what a card or passkey signs to prove that it is there, once and within a short time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from domain import marks
from domain.record import Part, says
from domain.refusal import Refusal, RefusalCode, refusal
from domain.term import Term

NONCE_BYTES = 32
NONCE_LENGTH = 2 * NONCE_BYTES


class ChallengePurpose(Term):
    """What a signed challenge is good for, and nothing else."""

    CARD_SIGN_IN = "卡介质登录", "Signing in with a card."
    CARD_BINDING = "绑定卡介质", "Binding a card to the account of whoever asked for the challenge."
    PASSKEY_SIGN_IN = "通行密钥登录", "Signing in with a passkey."
    PASSKEY_REGISTRATION = "登记通行密钥", "Registering a passkey for the account of whoever asked for the challenge."


class CardPurpose(Term):
    """What a card is to sign a challenge for."""

    SIGN_IN = "登录", "Signing in, which nobody needs to be signed in for."
    BINDING = "绑定", "Binding the card to one's own account."


FIRST_LINES = {
    ChallengePurpose.CARD_SIGN_IN: "preship card sign-in",
    ChallengePurpose.CARD_BINDING: "preship card binding",
}


@dataclass(frozen=True, kw_only=True)
class Challenge(Part):
    """A nonce that was handed out, to whom, what for and until when. `account_id` is None for a sign-in."""

    nonce: Annotated[str, says("随机数", "256 random bits in hexadecimal."), marks.text(NONCE_LENGTH)]
    purpose: Annotated[ChallengePurpose, says("用途", "What it is good for.")]
    account_id: Annotated[UUID | None, says("账号", "Who asked."), marks.id_of("account")] = None
    expires_at: Annotated[datetime, says("到期时间", "Good until then; to the whole second.")]
    used_at: Annotated[datetime | None, says("使用时间", "When it was used up.")] = None


def text_to_sign(challenge: Challenge, audience: str) -> bytes:
    """What a card signs: five lines, each with its end.

    The first line keeps the signature from being taken for one made for anything else, the second from being used at
    another installation.
    """
    expires_at = challenge.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"{FIRST_LINES[challenge.purpose]}\n"
        f"audience: {audience}\n"
        f"challenge: {challenge.id.hex}\n"
        f"nonce: {challenge.nonce}\n"
        f"expires: {expires_at}\n"
    ).encode()


def challenge_not_valid() -> Refusal:
    """Unknown, used, expired, another's and for another purpose are not told apart."""
    return refusal(
        RefusalCode.CHALLENGE_NOT_VALID,
        zh="挑战无效、已使用或已过期，请重新获取。",
        en="The challenge is unknown, used or expired; ask for a new one.",
        field="challenge_id",
    )
