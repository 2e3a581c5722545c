"""Certificates as strangers send them: read once and within bounds, so that nothing can fail on them later on."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.card import NAME_LENGTH_MAX, SERIAL_LENGTH_MAX, CardCertificate
from domain.marks import UNREADABLE
from identity import sm2
from identity.sm2 import Sm2Key

CERTIFICATE_BYTES_MAX = 8_192
CERTIFICATE_CHARACTERS_MAX = 12_000
RSA_BITS_MIN = 2048
RSA_BITS_MAX = 8192
"""Longer keys take long to verify and are nobody's."""

CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
"""With which issuers sign."""

Key = RSAPublicKey | EllipticCurvePublicKey | Sm2Key

_UNDERSTOOD = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectAlternativeName.oid,
        x509.CertificatePolicies.oid,
    }
)
PEM_BEGINS, PEM_ENDS = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Unreadable(ValueError):
    """These bytes are no certificate that is understood here."""


@dataclass(frozen=True)
class Certificate:
    """A certificate that was read whole. `key` is None where it is of a kind that is not accepted at all."""

    raw: x509.Certificate
    key: Key | None
    subject: x509.Name
    issuer: x509.Name
    begins: datetime
    ends: datetime
    fingerprint: str
    constraints: x509.BasicConstraints | None
    usage: x509.KeyUsage | None
    extended_usage: x509.ExtendedKeyUsage | None
    asks_for_more: bool
    """It has a critical extension that is not understood, or limits names, which nobody would check."""

    def is_valid_at(self, now: datetime) -> bool:
        return self.begins <= now <= self.ends

    @property
    def kept(self) -> CardCertificate:
        return CardCertificate(
            serial=f"{self.raw.serial_number:x}",
            issuer=_readable(self.issuer),
            subject=_readable(self.subject),
            fingerprint=self.fingerprint,
            valid_until=self.ends,
        )


def certificate_of(text: str) -> Certificate:
    """The certificate of a text: one in PEM, or DER in base64. Raises Unreadable."""
    if len(text) > CERTIFICATE_CHARACTERS_MAX:
        raise Unreadable("too long")
    body = text.strip()
    if body.startswith(PEM_BEGINS) and body.endswith(PEM_ENDS):
        body = body[len(PEM_BEGINS) : -len(PEM_ENDS)]
    try:
        der = base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise Unreadable("neither PEM nor base64") from wrong
    return certificate_of_der(der)


def certificate_of_der(der: bytes) -> Certificate:
    """The certificate of these bytes. Raises Unreadable."""
    if len(der) > CERTIFICATE_BYTES_MAX:
        raise Unreadable("too long")
    try:
        found = x509.load_der_x509_certificate(der)
        # The parser takes what DER writes in one way only in other ways too, and a signature is checked over the proper
        # one: the same certificate would have many fingerprints.
        if found.public_bytes(serialization.Encoding.DER) != der:
            raise ValueError("not written as DER")
        # Before the last value, the signature, stands how many of its bits are unused: of whole bytes none is.
        if der[-len(found.signature) - 1] != 0:
            raise ValueError("a signature that is no whole number of bytes")
        return _read(found)
    except Exception as wrong:  # whatever hostile bytes make of a parser, they are no certificate
        raise Unreadable(str(wrong)[:200]) from wrong


def _read(found: x509.Certificate) -> Certificate:
    if found.version is not x509.Version.v3 or not 0 < found.serial_number < 16**SERIAL_LENGTH_MAX:
        raise Unreadable("not of version 3, or without a proper serial number")
    extensions = {each.oid: each for each in found.extensions}

    def value(kind: type[x509.ExtensionType]) -> object:
        each = extensions.get(kind.oid)
        return None if each is None else each.value

    constraints, usage = value(x509.BasicConstraints), value(x509.KeyUsage)
    extended_usage = value(x509.ExtendedKeyUsage)
    assert constraints is None or isinstance(constraints, x509.BasicConstraints)
    assert usage is None or isinstance(usage, x509.KeyUsage)
    assert extended_usage is None or isinstance(extended_usage, x509.ExtendedKeyUsage)
    return Certificate(
        raw=found,
        key=_key_of(found),
        subject=found.subject,
        issuer=found.issuer,
        begins=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
        fingerprint=found.fingerprint(hashes.SHA256()).hex(),
        constraints=constraints,
        usage=usage,
        extended_usage=extended_usage,
        asks_for_more=x509.NameConstraints.oid in extensions
        or any(each.critical and oid not in _UNDERSTOOD for oid, each in extensions.items()),
    )


def _key_of(found: x509.Certificate) -> Key | None:
    try:
        key = found.public_key()
    except (UnsupportedAlgorithm, ValueError):
        try:
            return sm2.key_of(found)
        except ValueError:
            return None
    return key if isinstance(key, RSAPublicKey | EllipticCurvePublicKey) else None


def is_strong(key: Key | None) -> bool:
    """RSA from 2048 to 8192 bits, P-256, P-384, P-521, and SM2."""
    match key:
        case RSAPublicKey():
            return RSA_BITS_MIN <= key.key_size <= RSA_BITS_MAX
        case EllipticCurvePublicKey():
            return key.curve.name in CURVES
    return key is not None


def is_issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer of this name has signed it, in a way that is still good."""
    if certificate.issuer != issuer.subject or not is_strong(issuer.key):
        return False
    try:
        if isinstance(issuer.key, Sm2Key):
            signed = certificate.raw
            return sm2.is_signed_with_sm2(signed) and sm2.verifies(
                issuer.key, signed.signature, signed.tbs_certificate_bytes
            )
        if not isinstance(certificate.raw.signature_hash_algorithm, HASHES):
            return False
        certificate.raw.verify_directly_issued_by(issuer.raw)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def is_list_of(revoked: x509.CertificateRevocationList, issuer: Certificate) -> bool:
    """Whether the issuer has signed this list, and may sign lists."""
    if revoked.issuer != issuer.subject or issuer.usage is None or not issuer.usage.crl_sign:
        return False
    try:
        if isinstance(issuer.key, Sm2Key):
            return revoked.signature_algorithm_oid == sm2.SM2_WITH_SM3 and sm2.verifies(
                issuer.key, revoked.signature, revoked.tbs_certlist_bytes
            )
        if issuer.key is None or not isinstance(revoked.signature_hash_algorithm, HASHES):
            return False
        return revoked.is_signature_valid(issuer.key)
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return False


def may_issue(certificate: Certificate, certificates_below: int) -> bool:
    """Whether it is an issuer's (RFC 5280, 6.1.4), with so many other issuers between it and the card."""
    constraints = certificate.constraints
    return (
        constraints is not None
        and constraints.ca
        and (constraints.path_length is None or certificates_below <= constraints.path_length)
        and certificate.usage is not None
        and certificate.usage.key_cert_sign
        and not certificate.asks_for_more
        and is_strong(certificate.key)
    )


def certificates_in(pem: bytes) -> list[Certificate]:
    """All certificates of a bundle. Raises Unreadable where there is none, or one that is not understood."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as wrong:
        raise Unreadable(str(wrong)) from wrong
    return [certificate_of_der(each.public_bytes(serialization.Encoding.DER)) for each in found]


def _readable(name: x509.Name) -> str:
    return UNREADABLE.sub("\ufffd", name.rfc4514_string())[:NAME_LENGTH_MAX]
