"""A card without hardware: an issuer, the cards that it issues and revokes, and what they sign. For trials and tests.

Its keys lie in files, which is what a card is there to prevent: no such issuer belongs among those of an installation
in earnest.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from domain.card import SignatureAlgorithm
from identity import sm2
from identity.certificate import certificate_of_der
from identity.signature import PSS_SALT_BYTES, algorithms_of

ISSUER_LASTS = timedelta(days=3650)
CARD_LASTS = timedelta(days=365)
LIST_LASTS = timedelta(days=30)
SKEW = timedelta(minutes=5)
"""How long before it was issued a certificate begins: clocks differ."""

RSA_BITS = 2048
TAG_SEQUENCE, TAG_BIT_STRING = 0x30, 0x03
KEY_BEGINS, KEY_ENDS = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


class KeyKind(StrEnum):
    """Of which kind a card's key is."""

    RSA = "RSA"
    ECDSA = "ECDSA"
    SM2 = "SM2"


@dataclass(frozen=True)
class Sm2PrivateKey:
    """The number that nobody else knows."""

    number: int


PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Sm2PrivateKey


@dataclass(frozen=True)
class Usage:
    """What the key of a card is for."""

    digital_signature: bool = True
    is_issuer: bool = False

    @property
    def extensions(self) -> Iterable[x509.ExtensionType]:
        yield x509.BasicConstraints(ca=self.is_issuer, path_length=None)
        yield x509.KeyUsage(
            digital_signature=self.digital_signature,
            content_commitment=False,
            key_encipherment=not self.digital_signature,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=self.is_issuer,
            crl_sign=self.is_issuer,
            encipher_only=False,
            decipher_only=False,
        )


ISSUING = Usage(digital_signature=False, is_issuer=True)


@dataclass(frozen=True)
class SoftwareCard:
    """A key and its certificate; an issuer's are kept alike."""

    key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def of(cls, pem: bytes) -> "SoftwareCard":
        """As it was kept. Raises ValueError."""
        return cls(_key_of(pem), x509.load_pem_x509_certificate(pem))

    def pem(self) -> bytes:
        """Key and certificate."""
        return _pem_of(self.key) + self.certificate_pem()

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def algorithms(self) -> tuple[SignatureAlgorithm, ...]:
        """How it can sign; the first is the usual."""
        key = certificate_of_der(self.certificate.public_bytes(Encoding.DER)).key
        return () if key is None else algorithms_of(key)

    def sign(self, text: bytes, algorithm: SignatureAlgorithm | None = None) -> bytes:
        """The signature over a text, in the way that is usual for the key or in the one that is named."""
        by_sha256, by_sha384 = hashes.SHA256(), hashes.SHA384()
        chosen = algorithm or self.algorithms[0]
        match self.key:
            case rsa.RSAPrivateKey() if chosen is SignatureAlgorithm.RSA_PKCS1_SHA256:
                return self.key.sign(text, padding.PKCS1v15(), by_sha256)
            case rsa.RSAPrivateKey():
                return self.key.sign(text, padding.PSS(padding.MGF1(by_sha256), PSS_SALT_BYTES), by_sha256)
            case ec.EllipticCurvePrivateKey():
                sha = by_sha384 if chosen is SignatureAlgorithm.ECDSA_SHA384 else by_sha256
                return self.key.sign(text, ec.ECDSA(sha))
            case Sm2PrivateKey():
                return sm2.sign(self.key.number, text)


def new_issuer(name: str, kind: KeyKind, at: datetime, *, lasts: timedelta = ISSUER_LASTS) -> SoftwareCard:
    """An issuer of cards; its own certificate it has signed itself. Its key is ECDSA or SM2."""
    key = new_key(kind)
    builder = _builder(name, x509.Name(_named(name)), at, lasts, ISSUING)
    return SoftwareCard(key, _signed(builder, key, key))


def issue(
    issuer: SoftwareCard,
    name: str,
    kind: KeyKind,
    at: datetime,
    *,
    lasts: timedelta = CARD_LASTS,
    usage: Usage | None = None,
    key: PrivateKey | None = None,
) -> SoftwareCard:
    """A card for somebody, with a new key unless there is one."""
    key = key or new_key(kind)
    builder = _builder(name, issuer.certificate.subject, at, lasts, usage or Usage())
    return SoftwareCard(key, _signed(builder, key, issuer.key))


def revocations(
    issuer: SoftwareCard, serials: Iterable[int], at: datetime, *, lasts: timedelta = LIST_LASTS
) -> x509.CertificateRevocationList:
    """The issuer's list of what it has revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at - SKEW)
        .next_update(at + lasts)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        builder = builder.add_revoked_certificate(revoked.build())
    made = builder.sign(_in_place_of(issuer.key), hashes.SHA256())
    if not isinstance(issuer.key, Sm2PrivateKey):
        return made
    signed = asn1.decode_der(_ListToBeSigned, made.tbs_certlist_bytes)
    signed.signature = sm2.SignedWith(algorithm=sm2.SM2_WITH_SM3)
    return x509.load_der_x509_crl(_enveloped(asn1.encode_der(signed), issuer.key))


def new_key(kind: KeyKind) -> PrivateKey:
    match kind:
        case KeyKind.RSA:
            return rsa.generate_private_key(65537, RSA_BITS)
        case KeyKind.ECDSA:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.SM2:
            return Sm2PrivateKey(sm2.new_private_key())


def _builder(name: str, issuer: x509.Name, at: datetime, lasts: timedelta, usage: Usage) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(x509.Name(_named(name)))
        .issuer_name(issuer)
        .not_valid_before(at - SKEW)
        .not_valid_after(at + lasts)
    )
    for extension in usage.extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder


def _named(name: str) -> list[x509.NameAttribute[str]]:
    return [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]


def _signed(builder: x509.CertificateBuilder, key: PrivateKey, issuer_key: PrivateKey) -> x509.Certificate:
    """`cryptography` cannot name SM2: the certificate is made for other keys, and then these are put in their place."""
    made = builder.public_key(_in_place_of(key).public_key()).sign(_in_place_of(issuer_key), hashes.SHA256())
    content = made.tbs_certificate_bytes
    if isinstance(key, Sm2PrivateKey):
        of_card = asn1.decode_der(sm2.ToBeSigned, content)
        of_card.key = sm2.public_key(key.number).info
        content = asn1.encode_der(of_card)
    if isinstance(issuer_key, Sm2PrivateKey):
        by_issuer = asn1.decode_der(sm2.ToBeSignedWith, content)
        by_issuer.signature = sm2.SignedWith(algorithm=sm2.SM2_WITH_SM3)
        content = asn1.encode_der(by_issuer)
    if content == made.tbs_certificate_bytes:
        return made
    return x509.load_der_x509_certificate(_enveloped(content, issuer_key))


def _in_place_of(key: PrivateKey) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1()) if isinstance(key, Sm2PrivateKey) else key


def _enveloped(content: bytes, issuer_key: PrivateKey) -> bytes:
    """What was signed, how, and the signature."""
    match issuer_key:
        case Sm2PrivateKey():
            algorithm, signature = sm2.SM2_WITH_SM3, sm2.sign(issuer_key.number, content)
        case ec.EllipticCurvePrivateKey():
            algorithm = x509.SignatureAlgorithmOID.ECDSA_WITH_SHA256
            signature = issuer_key.sign(content, ec.ECDSA(hashes.SHA256()))
        case _:
            raise ValueError("an issuer of SM2 cards has a key of ECDSA or SM2")
    signed_with = asn1.encode_der(sm2.SignedWith(algorithm=algorithm))
    return _der(TAG_SEQUENCE, content + signed_with + _der(TAG_BIT_STRING, b"\0" + signature))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    written = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(written)]) + written + content


@asn1.sequence
class _ListToBeSigned:
    """What is signed of a list (RFC 5280, 5.1)."""

    version: int
    signature: sm2.SignedWith
    issuer: asn1.TLV
    begins: asn1.TLV
    ends: asn1.TLV
    revoked: list[asn1.TLV] | None
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(0)]


@asn1.sequence
class _Sm2PrivateKey:
    """RFC 5915."""

    version: int
    number: bytes
    public: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _PrivateKeyInfo:
    """PKCS #8."""

    version: int
    algorithm: sm2.Algorithm
    key: bytes


def _pem_of(key: PrivateKey) -> bytes:
    if not isinstance(key, Sm2PrivateKey):
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = sm2.public_key(key.number).info
    number = _Sm2PrivateKey(version=1, number=key.number.to_bytes(sm2.FIELD_BYTES), public=public.key)
    info = _PrivateKeyInfo(version=0, algorithm=public.algorithm, key=asn1.encode_der(number))
    return _armoured(asn1.encode_der(info))


def _armoured(der: bytes) -> bytes:
    return f"{KEY_BEGINS}\n{base64.encodebytes(der).decode()}{KEY_ENDS}\n".encode()


def _key_of(pem: bytes) -> PrivateKey:
    try:
        key: Any = load_pem_private_key(pem, None)
    except (UnsupportedAlgorithm, ValueError):
        return _sm2_key_of(pem)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("neither RSA nor ECDSA nor SM2")
    return key


def _sm2_key_of(pem: bytes) -> Sm2PrivateKey:
    before, _, rest = pem.decode().partition(KEY_BEGINS)
    body, ended, _ = rest.partition(KEY_ENDS)
    if before or not ended:
        raise ValueError("no private key comes first")
    info = asn1.decode_der(_PrivateKeyInfo, base64.b64decode(body))
    return Sm2PrivateKey(int.from_bytes(asn1.decode_der(_Sm2PrivateKey, info.key).number))
