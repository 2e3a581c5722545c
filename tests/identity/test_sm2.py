"""SM2 as others compute it: OpenSSL knows it too, and the standard prints an example."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization import Encoding

from identity import sm2
from identity.certificate import certificate_of_der
from identity.software_card import KeyKind, Sm2PrivateKey, issue, new_issuer
from tests.clock import OPENING

SIGNED = b"message digest"
KEY = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = sm2.Sm2Key(
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
EXAMPLE = (
    0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
)


def test_the_example_of_the_standard_is_verified() -> None:
    """GB/T 32918.5, annex A."""
    assert sm2.public_key(KEY) == PUBLIC
    signature = asn1.encode_der(sm2.Signature(r=EXAMPLE[0], s=EXAMPLE[1]))
    assert sm2.verifies(PUBLIC, signature, SIGNED)
    assert not sm2.verifies(PUBLIC, signature, SIGNED + b".")


def test_a_signature_is_verified_and_no_other() -> None:
    signature = sm2.sign(KEY, SIGNED)
    assert sm2.verifies(PUBLIC, signature, SIGNED)
    assert sm2.sign(KEY, SIGNED) != signature
    assert not sm2.verifies(sm2.public_key(KEY + 1), signature, SIGNED)


def test_a_key_that_begins_with_a_four_is_kept_whole() -> None:
    number = next(each for each in range(1, 2_000) if sm2.public_key(each).coordinates.hex().startswith("04"))
    assert sm2.verifies(sm2.public_key(number), sm2.sign(number, SIGNED), SIGNED)


@pytest.mark.parametrize("point", [b"", b"\4" + bytes(63), b"\2" + bytes(64), b"\4" + bytes(64), b"\4" + b"\xff" * 64])
def test_what_is_no_point_of_the_curve_is_no_key(point: bytes) -> None:
    with pytest.raises(ValueError, match=r"point"):
        sm2.Sm2Key.of(point)


def test_two_points_that_cancel_each_other_out_sign_nothing() -> None:
    # s·G + t·Q is no point at all where t·d = -s; with d = n - 2 that is r = -s/2.
    key = sm2.public_key(sm2.N - 2)
    s = 2
    t = pow(2, -1, sm2.N) * s % sm2.N
    r = (t - s) % sm2.N
    assert not sm2.verifies(key, asn1.encode_der(sm2.Signature(r=r, s=s)), SIGNED)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="compares with OpenSSL's program")
def test_openssl_agrees(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    issuer = new_issuer("签发机构", KeyKind.SM2, OPENING)
    card = issue(issuer, "周海涛", KeyKind.SM2, OPENING)
    assert isinstance(card.key, Sm2PrivateKey)
    (tmp_path / "issuer.pem").write_bytes(issuer.certificate_pem())
    (tmp_path / "card.pem").write_bytes(card.pem())
    (tmp_path / "text").write_bytes(SIGNED)
    (tmp_path / "signature").write_bytes(card.sign(SIGNED))
    id_ = f"distid:{sm2.ID.decode()}"
    at = str(int(OPENING.timestamp()))
    verified = openssl("verify", "-attime", at, "-vfyopt", id_, "-CAfile", "issuer.pem", "card.pem")
    assert verified == "card.pem: OK\n"
    (tmp_path / "public.pem").write_text(openssl("x509", "-in", "card.pem", "-pubkey", "-noout"))
    with_id = ("-sigopt", id_, "text")
    assert "OK" in openssl("dgst", "-sm3", "-verify", "public.pem", "-signature", "signature", *with_id)
    openssl("dgst", "-sm3", "-sign", "card.pem", "-out", "theirs", *with_id)
    key = certificate_of_der(card.certificate.public_bytes(Encoding.DER)).key
    assert isinstance(key, sm2.Sm2Key)
    assert sm2.verifies(key, (tmp_path / "theirs").read_bytes(), SIGNED)
