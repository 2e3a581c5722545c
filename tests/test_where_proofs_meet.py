"""What an attacker or an unlucky user runs into where proofs, sessions and organisations meet."""

import asyncio
from typing import Any

import pytest

from tests.accounts import account_id, does
from tests.cards import Issuing, chain_of, sends_binding
from tests.office import Office
from tests.test_pairing import approves, codes, opens, scans, uses
from tests.test_session_token import is_somebody, renews
from tests.test_session_token import opens as signs_in


async def test_customs_binds_no_card_to_another_organisations_administrator(open_office: Any, tmp_path: Any) -> None:
    issuing = Issuing(tmp_path)
    async with open_office(**issuing.settings) as office:
        wish = {"certificateChain": chain_of(issuing.card()), "accountId": account_id("pujiang.admin")}
        async with office.unchanged():
            refused = await sends_binding(office.user("customs.admin"), wish)
        assert refused.refusals == [("UNKNOWN_REFERENCE", "accountId")]


async def test_an_approved_browser_does_not_come_in_after_the_phone_was_signed_out(office: Office) -> None:
    opened = await opens(office)
    await approves(office.enterprise, await scans(office.enterprise, opened), opened["number"])
    (await does(office.user("pujiang.admin"), "accountResetPassword", "enterprise")).done()
    assert codes(await uses(office, opened["secret"])) == ["PAIRING_OVER"]


@pytest.mark.parametrize("windows", [3, 6])
async def test_however_many_windows_renew_at_once_none_is_signed_out(office: Office, windows: int) -> None:
    session = await signs_in(office, refreshable=True)
    answers = await asyncio.gather(*(renews(office, session["refreshToken"]) for _ in range(windows)))
    assert [each["userErrors"] for each in answers] == [[]] * windows
    # The browser keeps the answer that came last, which need not be the one given last.
    office.clock.moves(minutes=14)
    assert await is_somebody(office, answers[0]["session"]["token"])
    later = await renews(office, answers[0]["session"]["refreshToken"])
    assert later["userErrors"] == []
    assert await is_somebody(office, later["session"]["token"])
