"""Sign-in by passkey (WebAuthn): what the browser is asked to do, and whether what it sends back proves anything.

The user must have been verified by the authenticator. Of attestations nothing is asked: which make of authenticator
somebody has is nobody's business here.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.account.record import Account
from domain.passkey import (
    CREDENTIAL_ID_LENGTH_MAX,
    PUBLIC_KEY_LENGTH_MAX,
    SIGN_COUNT_MAX,
    Passkey,
    RegisterPasskeyForm,
    passkey_sign_in_failed,
)
from domain.refusal import Refusal, RefusalCode, refusal
from identity.certificate import RSA_BITS_MAX, RSA_BITS_MIN

CREDENTIAL_CHARACTERS_MAX = 20_000
LOOKED_AT_AT_ONCE = 2
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""None is asked for; some authenticators attest with the very key that they have made."""

_THREADS = ThreadPoolExecutor(LOOKED_AT_AT_ONCE, "passkeys")

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Passkeys:
    """The site that passkeys are for (its relying party id), and the origins of its pages."""

    site: str
    origins: Sequence[str]

    def to_register(self, challenge: bytes, account: Account, there: Sequence[str], seconds: int) -> str:
        """What `navigator.credentials.create` is given, in JSON. `there` are the credentials that the user has."""
        return options_to_json(
            webauthn.generate_registration_options(
                rp_id=self.site,
                rp_name="Preship",
                user_id=account.id.bytes,
                user_name=account.username,
                user_display_name=account.display_name,
                challenge=challenge,
                timeout=1000 * seconds,
                attestation=AttestationConveyancePreference.NONE,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
                exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in there],
                supported_pub_key_algs=ALGORITHMS,
            )
        )

    def to_sign_in(self, challenge: bytes, seconds: int) -> str:
        """What `navigator.credentials.get` is given, in JSON. It names nobody: the passkey says who it is."""
        return options_to_json(
            webauthn.generate_authentication_options(
                rp_id=self.site,
                challenge=challenge,
                timeout=1000 * seconds,
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        )

    async def registered(self, credential: str, challenge: bytes, name: str) -> RegisterPasskeyForm | Refusal:
        """The form of a passkey that has signed the challenge; else why not."""
        return await _in_a_thread(self._registered, not_proved(), credential, challenge, name)

    async def proved(self, credential: str, challenge: bytes, passkey: Passkey) -> int | Refusal:
        """How often the passkey says that it has signed, after it has signed the challenge; else why not."""
        return await _in_a_thread(self._proved, passkey_sign_in_failed(), credential, challenge, passkey)

    def _registered(self, credential: str, challenge: bytes, name: str) -> RegisterPasskeyForm:
        parsed = parse_registration_credential_json(credential)
        _is_of_our_own_page(parsed.response.client_data_json)
        if parse_attestation_object(parsed.response.attestation_object).fmt not in FORMATS:
            raise ValueError("an attestation that was not asked for")
        found = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=self.site,
            expected_origin=list(self.origins),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        if not _is_accepted(found.credential_public_key):
            raise ValueError("a key of a kind or length that is not accepted")
        kept = bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key)
        if len(kept[0]) > CREDENTIAL_ID_LENGTH_MAX or len(kept[1]) > PUBLIC_KEY_LENGTH_MAX:
            raise ValueError("longer than any authenticator's")
        form: RegisterPasskeyForm = RegisterPasskeyForm.of(
            name=name, credential_id=kept[0], public_key=kept[1], sign_count=_count(found.sign_count)
        )
        return form

    def _proved(self, credential: str, challenge: bytes, passkey: Passkey) -> int:
        parsed = parse_authentication_credential_json(credential)
        _is_of_our_own_page(parsed.response.client_data_json)
        if parsed.response.user_handle not in (None, b"", passkey.account_id.bytes):
            raise ValueError("somebody else's passkey")
        found = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=self.site,
            expected_origin=list(self.origins),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            # Compared at the door, where two that come at once see each other.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return _count(found.new_sign_count)


def open_passkeys(site: str, origins: Sequence[str]) -> Passkeys | None:
    """Sign-in by passkey as it is configured; None where there is no site."""
    return Passkeys(site, origins or [f"https://{site}"]) if site else None


def credential_id_of(credential: str) -> str | None:
    """Which passkey this is said to be; None where it cannot be read."""
    if len(credential) > CREDENTIAL_CHARACTERS_MAX:
        return None
    try:
        found = bytes_to_base64url(parse_authentication_credential_json(credential).raw_id)
    except Exception:  # whatever hostile JSON makes of a parser, it is no credential
        return None
    return found if len(found) <= CREDENTIAL_ID_LENGTH_MAX else None


def not_proved() -> Refusal:
    return refusal(
        RefusalCode.NOT_PROVED,
        zh="通行密钥未通过验证：须在本站页面、以所获取的挑战登记，并由设备验证本人。",
        en="The passkey was not verified: it is made on a page of this site, for the challenge, by a device that "
        "verifies its user.",
        field="credential",
    )


async def _in_a_thread(work: Callable[..., T], refused: Refusal, credential: str, *more: Any) -> T | Refusal:
    if len(credential) > CREDENTIAL_CHARACTERS_MAX:
        return refused

    def tried() -> T | Refusal:
        try:
            return work(credential, *more)
        except Exception as wrong:  # whatever hostile bytes make of a parser, they prove nothing
            log.info("passkey_not_verified", why=f"{type(wrong).__name__}: {wrong}"[:200])
            return refused

    return await asyncio.get_running_loop().run_in_executor(_THREADS, tried)


def _is_of_our_own_page(client_data: bytes) -> None:
    """Raises ValueError where another site has our page within its own."""
    if json.loads(client_data).get("crossOrigin"):
        raise ValueError("asked for within a page of another site")


def _is_accepted(public_key: bytes) -> bool:
    """Whether the key is of the kind that its algorithm signs with: what is said of it alone is not believed."""
    decoded = decode_credential_public_key(public_key)
    match decoded.alg, decoded_public_key_to_cryptography(decoded):
        case COSEAlgorithmIdentifier.ECDSA_SHA_256, EllipticCurvePublicKey(curve=SECP256R1()):
            return True
        case COSEAlgorithmIdentifier.EDDSA, Ed25519PublicKey():
            return True
        case COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256, RSAPublicKey(key_size=bits):
            return RSA_BITS_MIN <= bits <= RSA_BITS_MAX
        case _:
            return False


def _count(sign_count: int) -> int:
    if sign_count > SIGN_COUNT_MAX:
        raise ValueError("a count that no authenticator comes to")
    return sign_count
