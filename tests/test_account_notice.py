"""What an organisation is told when its users' ways to sign in change, and when somebody signs in from elsewhere."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.verify import verify
from tests.accounts import NEW_PASSWORD, acts, administrator, does, signed_in
from tests.authenticator import Authenticator
from tests.authenticator_app import begins, sets_up
from tests.authenticator_app import revokes as revokes_app
from tests.authenticator_app import tries as tries_with
from tests.cards import LONG_AGO, Issuing, binds
from tests.cards import revokes as revokes_card
from tests.cards import signs_in as signs_in_by_card
from tests.clock import OPENING
from tests.office import Office
from tests.person import Person
from tests.signing_in import BEHIND_A_PROXY, codes, is_in, tries
from tests.test_passkey import REVOKE, SITE, registers, sends
from tests.world import PASSWORD

LONG_AGO_TO_OPENING = OPENING - LONG_AGO
NOTICES = "{ notices(filter: {type: ACCOUNT}) { nodes { title body channels } } }"


@pytest.fixture
def issuing(tmp_path: Path) -> Issuing:
    (tmp_path / "cards").mkdir()
    return Issuing(tmp_path / "cards")


@pytest.fixture
async def office(open_office: Any, issuing: Issuing) -> AsyncIterator[Office]:
    async with open_office(**SITE, **BEHIND_A_PROXY, **issuing.settings) as office:
        yield office


async def told(office: Office, by: str = "pujiang.admin") -> list[str]:
    """The titles, the earliest first."""
    nodes = (await office.user(by).in_english().asks(NOTICES))["notices"]["nodes"]
    assert all(each["channels"] == ["NOTICE", "EMAIL"] for each in nodes)
    return [each["title"] for each in reversed(nodes)]


async def bodies(office: Office) -> str:
    return repr((await office.user("pujiang.admin").asks(NOTICES))["notices"]["nodes"])


async def passes_a_minute(office: Office) -> None:
    office.clock.moves(minutes=1)


async def test_the_organisation_is_told_of_each_change_of_a_way_to_sign_in(office: Office, issuing: Issuing) -> None:
    person = office.enterprise
    card = (await binds(person, issuing.card())).done()
    await passes_a_minute(office)
    passkey = (await registers(person, Authenticator(), name="手机")).done()
    await passes_a_minute(office)
    app = await sets_up(person)
    await passes_a_minute(office)
    typed = {"oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    (await acts(person, "accountChangePassword", **typed)).done()
    await passes_a_minute(office)
    (await does(person, "accountUpdateProfile", "enterprise", email="zhou@company.example")).done()
    await passes_a_minute(office)
    (await revokes_card(person, card)).done()
    await passes_a_minute(office)
    (await sends(person, REVOKE, id=passkey["id"])).done()
    await passes_a_minute(office)
    (await revokes_app(administrator(office), app.id)).done()
    assert await told(office) == [
        "A card was bound to a user's account",
        "A passkey was registered for a user's account",
        "A user has set up an authenticator app",
        "A user's password was changed",
        "How to reach a user was changed",
        "A user's card was revoked",
        "A user's passkey was revoked",
        "A user's authenticator app was revoked",
    ]
    # Each says whose account it is; none holds what a thief could use, nor the new address.
    said = await bodies(office)
    assert said.count("enterprise（周海涛）") == 8
    for secret in (NEW_PASSWORD, app.secret, *app.recovery_codes, "zhou@company.example"):
        assert secret not in said
    assert await told(office, "yongjiang.admin") == []


async def test_what_changes_nothing_about_signing_in_is_told_to_nobody(office: Office) -> None:
    person = office.enterprise
    (await does(person, "accountUpdateProfile", "enterprise", email="zhou@company.example")).done()
    assert len(await told(office)) == 1
    (await does(person, "accountUpdateProfile", "enterprise", displayName="周海", email="zhou@company.example")).done()
    refused = await acts(person, "accountChangePassword", oldPassword="wrong", newPassword=NEW_PASSWORD)
    assert refused.codes == ["SIGN_IN_FAILED"]
    await begins(person)
    await begins(person)
    assert len(await told(office)) == 1


async def test_a_reset_tells_of_all_that_it_ends_at_once(office: Office, issuing: Issuing) -> None:
    (await binds(office.enterprise, issuing.card())).done()
    (await registers(office.enterprise, Authenticator())).done()
    before = len(await told(office))
    (await does(administrator(office), "accountResetPassword", "enterprise")).done()
    assert (await told(office))[before:] == ["A user's password was reset"]


async def test_a_card_that_ends_within_a_month_is_told_of_once(office: Office, issuing: Issuing) -> None:
    lasting, revoked, long = (issuing.card(lasts=LONG_AGO_TO_OPENING + timedelta(days=n)) for n in (40, 40, 80))
    for card in (lasting, long):
        (await binds(office.enterprise, card)).done()
    (await revokes_card(office.enterprise, (await binds(office.enterprise, revoked)).done())).done()
    before = len(await told(office))
    issuing.lists(OPENING, timedelta(days=60))
    office.clock.moves(days=10, seconds=-1)
    assert (await office.time_is_kept()).get("cardRemind") is None
    office.clock.moves(seconds=1)
    assert (await office.time_is_kept())["cardRemind"] == 1
    assert (await told(office))[before:] == ["A user's card ends soon"]
    assert "于2026-07-11到期" in await bodies(office)
    office.clock.moves(days=29)
    assert (await office.time_is_kept()).get("cardRemind") is None
    (await signs_in_by_card(office, lasting)).done()
    office.clock.moves(days=2)
    assert (await office.time_is_kept()).get("cardRemind") is None
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_code_that_is_shown_twice_is_refused_logged_and_told(office: Office) -> None:
    app = await sets_up(office.enterprise)
    before = await told(office)
    code = app.code()
    assert is_in(await tries_with(office, code))
    assert codes(await tries_with(office, app.wrong())) == [("SECOND_FACTOR_WRONG", ["oneTimeCode"])]
    assert await told(office) == before
    for _ in range(2):
        assert codes(await tries_with(office, code)) == [("SECOND_FACTOR_WRONG", ["oneTimeCode"])]
    assert (await told(office))[len(before) :] == ["A user's code was shown a second time"] * 2
    assert code not in await bodies(office)
    await office.attempts_are_told()
    query = "{ signInAttempts(filter: {outcome: FAILED}) { nodes { times } } }"
    assert (await administrator(office).asks(query))["signInAttempts"]["nodes"] == [{"times": 3}]
    # Whoever goes on is stopped, and tells nobody any more.
    for _ in range(20):
        await tries_with(office, code)
    assert len(await told(office)) < 25


async def test_a_sign_in_from_where_there_never_was_one_is_told(office: Office) -> None:
    title = "A user has signed in from a new network and device"
    device = (await tries(office, address="203.0.113.7"))["deviceToken"]
    assert await told(office) == []  # the first that there is
    assert is_in(await tries(office, address="203.0.113.200"))  # the same network
    assert is_in(await tries(office, address="198.51.100.1", deviceToken=device))  # the same device
    assert await told(office) == []
    assert is_in(await tries(office, address="192.0.2.1"))
    assert await told(office) == [title]
    assert is_in(await tries(office, address="192.0.2.99"))
    assert (await tries(office, password="wrong", address="203.0.114.9"))["session"] is None
    assert await told(office) == [title]
    assert "192.0.2" not in await bodies(office)
    assert is_in(await tries(office, "institution", address="192.0.2.1"))
    assert await told(office) == [title]


async def test_that_a_socket_hears_it_as_it_happens(office: Office) -> None:
    async with administrator(office).connects() as talk:
        await talk.asks("1", "subscription { noticeReceived { notice { type title } } }")
        person: Person = await signed_in(office, "enterprise", PASSWORD)
        typed = {"oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        (await acts(person, "accountChangePassword", **typed)).done()
        heard = (await talk.hears())["payload"]["data"]["noticeReceived"]["notice"]
        assert heard == {"type": "ACCOUNT", "title": "用户密码已修改"}
