"""Signing in by card, and binding cards to accounts. What a card has signed is looked at before any transaction."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.card import BindCardForm, Card, CardCertificate, SignatureAlgorithm, card_sign_in_failed
from domain.challenge import CardPurpose, Challenge, ChallengePurpose, challenge_not_valid, text_to_sign
from domain.party import Viewer
from domain.record import Form, says
from domain.refusal import Refusal, RefusalCode, refusal
from domain.session import SignInMethod
from graph.actions import Payload, not_done
from graph.context import Context, Info
from graph.ids import record_id
from graph.publish import term
from graph.relation import related
from graph.resolvers.challenge import new_challenge, shown_challenge, using_up, with_challenge
from graph.resolvers.opening import Opening, cookie, opened, refreshable
from identity.card import CHAIN_LENGTH_MAX, Cards
from storage.account import ACCOUNTS
from storage.card import CARD as TABLE
from storage.card import DESK, cards_of, holder_of
from storage.perform import Request
from storage.relation import by_id

# Before an input names them, or Strawberry publishes them without their words.
term(CardPurpose)
term(SignatureAlgorithm)

CHAIN = (
    "证书链. The card's certificate, then those of the issuers between it and one that is trusted here: each in PEM "
    f"or as DER in base64, at most {CHAIN_LENGTH_MAX}."
)
PURPOSES = {
    CardPurpose.SIGN_IN: ChallengePurpose.CARD_SIGN_IN,
    CardPurpose.BINDING: ChallengePurpose.CARD_BINDING,
}


@dataclass(frozen=True, kw_only=True)
class CardChallenge:
    """What a card is to sign 挑战: once, and within a short time."""

    id: Annotated[UUID, says("标识", "Id of the challenge, to be sent back with the signature.")]
    text: Annotated[str, says("待签名内容", "In base64; what the card signs are the bytes, five lines of text.")]
    expires_at: Annotated[datetime, says("到期时间", "It must be back before then.")]


@strawberry.input(description="获取挑战. What a card is to sign a challenge for.")
class CardChallengeOpenInput:
    """Signing in, unless said otherwise."""

    purpose: CardPurpose = strawberry.field(
        description="用途. What it shall be good for; BINDING is for whoever is signed in.", default=CardPurpose.SIGN_IN
    )


@strawberry.input(description="卡介质登录. A challenge that the card has signed.")
class SessionOpenByCardInput:
    """A challenge, a certificate and a signature."""

    challenge_id: strawberry.ID = strawberry.field(description="挑战标识. Id of the challenge.")
    certificate_chain: list[str] = strawberry.field(description=CHAIN)
    algorithm: SignatureAlgorithm = strawberry.field(
        description="签名算法. How the card has signed; it must be a way of the certificate's key."
    )
    signature: str = strawberry.field(description="签名. The signature, in base64.")
    refreshable: bool = refreshable()
    cookie: bool = cookie()


@strawberry.input(
    description="绑定卡介质. A card's certificate, and for whoever is no administrator a signature by it."
)
class CardBindInput:
    """Challenge, algorithm and signature come together or not at all."""

    account_id: strawberry.ID | None = strawberry.field(
        description="账号. Whose card it shall be; one's own when absent. For others by the administrator.",
        default=None,
    )
    certificate_chain: list[str] = strawberry.field(description=CHAIN)
    challenge_id: strawberry.ID | None = strawberry.field(
        description="挑战标识. A challenge of the purpose BINDING; needed but by the administrator.", default=None
    )
    algorithm: SignatureAlgorithm | None = strawberry.field(
        description="签名算法. How the card has signed it.", default=None
    )
    signature: str | None = strawberry.field(description="签名. The signature, in base64.", default=None)


async def card_challenge_open(info: Info, input: CardChallengeOpenInput | None = None) -> Payload:
    """获取挑战. Something for a card to sign, good once and for two minutes or as the operator has set; open to
    everybody. 手册 1.1, 第四篇 (manual)."""
    context, purpose = info.context, input.purpose if input is not None else CardPurpose.SIGN_IN
    if context.house.cards is None:
        return not_done(context, _not_offered())
    account_id = context.signed_in().user_id if purpose is CardPurpose.BINDING else None
    challenge = await new_challenge(context, PURPOSES[purpose], account_id)
    if isinstance(challenge, tuple):
        return not_done(context, *challenge)
    text = b64encode(text_to_sign(challenge, context.house.settings.audience)).decode()
    shown = CardChallenge(id=challenge.id, text=text, expires_at=challenge.expires_at)
    return Payload(None, [], {"challenge": shown})


async def session_open_by_card(info: Info, input: SessionOpenByCardInput) -> Payload:
    """卡介质登录. Sign in with a card (IC card, IKey) that is bound to an account: it signs the text of a challenge.
    What is wrong with the certificate is told to whoever has its key. 手册 1.1, 第四篇 (manual)."""
    context = info.context
    if context.house.cards is None:
        return not_done(context, _not_offered())
    shown = _Shown(input.challenge_id, input.certificate_chain, input.algorithm, input.signature)
    proved = await shown.proved(context, context.house.cards, ChallengePurpose.CARD_SIGN_IN, None)
    if isinstance(proved, tuple):
        return not_done(context, *proved)
    async with context.house.database.reading() as connection:
        known = await holder_of(connection, proved.certificate.fingerprint, context.house.door.clock())
    if known is None:
        return not_done(context, card_sign_in_failed())
    card_id, viewer = known
    use = Request(form=Form(), subject_id=card_id)
    first = using_up(context, proved.challenge, DESK, use, card_sign_in_failed())
    opening = Opening(SignInMethod.CARD, is_refreshable=input.refreshable, by_cookie=input.cookie)
    return await opened(context, viewer, opening, is_proved=True, first=first)


async def card_bind(info: Info, input: CardBindInput) -> Payload:
    """绑定卡介质. Bind a card to an account: to one's own with a challenge that the card has signed, or as the
    organisation's administrator to any account of it. A certificate is bound once. 手册 1.1, 第四篇 (manual)."""
    context = info.context
    viewer = context.signed_in()
    cards = context.house.cards
    if cards is None:
        return not_done(context, _not_offered())
    signed = {"challenge_id": input.challenge_id, "algorithm": input.algorithm, "signature": input.signature}
    missing = [name for name, value in signed.items() if value is None]
    if 0 < len(missing) < len(signed):
        return not_done(context, *map(_also_needed, missing))
    proved: _Proved | None = None
    if not missing:
        assert input.challenge_id is not None
        assert input.algorithm is not None
        assert input.signature is not None
        shown = _Shown(input.challenge_id, input.certificate_chain, input.algorithm, input.signature)
        found = await shown.proved(context, cards, ChallengePurpose.CARD_BINDING, viewer.user_id)
        if isinstance(found, tuple):
            return not_done(context, *found)
        proved, certificate = found, found.certificate
    else:
        looked = await cards.looked_at(input.certificate_chain, context.house.door.clock())
        if isinstance(looked, tuple):
            return not_done(context, *looked)
        certificate = looked
    account_id = record_id("account", input.account_id) if input.account_id is not None else viewer.user_id
    assert account_id is not None
    form = BindCardForm(account_id=account_id, certificate=certificate, is_proved=proved is not None)
    return await with_challenge(context, DESK, "bind", form, proved.challenge if proved else None)


async def own_cards(root: strawberry.Parent[Viewer], info: Info) -> list[Card]:
    """卡介质. The active cards of the viewer's own account, the latest first; `cards` has the revoked ones too."""
    async with info.context.house.database.reading() as connection:
        return await cards_of(root).all(connection, TABLE.c.bound_at.desc(), TABLE.c.id.desc())


account = related(by_id(ACCOUNTS), "account_id", name="account", words="账号. The account that signs in with it.")


@dataclass(frozen=True)
class _Proved:
    """A certificate whose key has signed this challenge; the challenge is still to be used up."""

    certificate: CardCertificate
    challenge: Challenge


@dataclass(frozen=True)
class _Shown:
    """What somebody shows to prove that a card is at hand."""

    challenge_id: str
    chain: list[str]
    algorithm: SignatureAlgorithm
    signature: str

    async def proved(
        self, context: Context, cards: Cards, purpose: ChallengePurpose, account_id: UUID | None
    ) -> "_Proved | tuple[Refusal, ...]":
        challenge_id = record_id("card_challenge", self.challenge_id)
        challenge = await shown_challenge(context, challenge_id, purpose, account_id)
        if challenge is None:
            return (challenge_not_valid(),)
        text = text_to_sign(challenge, context.house.settings.audience)
        found = await cards.proved(self.chain, self.algorithm, self.signature, text, context.house.door.clock())
        return found if isinstance(found, tuple) else _Proved(found, challenge)


def _not_offered() -> Refusal:
    return refusal(
        RefusalCode.NOT_OFFERED,
        zh="本系统未开通卡介质登录，请以用户名和密码登录。",
        en="Nobody signs in by card here; use user name and password.",
    )


def _also_needed(name: str) -> Refusal:
    return refusal(
        RefusalCode.REQUIRED,
        zh="挑战标识、签名算法和签名须一并提交。",
        en="Challenge, algorithm and signature come together.",
        field=name,
    )
