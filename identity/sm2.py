"""SM2 with SM3 (GB/T 32918.2), for cards of Chinese make; needs the extra `sm`.

gmssl does the arithmetic of the curve and checks nothing: what must be checked of keys and signatures is checked here.
SM3 and the reading of DER are `cryptography`'s, which knows neither the curve nor its signatures.
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes

try:
    from gmssl.sm2 import CryptSM2, default_ecc_table  # type: ignore[import-untyped, unused-ignore]
except ImportError:
    IS_THERE = False
else:
    IS_THERE = True

CURVE = x509.ObjectIdentifier("1.2.156.10197.1.301")
EC_PUBLIC_KEY = x509.ObjectIdentifier("1.2.840.10045.2.1")
SM2_WITH_SM3 = x509.ObjectIdentifier("1.2.156.10197.1.501")
ID = b"1234567812345678"
"""The id that everybody signs under who has agreed on no other (GM/T 0009)."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
FIELD_BYTES = 32


@asn1.sequence
class Algorithm:
    """The algorithm of a key on a named curve."""

    algorithm: x509.ObjectIdentifier
    curve: x509.ObjectIdentifier


@asn1.sequence
class KeyInfo:
    """A public key as a certificate carries it."""

    algorithm: Algorithm
    key: asn1.BitString


@asn1.sequence
class SignedWith:
    """The algorithm of a signature, which has no parameters."""

    algorithm: x509.ObjectIdentifier


@asn1.sequence
class ToBeSigned:
    """What is signed of a certificate of version 3 with an SM2 key (RFC 5280, 4.1)."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: KeyInfo
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class ToBeSignedWith:
    """What is signed of a certificate by an SM2 issuer, whatever the key that it certifies."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: SignedWith
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class Signature:
    """The two numbers."""

    r: int
    s: int


@dataclass(frozen=True)
class Sm2Key:
    """A public key: a point of the curve. Raises ValueError for any other."""

    x: int
    y: int

    def __post_init__(self) -> None:
        on_curve = (self.y * self.y - (self.x * self.x * self.x + A * self.x + B)) % P == 0
        if not (0 <= self.x < P and 0 <= self.y < P and on_curve):
            raise ValueError("no point of the curve")

    @classmethod
    def of(cls, point: bytes) -> "Sm2Key":
        """The key of an uncompressed point."""
        if len(point) != 1 + 2 * FIELD_BYTES or point[0] != 4:
            raise ValueError("not an uncompressed point")
        return cls(int.from_bytes(point[1 : 1 + FIELD_BYTES]), int.from_bytes(point[1 + FIELD_BYTES :]))

    @property
    def coordinates(self) -> bytes:
        return self.x.to_bytes(FIELD_BYTES) + self.y.to_bytes(FIELD_BYTES)

    @property
    def info(self) -> KeyInfo:
        algorithm = Algorithm(algorithm=EC_PUBLIC_KEY, curve=CURVE)
        return KeyInfo(algorithm=algorithm, key=asn1.BitString(b"\x04" + self.coordinates, 0))


def key_of(certificate: x509.Certificate) -> Sm2Key:
    """The SM2 key of a certificate. Raises ValueError where it has none, or the extra is not there."""
    if not IS_THERE:
        raise ValueError("SM2 needs the extra sm")
    info = asn1.decode_der(ToBeSigned, certificate.tbs_certificate_bytes).key
    if info.algorithm.algorithm != EC_PUBLIC_KEY or info.algorithm.curve != CURVE or info.key.padding_bits():
        raise ValueError("no SM2 key")
    return Sm2Key.of(info.key.as_bytes())


def is_signed_with_sm2(certificate: x509.Certificate) -> bool:
    """Whether the certificate says so, within what is signed and without."""
    if certificate.signature_algorithm_oid != SM2_WITH_SM3:
        return False
    within = asn1.decode_der(ToBeSignedWith, certificate.tbs_certificate_bytes).signature
    return within.algorithm == SM2_WITH_SM3


def verifies(key: Sm2Key, signature: bytes, content: bytes) -> bool:
    """Whether the key has signed the content; the signature is in DER. Raises ValueError on other DER."""
    numbers = asn1.decode_der(Signature, signature)
    if not (0 < numbers.r < N and 0 < numbers.s < N):
        return False
    try:
        return bool(_curve(key).verify(f"{numbers.r:064x}{numbers.s:064x}", _digest(key, content)))
    except TypeError:
        # The sum of the two points is none: gmssl has no word for infinity.
        return False


def new_private_key() -> int:
    return secrets.randbelow(N - 2) + 1


def public_key(private_key: int) -> Sm2Key:
    point: str = _curve(None)._kg(private_key, default_ecc_table["g"])
    return Sm2Key.of(b"\x04" + bytes.fromhex(point))


def sign(private_key: int, content: bytes) -> bytes:
    """A signature in DER."""
    key = public_key(private_key)
    curve = _curve(key)
    curve.private_key = f"{private_key:064x}"
    while True:
        # gmssl's own random numbers could be foretold, which would give the key away.
        signed: str | None = curve.sign(_digest(key, content), f"{secrets.randbelow(N - 1) + 1:064x}")
        if signed is not None:
            return asn1.encode_der(Signature(r=int(signed[:64], 16), s=int(signed[64:], 16)))


def _curve(key: Sm2Key | None) -> Any:
    curve = CryptSM2(private_key="", public_key="")
    # Set afterwards: given at first, a key that begins with 0 or 4 would lose these digits.
    curve.public_key = key.coordinates.hex() if key is not None else ""
    return curve


def _digest(key: Sm2Key, content: bytes) -> bytes:
    """SM3 of who signs and what."""
    numbers = b"".join(each.to_bytes(FIELD_BYTES) for each in (A, B, GX, GY))
    who = _sm3((8 * len(ID)).to_bytes(2) + ID + numbers + key.coordinates)
    return _sm3(who + content)


def _sm3(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()
