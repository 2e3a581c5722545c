"""An authenticator in software: makes passkeys and signs with them as a browser would let it, or as none should."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

USER_PRESENT, USER_VERIFIED, HOLDS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one passkey (ES256, attestation "none"). `count` goes up with each signature."""

    origin: str = "https://preship.example"
    verifies_user: bool = True
    counts: bool = True
    count: int = 0
    crosses_origins: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""

    def creates(self, options: str, **changes: Any) -> str:
        """What `navigator.credentials.create` answers, in JSON."""
        asked = json.loads(options)
        self.user_handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        size = (self.key.key_size + 7) // 8
        curve = {256: 1, 384: 2}[self.key.key_size]
        public_key: dict[int, Any] = {
            1: 2,
            3: -7,
            -1: curve,
            -2: numbers.x.to_bytes(size),
            -3: numbers.y.to_bytes(size),
        }
        public_key |= changes.pop("public_key", {})
        credential = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(public_key)
        data = self._data(changes.pop("rp_id", asked["rp"]["id"]), HOLDS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": changes.pop("fmt", "none"), "attStmt": {}, "authData": data})
        said = self._client_data("webauthn.create", asked["challenge"])
        return self._credential({"clientDataJSON": said, "attestationObject": attestation}, changes)

    def signs(self, options: str, **changes: Any) -> str:
        """What `navigator.credentials.get` answers, in JSON."""
        asked = json.loads(options)
        self.count += self.counts
        data = self._data(changes.pop("rp_id", asked["rpId"]), 0)
        said = self._client_data(changes.pop("type", "webauthn.get"), asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": said,
            "authenticatorData": data,
            "signature": signature,
            "userHandle": changes.pop("user_handle", self.user_handle),
        }
        return self._credential(response, changes)

    def _data(self, rp_id: str, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.crosses_origins}
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, bytes], changes: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential_id)
        encoded = {key: bytes_to_base64url(value) for key, value in response.items()} | changes.pop("response", {})
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": encoded} | changes)
