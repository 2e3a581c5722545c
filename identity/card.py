"""Sign-in by card: does this certificate come from an issuer trusted here, and does its key sign the challenge?

What is wrong with a certificate is told only once its key has signed: whoever merely holds a copy learns nothing.
"""

import asyncio
import base64
import binascii
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from domain.card import CardCertificate, SignatureAlgorithm, card_sign_in_failed
from domain.refusal import Refusal, RefusalCode, refusal
from identity import sm2
from identity.certificate import (
    CERTIFICATE_CHARACTERS_MAX,
    Certificate,
    Unreadable,
    certificate_of,
    certificates_in,
    is_issued_by,
    is_strong,
    may_issue,
)
from identity.revocation import Revocations, Standing
from identity.signature import algorithms_of, verifies

CHAIN_LENGTH_MAX = 5
SIGNATURE_CHARACTERS_MAX = 2_000
LOOKED_AT_AT_ONCE = 2

_FOR_PEOPLE = frozenset(
    {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)
_THREADS = ThreadPoolExecutor(LOOKED_AT_AT_ONCE, "cards")

Refused = tuple[Refusal, ...]


class NoIssuers(Exception):
    """The issuers that are configured cannot be relied on; the program does not start with them."""


class Cards:
    """The issuers that are trusted here, and what they have revoked. Whoever asks waits for a thread."""

    def __init__(self, issuers: Sequence[Certificate], revocations: Revocations | None) -> None:
        self._issuers, self._revocations = issuers, revocations

    async def proved(
        self, chain: Sequence[str], algorithm: SignatureAlgorithm, signature: str, text: bytes, now: datetime
    ) -> CardCertificate | Refused:
        """The card whose key has signed the text; else why not. The card's certificate comes first in its chain."""
        return await asyncio.get_running_loop().run_in_executor(
            _THREADS, self._proved, chain, algorithm, signature, text, now
        )

    async def looked_at(self, chain: Sequence[str], now: datetime) -> CardCertificate | Refused:
        """The card of a certificate that nothing is wrong with; whether the card is at hand is not asked."""
        return await asyncio.get_running_loop().run_in_executor(_THREADS, self._looked_at, chain, now)

    def _proved(
        self, chain: Sequence[str], algorithm: SignatureAlgorithm, signature: str, text: bytes, now: datetime
    ) -> CardCertificate | Refused:
        read, refused = _read(chain)
        signed = _signed(signature)
        if signed is None:
            refused.append(_no_signature())
        if refused or signed is None:
            return tuple(refused)
        key = read[0].key
        if key is None or not (possible := algorithms_of(key)):
            return (_too_weak(),)
        if algorithm not in possible:
            return (_other_algorithm(possible),)
        if not verifies(key, algorithm, signed, text):
            return (card_sign_in_failed(),)
        return tuple(self._flaws(read[0], read[1:], now)) or read[0].kept

    def _looked_at(self, chain: Sequence[str], now: datetime) -> CardCertificate | Refused:
        read, refused = _read(chain)
        return tuple(refused or self._flaws(read[0], read[1:], now)) or read[0].kept

    def _flaws(self, card: Certificate, others: Sequence[Certificate], now: datetime) -> Iterator[Refusal]:
        path = self._path_of(card, others, now)
        if path is None:
            yield _refused(
                RefusalCode.CARD_NOT_TRUSTED,
                zh="该证书不是由本系统信任的机构签发，或证书链不完整。",
                en="The certificate does not come from an issuer that is trusted here, or its chain is not complete.",
            )
            return
        if not is_strong(card.key):
            yield _too_weak()
        if now < card.begins:
            yield _refused(
                RefusalCode.CARD_NOT_YET_VALID,
                zh=f"该证书自{card.begins:%Y-%m-%d %H:%M} UTC起生效。",
                en=f"The certificate is valid from {card.begins:%Y-%m-%d %H:%M} UTC.",
            )
        if now > card.ends:
            yield _refused(
                RefusalCode.CARD_EXPIRED,
                zh=f"该证书已于{card.ends:%Y-%m-%d %H:%M} UTC到期，请换发新证书。",
                en=f"The certificate ended at {card.ends:%Y-%m-%d %H:%M} UTC; have a new one issued.",
            )
        if not _is_for_signing_in(card):
            yield _refused(
                RefusalCode.CARD_NOT_SUITABLE,
                zh="该证书不可用于登录：须为个人证书，密钥用途含数字签名。",
                en="The certificate is not for signing in: it must be a person's, its key for digital signatures.",
            )
        yield from self._revoked(path, now)

    def _path_of(self, card: Certificate, others: Sequence[Certificate], now: datetime) -> list[Certificate] | None:
        """The card, those who stand between, and the trusted issuer at the end; None where there is no such path."""
        path = [card]
        for following in (*others, None):
            for issuer in self._issuers:
                if is_issued_by(path[-1], issuer) and issuer.is_valid_at(now) and may_issue(issuer, len(path) - 1):
                    return [*path, issuer]
            if (
                following is None
                or not is_issued_by(path[-1], following)
                or not following.is_valid_at(now)
                or not may_issue(following, len(path) - 1)
            ):
                return None
            path.append(following)
        return None

    def _revoked(self, path: Sequence[Certificate], now: datetime) -> Iterator[Refusal]:
        if self._revocations is None:
            return
        found = {self._revocations.standing_of(each, issuer, now) for each, issuer in pairwise(path)}
        if Standing.REVOKED in found:
            yield _refused(
                RefusalCode.CARD_REVOKED,
                zh="该证书已被签发机构吊销。",
                en="The certificate was revoked by its issuer.",
            )
        elif Standing.UNKNOWN in found:
            yield _refused(
                RefusalCode.CARD_STATUS_UNKNOWN,
                zh="签发机构的吊销列表缺失或已过期，暂不能确认该证书是否有效。请联系系统管理员更新吊销列表。",
                en="The issuer's revocation list is missing or out of date, so nobody knows whether the certificate is "
                "still good. Ask the operator to renew the list.",
            )


def open_cards(issuers: str, revocations: str, *, stale_allowed: bool) -> Cards | None:
    """Sign-in by card as it is configured, None where there are no issuers. Raises NoIssuers."""
    if not issuers:
        return None
    try:
        trusted = certificates_in(Path(issuers).read_bytes())
        lists = Revocations(Path(revocations), stale_allowed=stale_allowed) if revocations else None
    except (OSError, Unreadable) as wrong:
        raise NoIssuers(f"card sign-in: {wrong}") from wrong
    for each in trusted:
        if not may_issue(each, 0):
            needs_extra = each.key is None and not sm2.IS_THERE
            why = "its key is not accepted; SM2 needs the extra `sm`" if needs_extra else "it is no issuer's"
            raise NoIssuers(f"card sign-in: the certificate of {each.subject.rfc4514_string()} cannot be used: {why}")
    return Cards(trusted, lists)


def _read(chain: Sequence[str]) -> tuple[list[Certificate], list[Refusal]]:
    """The certificates of a chain; or why they cannot all be read, be it only that there are none."""
    if not 0 < len(chain) <= CHAIN_LENGTH_MAX:
        wrong_length = _refused(
            RefusalCode.TOO_MANY if chain else RefusalCode.REQUIRED,
            zh=f"证书链须含1至{CHAIN_LENGTH_MAX}张证书，本人证书在前。",
            en=f"The chain has one to {CHAIN_LENGTH_MAX} certificates, the card's own first.",
        )
        return [], [wrong_length]
    read: list[Certificate] = []
    refused: list[Refusal] = []
    for index, text in enumerate(chain):
        try:
            read.append(certificate_of(text))
        except Unreadable:
            refused.append(_unreadable(text, index))
    return read, refused


def _unreadable(text: str, index: int) -> Refusal:
    if len(text) > CERTIFICATE_CHARACTERS_MAX:
        return refusal(
            RefusalCode.TOO_LONG,
            zh=f"单张证书最多{CERTIFICATE_CHARACTERS_MAX}个字符。",
            en=f"One certificate has at most {CERTIFICATE_CHARACTERS_MAX} characters.",
            field=("certificate_chain", index),
        )
    return refusal(
        RefusalCode.INVALID_FORMAT,
        zh="不是完整的X.509证书（v3）：请提供一张PEM格式或Base64编码DER格式的证书。",
        en="Not a whole X.509 certificate of version 3: send one, in PEM or as DER in base64.",
        field=("certificate_chain", index),
    )


def _signed(signature: str) -> bytes | None:
    if len(signature) > SIGNATURE_CHARACTERS_MAX:
        return None
    try:
        return base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _no_signature() -> Refusal:
    return refusal(
        RefusalCode.INVALID_FORMAT,
        zh=f"签名须为Base64，最多{SIGNATURE_CHARACTERS_MAX}个字符。",
        en=f"The signature is base64 of at most {SIGNATURE_CHARACTERS_MAX} characters.",
        field="signature",
    )


def _is_for_signing_in(card: Certificate) -> bool:
    extended = card.extended_usage
    return (
        card.usage is not None
        and card.usage.digital_signature
        and not (card.constraints is not None and card.constraints.ca)
        and not card.usage.key_cert_sign
        and (extended is None or bool(_FOR_PEOPLE & set(extended)))
        and not card.asks_for_more
    )


def _too_weak() -> Refusal:
    return _refused(
        RefusalCode.CARD_KEY_TOO_WEAK,
        zh="密钥须为2048至8192位RSA、P-256、P-384、P-521，或SM2（须已启用）。",
        en="The key must be RSA of 2048 to 8192 bits, P-256, P-384, P-521, or SM2 where that is installed.",
    )


def _other_algorithm(possible: Sequence[SignatureAlgorithm]) -> Refusal:
    names = [each.name for each in possible]
    return refusal(
        RefusalCode.INVALID_FORMAT,
        zh=f"签名算法与证书的密钥不符，该密钥的算法为{'或'.join(names)}。",
        en=f"The algorithm is not one of the certificate's key, which signs with {' or '.join(names)}.",
        field="algorithm",
    )


def _refused(code: RefusalCode, *, zh: str, en: str) -> Refusal:
    return refusal(code, zh=zh, en=en, field="certificate_chain")
