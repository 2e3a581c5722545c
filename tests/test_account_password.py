"""Passwords and one-time codes of accounts: what is set, what ends, and what a stranger is told of either."""

from collections.abc import Callable
from typing import Any

import pytest

from identity.password import matches
from tests.accounts import (
    FAILED,
    NEW_PASSWORD,
    activates,
    acts,
    administrator,
    does,
    invites,
    is_signed_in,
    signed_in,
    signs_in,
)
from tests.office import Office
from tests.world import PASSWORD

COUNTED = ("throttle", "sign_in_count")
WRONG_CODES = 12
"""More than any account should have to put up with, and many more than once made its code worthless."""


async def test_whatever_is_wrong_with_name_or_code_is_answered_alike(office: Office) -> None:
    code = (await invites(administrator(office))).done()["oneTimeCode"]
    tries = [("nobody", code), ("li.na", "ABCD-EFGH"), ("LI.NA", code), ("enterprise", code), ("enterprise", "")]
    tries += [("pujiang.former", code), ("li.na", ""), ("", "")]
    answers = [await activates(office, *each, "short") for each in tries]
    assert {repr(each) for each in answers} == {repr(answers[0])}
    assert (answers[0].subject, answers[0].refusals) == (None, FAILED)
    office.clock.moves(hours=72, microseconds=-1)
    assert (await activates(office, "li.na", code, "short")).refusals == [("PASSWORD_TOO_SHORT", "password")]
    office.clock.moves(microseconds=1)
    async with office.unchanged(but=COUNTED):
        assert repr(await activates(office, "li.na", code)) == repr(answers[0])


async def test_wrong_codes_however_many_leave_the_right_one_good_and_the_register_alone(open_office: Any) -> None:
    async with open_office(failures_per_address="1000/10m", failures_per_address_daily="1000/1d") as office:
        invited = (await invites(administrator(office))).done()
        async with office.unchanged(but=COUNTED):
            for _ in range(WRONG_CODES):
                assert (await activates(office, "li.na", "wrong")).refusals == FAILED
        assert (await activates(office, "li.na", invited["oneTimeCode"])).done()["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("elevenchars", ["PASSWORD_TOO_SHORT"]),
        ("一二三四五六七八九十百", ["PASSWORD_TOO_SHORT"]),
        ("a" + " " * 60 + "b", ["PASSWORD_TOO_SHORT"]),
        ("eleven　　 chrs", ["PASSWORD_TOO_SHORT"]),
        ("x" * 129, ["TOO_LONG"]),
        ("1234567890QwErTy", ["PASSWORD_TOO_COMMON"]),
        ("１２３４５６７８９０ｑｗｅｒｔｙ", ["PASSWORD_TOO_COMMON"]),
        ("PassWord", ["PASSWORD_TOO_SHORT", "PASSWORD_TOO_COMMON"]),
        ("my name is LI.NA", ["PASSWORD_CONTAINS_NAME"]),
        ("我在上海浦江联合重工机械有限公司", ["PASSWORD_CONTAINS_NAME"]),
        ("li.na", ["PASSWORD_TOO_SHORT", "PASSWORD_CONTAINS_NAME"]),
    ],
)
async def test_a_password_that_is_easily_guessed_is_not_set(office: Office, password: str, codes: list[str]) -> None:
    code = (await invites(administrator(office))).done()["oneTimeCode"]
    refused = await activates(office, "li.na", code, password)
    assert refused.refusals == [(each, "password") for each in codes]
    assert (await activates(office, "li.na", code)).done()["status"] == "ACTIVE"


async def test_a_one_time_code_becomes_no_password(office: Office) -> None:
    code = (await invites(administrator(office))).done()["oneTimeCode"]
    for typed in (code, code.lower(), code.replace("-", ""), f"{code} "):
        assert (await activates(office, "li.na", code, typed)).refusals == [("NOTHING_CHANGED", "password")]
    assert (await activates(office, "li.na", code)).done()["status"] == "ACTIVE"


@pytest.mark.parametrize("password", ["x" * 127 + "y", "木" * 64, "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧", "  two  blanks  "])
async def test_a_password_counts_to_its_last_character_whatever_it_is_made_of(office: Office, password: str) -> None:
    code = (await invites(administrator(office))).done()["oneTimeCode"]
    (await activates(office, "li.na", code, password)).done()
    for other in (password[:-1], password[:-1] + "z", password.strip() + "z"):
        assert await signs_in(office, "li.na", other) == "SIGN_IN_FAILED"
    await signed_in(office, "li.na", password)


async def test_a_password_is_the_same_however_it_is_typed(office: Office) -> None:
    code = (await invites(administrator(office))).done()["oneTimeCode"]
    (await activates(office, "li.na", code, "ｇｒｅｅｎ　ｔｅａ １２")).done()
    await signed_in(office, "li.na", "green tea 12")


async def test_an_installation_may_ask_for_longer_passwords(open_office: Callable[..., Any]) -> None:
    async with open_office(password_length_min=15) as office:
        code = (await invites(administrator(office))).done()["oneTimeCode"]
        assert (await activates(office, "li.na", code, "fourteen chars")).codes == ["PASSWORD_TOO_SHORT"]
        (await activates(office, "li.na", code, "fifteen charact")).done()
    async with open_office(password_length_min=8) as office:
        code = (await invites(administrator(office))).done()["oneTimeCode"]
        (await activates(office, "li.na", code, "eightchr")).done()


async def test_changing_the_password_ends_all_other_sessions(office: Office) -> None:
    person, elsewhere = [await signed_in(office, "enterprise", PASSWORD) for _ in range(2)]
    typed = {"oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    wrong = await acts(person, "accountChangePassword", **typed | {"oldPassword": "wrong"})
    assert wrong.refusals == [("SIGN_IN_FAILED", "oldPassword")]
    same = await acts(person, "accountChangePassword", oldPassword=PASSWORD, newPassword=PASSWORD)
    assert same.refusals == [("NOTHING_CHANGED", "newPassword")]
    common = await acts(person, "accountChangePassword", oldPassword=PASSWORD, newPassword="password1234")
    assert common.refusals == [("PASSWORD_TOO_COMMON", "newPassword")]
    assert await is_signed_in(elsewhere)
    (await acts(person, "accountChangePassword", **typed)).done()
    assert [await is_signed_in(each) for each in (person, elsewhere, office.enterprise)] == [True, False, False]
    assert await signs_in(office, "enterprise", PASSWORD) == "SIGN_IN_FAILED"
    await signed_in(office, "enterprise", NEW_PASSWORD)


async def test_a_password_that_has_expired_is_changed_before_signing_in(open_office: Callable[..., Any]) -> None:
    async with open_office(password_days=90) as office:
        typed = {"username": "enterprise", "oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        office.clock.moves(days=90, microseconds=-1)
        await signed_in(office, "enterprise", PASSWORD)
        early = await acts(office.anybody, "accountChangePassword", **typed)
        assert early.refusals == [("SIGN_IN_FAILED", None)]
        office.clock.moves(microseconds=1)
        assert await signs_in(office, "enterprise", PASSWORD) == "PASSWORD_EXPIRED"
        assert await signs_in(office, "enterprise", "wrong") == "SIGN_IN_FAILED"
        for wrong in ({"oldPassword": "wrong"}, {"username": "nobody"}, {"username": "pujiang.former"}):
            refused = await acts(office.anybody, "accountChangePassword", **typed | wrong)
            assert repr(refused) == repr(early)
        common = await acts(office.anybody, "accountChangePassword", **typed | {"newPassword": "password1234"})
        assert common.refusals == [("PASSWORD_TOO_COMMON", "newPassword")]
        assert (await acts(office.anybody, "accountChangePassword", **typed)).done()["username"] == "enterprise"
        assert not await is_signed_in(office.enterprise)
        await signed_in(office, "enterprise", NEW_PASSWORD)


async def test_a_right_password_that_has_become_a_common_one_is_changed_before_signing_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"username": "enterprise", "oldPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    early = await acts(office.anybody, "accountChangePassword", **typed)
    assert early.refusals == [("SIGN_IN_FAILED", None)]
    monkeypatch.setattr("identity.password._common", lambda: frozenset({PASSWORD}))
    assert await signs_in(office, "enterprise", PASSWORD) == "PASSWORD_TOO_COMMON"
    # Whoever does not know it learns nothing of it.
    assert await signs_in(office, "nobody", PASSWORD) == "SIGN_IN_FAILED"
    wrong = await acts(office.anybody, "accountChangePassword", **typed | {"username": "nobody"})
    assert repr(wrong) == repr(early)
    (await acts(office.anybody, "accountChangePassword", **typed)).done()
    await signed_in(office, "enterprise", NEW_PASSWORD)


async def test_whoever_is_nobody_changes_no_password(office: Office) -> None:
    query = 'mutation { accountChangePassword(input: {oldPassword: "a", newPassword: "b"}) { userErrors { code } } }'
    assert await office.anybody.is_told(query) == "UNAUTHENTICATED"


async def test_nobody_signs_in_with_a_password_that_is_taken_away_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*compared: Any) -> bool:
        found = await matches(*compared)
        (await does(administrator(office), "accountResetPassword", "enterprise")).done()
        return found

    monkeypatch.setattr("graph.resolvers.session.matches", slow)
    assert await signs_in(office, "enterprise", PASSWORD) == "SIGN_IN_FAILED"
