"""What a card must be to prove who is asking: its issuer, its dates, its purpose, its key and its signature."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.card import CardCertificate, SignatureAlgorithm
from identity.card import CHAIN_LENGTH_MAX, Cards, NoIssuers, open_cards
from identity.certificate import PEM_BEGINS, certificate_of_der
from identity.software_card import KeyKind, SoftwareCard, Usage, issue, new_issuer, new_key, revocations
from tests.cards import Issuing, chain_of, in_base64
from tests.clock import OPENING
from tests.identity.making import EXTENSIONS_OF_A_CARD, LONG_AGO, an_issuers, der, made, pem

TEXT = b"preship card sign-in\naudience: preship.example\n"
P256 = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
ROOT = made("根", P256[0], extensions=an_issuers())
A = SignatureAlgorithm


def trusting(*issuers: SoftwareCard, folder: Path) -> Cards:
    """Card sign-in with these issuers and no lists."""
    (folder / "issuers.pem").write_text("".join(map(pem, issuers)))
    cards = open_cards(str(folder / "issuers.pem"), "", stale_allowed=False)
    assert cards is not None
    return cards


async def shows(
    cards: Cards,
    card: SoftwareCard,
    chain: Sequence[str] | None = None,
    *,
    algorithm: SignatureAlgorithm | None = None,
    signature: bytes | None = None,
    now: datetime = OPENING,
) -> list[str]:
    """The codes of what is wrong with a card that signs the text; none where nothing is."""
    found = await cards.proved(
        chain_of(card) if chain is None else chain,
        algorithm or (card.algorithms or (A.RSA_PSS_SHA256,))[0],
        in_base64(card.sign(TEXT) if signature is None else signature),
        TEXT,
        now,
    )
    return [] if isinstance(found, CardCertificate) else [each.code.name for each in found]


@pytest.mark.parametrize("issuer_kind", [KeyKind.ECDSA, KeyKind.SM2])
@pytest.mark.parametrize("kind", KeyKind)
async def test_every_kind_of_card_of_every_kind_of_issuer_is_taken(
    tmp_path: Path, issuer_kind: KeyKind, kind: KeyKind
) -> None:
    issuing = Issuing(tmp_path, issuer_kind)
    cards = open_cards(issuing.settings["card_issuers"], issuing.settings["card_revocations"], stale_allowed=False)
    assert cards is not None
    card = issuing.card(kind)
    for algorithm in card.algorithms:
        assert await shows(cards, card, algorithm=algorithm, signature=card.sign(TEXT, algorithm)) == []
        assert await shows(cards, card, algorithm=algorithm, signature=card.sign(TEXT + b".", algorithm)) == [
            "SIGN_IN_FAILED"
        ]
    kept = await cards.looked_at(chain_of(card), OPENING)
    assert isinstance(kept, CardCertificate)
    assert (kept.subject, kept.issuer) == ("CN=周海涛", "CN=测试签发机构")
    assert kept.fingerprint == card.certificate.fingerprint(hashes.SHA256()).hex()
    issuing.revokes(card)
    assert await shows(cards, card) == ["CARD_REVOKED"]


@pytest.mark.parametrize(
    ("curve", "algorithm"),
    [(ec.SECP256R1(), A.ECDSA_SHA256), (ec.SECP384R1(), A.ECDSA_SHA384), (ec.SECP521R1(), A.ECDSA_SHA384)],
    ids=["P-256", "P-384", "P-521"],
)
async def test_a_curve_signs_in_one_way_and_no_other(
    tmp_path: Path, curve: ec.EllipticCurve, algorithm: SignatureAlgorithm
) -> None:
    cards, card = trusting(ROOT, folder=tmp_path), made("周海涛", ec.generate_private_key(curve), ROOT)
    assert await shows(cards, card, algorithm=algorithm, signature=card.sign(TEXT, algorithm)) == []
    for other in set(A) - {algorithm}:
        assert await shows(cards, card, algorithm=other) == ["INVALID_FORMAT"], other
    assert isinstance(card.key, ec.EllipticCurvePrivateKey)
    by_another_hash = card.key.sign(TEXT, ec.ECDSA(hashes.SHA512()))
    assert await shows(cards, card, algorithm=algorithm, signature=by_another_hash) == ["SIGN_IN_FAILED"]


async def test_a_name_of_an_algorithm_does_not_turn_one_kind_of_signature_into_another(tmp_path: Path) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    card = issue(ROOT, "周海涛", KeyKind.RSA, LONG_AGO)
    assert isinstance(card.key, rsa.RSAPrivateKey)
    pkcs1, pss = card.sign(TEXT, A.RSA_PKCS1_SHA256), card.sign(TEXT, A.RSA_PSS_SHA256)
    sha1 = card.key.sign(TEXT, padding.PKCS1v15(), hashes.SHA1())
    for algorithm, wrong in ((A.RSA_PSS_SHA256, pkcs1), (A.RSA_PKCS1_SHA256, pss), (A.RSA_PKCS1_SHA256, sha1)):
        assert await shows(cards, card, algorithm=algorithm, signature=wrong) == ["SIGN_IN_FAILED"]
    for other in (A.ECDSA_SHA256, A.ECDSA_SHA384, A.SM2_SM3):
        assert await shows(cards, card, algorithm=other, signature=pss) == ["INVALID_FORMAT"]


async def test_signatures_that_say_nothing_are_refused(tmp_path: Path) -> None:
    nought = bytes.fromhex("3006020100020100")
    negative = bytes.fromhex("300602018102017f")
    order = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    large = b"\x30\x26\x02\x21\x00" + order.to_bytes(32) + b"\x02\x01\x01"
    cards = trusting(ROOT, folder=tmp_path)
    for kind in KeyKind:
        card = issue(ROOT, "周海涛", kind, LONG_AGO)
        good = card.sign(TEXT)
        for wrong in (b"", b"\x00", nought, negative, large, good[:-1], good + b"\x00", good[::-1], b"\xff" * 1400):
            assert await shows(cards, card, signature=wrong) == ["SIGN_IN_FAILED"], (kind, wrong)
        assert (await shows(cards, card, signature=b"\xff" * 1600)) == ["INVALID_FORMAT"]


async def test_a_card_of_somebody_elses_issuer_is_not_trusted(tmp_path: Path) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    namesake = made("根", P256[1], extensions=an_issuers())
    for card in (
        made("周海涛", P256[2], namesake),
        made("周海涛", P256[2]),
        made("周海涛", P256[2], ROOT, signed_by=P256[1]),
        issue(new_issuer("根", KeyKind.SM2, LONG_AGO), "周海涛", KeyKind.SM2, LONG_AGO),
    ):
        assert await shows(cards, card) == ["CARD_NOT_TRUSTED"]
        assert await shows(cards, card, [*chain_of(card), pem(namesake), pem(ROOT)]) == ["CARD_NOT_TRUSTED"]


@pytest.mark.parametrize(
    ("between", "codes"),
    [
        ({"extensions": an_issuers()}, []),
        ({"extensions": an_issuers(0)}, []),
        ({"extensions": an_issuers(signs=False)}, ["CARD_NOT_TRUSTED"]),
        ({"extensions": EXTENSIONS_OF_A_CARD}, ["CARD_NOT_TRUSTED"]),
        ({"extensions": ()}, ["CARD_NOT_TRUSTED"]),
        ({"extensions": an_issuers(), "ends": OPENING - timedelta(days=1)}, ["CARD_NOT_TRUSTED"]),
        ({"extensions": an_issuers(), "begins": OPENING + timedelta(days=1)}, ["CARD_NOT_TRUSTED"]),
        ({"extensions": an_issuers(), "signed_by": P256[2]}, ["CARD_NOT_TRUSTED"]),
        (
            {"extensions": (*an_issuers(), (x509.NameConstraints([x509.DNSName("x.example")], None), False))},
            ["CARD_NOT_TRUSTED"],
        ),
    ],
    ids=["whole", "for cards alone", "signs none", "a card", "bare", "ended", "not begun", "forged", "limits names"],
)
async def test_whoever_stands_between_card_and_issuer_must_be_an_issuer_too(
    tmp_path: Path, between: Any, codes: list[str]
) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    middle = made("中级", P256[1], ROOT, **between)
    card = made("周海涛", P256[2], middle)
    assert await shows(cards, card, [*chain_of(card), pem(middle)]) == codes
    assert await shows(cards, card, [*chain_of(card), pem(middle), pem(ROOT)]) == codes
    assert await shows(cards, card) == ["CARD_NOT_TRUSTED"]
    assert await shows(cards, card, [*chain_of(card), pem(ROOT), pem(middle)]) == ["CARD_NOT_TRUSTED"]


async def test_an_issuer_says_how_many_may_stand_between(tmp_path: Path) -> None:
    for path_length, codes in ((1, ["CARD_NOT_TRUSTED"]), (2, [])):
        root = made("根", P256[0], extensions=an_issuers(path_length))
        first = made("一级", P256[1], root, extensions=an_issuers())
        second = made("二级", P256[2], first, extensions=an_issuers())
        card = made("周海涛", P256[0], second)
        cards = trusting(root, folder=tmp_path)
        assert await shows(cards, card, [*chain_of(card), pem(second), pem(first)]) == codes


async def test_a_card_of_an_issuer_that_has_ended_is_not_trusted(tmp_path: Path) -> None:
    root = made("根", P256[0], extensions=an_issuers(), ends=OPENING)
    card = made("周海涛", P256[1], root)
    cards = trusting(root, folder=tmp_path)
    assert await shows(cards, card) == []
    assert await shows(cards, card, now=OPENING + timedelta(seconds=1)) == ["CARD_NOT_TRUSTED"]


async def test_a_certificate_is_good_from_its_first_to_its_last_second(tmp_path: Path) -> None:
    begins, ends = OPENING - timedelta(days=1), OPENING + timedelta(days=1)
    cards, card = trusting(ROOT, folder=tmp_path), made("周海涛", P256[1], ROOT, begins=begins, ends=ends)
    second = timedelta(seconds=1)
    assert await shows(cards, card, now=begins) == await shows(cards, card, now=ends) == []
    assert await shows(cards, card, now=begins - second) == ["CARD_NOT_YET_VALID"]
    assert await shows(cards, card, now=ends + second) == ["CARD_EXPIRED"]


CONSTRAINTS, USAGE = EXTENSIONS_OF_A_CARD


@pytest.mark.parametrize(
    ("extensions", "codes"),
    [
        ((USAGE,), []),
        ((*EXTENSIONS_OF_A_CARD, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)), []),
        ((*EXTENSIONS_OF_A_CARD, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SMARTCARD_LOGON]), True)), []),
        (
            (*EXTENSIONS_OF_A_CARD, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)),
            ["CARD_NOT_SUITABLE"],
        ),
        ((CONSTRAINTS,), ["CARD_NOT_SUITABLE"]),
        (tuple((each, True) for each in Usage(digital_signature=False).extensions), ["CARD_NOT_SUITABLE"]),
        (an_issuers(), ["CARD_NOT_SUITABLE"]),
        (
            (*EXTENSIONS_OF_A_CARD, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)),
            ["CARD_NOT_SUITABLE"],
        ),
        (
            (*EXTENSIONS_OF_A_CARD, (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False)),
            [],
        ),
    ],
    ids=["plain", "client", "logon", "server", "no usage", "encryption", "issuer", "critical", "unknown"],
)
async def test_a_certificate_must_be_for_signing_in(tmp_path: Path, extensions: Any, codes: list[str]) -> None:
    cards, card = trusting(ROOT, folder=tmp_path), made("周海涛", P256[1], ROOT, extensions=extensions)
    assert await shows(cards, card) == codes


async def test_weak_and_unknown_keys_are_refused(tmp_path: Path) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    short = made("周海涛", rsa.generate_private_key(65537, 1024), ROOT)
    assert await shows(cards, short) == ["CARD_KEY_TOO_WEAK"]
    other_curve = made("周海涛", ec.generate_private_key(ec.SECP256K1()), ROOT)
    assert await shows(cards, other_curve, signature=b"x") == ["CARD_KEY_TOO_WEAK"]
    weak_issuer = made("弱", rsa.generate_private_key(65537, 1024), ROOT, extensions=an_issuers())
    card = made("周海涛", P256[1], weak_issuer)
    assert await shows(cards, card, [*chain_of(card), pem(weak_issuer)]) == ["CARD_NOT_TRUSTED"]


async def test_all_that_is_wrong_with_a_trusted_certificate_is_told_at_once(tmp_path: Path) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    key = rsa.generate_private_key(65537, 1024)
    card = made("周海涛", key, ROOT, extensions=(), ends=OPENING - timedelta(days=1))
    assert await shows(cards, card) == ["CARD_KEY_TOO_WEAK", "CARD_EXPIRED", "CARD_NOT_SUITABLE"]


async def test_what_is_wrong_with_a_certificate_is_told_to_whoever_has_its_key_alone(tmp_path: Path) -> None:
    cards = trusting(ROOT, folder=tmp_path)
    expired = made("周海涛", P256[1], ROOT, ends=OPENING - timedelta(days=1))
    stranger = made("周海涛", P256[2], ROOT)
    assert await shows(cards, expired, signature=stranger.sign(TEXT)) == ["SIGN_IN_FAILED"]


async def test_a_chain_is_bounded_in_length_and_size(tmp_path: Path) -> None:
    cards, card = trusting(ROOT, folder=tmp_path), made("周海涛", P256[1], ROOT)
    many = chain_of(card) + [pem(ROOT)] * CHAIN_LENGTH_MAX
    assert await shows(cards, card, many) == ["TOO_MANY"]
    assert await shows(cards, card, []) == ["REQUIRED"]
    assert await shows(cards, card, ["A" * 12_001]) == ["TOO_LONG"]
    assert await shows(cards, card, ["A" * 1_000_000] * 5) == ["TOO_LONG"] * 5
    padding_ = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05" * 8_000)
    large = made("周海涛", P256[2], ROOT, extensions=(*EXTENSIONS_OF_A_CARD, (padding_, False)))
    assert await shows(cards, large, algorithm=A.ECDSA_SHA256, signature=b"") == ["INVALID_FORMAT"]


async def test_a_certificate_that_is_cut_off_or_padded_is_none(tmp_path: Path) -> None:
    cards, card = trusting(ROOT, folder=tmp_path), made("周海涛", P256[1], ROOT)
    whole = der(card)
    for cut in range(0, len(whole), 17):
        assert await shows(cards, card, [in_base64(whole[:cut])]) == ["INVALID_FORMAT"], cut
    # One way of saying true is DER's; others would give the same certificate another fingerprint.
    assert await shows(cards, card, [in_base64(whole.replace(b"\1\1\xff", b"\1\1\1"))]) == ["INVALID_FORMAT"]
    wrong = [in_base64(whole + b"\0"), in_base64(b"\x30" * 900), pem(card) * 2, "", "证书", PEM_BEGINS]
    for text in wrong:
        assert await shows(cards, card, [text]) == ["INVALID_FORMAT"], text[:40]
    assert await shows(cards, card, [*chain_of(card), "?", pem(ROOT), "?"]) == ["INVALID_FORMAT"] * 2
    assert await shows(cards, card, [pem(card).replace("\n", "\r\n")]) == []


CARD = made("周海涛", P256[1], ROOT)
SM2_CARD = issue(new_issuer("根", KeyKind.SM2, LONG_AGO), "周海涛", KeyKind.SM2, LONG_AGO)


@given(st.data(), st.sampled_from([CARD, SM2_CARD]))
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_fail(data: st.DataObject, card: SoftwareCard) -> None:
    cards = Cards([certificate_of_der(der(ROOT))], None)
    whole = bytearray(der(card))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assume(bytes(whole) != der(card))
    found = cards._proved([in_base64(bytes(whole))], card.algorithms[0], in_base64(card.sign(TEXT)), TEXT, OPENING)
    assert isinstance(found, tuple)


async def test_a_list_that_is_stale_missing_or_forged_tells_nothing(tmp_path: Path) -> None:
    issuing = Issuing(tmp_path)
    place, card = tmp_path / "revocations.pem", issuing.card()
    strict = open_cards(issuing.settings["card_issuers"], str(place), stale_allowed=False)
    lax = open_cards(issuing.settings["card_issuers"], str(place), stale_allowed=True)
    assert strict is not None
    assert lax is not None
    assert await shows(strict, card) == []
    later = OPENING + timedelta(days=31)
    assert await shows(strict, card, now=later) == ["CARD_STATUS_UNKNOWN"]
    assert await shows(lax, card, now=later) == []
    forger = new_issuer("测试签发机构", KeyKind.ECDSA, LONG_AGO)
    for content in (
        revocations(forger, [], LONG_AGO, lasts=timedelta(days=60)).public_bytes(Encoding.PEM),
        revocations(issuing.issuer, [], OPENING + timedelta(days=1)).public_bytes(Encoding.DER),
        _of_some_reasons_only(issuing.issuer),
        b"no list at all",
        b"",
    ):
        place.write_bytes(content)
        assert await shows(strict, card) == await shows(lax, card) == ["CARD_STATUS_UNKNOWN"]
    place.unlink()
    assert await shows(lax, card) == ["CARD_STATUS_UNKNOWN"]
    issuing.revokes(card)
    assert await shows(lax, card, now=OPENING + timedelta(days=90)) == ["CARD_REVOKED"]


def _of_some_reasons_only(issuer: SoftwareCard) -> bytes:
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    part = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject).last_update(LONG_AGO)
    builder = builder.next_update(OPENING + timedelta(days=30)).add_extension(part, critical=True)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


async def test_of_several_lists_in_a_folder_the_newest_of_the_issuer_counts(tmp_path: Path) -> None:
    issuing, folder = Issuing(tmp_path), tmp_path / "lists"
    folder.mkdir()
    other = new_issuer("别家", KeyKind.ECDSA, LONG_AGO)
    card = issuing.card()
    serial = card.certificate.serial_number
    for name, issuer, serials, at in (
        ("a.crl", issuing.issuer, [serial], LONG_AGO),
        ("b.crl", issuing.issuer, [], LONG_AGO + timedelta(days=20)),
        ("c.crl", other, [serial], OPENING),
    ):
        (folder / name).write_bytes(revocations(issuer, serials, at).public_bytes(Encoding.DER))
    cards = open_cards(issuing.settings["card_issuers"], str(folder), stale_allowed=False)
    assert cards is not None
    assert await shows(cards, card) == []
    (folder / "b.crl").unlink()
    assert await shows(cards, card) == ["CARD_REVOKED"]


async def test_an_issuer_in_between_may_be_revoked_as_well(tmp_path: Path) -> None:
    middle = made("中级", P256[1], ROOT, extensions=an_issuers())
    card = made("周海涛", P256[2], middle)
    chain = [*chain_of(card), pem(middle)]
    (tmp_path / "root.pem").write_text(pem(ROOT))
    lists = tmp_path / "lists"
    lists.mkdir()
    cards = open_cards(str(tmp_path / "root.pem"), str(lists), stale_allowed=False)
    assert cards is not None
    lasting = timedelta(days=60)
    by_root = revocations(ROOT, [], LONG_AGO, lasts=lasting).public_bytes(Encoding.PEM)
    (lists / "root.crl").write_bytes(by_root)
    assert await shows(cards, card, chain) == ["CARD_STATUS_UNKNOWN"]
    (lists / "middle.crl").write_bytes(revocations(middle, [], LONG_AGO, lasts=lasting).public_bytes(Encoding.PEM))
    assert await shows(cards, card, chain) == []
    revoking = revocations(ROOT, [middle.certificate.serial_number], LONG_AGO, lasts=lasting)
    (lists / "root.crl").write_bytes(revoking.public_bytes(Encoding.PEM) + b"\n")
    assert await shows(cards, card, chain) == ["CARD_REVOKED"]


def test_without_issuers_nobody_signs_in_by_card_and_with_wrong_ones_nothing_starts(tmp_path: Path) -> None:
    assert open_cards("", "", stale_allowed=False) is None
    file = tmp_path / "issuers.pem"
    with pytest.raises(NoIssuers, match=r"issuers\.pem"):
        open_cards(str(file), "", stale_allowed=False)
    weak = made("弱", rsa.generate_private_key(65537, 1024), extensions=an_issuers())
    for content, why in (("", "PEM"), (pem(CARD), "no issuer's"), (pem(weak), "cannot be used")):
        file.write_text(content)
        with pytest.raises(NoIssuers, match=why):
            open_cards(str(file), "", stale_allowed=False)
    file.write_text(pem(ROOT))
    with pytest.raises(NoIssuers, match="lists"):
        open_cards(str(file), str(tmp_path / "lists"), stale_allowed=False)


async def test_sm2_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issuing = Issuing(tmp_path, KeyKind.SM2)
    card = issue(ROOT, "周海涛", KeyKind.SM2, LONG_AGO)
    signature = card.sign(TEXT)
    monkeypatch.setattr("identity.sm2.IS_THERE", False)
    with pytest.raises(NoIssuers, match="needs the extra `sm`"):
        open_cards(issuing.settings["card_issuers"], "", stale_allowed=False)
    cards = trusting(ROOT, folder=tmp_path)
    assert await shows(cards, card, algorithm=A.SM2_SM3, signature=signature) == ["CARD_KEY_TOO_WEAK"]


def test_a_software_card_reads_as_it_was_written() -> None:
    for kind in KeyKind:
        card = issue(ROOT, "周海涛", kind, LONG_AGO, key=new_key(kind))
        assert SoftwareCard.of(card.pem()).pem() == card.pem()
    with pytest.raises(ValueError, match="private key"):
        SoftwareCard.of(CARD.certificate_pem())
