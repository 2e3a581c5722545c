"""Signing in by passkey through HTTP, with an authenticator in software: registered, verified, counted, revoked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from webauthn.helpers import bytes_to_base64url

from domain.refusal import Refusal
from identity.passkey import Passkeys, credential_id_of
from tests.authenticator import Authenticator
from tests.office import Office
from tests.papers import USER_ERRORS, Payload
from tests.person import Person
from tests.rules.scene_passkey import passkey as a_passkey

SITE = {"passkey_site": "preship.example"}
HANDED = "challenge { id options expiresAt } " + USER_ERRORS
TO_REGISTER = f"mutation {{ payload: passkeyRegistrationOpen {{ {HANDED} }} }}"
TO_SIGN_IN = f"mutation {{ payload: passkeyChallengeOpen {{ {HANDED} }} }}"
PASSKEY = (
    "passkey { id name status registeredAt lastUsedAt revokedAt revokeReason account { username } } " + USER_ERRORS
)
REGISTER = f"mutation R($input: PasskeyRegisterInput!) {{ payload: passkeyRegister(input: $input) {{ {PASSKEY} }} }}"
REVOKE = f"mutation R($input: PasskeyRevokeInput!) {{ payload: passkeyRevoke(input: $input) {{ {PASSKEY} }} }}"
OPEN = f"""mutation O($input: SessionOpenByPasskeyInput!) {{ payload: sessionOpenByPasskey(input: $input) {{
  session {{ token }} viewer {{ account {{ username }} }} {USER_ERRORS}
}} }}"""
VIEWER = "{ viewer { account { username } passkeys { id name lastUsedAt } } }"
LIST = "query L($filter: PasskeyFilter) { passkeys(filter: $filter) { totalCount nodes { id } } }"
Opening = Callable[..., AbstractAsyncContextManager[Office]]


@pytest.fixture
async def office(open_office: Opening) -> AsyncIterator[Office]:
    async with open_office(**SITE) as office:
        yield office


async def challenge_for(person: Person, query: str = TO_SIGN_IN) -> Any:
    answer = (await person.asks(query))["payload"]
    assert answer["userErrors"] == []
    return answer["challenge"]


async def sends(person: Person, query: str, **input_: Any) -> Payload:
    answer = (await person.asks(query, input=input_))["payload"]
    return Payload(answer.get("passkey", answer), answer["userErrors"])


async def registers(person: Person, device: Authenticator, name: str = "手机", **changes: Any) -> Payload:
    challenge = await challenge_for(person, TO_REGISTER)
    credential = device.creates(challenge["options"], **changes)
    return await sends(person, REGISTER, challengeId=challenge["id"], credential=credential, name=name)


async def signs_in(office: Office, device: Authenticator, **changes: Any) -> Payload:
    challenge = await challenge_for(office.anybody)
    credential = device.signs(challenge["options"], **changes)
    return await sends(office.anybody, OPEN, challengeId=challenge["id"], credential=credential)


async def test_a_passkey_that_was_registered_signs_in(office: Office) -> None:
    device = Authenticator()
    made = (await registers(office.enterprise, device)).done()
    assert (made["name"], made["status"], made["account"]["username"]) == ("手机", "ACTIVE", "enterprise")
    office.clock.moves(minutes=1)
    for minute in (1, 2):
        opened = (await signs_in(office, device)).done()
        assert opened["viewer"]["account"]["username"] == "enterprise"
        viewer = (await Person(office, opened["session"]["token"]).asks(VIEWER))["viewer"]
        assert viewer["passkeys"] == [{"id": made["id"], "name": "手机", "lastUsedAt": f"2026-06-01T02:0{minute}:00Z"}]
        office.clock.moves(minutes=1)


async def test_the_browser_is_asked_to_verify_its_user_and_not_to_register_twice(office: Office) -> None:
    device = Authenticator()
    (await registers(office.enterprise, device)).done()
    options = json.loads((await challenge_for(office.enterprise, TO_REGISTER))["options"])
    assert options["rp"] == {"name": "Preship", "id": "preship.example"}
    assert options["user"]["name"] == "enterprise"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [each["id"] for each in options["excludeCredentials"]] == [bytes_to_base64url(device.credential_id)]
    asked = json.loads((await challenge_for(office.anybody))["options"])
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("preship.example", "required", [])


async def test_a_passkey_that_does_not_count_signs_in_again_and_again(office: Office) -> None:
    device = Authenticator(counts=False)
    (await registers(office.enterprise, device)).done()
    for _ in range(3):
        (await signs_in(office, device)).done()


async def test_a_copy_is_found_out_by_its_count(office: Office) -> None:
    device = Authenticator(count=5)
    (await registers(office.enterprise, device)).done()
    copy = replace(device)
    (await signs_in(office, device)).done()
    (await signs_in(office, device)).done()
    async with office.unchanged(but=("card_challenge", "throttle")):
        assert (await signs_in(office, copy)).refusals == [("SIGN_IN_FAILED", None)]
        assert (await signs_in(office, replace(device, counts=False, count=0))).codes == ["SIGN_IN_FAILED"]
    copy.count = 2**32 - 2
    assert (await signs_in(office, copy)).codes == ["SIGN_IN_FAILED"]
    (await signs_in(office, device)).done()


UNVERIFIED: list[tuple[Authenticator, dict[str, Any]]] = [
    (Authenticator(origin="https://evil.example"), {}),
    (Authenticator(origin="http://preship.example"), {}),
    (Authenticator(verifies_user=False), {}),
    (Authenticator(crosses_origins=True), {}),
    (Authenticator(), {"rp_id": "evil.example"}),
    (Authenticator(), {"fmt": "tpm"}),
    (Authenticator(), {"fmt": "?"}),
    # Algorithms (COSE) that were not offered, none at all, and those of another kind of key.
    *((Authenticator(), {"public_key": {3: algorithm}}) for algorithm in (-65535, -47, 0, None, "none", 5, -257, -8)),
    (Authenticator(), {"public_key": {1: 4, -1: b"secret"}}),
    (Authenticator(key=ec.generate_private_key(ec.SECP384R1())), {}),
    (Authenticator(), {"type": "password"}),
    (Authenticator(), {"response": {"attestationObject": "AAAA"}}),
    (Authenticator(), {"response": {"clientDataJSON": "AAAA"}}),
    (Authenticator(), {"id": "AAAA"}),
    (Authenticator(count=2**32 - 1), {}),
    (Authenticator(credential_id=b""), {}),
    (Authenticator(credential_id=b"x" * 1024), {}),
]


async def test_what_was_not_verified_is_not_registered(office: Office) -> None:
    challenge = await challenge_for(office.enterprise, TO_REGISTER)
    wish = {"challengeId": challenge["id"], "name": "手机"}
    bare = json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": None})
    async with office.unchanged():
        for device, changes in UNVERIFIED:
            refused = await sends(
                office.enterprise, REGISTER, credential=device.creates(challenge["options"], **changes), **wish
            )
            assert refused.refusals == [("NOT_PROVED", "credential")], (device, changes)
        for credential in (bare, "", "x" * 20_001):
            refused = await sends(office.enterprise, REGISTER, credential=credential, **wish)
            assert refused.refusals == [("NOT_PROVED", "credential")]
    good = Authenticator().creates(challenge["options"])
    (await sends(office.enterprise, REGISTER, credential=good, **wish)).done()


UNPROVED: list[dict[str, Any]] = [
    {"rp_id": "evil.example"},
    {"type": "webauthn.create"},
    {"user_handle": b"somebody else"},
    {"response": {"signature": "AAAA"}},
    {"response": {"authenticatorData": "AAAA"}},
    {"response": {"userHandle": 7}},
    {"response": {"clientDataJSON": bytes_to_base64url(b"[" * 5_000)}},
    {"rawId": "AAAA"},
    {"id": None},
]


async def test_a_key_of_each_kind_that_is_offered_is_registered(office: Office) -> None:
    rsa_key = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    rsa_numbers = {1: 3, 3: -257, -1: rsa_key.n.to_bytes(256), -2: rsa_key.e.to_bytes(3)}
    edwards = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for public_key in ({}, rsa_numbers, {1: 1, 3: -8, -1: 6, -2: edwards}):
        (await registers(office.enterprise, Authenticator(), public_key=public_key)).done()


async def test_what_was_not_verified_does_not_sign_in(office: Office) -> None:
    device = Authenticator()
    (await registers(office.enterprise, device)).done()
    async with office.unchanged(but=("card_challenge", "throttle")):
        for changes in UNPROVED:
            assert (await signs_in(office, device, **changes)).refusals == [("SIGN_IN_FAILED", None)], changes
        for spoilt in ({"origin": "https://evil.example"}, {"verifies_user": False}, {"crosses_origins": True}):
            elsewhere: Any = replace(device, **spoilt)
            assert (await signs_in(office, elsewhere)).codes == ["SIGN_IN_FAILED"], spoilt
    (await signs_in(office, device)).done()


async def test_a_challenge_is_good_once_for_one_purpose_and_for_whoever_asked(office: Office) -> None:
    device, person = Authenticator(), office.enterprise
    own, anothers = [
        await challenge_for(each, TO_REGISTER) for each in (person, office.other_enterprise)
    ]  # fmt: skip
    for_signing_in = await challenge_for(office.anybody)
    wish = {"credential": device.creates(own["options"]), "name": "手机"}
    async with office.unchanged():
        for other in (anothers, for_signing_in):
            refused = await sends(person, REGISTER, challengeId=other["id"], **wish)
            assert refused.refusals == [("CHALLENGE_NOT_VALID", "challengeId")]
    (await sends(person, REGISTER, challengeId=own["id"], **wish)).done()
    assert (await sends(person, REGISTER, challengeId=own["id"], **wish)).codes == ["CHALLENGE_NOT_VALID"]
    once = {"challengeId": for_signing_in["id"], "credential": device.signs(for_signing_in["options"])}
    answers = await asyncio.gather(*(sends(office.anybody, OPEN, **once) for _ in range(4)))
    assert sorted(len(each.user_errors) for each in answers) == [0, 1, 1, 1]
    office.clock.moves(seconds=1)
    late = await challenge_for(office.anybody)
    office.clock.moves(minutes=2)
    wish = {"challengeId": late["id"], "credential": device.signs(late["options"])}
    assert (await sends(office.anybody, OPEN, **wish)).codes == ["CHALLENGE_NOT_VALID"]


async def test_unknown_revoked_and_of_an_inactive_account_are_answered_alike(office: Office) -> None:
    unknown, revoked, inactive = Authenticator(), Authenticator(), Authenticator()
    made = (await registers(office.enterprise, revoked)).done()
    gone = (await sends(office.enterprise, REVOKE, id=made["id"], reason="遗失")).done()
    assert (gone["status"], gone["revokeReason"]) == ("REVOKED", "遗失")
    (await registers(office.other_enterprise, inactive)).done()
    async with office.database.writing() as connection:
        await connection.execute(text("update account set status = 'DEACTIVATED' where username = 'yongjiang'"))
    answers = [await signs_in(office, each) for each in (unknown, revoked, inactive)]
    assert [each.refusals for each in answers] == [[("SIGN_IN_FAILED", None)]] * 3
    assert len({each.user_errors[0]["message"] for each in answers}) == 1
    assert (await office.enterprise.asks(VIEWER))["viewer"]["passkeys"] == []


async def test_a_passkey_is_registered_once_and_named(office: Office) -> None:
    device = Authenticator()
    made = (await registers(office.enterprise, device)).done()
    assert (await registers(office.other_enterprise, device)).refusals == [("DUPLICATE", "credential")]
    assert (await registers(office.enterprise, Authenticator(), name=" ")).refusals == [("REQUIRED", "name")]
    assert (await registers(office.enterprise, Authenticator(), name="x" * 101)).refusals == [("TOO_LONG", "name")]
    for _ in range(9):
        (await registers(office.enterprise, Authenticator())).done()
    assert (await registers(office.enterprise, Authenticator())).codes == ["TOO_MANY"]
    (await sends(office.user("pujiang.admin"), REVOKE, id=made["id"])).done()
    (await registers(office.enterprise, Authenticator())).done()


async def test_passkeys_are_seen_and_revoked_by_their_holders_and_administrators(office: Office) -> None:
    made = (await registers(office.enterprise, Authenticator())).done()

    async def sees(person: Person) -> list[str]:
        return [each["id"] for each in (await person.asks(LIST, filter={"status": "ACTIVE"}))["passkeys"]["nodes"]]

    assert await sees(office.enterprise) == await sees(office.user("pujiang.admin")) == [made["id"]]
    for stranger in (office.enterprise_viewer, office.user("yongjiang.admin"), office.user("customs.admin")):
        assert await sees(stranger) == []
        assert (await sends(stranger, REVOKE, id=made["id"])).refusals == [("NOT_FOUND", "id")]
    query = "query N($id: ID!) { node(id: $id) { id } passkey(by: {id: $id}) { name } }"
    assert await office.enterprise.asks(query, id=made["id"]) == {
        "node": {"id": made["id"]},
        "passkey": {"name": "手机"},
    }
    assert await office.anybody.is_told(TO_REGISTER) == "UNAUTHENTICATED"
    kept = await office.everything()
    assert "周海涛" not in repr(kept[0]["passkey"])


async def test_without_a_site_nobody_signs_in_by_passkey(open_office: Opening) -> None:
    async with open_office() as office:
        for person, query in ((office.enterprise, TO_REGISTER), (office.anybody, TO_SIGN_IN)):
            assert [each["code"] for each in (await person.asks(query))["payload"]["userErrors"]] == ["NOT_OFFERED"]
        wish = {"challengeId": "?", "credential": "?"}
        assert (await sends(office.anybody, OPEN, **wish)).codes == ["NOT_OFFERED"]
        assert (await sends(office.enterprise, REGISTER, name="x", **wish)).codes == ["NOT_OFFERED"]


async def test_the_origins_are_those_that_are_set(open_office: Opening) -> None:
    async with open_office(passkey_site="localhost", passkey_origins=("http://localhost:8000",)) as office:
        device = Authenticator(origin="http://localhost:8000")
        (await registers(office.enterprise, device)).done()
        (await signs_in(office, device)).done()
        assert (await signs_in(office, replace(device, origin="https://localhost"))).codes == ["SIGN_IN_FAILED"]


@given(st.text(max_size=60) | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_json_makes_it_fail(sent: Any) -> None:
    passkeys = Passkeys("preship.example", ["https://preship.example"])
    for credential in (json.dumps(sent), str(sent), "[" * 10_000, "9" * 20_000, "x" * 20_001):
        assert credential_id_of(credential) is None
        assert isinstance(asyncio.run(passkeys.registered(credential, b"x", "手机")), Refusal)
        assert isinstance(asyncio.run(passkeys.proved(credential, b"x", a_passkey())), Refusal)
