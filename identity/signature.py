"""Signatures over a challenge: the certificate's key says which algorithms there are, not whoever sends it."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.card import SignatureAlgorithm
from identity import sm2
from identity.certificate import Key
from identity.sm2 import Sm2Key

PSS_SALT_BYTES = 32


def algorithms_of(key: Key) -> tuple[SignatureAlgorithm, ...]:
    """How this key may have signed; nothing where it is of a kind that is not accepted."""
    match key:
        case RSAPublicKey():
            return (SignatureAlgorithm.RSA_PSS_SHA256, SignatureAlgorithm.RSA_PKCS1_SHA256)
        case EllipticCurvePublicKey():
            by_curve = {
                "secp256r1": SignatureAlgorithm.ECDSA_SHA256,
                "secp384r1": SignatureAlgorithm.ECDSA_SHA384,
                "secp521r1": SignatureAlgorithm.ECDSA_SHA384,
            }
            found = by_curve.get(key.curve.name)
            return () if found is None else (found,)
        case Sm2Key():
            return (SignatureAlgorithm.SM2_SM3,)


def verifies(key: Key, algorithm: SignatureAlgorithm, signature: bytes, content: bytes) -> bool:
    """Whether the key has signed the content in this way; the algorithm must be one of the key's."""
    assert algorithm in algorithms_of(key)
    try:
        match key, algorithm:
            case RSAPublicKey(), SignatureAlgorithm.RSA_PSS_SHA256:
                pss = padding.PSS(padding.MGF1(hashes.SHA256()), PSS_SALT_BYTES)
                key.verify(signature, content, pss, hashes.SHA256())
            case RSAPublicKey(), SignatureAlgorithm.RSA_PKCS1_SHA256:
                key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
            case EllipticCurvePublicKey(), SignatureAlgorithm.ECDSA_SHA256:
                key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
            case EllipticCurvePublicKey(), SignatureAlgorithm.ECDSA_SHA384:
                key.verify(signature, content, ec.ECDSA(hashes.SHA384()))
            case Sm2Key(), SignatureAlgorithm.SM2_SM3:
                return sm2.verifies(key, signature, content)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True
