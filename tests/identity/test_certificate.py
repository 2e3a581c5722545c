"""Certificates as bytes: each is written in one way only, so it has one fingerprint."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from identity.certificate import Unreadable, certificate_of_der
from tests.identity.making import an_issuers, der, made

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("unused_bits", [1, 7, 8, 255])
def test_a_signature_has_no_unused_bits(unused_bits: int) -> None:
    card = made("周海涛", KEY, extensions=an_issuers())
    # Where those bits are zero the signature would be the same with them.
    while der(card)[-1] & 1:
        card = made("周海涛", KEY, extensions=an_issuers())
    whole = bytearray(der(card))
    assert certificate_of_der(bytes(whole)).raw == card.certificate
    whole[-len(card.certificate.signature) - 1] = unused_bits
    with pytest.raises(Unreadable):
        certificate_of_der(bytes(whole))
