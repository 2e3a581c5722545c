"""Who sets a password without being signed in stands at the same gate as who signs in: captcha, counters, waits."""

from typing import Any

import pytest

from tests.accounts import NEW_PASSWORD, acts, invites
from tests.office import Office
from tests.papers import Payload
from tests.signing_in import BEHIND_A_PROXY, GUARDED, Comparisons, asks, codes, comparisons, opens_captcha, proof
from tests.world import PASSWORD

__all__ = ["comparisons"]

ACTIVATE = """mutation Activate($input: AccountActivateInput!) { accountActivate(input: $input) {
  userErrors { code message field retryAfterSeconds }
} }"""


async def activating(office: Office, code: str, **more: Any) -> Payload:
    typed = {"username": "li.na", "oneTimeCode": code, "password": NEW_PASSWORD}
    return await acts(office.anybody, "accountActivate", **typed | more)


async def changing(office: Office, **more: Any) -> Payload:
    typed = {"username": "enterprise", "oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    return await acts(office.anybody, "accountChangePassword", **typed | more)


async def solved(office: Office, username: str) -> dict[str, str]:
    captcha = await opens_captcha(office, username)
    return {"captchaId": captcha["id"], "captchaProof": proof(captcha)}


@pytest.mark.parametrize("username", ["li.na", "nobody"])
async def test_activating_asks_for_a_captcha_whoever_it_is(open_office: Any, username: str) -> None:
    async with open_office(**GUARDED) as office:
        code = (await invites(office.user("pujiang.admin"))).done()["oneTimeCode"]
        async with office.unchanged():
            refused = await activating(office, code, username=username)
            assert refused.refusals == [("CAPTCHA_REQUIRED", "captchaId")]
        answer = await solved(office, username)
        wrong = await activating(office, "wrong", username=username, **answer)
        assert wrong.refusals == [("ACTIVATION_FAILED", None)]
        again = await activating(office, code, username=username, **answer)
        assert again.refusals == [("CAPTCHA_WRONG", "captchaId")]
        if username == "li.na":
            assert (await activating(office, code, **await solved(office, "li.na"))).done()["status"] == "ACTIVE"


async def test_changing_an_expired_password_asks_for_a_captcha(open_office: Any, comparisons: Comparisons) -> None:
    async with open_office(**GUARDED, password_days=90) as office:
        office.clock.moves(days=90)
        assert (await changing(office)).refusals == [("CAPTCHA_REQUIRED", "captchaId")]
        assert comparisons.made == []
        wrong = await changing(office, oldPassword="wrong", **await solved(office, "enterprise"))
        assert wrong.refusals == [("SIGN_IN_FAILED", None)]
        assert (await changing(office, **await solved(office, "enterprise"))).done()["username"] == "enterprise"


async def test_guesses_at_activating_and_at_changing_count_with_those_at_signing_in(
    open_office: Any, comparisons: Comparisons
) -> None:
    async with open_office(failures_per_address="4/10m") as office:
        code = (await invites(office.user("pujiang.admin"))).done()["oneTimeCode"]
        for _ in range(2):
            assert (await activating(office, "wrong")).codes == ["ACTIVATION_FAILED"]
            assert (await changing(office, oldPassword="wrong")).codes == ["SIGN_IN_FAILED"]
        for refused in (await activating(office, code), await changing(office)):
            assert refused.codes == ["TOO_MANY_ATTEMPTS"]
        office.clock.moves(minutes=3)
        assert (await activating(office, code)).done()["status"] == "ACTIVE"


async def test_no_stranger_keeps_a_person_from_activating(open_office: Any) -> None:
    """Not even where no captcha is asked for: a code is too long to be guessed, so nobody waits for its account."""
    few = {"failures_per_account_unguarded": "3/1h", "failures_per_address": "2/10m"}
    async with open_office(**BEHIND_A_PROXY, **few) as office:
        code = (await invites(office.user("pujiang.admin"))).done()["oneTimeCode"]
        typed = {"username": "li.na", "oneTimeCode": "wrong", "password": NEW_PASSWORD}
        for number in range(6):
            assert codes(await asks(office, ACTIVATE, f"198.51.100.{number}", **typed)) == [("ACTIVATION_FAILED", None)]
        assert codes(await asks(office, ACTIVATE, "203.0.113.1", **typed | {"oneTimeCode": code})) == []


async def test_guesses_at_a_code_ask_for_more_work_and_never_for_more_than_can_be_done(open_office: Any) -> None:
    async with open_office(**GUARDED) as office:
        code = (await invites(office.user("pujiang.admin"))).done()["oneTimeCode"]
        asked = []
        for _ in range(12):
            answer = await solved(office, "li.na")
            assert (await activating(office, "wrong", **answer)).codes == ["ACTIVATION_FAILED"]
            asked.append((await opens_captcha(office, "li.na"))["proofOfWork"]["difficulty"])
        assert asked[0] < asked[-1] == asked[-2]
        assert (await activating(office, code, **await solved(office, "li.na"))).done()["status"] == "ACTIVE"


async def test_one_operation_holds_one_of_them(office: Office) -> None:
    one = 'accountActivate(input: {username: "a", oneTimeCode: "b", password: "c"}) { userErrors { code } }'
    async with office.unchanged():
        assert await office.anybody.is_told(f"mutation {{ a: {one} b: {one} }}") == "TOO_MANY_SIGN_INS"
