"""Signing in by card through HTTP: bound, proved, used once, refused alike where somebody else might learn from it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.card import SignatureAlgorithm
from identity.software_card import KeyKind, new_issuer
from tests.cards import (
    CHALLENGE,
    LONG_AGO,
    Issuing,
    binds,
    chain_of,
    challenge_for,
    in_base64,
    opens,
    revokes,
    sends_binding,
    signed,
    signs_in,
)
from tests.clock import OPENING
from tests.identity.making import an_issuers, made
from tests.office import Office
from tests.person import Person

VIEWER = "{ viewer { account { username } cards { id status lastUsedAt } } }"
LIST = """query Cards($filter: CardFilter) { cards(filter: $filter) { totalCount nodes {
  id status account { username } availableActions { action allowed }
} } }"""
ACCOUNT = "{ viewer { account { id } } }"
Opening = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
def issuing(tmp_path: Path) -> Issuing:
    (tmp_path / "cards").mkdir()
    return Issuing(tmp_path / "cards")


@pytest.fixture
async def office(open_office: Opening, issuing: Issuing) -> AsyncIterator[Office]:
    async with open_office(**issuing.settings) as office:
        yield office


def admin(office: Office) -> Person:
    return office.user("pujiang.admin")


async def account_id(person: Person) -> str:
    found: str = (await person.asks(ACCOUNT))["viewer"]["account"]["id"]
    return found


@pytest.mark.manual(33)
@pytest.mark.parametrize("kind", KeyKind)
async def test_a_card_that_was_bound_signs_in(office: Office, issuing: Issuing, kind: KeyKind) -> None:
    card = issuing.card(kind)
    bound = (await binds(office.enterprise, card)).done()
    assert (bound["status"], bound["subject"], bound["lastUsedAt"]) == ("ACTIVE", "CN=周海涛", None)
    assert bound["account"]["username"] == "enterprise"
    office.clock.moves(minutes=1)
    opened = (await signs_in(office, card)).done()
    assert (opened["viewer"]["account"]["username"], opened["viewer"]["role"]) == ("enterprise", "OPERATOR")
    viewer = (await Person(office, opened["session"]["token"]).asks(VIEWER))["viewer"]
    assert viewer["account"]["username"] == "enterprise"
    assert viewer["cards"] == [{"id": bound["id"], "status": "ACTIVE", "lastUsedAt": "2026-06-01T02:01:00Z"}]


async def test_an_rsa_card_signs_in_both_of_its_ways(office: Office, issuing: Issuing) -> None:
    card = issuing.card(KeyKind.RSA)
    (await binds(office.enterprise, card)).done()
    for algorithm in card.algorithms:
        (await signs_in(office, card, algorithm=algorithm)).done()


async def test_what_is_signed_names_this_installation_the_challenge_and_its_end(office: Office) -> None:
    challenge = await challenge_for(office.anybody)
    lines = base64.b64decode(challenge["text"]).decode().split("\n")
    assert lines[0] == "preship card sign-in"
    assert lines[1] == "audience: preship.example"
    assert lines[2] == f"challenge: {challenge['id'].removeprefix('card_challenge_')}"
    assert len(lines[3].removeprefix("nonce: ")) == 64
    assert lines[4:] == ["expires: 2026-06-01T02:02:00Z", ""]
    assert challenge["expiresAt"] == "2026-06-01T02:02:00Z"
    assert (await challenge_for(office.anybody))["text"] != challenge["text"]


async def test_a_challenge_is_used_once(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    (await binds(office.enterprise, card)).done()
    once = signed(card, await challenge_for(office.anybody))
    (await opens(office, once)).done()
    async with office.unchanged():
        assert (await opens(office, once)).refusals == [("CHALLENGE_NOT_VALID", "challengeId")]


async def test_of_many_at_once_with_one_challenge_one_signs_in(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    (await binds(office.enterprise, card)).done()
    once = signed(card, await challenge_for(office.anybody))
    before = (await office.everything())[0]["session"]
    answers = await asyncio.gather(*(opens(office, once) for _ in range(6)))
    assert sorted(len(each.user_errors) for each in answers) == [0, 1, 1, 1, 1, 1]
    assert {code for each in answers for code in each.codes} == {"CHALLENGE_NOT_VALID"}
    assert len((await office.everything())[0]["session"]) == len(before) + 1


async def test_a_challenge_ends_and_is_cleared_away(open_office: Opening, issuing: Issuing) -> None:
    async with open_office(**issuing.settings, card_challenge_seconds=30) as office:
        card = issuing.card()
        (await binds(office.enterprise, card)).done()
        first, second = [signed(card, await challenge_for(office.anybody)) for _ in range(2)]
        office.clock.moves(seconds=29)
        (await opens(office, first)).done()
        office.clock.moves(seconds=1)
        assert (await opens(office, second)).codes == ["CHALLENGE_NOT_VALID"]
        await challenge_for(office.anybody)
        assert len((await office.everything())[0]["card_challenge"]) == 1


async def test_a_challenge_is_good_for_what_and_for_whom_it_was_given(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    for_signing_in = await challenge_for(office.anybody)
    anothers = await challenge_for(office.other_enterprise, "BINDING")
    own = await challenge_for(office.enterprise, "BINDING")
    async with office.unchanged():
        for challenge in (for_signing_in, anothers, {**own, "id": f"card_challenge_{7:032x}"}, {**own, "id": "?"}):
            refused = await sends_binding(office.enterprise, signed(card, challenge))
            assert refused.refusals == [("CHALLENGE_NOT_VALID", "challengeId")]
    (await sends_binding(office.enterprise, signed(card, own))).done()
    other = await challenge_for(office.enterprise, "BINDING")
    assert (await opens(office, signed(card, other))).codes == ["CHALLENGE_NOT_VALID"]
    swapped = signed(card, for_signing_in, challengeId=(await challenge_for(office.anybody))["id"])
    assert (await opens(office, swapped)).codes == ["SIGN_IN_FAILED"]


async def test_a_signature_for_another_installation_is_worth_nothing_here(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    (await binds(office.enterprise, card)).done()
    challenge = await challenge_for(office.anybody)
    theirs = base64.b64decode(challenge["text"]).replace(b"preship.example", b"evil.example")
    assert (await opens(office, signed(card, challenge, signature=in_base64(card.sign(theirs))))).codes == [
        "SIGN_IN_FAILED"
    ]


async def test_what_a_stranger_might_learn_from_is_answered_alike(office: Office, issuing: Issuing) -> None:
    unknown, revoked, inactive, good = (issuing.card() for _ in range(4))
    bound = (await binds(office.enterprise, revoked)).done()
    (await revokes(office.enterprise, bound, reason="遗失")).done()
    (await binds(office.other_enterprise, inactive)).done()
    (await binds(office.enterprise, good)).done()
    async with office.database.writing() as connection:
        await connection.execute(text("update account set status = 'DEACTIVATED' where username = 'yongjiang'"))
    altered = signed(good, await challenge_for(office.anybody))
    altered["signature"] = in_base64(unknown.sign(b"something else"))
    answers = [await signs_in(office, each) for each in (unknown, revoked, inactive)] + [await opens(office, altered)]
    assert [each.refusals for each in answers] == [[("SIGN_IN_FAILED", None)]] * 4
    assert len({each.user_errors[0]["message"] for each in answers}) == 1
    (await signs_in(office, good)).done()


async def test_the_honest_holder_hears_what_is_wrong_with_the_card(office: Office, issuing: Issuing) -> None:
    stranger = Issuing(issuing.folder.parent, KeyKind.ECDSA)
    cards = {
        "CARD_EXPIRED": issuing.card(lasts=timedelta(days=3)),
        "CARD_NOT_YET_VALID": issuing.card(at=OPENING + timedelta(days=1)),
        "CARD_NOT_TRUSTED": stranger.card(),
        "CARD_REVOKED": issuing.card(),
    }
    issuing.revokes(cards["CARD_REVOKED"])
    for code, card in cards.items():
        told = await signs_in(office, card)
        assert told.refusals == [(code, "certificateChain")]
        guessed = signed(card, await challenge_for(office.anybody), signature=in_base64(issuing.card().sign(b"x")))
        assert (await opens(office, guessed)).codes == ["SIGN_IN_FAILED"]
        assert (await binds(office.enterprise, card)).codes == [code]
        looked = await sends_binding(admin(office), {"certificateChain": chain_of(card)})
        assert looked.codes == [code]
    assert (await office.everything())[0]["card"] == []


async def test_a_card_that_has_signed_in_signs_in_no_more_once_its_issuer_has_revoked_it(
    office: Office, issuing: Issuing
) -> None:
    card = issuing.card()
    (await binds(office.enterprise, card)).done()
    (await signs_in(office, card)).done()
    issuing.revokes(card)
    assert (await signs_in(office, card)).codes == ["CARD_REVOKED"]
    office.clock.moves(days=61)
    assert (await signs_in(office, card)).codes == ["CARD_REVOKED"]


async def test_a_stale_list_stops_everybody_unless_the_operator_lets_it_pass(
    open_office: Opening, issuing: Issuing
) -> None:
    card = issuing.card()
    async with open_office(**issuing.settings) as office:
        (await binds(office.enterprise, card)).done()
        office.clock.moves(days=31)
        assert (await signs_in(office, card)).refusals == [("CARD_STATUS_UNKNOWN", "certificateChain")]
        issuing.lists(OPENING + timedelta(days=30))
        (await signs_in(office, card)).done()
    issuing.lists()
    async with open_office(**issuing.settings, card_stale_revocations_allowed=True) as office:
        (await binds(office.enterprise, card)).done()
        office.clock.moves(days=91)
        (await signs_in(office, card)).done()


HOSTILE: dict[str, tuple[dict[str, Any], list[tuple[str, str | None]]]] = {
    "no chain": ({"certificateChain": []}, [("REQUIRED", "certificateChain")]),
    "a long chain": ({"certificateChain": ["?"] * 6}, [("TOO_MANY", "certificateChain")]),
    "no certificate": ({"certificateChain": ["MAA="]}, [("INVALID_FORMAT", "certificateChain.0")]),
    "a large certificate": ({"certificateChain": ["A" * 100_000]}, [("TOO_LONG", "certificateChain.0")]),
    "no base64": ({"signature": "签名"}, [("INVALID_FORMAT", "signature")]),
    "a long signature": ({"signature": "A" * 2_001}, [("INVALID_FORMAT", "signature")]),
    "no signature": ({"signature": ""}, [("SIGN_IN_FAILED", None)]),
    "another algorithm": ({"algorithm": "RSA_PSS_SHA256"}, [("INVALID_FORMAT", "algorithm")]),
    "another hash": ({"algorithm": "ECDSA_SHA384"}, [("INVALID_FORMAT", "algorithm")]),
    "SM2": ({"algorithm": "SM2_SM3"}, [("INVALID_FORMAT", "algorithm")]),
}


async def test_hostile_input_is_refused_and_changes_nothing(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    (await binds(office.enterprise, card)).done()
    whole = signed(card, await challenge_for(office.anybody))
    async with office.unchanged():
        for name, (changes, refusals) in HOSTILE.items():
            assert (await opens(office, whole | changes)).refusals == refusals, name
    (await opens(office, whole)).done()


async def test_a_certificate_that_is_cut_off_is_none(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    whole = base64.b64decode(chain_of(card)[0])
    challenge = await challenge_for(office.anybody)
    for cut in (1, 40, len(whole) - 1):
        wish = signed(card, challenge, certificateChain=[in_base64(whole[:cut])])
        assert (await opens(office, wish)).refusals == [("INVALID_FORMAT", "certificateChain.0")]


async def test_an_administrator_binds_and_revokes_for_colleagues(office: Office, issuing: Issuing) -> None:
    card, person = issuing.card(), office.enterprise
    wish = {"certificateChain": chain_of(card), "accountId": await account_id(person)}
    async with office.unchanged():
        assert (await sends_binding(person, wish)).refusals == [("NOT_PROVED", "signature")]
        assert (await sends_binding(office.enterprise_viewer, wish)).codes == ["NOT_YOUR_ROLE", "NOT_PROVED"]
        for stranger in ("yongjiang.admin", "customs.admin"):
            assert (await sends_binding(office.user(stranger), wish)).refusals == [("UNKNOWN_REFERENCE", "accountId")]
    bound = (await sends_binding(admin(office), wish)).done()
    assert bound["account"]["username"] == "enterprise"
    (await signs_in(office, card)).done()
    assert (await revokes(office.user("yongjiang.admin"), bound)).refusals == [("NOT_FOUND", "id")]
    assert (await revokes(office.enterprise_viewer, bound)).refusals == [("NOT_FOUND", "id")]
    revoked = (await revokes(admin(office), bound, reason="离职")).done()
    assert (revoked["status"], revoked["revokeReason"], revoked["revokedAt"]) == (
        "REVOKED",
        "离职",
        "2026-06-01T02:00:00Z",
    )
    assert (await signs_in(office, card)).codes == ["SIGN_IN_FAILED"]
    assert (await revokes(admin(office), bound)).codes == ["WRONG_STATUS"]


async def test_an_administrator_of_customs_binds_no_card_that_signs_in_for_another_organisation(
    office: Office, issuing: Issuing
) -> None:
    """Such an administrator sees those of every organisation, to help them to a new password."""
    others = {"accountId": await account_id(admin(office))}
    async with office.unchanged():
        payload = await sends_binding(
            office.user("customs.admin"), {"certificateChain": chain_of(issuing.card())} | others
        )
    assert payload.refusals == [("UNKNOWN_REFERENCE", "accountId")]


async def test_a_certificate_is_bound_once_wherever_and_by_whomever(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    bound = (await binds(office.enterprise, card)).done()
    assert (await binds(office.enterprise, card)).refusals == [("DUPLICATE", "certificateChain")]
    assert (await binds(office.customs, card)).refusals == [("DUPLICATE", "certificateChain")]
    (await revokes(office.enterprise, bound)).done()
    assert (await binds(office.enterprise, card)).refusals == [("DUPLICATE", "certificateChain")]


async def test_of_two_who_bind_one_certificate_at_once_one_does(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    answers = await asyncio.gather(binds(office.enterprise, card), binds(office.other_enterprise, card))
    assert sorted(each.codes for each in answers) == [[], ["DUPLICATE"]]


async def test_half_a_proof_is_none(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    whole = signed(card, await challenge_for(office.enterprise, "BINDING"))
    for missing in ("challengeId", "algorithm", "signature"):
        half = {name: value for name, value in whole.items() if name != missing}
        assert (await sends_binding(office.enterprise, half)).refusals == [("REQUIRED", missing)]
    wrong = whole | {"signature": in_base64(issuing.card().sign(b"x"))}
    assert (await sends_binding(admin(office), wrong)).codes == ["CHALLENGE_NOT_VALID"]
    assert (await sends_binding(office.enterprise, wrong)).codes == ["SIGN_IN_FAILED"]


async def test_cards_are_seen_by_their_holders_and_administrators(office: Office, issuing: Issuing) -> None:
    own, colleagues = [(await binds(each, issuing.card())).done() for each in (office.enterprise, admin(office))]
    others = (await binds(office.other_enterprise, issuing.card())).done()

    async def sees(person: Person, **filter_: Any) -> list[str]:
        found = (await person.asks(LIST, filter=filter_))["cards"]
        assert found["totalCount"] == len(found["nodes"])
        return sorted(each["id"] for each in found["nodes"])

    assert await sees(office.enterprise) == [own["id"]]
    assert await sees(admin(office)) == sorted([own["id"], colleagues["id"]])
    assert await sees(admin(office), accountId=await account_id(office.enterprise)) == [own["id"]]
    assert await sees(admin(office), status="REVOKED") == []
    assert await sees(office.enterprise_viewer) == await sees(office.user("yongjiang.admin"), status="REVOKED") == []
    assert await sees(office.user("yongjiang.admin")) == [others["id"]]
    (node,) = (await office.enterprise.asks(LIST, filter={}))["cards"]["nodes"]
    assert node["availableActions"] == [{"action": "cardRevoke", "allowed": True}]
    query = "query Node($id: ID!) { node(id: $id) { id } card(by: {id: $id}) { id } }"
    assert await office.enterprise.asks(query, id=own["id"]) == {"node": {"id": own["id"]}, "card": {"id": own["id"]}}
    assert await office.user("yongjiang.admin").asks(query, id=own["id"]) == {"node": None, "card": None}


async def test_a_challenge_for_binding_is_for_whoever_is_signed_in(office: Office) -> None:
    assert await office.anybody.is_told(CHALLENGE, input={"purpose": "BINDING"}) == "UNAUTHENTICATED"
    assert await office.anybody.is_told(LIST) == "UNAUTHENTICATED"


async def test_every_use_stands_in_the_register_and_no_challenge_does(office: Office, issuing: Issuing) -> None:
    card = issuing.card()
    bound = (await binds(office.enterprise, card)).done()
    (await signs_in(office, card)).done()
    (await revokes(office.enterprise, bound)).done()
    async with office.database.reading() as connection:
        lines = await connection.execute(
            text("select action from register where subject_type = 'card' order by version")
        )
        assert [row.action for row in lines] == ["bind", "use", "revoke"]
        kept = await connection.execute(text("select changes from register where subject_type = 'card'"))
        assert "周海涛" not in "".join(row.changes for row in kept)


async def test_without_issuers_nobody_signs_in_by_card(open_office: Opening, issuing: Issuing) -> None:
    async with open_office() as office:
        answer = (await office.anybody.in_english().asks(CHALLENGE))["cardChallengeOpen"]
        assert [each["code"] for each in answer["userErrors"]] == ["NOT_OFFERED"]
        assert answer["userErrors"][0]["message"].startswith("Nobody signs in by card here")
        wish = signed(issuing.card(), {"id": "card_challenge_0", "text": ""})
        async with office.unchanged():
            assert (await opens(office, wish)).codes == ["NOT_OFFERED"]
            assert (await sends_binding(office.enterprise, wish)).codes == ["NOT_OFFERED"]


async def test_an_intermediate_issuer_comes_with_the_card(open_office: Opening, issuing: Issuing) -> None:

    settings = issuing.settings | {"card_revocations": ""}
    key: Any = new_issuer("中级", KeyKind.ECDSA, LONG_AGO).key
    middle = made("中级", key, issuing.issuer, extensions=an_issuers())
    card = made("周海涛", key, middle)
    async with open_office(**settings) as office:
        chain = chain_of(card, middle.certificate)
        wish = signed(card, await challenge_for(office.enterprise, "BINDING"), certificateChain=chain)
        (await sends_binding(office.enterprise, wish)).done()
        wish = signed(card, await challenge_for(office.anybody), SignatureAlgorithm.ECDSA_SHA256)
        assert (await opens(office, wish)).codes == ["CARD_NOT_TRUSTED"]
        (await opens(office, wish | {"certificateChain": chain})).done()


async def test_one_address_is_handed_so_many_challenges_and_no_more(office: Office) -> None:
    for _ in range(60):
        assert (await office.anybody.asks(CHALLENGE))["cardChallengeOpen"]["challenge"]
    answer = (await office.anybody.asks(CHALLENGE))["cardChallengeOpen"]
    assert (answer["challenge"], [each["code"] for each in answer["userErrors"]]) == (None, ["TOO_MANY_ATTEMPTS"])
    office.clock.moves(minutes=10)
    assert (await office.anybody.asks(CHALLENGE))["cardChallengeOpen"]["challenge"]
