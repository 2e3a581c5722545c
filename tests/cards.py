"""Cards for tests: issuers with all that may be wrong about them, and people who sign in with what they issue."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from domain.card import SignatureAlgorithm
from identity.software_card import KeyKind, SoftwareCard, issue, new_issuer, revocations
from tests.clock import OPENING
from tests.office import Office
from tests.papers import USER_ERRORS, Payload
from tests.person import Person

LONG_AGO = OPENING - timedelta(days=30)

CHALLENGE = f"""mutation Challenge($input: CardChallengeOpenInput) {{
  cardChallengeOpen(input: $input) {{ challenge {{ id text expiresAt }} {USER_ERRORS} }}
}}"""
OPEN = f"""mutation Open($input: SessionOpenByCardInput!) {{
  sessionOpenByCard(input: $input) {{
    session {{ token expiresAt }} viewer {{ role account {{ username }} }} {USER_ERRORS}
  }}
}}"""
CARD = """fragment card on Card {
  id version serial issuer subject fingerprint validUntil status boundAt lastUsedAt revokedAt revokeReason
  account { username }
}"""
BIND = (
    f"mutation Bind($input: CardBindInput!) {{ cardBind(input: $input) {{ card {{ ...card }} {USER_ERRORS} }} }} {CARD}"
)
REVOKE = f"""mutation Revoke($input: CardRevokeInput!) {{
  cardRevoke(input: $input) {{ card {{ ...card }} {USER_ERRORS} }}
}} {CARD}"""


@dataclass
class Issuing:
    """An issuer of cards whose certificate and list lie in a folder, where the product finds them."""

    folder: Path
    kind: KeyKind = KeyKind.ECDSA
    revoked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuer = new_issuer("测试签发机构", self.kind, LONG_AGO)
        (self.folder / "issuer.pem").write_bytes(self.issuer.certificate_pem())
        self.lists()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "card_issuers": str(self.folder / "issuer.pem"),
            "card_revocations": str(self.folder / "revocations.pem"),
            "card_audience": "preship.example",
        }

    def lists(self, at: datetime = LONG_AGO, lasts: timedelta = timedelta(days=60)) -> None:
        """Writes the list anew."""
        made = revocations(self.issuer, self.revoked, at, lasts=lasts)
        (self.folder / "revocations.pem").write_bytes(made.public_bytes(Encoding.PEM))

    def revokes(self, card: SoftwareCard) -> None:
        self.revoked.append(card.certificate.serial_number)
        self.lists(OPENING)

    def card(self, kind: KeyKind = KeyKind.ECDSA, at: datetime = LONG_AGO, **more: Any) -> SoftwareCard:
        return issue(self.issuer, "周海涛", kind, at, **more)


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def chain_of(card: SoftwareCard, *others: x509.Certificate) -> list[str]:
    """As a client sends it: the card's own in DER, the others in PEM."""
    return [
        in_base64(card.certificate.public_bytes(Encoding.DER)),
        *(each.public_bytes(Encoding.PEM).decode() for each in others),
    ]


def signed(
    card: SoftwareCard, challenge: Any, algorithm: SignatureAlgorithm | None = None, **changes: Any
) -> dict[str, Any]:
    """What a client sends after the card has signed."""
    chosen = algorithm or card.algorithms[0]
    return {
        "challengeId": challenge["id"],
        "certificateChain": chain_of(card),
        "algorithm": chosen.name,
        "signature": in_base64(card.sign(base64.b64decode(challenge["text"]), chosen)),
    } | changes


async def challenge_for(person: Person, purpose: str | None = None) -> Any:
    """A challenge; for signing in, unless another purpose is named."""
    input_ = None if purpose is None else {"purpose": purpose}
    answer = (await person.asks(CHALLENGE, input=input_))["cardChallengeOpen"]
    assert answer["userErrors"] == []
    return answer["challenge"]


async def opens(office: Office, input_: dict[str, Any]) -> Payload:
    """A sign-in: the session and who it is, or why not."""
    answer = (await office.anybody.asks(OPEN, input=input_))["sessionOpenByCard"]
    assert (answer["session"] is None) == bool(answer["userErrors"])
    return Payload(answer, answer["userErrors"])


async def signs_in(office: Office, card: SoftwareCard, **more: Any) -> Payload:
    return await opens(office, signed(card, await challenge_for(office.anybody), **more))


async def binds(person: Person, card: SoftwareCard, **changes: Any) -> Payload:
    """Binds a card to one's own account, with the card at hand."""
    wish = signed(card, await challenge_for(person, "BINDING"))
    return await sends_binding(person, wish | changes)


async def sends_binding(person: Person, wish: dict[str, Any]) -> Payload:
    answer = (await person.asks(BIND, input=wish))["cardBind"]
    return Payload(answer["card"], answer["userErrors"])


async def revokes(person: Person, card: Any, **more: Any) -> Payload:
    answer = (await person.asks(REVOKE, input={"id": card["id"], **more}))["cardRevoke"]
    return Payload(answer["card"], answer["userErrors"])


def codes(refused: Iterable[Any]) -> list[str]:
    return [each.code.name for each in refused]
