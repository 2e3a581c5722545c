"""Cards 卡介质 (IC card, IKey): a certificate on a smart card, bound to one account that signs in with it.

A certificate is bound once and for all: what was revoked here is not bound again, to whomever.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from domain import marks
from domain.account.record import Account
from domain.account.told import CARD_BOUND, CARD_ENDS_SOON, CARD_REVOKED
from domain.language import Words
from domain.party import THE_ADMINISTRATOR_IN_PERSON, THE_CLOCK, THE_OFFICE, OfAnyKind, Role, Viewer
from domain.record import Form, Record, hidden, personal, says
from domain.refusal import Refusal, RefusalCode, Refusals, refusal
from domain.term import Term
from domain.workflow import Action, Case, Effect, Workflow, condition

CARDS_MAX = 10
"""Bound to one account at a time."""

REMINDED_BEFORE = timedelta(days=30)
"""How long before its certificate ends a card's organisation is told."""

SERIAL_LENGTH_MAX = 40
NAME_LENGTH_MAX = 500
FINGERPRINT_LENGTH = 64
REASON_LENGTH_MAX = 300

Text = str | None


class CardStatus(Term):
    """Whether the account signs in with the card."""

    ACTIVE = "有效", "Signs in while its certificate is valid."
    REVOKED = "已解除", "Signs in no more, and is not bound again."


class SignatureAlgorithm(Term):
    """How a card signs. It follows from the certificate's key; only of RSA are there two."""

    RSA_PSS_SHA256 = "RSA-PSS（SHA-256）", "RSASSA-PSS with MGF1 and SHA-256, salt of 32 bytes (RFC 8017)."
    RSA_PKCS1_SHA256 = "RSA（SHA-256）", "RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017)."
    ECDSA_SHA256 = "ECDSA（SHA-256）", "ECDSA over P-256 with SHA-256, the signature in DER (X9.62)."
    ECDSA_SHA384 = "ECDSA（SHA-384）", "ECDSA over P-384 or P-521 with SHA-384, the signature in DER (X9.62)."
    SM2_SM3 = "SM2（SM3）", "SM2 with SM3 and the usual id 1234567812345678, the signature in DER (GB/T 32918.2)."


@dataclass(frozen=True, kw_only=True)
class CardCertificate:
    """What is kept of a card's certificate; it was looked at already, off the event loop."""

    serial: str
    issuer: str
    subject: str
    fingerprint: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class BindCardForm(Form):
    """Which certificate for whom. `is_proved`: the card itself has signed a challenge."""

    account_id: UUID
    certificate: Annotated[CardCertificate, hidden]
    is_proved: Annotated[bool, hidden]


@dataclass(frozen=True, kw_only=True)
class RevokeCardForm(Form):
    """Why a card is no longer wanted."""

    reason: Annotated[Text, says("解除原因", "Why, if anything is to be said."), marks.text(REASON_LENGTH_MAX)] = None


@dataclass(frozen=True, kw_only=True)
class Card(Record):
    """A card bound to an account 卡介质: its certificate, and whether the account still signs in with it."""

    serial: Annotated[
        str, says("证书序列号", "Serial number of the certificate, in hexadecimal."), marks.text(SERIAL_LENGTH_MAX)
    ]
    issuer: Annotated[
        str, says("签发机构", "Who issued the certificate, as RFC 4514 writes names."), marks.text(NAME_LENGTH_MAX)
    ]
    subject: Annotated[
        str,
        says("持有人", "Whom the certificate names, as RFC 4514 writes names."),
        marks.text(NAME_LENGTH_MAX),
        personal,
    ]
    fingerprint: Annotated[
        str, says("证书指纹", "SHA-256 of the certificate, in hexadecimal."), marks.text(FINGERPRINT_LENGTH)
    ]
    valid_until: Annotated[datetime, says("证书有效期止", "Until when the certificate is valid.")]
    status: Annotated[CardStatus, says("状态", "Whether the account signs in with it.")]
    bound_at: Annotated[datetime, says("绑定时间", "When it was bound to the account.")]
    last_used_at: Annotated[datetime | None, says("最近登录时间", "When it last signed in; null before.")] = None
    revoked_at: Annotated[datetime | None, says("解除时间", "When it was revoked; null before.")] = None
    revoke_reason: Annotated[Text, says("解除原因", "Why it was revoked."), marks.text(REASON_LENGTH_MAX)] = None
    account_id: Annotated[UUID, hidden]
    organisation_id: Annotated[UUID, hidden]
    reminded_at: Annotated[datetime | None, hidden] = None
    """When the organisation was told that the certificate ends soon."""

    def ends_soon(self, now: datetime) -> bool:
        """Whether its certificate ends before long, and has not yet."""
        return now < self.valid_until <= now + REMINDED_BEFORE


class CardOrderField(Term):
    """What the list can be sorted by."""

    BOUND_AT = "绑定时间", "By when it was bound."
    VALID_UNTIL = "证书有效期止", "By when the certificate ends."


@dataclass(frozen=True, kw_only=True)
class CardFilter(Form):
    """Which cards are wanted; conditions given together must all hold."""

    status: Annotated[CardStatus | None, says("状态", "In this status.")] = None
    account_id: Annotated[UUID | None, says("账号", "Bound to this account."), marks.id_of("account")] = None


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """The account named, where it is active and of the actor's organisation; what is bound already."""

    account: Account | None = None
    is_taken: bool = False
    held: int = 0


CardCase = Case[Card, CardFacts, Any]
Binding = Case[Card, CardFacts, BindCardForm]


def _is_own(viewer: Viewer, record: Any) -> bool:
    return record is None or record.account_id == viewer.user_id


THE_HOLDER = OfAnyKind("the_holder", Words(zh="本人", en="the holder"), None, frozenset(Role), _is_own)


@condition(zh="账号为本人的，或由本单位管理员为本单位的有效账号绑定", en="it is for oneself, or by the administrator")
def account_is_within_reach(case: "Case[Any, Any, Any]") -> Refusals:
    actor, account = case.actor, case.facts.account
    if case.form.account_id != actor.user_id and actor.role is not Role.ADMIN:
        yield refusal(
            RefusalCode.NOT_YOUR_ROLE,
            zh="只有本单位管理员可以为他人绑定。",
            en="Only the organisation's administrator binds for somebody else.",
            field="account_id",
        )
    elif account is None:
        yield refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            zh="本单位没有这一有效账号。",
            en="Your organisation has no such active account.",
            field="account_id",
        )


@condition(zh="本人绑定的，已由卡签名证明持有", en="whoever is no administrator has the card at hand")
def card_is_at_hand(case: Binding) -> Refusals:
    if case.form.is_proved or case.actor.role is Role.ADMIN:
        return
    yield refusal(
        RefusalCode.NOT_PROVED,
        zh="请以 BINDING 用途获取挑战，由卡签名后一并提交。",
        en="Ask for a challenge with the purpose BINDING, have the card sign it, and send both.",
        field="signature",
    )


@condition(zh=f"证书在{REMINDED_BEFORE.days}天内到期，尚未提醒", en="its end is near, and nobody was told yet")
def its_end_is_near(case: CardCase) -> Refusals:
    if not case.record.ends_soon(case.now) or case.record.reminded_at is not None:
        yield refusal(RefusalCode.WRONG_STATUS, zh="尚无须提醒。", en="There is nothing to remind of.")


@condition(zh="证书未曾绑定", en="the certificate was never bound before")
def certificate_is_free(case: Binding) -> Refusals:
    if case.facts.is_taken:
        yield refusal(
            RefusalCode.DUPLICATE,
            zh="该证书已绑定过；一张证书只能绑定一次，解除后请换发新证书。",
            en="This certificate was bound before. Each is bound once; after that the issuer gives a new one.",
            field="certificate_chain",
        )


@condition(zh=f"账号下的有效卡少于{CARDS_MAX}张", en=f"the account has fewer than {CARDS_MAX} active cards")
def there_is_room(case: Binding) -> Refusals:
    if case.facts.held >= CARDS_MAX:
        yield refusal(
            RefusalCode.TOO_MANY,
            zh=f"每个账号最多绑定{CARDS_MAX}张卡，请先解除不用的。",
            en=f"An account has at most {CARDS_MAX} cards; revoke one that is not used.",
            field="account_id",
        )


def card_sign_in_failed() -> Refusal:
    """One answer to a wrong signature, an unknown card, one that was revoked here and an account that is not active."""
    return refusal(
        RefusalCode.SIGN_IN_FAILED,
        zh="签名不正确，或该卡未绑定到可用的账号。",
        en="The signature is not correct, or the card is not bound to an active account.",
    )


def as_bound(case: Binding) -> Effect:
    form, account = case.form, case.facts.account
    assert account is not None
    return Effect(
        changes={**vars(form.certificate), "account_id": account.id, "organisation_id": account.organisation_id}
    )


def as_used(case: CardCase) -> Effect:
    return Effect(changes={"last_used_at": case.now})


def as_reminded(case: CardCase) -> Effect:
    return Effect(changes={"reminded_at": case.now})


def as_revoked(case: "Case[Any, Any, RevokeCardForm]") -> Effect:
    return Effect(changes={"revoked_at": case.now, "revoke_reason": case.form.reason})


def blank_card(case: Case[Any, Any, Any], status: Term | None) -> Card:
    assert isinstance(status, CardStatus)
    card_id = case.new_id()
    return Card(
        id=card_id,
        serial="",
        issuer="",
        subject="",
        fingerprint="",
        valid_until=case.now,
        status=status,
        bound_at=case.now,
        # Nobody's, until the form has been looked at.
        account_id=card_id,
        organisation_id=card_id,
    )


S = CardStatus

WORKFLOW = Workflow(
    subject="card",
    words=Words(zh="卡介质", en="Card"),
    manual="1.1, 第四篇",
    record=Card,
    statuses=CardStatus,
    blank=blank_card,
    actions=(
        Action(
            name="bind",
            published_as="cardBind",
            words=Words(zh="绑定", en="Bind a card's certificate to an account, for good."),
            manual="第四篇",
            creates=S.ACTIVE,
            by=(THE_HOLDER, THE_ADMINISTRATOR_IN_PERSON),
            form=BindCardForm,
            accepts=(account_is_within_reach, card_is_at_hand, certificate_is_free, there_is_room),
            then=as_bound,
            tells=(CARD_BOUND,),
        ),
        Action(
            name="use",
            words=Words(zh="登录", en="Note that the card has signed in."),
            manual="1.1",
            start=(S.ACTIVE,),
            by=(THE_OFFICE,),
            then=as_used,
        ),
        Action(
            name="remind",
            words=Words(zh="到期提醒", en="Tell in time that the certificate ends and a new card is needed."),
            manual="第四篇",
            start=(S.ACTIVE,),
            by=(THE_CLOCK,),
            provided=(its_end_is_near,),
            then=as_reminded,
            tells=(CARD_ENDS_SOON,),
        ),
        Action(
            name="revoke",
            words=Words(zh="解除", en="Let the card sign in no more; its open sessions go on until they end."),
            manual="第四篇",
            start=(S.ACTIVE,),
            to=S.REVOKED,
            by=(THE_HOLDER, THE_ADMINISTRATOR_IN_PERSON, THE_OFFICE),
            form=RevokeCardForm,
            then=as_revoked,
            tells=(CARD_REVOKED,),
        ),
    ),
)
