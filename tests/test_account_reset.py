"""A password is reset for who lost it or whose account was stolen: nothing that signed in before still does."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from identity.software_card import SoftwareCard
from tests.accounts import (
    NEW_PASSWORD,
    account_id,
    activates,
    administrator,
    does,
    is_signed_in,
    signed_in,
    signs_in,
)
from tests.authenticator import Authenticator
from tests.cards import Issuing, binds
from tests.cards import signs_in as signs_in_by_card
from tests.office import Office
from tests.test_passkey import SITE, registers
from tests.test_passkey import signs_in as signs_in_by_passkey

MEANS = "{ viewer { cards { id } passkeys { id } } }"
LIST = """{ cards { nodes { status revokeReason } } passkeys { nodes { status revokeReason } } }"""
NOTICES = "{ notices(filter: {type: ACCOUNT}) { nodes { title body channels subject { id } } } }"

Means = tuple[SoftwareCard, Authenticator]


@pytest.fixture
def issuing(tmp_path: Path) -> Issuing:
    (tmp_path / "cards").mkdir()
    return Issuing(tmp_path / "cards")


@pytest.fixture
async def office(
    open_office: Callable[..., AbstractAsyncContextManager[Office]], issuing: Issuing
) -> AsyncIterator[Office]:
    async with open_office(**SITE, **issuing.settings) as office:
        yield office


@pytest.fixture
async def means(office: Office, issuing: Issuing) -> Means:
    """A card and a passkey of the operator of 浦江."""
    card, device = issuing.card(), Authenticator()
    (await binds(office.enterprise, card)).done()
    (await registers(office.enterprise, device)).done()
    return card, device


async def test_whatever_signed_in_before_a_reset_signs_in_no_more(office: Office, means: Means) -> None:
    card, device = means
    code = (await does(administrator(office), "accountResetPassword", "enterprise")).done()["oneTimeCode"]
    assert not await is_signed_in(office.enterprise)
    assert (await signs_in_by_card(office, card)).codes == ["SIGN_IN_FAILED"]
    assert (await signs_in_by_passkey(office, device)).codes == ["SIGN_IN_FAILED"]
    revoked = {"nodes": [{"status": "REVOKED", "revokeReason": "密码重置 Password reset"}]}
    assert await administrator(office).asks(LIST) == {"cards": revoked, "passkeys": revoked}
    (await activates(office, "enterprise", code)).done()
    person = await signed_in(office, "enterprise", NEW_PASSWORD)
    assert (await person.asks(MEANS))["viewer"] == {"cards": [], "passkeys": []}
    notice, *earlier = (await person.in_english().asks(NOTICES))["notices"]["nodes"]
    assert {each["title"] for each in earlier} == {
        "A card was bound to a user's account", "A passkey was registered for a user's account",
    }  # fmt: skip
    assert notice == {
        "title": "A user's password was reset",
        "subject": {"id": account_id("enterprise")},
        "body": "A one-time code was given out for the account enterprise (周海涛); all its sessions have ended. "
        "Cards revoked: 1. Passkeys revoked: 1. Should nobody know of it, ask your administrator at once.",
        "channels": ["NOTICE", "EMAIL"],
    }


async def test_who_has_only_forgotten_the_password_may_keep_card_and_passkey(office: Office, means: Means) -> None:
    card, device = means
    kept = await does(administrator(office), "accountResetPassword", "enterprise", keepCardsAndPasskeys=True)
    kept.done()
    assert not await is_signed_in(office.enterprise)
    (await signs_in_by_card(office, card)).done()
    (await signs_in_by_passkey(office, device)).done()
    assert await signs_in(office, "enterprise", "preship-demo") == "SIGN_IN_FAILED"


async def test_what_was_deactivated_is_reset_before_it_is_reactivated(office: Office, means: Means) -> None:
    card, device = means
    (await does(administrator(office), "accountDeactivate", "enterprise")).done()
    reset = (await does(administrator(office), "accountResetPassword", "enterprise")).done()
    assert reset["status"] == "DEACTIVATED"
    assert (await activates(office, "enterprise", reset["oneTimeCode"])).codes == ["ACTIVATION_FAILED"]
    (await does(administrator(office), "accountReactivate", "enterprise")).done()
    assert (await signs_in_by_card(office, card)).codes == ["SIGN_IN_FAILED"]
    assert (await signs_in_by_passkey(office, device)).codes == ["SIGN_IN_FAILED"]
    assert await signs_in(office, "enterprise", "preship-demo") == "SIGN_IN_FAILED"
    (await activates(office, "enterprise", reset["oneTimeCode"])).done()
    await signed_in(office, "enterprise", NEW_PASSWORD)


async def test_who_was_away_comes_back_with_all_means(office: Office, means: Means) -> None:
    card, device = means
    (await does(administrator(office), "accountDeactivate", "enterprise")).done()
    assert (await signs_in_by_card(office, card)).codes == ["SIGN_IN_FAILED"]
    (await does(administrator(office), "accountReactivate", "enterprise")).done()
    (await signs_in_by_card(office, card)).done()
    (await signs_in_by_passkey(office, device)).done()


async def test_the_means_of_others_stay(office: Office, means: Means) -> None:
    card, _ = means
    (await does(administrator(office), "accountResetPassword", "pujiang.viewer")).done()
    (await signs_in_by_card(office, card)).done()
