"""Certificates as no honest issuer would make them: every part can be chosen, and with it what is wrong."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from identity.software_card import ISSUING, SoftwareCard, Usage
from tests.clock import OPENING

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
LONG_AGO = OPENING - timedelta(days=30)
EXTENSIONS_OF_A_CARD = tuple((each, True) for each in Usage().extensions)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def an_issuers(path_length: int | None = None, *, signs: bool = True) -> tuple[tuple[Any, bool], ...]:
    """The extensions of an issuer."""
    _, usage = ISSUING.extensions
    assert isinstance(usage, x509.KeyUsage)
    if not signs:
        usage = next(each for each in Usage().extensions if isinstance(each, x509.KeyUsage))
    return (x509.BasicConstraints(ca=True, path_length=path_length), True), (usage, True)


def made(
    subject: str,
    key: Key,
    issuer: SoftwareCard | None = None,
    *,
    extensions: Iterable[tuple[Any, bool]] = EXTENSIONS_OF_A_CARD,
    begins: datetime = LONG_AGO,
    ends: datetime = LONG_AGO + timedelta(days=365),
    hash_: Any = None,
    signed_by: Key | None = None,
) -> SoftwareCard:
    """A certificate of the key, issued by itself where there is no issuer; `signed_by` forges the issuer's hand."""
    builder = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(name(subject))
        .issuer_name(issuer.certificate.subject if issuer else name(subject))
        .not_valid_before(begins)
        .not_valid_after(ends)
        .public_key(key.public_key())
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    hand: Any = signed_by or (issuer.key if issuer else key)
    return SoftwareCard(key, builder.sign(hand, hash_ or hashes.SHA256()))


def pem(card: SoftwareCard) -> str:
    return card.certificate.public_bytes(Encoding.PEM).decode()


def der(card: SoftwareCard) -> bytes:
    return card.certificate.public_bytes(Encoding.DER)
