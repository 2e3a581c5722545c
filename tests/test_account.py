"""Accounts: invited, activated, deactivated and reset by administrators; what is refused, and what is not told."""

import asyncio
from typing import Any

import pytest

from storage.verify import verify
from tests.accounts import (
    FAILED,
    NEW_PASSWORD,
    account_id,
    activates,
    acts,
    administrator,
    does,
    invites,
    is_signed_in,
    lines_of,
    signed_in,
    signs_in,
)
from tests.office import Office
from tests.world import PASSWORD

NODE = "query Node($id: ID!) { node(id: $id) { ... on Account { username role status email mobile language } } }"


async def test_an_account_from_the_invitation_to_its_end(office: Office) -> None:
    invited = (await invites(administrator(office), email="li.na@company.example", mobile="13800000199")).done()
    assert (invited["status"], invited["role"], invited["language"]) == ("INVITED", "OPERATOR", "ZH")
    assert invited["organisation"]["nameZh"] == "上海浦江联合重工机械有限公司"
    assert invited["oneTimeCodeExpiresAt"] == "2026-06-04T02:00:00Z"
    assert await signs_in(office, "li.na", "") == "SIGN_IN_FAILED"

    code = f" {invited['oneTimeCode'].lower().replace('-', ' ')} "
    assert (await activates(office, "li.na", code)).done()["status"] == "ACTIVE"
    person = await signed_in(office, "li.na", NEW_PASSWORD)
    (await person.saves()).done()
    assert (await activates(office, "li.na", code)).refusals == FAILED

    gone = (await acts(administrator(office), "accountDeactivate", id=invited["id"])).done()
    assert gone["status"] == "DEACTIVATED"
    assert not await is_signed_in(person)
    assert await signs_in(office, "li.na", NEW_PASSWORD) == "SIGN_IN_FAILED"
    assert (await acts(administrator(office), "accountDeactivate", id=invited["id"])).codes == ["WRONG_STATUS"]

    assert (await acts(administrator(office), "accountReactivate", id=invited["id"])).done()["status"] == "ACTIVE"
    assert not await is_signed_in(person)
    await signed_in(office, "li.na", NEW_PASSWORD)
    told = await lines_of(office, invited["id"])
    assert [action for action, _ in told] == ["invite", "activate", "deactivate", "reactivate"]
    assert told[0][1] == {"username": "li.na", "display_name": "李娜", "role": "OPERATOR"}
    assert told[2][1] == {"status": "DEACTIVATED"}
    assert [flaw async for flaw in verify(office.database)] == []


async def test_nothing_that_is_kept_or_told_holds_a_password_or_a_code(office: Office) -> None:
    invited = (await invites(administrator(office))).done()
    kept = [await office.everything()]
    (await activates(office, "li.na", invited["oneTimeCode"])).done()
    person = await signed_in(office, "li.na", NEW_PASSWORD)
    change = await acts(person, "accountChangePassword", oldPassword=NEW_PASSWORD, newPassword="another one 另一个")
    change.done()
    kept.append(await office.everything())
    for secret in (invited["oneTimeCode"], invited["oneTimeCode"].replace("-", ""), NEW_PASSWORD, "another one"):
        assert secret not in repr(kept)
    told = repr(await lines_of(office, invited["id"]))
    for word in ("hash", "code", "argon2", "email", "li.na@"):
        assert word not in told


async def test_a_user_name_is_written_plainly_and_taken_once_whatever_its_case(office: Office) -> None:
    for wrong in ("li", "li na", "李娜", "li@na", "l" * 65, "ｌｉｎａ"):
        assert (await invites(administrator(office), wrong)).refusals == [("INVALID_FORMAT", "username")], wrong
    for taken in ("enterprise", "ENTERPRISE", "Sally123"):
        assert (await invites(administrator(office), taken)).refusals == [("DUPLICATE", "username")]
    (await invites(administrator(office), "L_-.9")).done()
    assert (await invites(administrator(office), "l_-.9")).refusals == [("DUPLICATE", "username")]


async def test_two_who_invite_under_the_same_name_at_once_do_not_both_succeed(office: Office) -> None:
    both = await asyncio.gather(
        invites(administrator(office), "Li.Na"), invites(office.user("yongjiang.admin"), "li.na")
    )
    assert sorted(each.codes for each in both) == [[], ["DUPLICATE"]]


async def test_an_invitation_is_filled_in_wholly_and_with_a_role_that_there_is(office: Office) -> None:
    empty = await acts(administrator(office), "accountInvite", displayName=" ")
    assert sorted(empty.refusals) == [("REQUIRED", "displayName"), ("REQUIRED", "role"), ("REQUIRED", "username")]
    for person in (administrator(office), office.user("shangjian")):
        assert (await invites(person, role="REVIEWER")).refusals == [("ROLE_NOT_ALLOWED", "role")]
    (await invites(office.user("customs.admin"), role="REVIEWER")).done()
    bad = await invites(administrator(office), "zhang.wei", email="nobody", mobile="12")
    assert sorted(bad.refusals) == [("INVALID_FORMAT", "email"), ("INVALID_FORMAT", "mobile")]


async def test_only_administrators_keep_accounts(office: Office) -> None:
    async with office.unchanged():
        for person in (office.enterprise, office.enterprise_viewer):
            assert (await invites(person)).codes == ["NOT_YOUR_ROLE"]
            for mutation, fields in KEEPING.items():
                assert (await does(person, mutation, "pujiang.viewer", **fields)).codes == ["NOT_YOUR_ROLE"]
        query = 'mutation { accountDeactivate(input: {id: "x"}) { userErrors { code } } }'
        assert await office.anybody.is_told(query) == "UNAUTHENTICATED"


KEEPING: dict[str, dict[str, Any]] = {
    "accountDeactivate": {},
    "accountReactivate": {},
    "accountResetPassword": {},
    "accountChangeRole": {"role": "OPERATOR"},
}


async def test_an_account_of_another_organisation_is_nowhere_to_be_found(office: Office) -> None:
    async with office.unchanged():
        for person in (office.user("yongjiang.admin"), office.user("shangjian")):
            assert (await person.asks(NODE, id=account_id("enterprise")))["node"] is None
            for mutation, fields in (KEEPING | {"accountUpdateProfile": {"displayName": "?"}}).items():
                assert (await does(person, mutation, "enterprise", **fields)).refusals == [("NOT_FOUND", "id")]


async def test_administrators_of_customs_reset_those_of_other_organisations_and_no_more(office: Office) -> None:
    customs = office.user("customs.admin")
    assert (await does(customs, "accountResetPassword", "enterprise")).refusals == [("NOT_FOUND", "id")]
    assert (await does(customs, "accountDeactivate", "pujiang.admin")).codes == ["NOT_YOUR_ROLE"]
    assert (await does(office.customs, "accountResetPassword", "pujiang.admin")).refusals == [("NOT_FOUND", "id")]
    code = (await does(customs, "accountResetPassword", "pujiang.admin")).done()["oneTimeCode"]
    assert not await is_signed_in(administrator(office))
    assert await signs_in(office, "pujiang.admin", PASSWORD) == "SIGN_IN_FAILED"
    (await activates(office, "pujiang.admin", code)).done()
    await signed_in(office, "pujiang.admin", NEW_PASSWORD)


async def test_what_leads_to_more_is_sent_in_the_same_words_each_time(office: Office) -> None:
    """The driver keeps each statement prepared, and few of them."""
    sent: list[set[str]] = []
    # Who holds a token is looked for apart when it is first shown.
    assert await is_signed_in(administrator(office))
    for username in ("enterprise", "pujiang.viewer"):
        with office.statements() as statements:
            (await does(administrator(office), "accountDeactivate", username)).done()
        sent.append(set(statements))
    assert sent[0] == sent[1]
    assert "savepoint action" in sent[0]


async def test_nobody_deactivates_oneself_and_the_last_administrator_stays_one(office: Office) -> None:
    person = administrator(office)
    async with office.unchanged():
        refused = await does(person, "accountDeactivate", "pujiang.admin")
        assert refused.codes == ["NOT_CHANGEABLE", "LAST_ADMINISTRATOR"]
        demoted = await does(person, "accountChangeRole", "pujiang.admin", role="OPERATOR")
        assert demoted.refusals == [("LAST_ADMINISTRATOR", "role")]
    # Somebody invited, and somebody whose password was reset, cannot sign in: they do not count.
    (await invites(person, role="ADMIN")).done()
    assert (await does(person, "accountChangeRole", "pujiang.admin", role="OPERATOR")).codes == ["LAST_ADMINISTRATOR"]
    (await does(person, "accountChangeRole", "enterprise", role="ADMIN")).done()
    (await does(person, "accountChangeRole", "pujiang.admin", role="VIEWER")).done()
    assert not await is_signed_in(person)


async def test_of_two_administrators_who_deactivate_each_other_at_once_one_remains(office: Office) -> None:
    (await does(administrator(office), "accountChangeRole", "enterprise", role="ADMIN")).done()
    other = await signed_in(office, "enterprise", PASSWORD)
    both = await asyncio.gather(
        does(administrator(office), "accountDeactivate", "enterprise"),
        does(other, "accountDeactivate", "pujiang.admin"),
        return_exceptions=True,
    )
    done = [each for each in both if not isinstance(each, BaseException) and not each.codes]
    assert len(done) == 1
    assert [await is_signed_in(person) for person in (administrator(office), other)].count(True) == 1


async def test_a_role_is_another_and_applies_from_the_next_sign_in(office: Office) -> None:
    same = await does(administrator(office), "accountChangeRole", "enterprise", role="OPERATOR")
    assert same.refusals == [("NOTHING_CHANGED", "role")]
    assert (await does(administrator(office), "accountChangeRole", "enterprise")).refusals == [("REQUIRED", "role")]
    (await does(administrator(office), "accountChangeRole", "enterprise", role="VIEWER")).done()
    assert not await is_signed_in(office.enterprise)
    assert (await (await signed_in(office, "enterprise", PASSWORD)).saves()).codes == ["NOT_YOUR_ROLE"]


async def test_a_repeated_wish_for_a_code_is_not_told_it_again(office: Office) -> None:
    first = (await invites(administrator(office), idempotencyKey="one")).done()
    again = (await invites(administrator(office), idempotencyKey="one")).done()
    assert (again["id"], again["oneTimeCode"], again["oneTimeCodeExpiresAt"]) == (first["id"], None, None)
    (await activates(office, "li.na", first["oneTimeCode"])).done()
    assert (await invites(administrator(office), "x", idempotencyKey="two")).subject is None


@pytest.mark.parametrize(("mutation", "fields"), [("accountDeactivate", {}), ("accountChangeRole", {"role": "VIEWER"})])
async def test_a_socket_ends_with_what_the_account_was(office: Office, mutation: str, fields: dict[str, Any]) -> None:
    async with office.enterprise.connects() as talk:
        await talk.asks("1", "{ viewer { role } }")
        (await does(administrator(office), mutation, "enterprise", **fields)).done()
        assert await talk.hears_close() == 4403


async def test_nothing_is_done_after_giving_up_the_own_role_in_the_same_operation(office: Office) -> None:
    (await does(administrator(office), "accountChangeRole", "enterprise", role="ADMIN")).done()
    own = account_id("pujiang.admin")
    query = """mutation Both($id: ID!) {
      a: accountChangeRole(input: {id: $id, role: VIEWER}) { userErrors { code } }
      b: accountInvite(input: {username: "x.y.z", displayName: "x", role: ADMIN}) { userErrors { code } }
    }"""
    assert await administrator(office).is_told(query, id=own) == "UNAUTHENTICATED"


async def test_a_user_changes_what_is_said_of_oneself(office: Office) -> None:
    changed = {"displayName": "周海洋", "email": "zhou@company.example", "mobile": "13800000111", "language": "EN"}
    account = (await does(office.enterprise, "accountUpdateProfile", "enterprise", **changed)).done()
    assert {name: account[name] for name in changed} == changed
    for fields in (changed, {"displayName": "周海洋"}, {}):
        assert (await does(office.enterprise, "accountUpdateProfile", "enterprise", **fields)).codes == [
            "NOTHING_CHANGED"
        ]
    cleared = await does(office.enterprise, "accountUpdateProfile", "enterprise", displayName="", language=None)
    assert cleared.refusals == [("REQUIRED", "displayName"), ("REQUIRED", "language")]
    others = await does(administrator(office), "accountUpdateProfile", "enterprise", displayName="?")
    assert others.codes == ["NOT_YOUR_ROLE"]
    (_, line) = (await lines_of(office, account["id"]))[-1]
    assert line == {"display_name": "周海洋"}


async def test_colleagues_see_who_there_is_and_administrators_how_to_reach_them(office: Office) -> None:
    fields = {"email": "zhou@company.example", "mobile": "13800000111"}
    (await does(office.enterprise, "accountUpdateProfile", "enterprise", **fields)).done()
    plain = {"username": "enterprise", "role": "OPERATOR", "status": "ACTIVE"}
    hidden = {"email": None, "mobile": None, "language": None}
    whole = plain | fields | {"language": "ZH"}
    for person, expected in (
        (office.enterprise_viewer, plain | hidden),
        (administrator(office), whole),
        (office.enterprise, whole),
    ):
        assert (await person.asks(NODE, id=account_id("enterprise")))["node"] == expected
    found = (await office.enterprise_viewer.asks("{ viewer { colleagues { username } } }"))["viewer"]["colleagues"]
    assert {each["username"] for each in found} == {"enterprise", "pujiang.admin", "pujiang.viewer"}


async def test_administrators_list_their_users_and_those_of_customs_all_administrators(office: Office) -> None:
    query = """query List($filter: AccountFilter, $orderBy: AccountOrder) {
      accounts(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { username role } }
    }"""

    async def listed(person: Any, **asked: Any) -> list[str]:
        return [each["username"] for each in (await person.asks(query, **asked))["accounts"]["nodes"]]

    by_name = {"field": "USERNAME", "direction": "ASC"}
    everybody = ["enterprise", "pujiang.admin", "pujiang.former", "pujiang.newcomer", "pujiang.viewer"]
    assert await listed(administrator(office), orderBy=by_name) == everybody
    for wanted, found in (
        ({"name": "PUJIANG.n"}, ["pujiang.newcomer"]),
        ({"name": "周海"}, ["enterprise"]),
        ({"role": ["ADMIN"]}, ["pujiang.admin"]),
        ({"status": ["INVITED", "DEACTIVATED"]}, ["pujiang.former", "pujiang.newcomer"]),
    ):
        assert await listed(administrator(office), filter=wanted, orderBy=by_name) == found
    for person in (office.enterprise, office.enterprise_viewer, office.customs):
        assert await listed(person) == []
    assert await office.anybody.is_told(query) == "UNAUTHENTICATED"
    seen = (await office.user("customs.admin").asks(query))["accounts"]["nodes"]
    own = {"customs", "customs.admin", "customs.operator", "customs.viewer"}
    assert {each["username"] for each in seen if each["role"] != "ADMIN"} == own - {"customs.admin"}
    assert {"pujiang.admin", "sally123"} <= {each["username"] for each in seen if each["role"] == "ADMIN"}
    answer = await office.client.get("/exports/accounts.csv", headers=administrator(office).headers)
    assert answer.text.count("\r\n") == len(everybody) + 1
    assert "argon2" not in answer.text


async def test_what_may_be_done_with_an_account_is_told_beforehand(office: Office) -> None:
    query = """query May($id: ID!) { node(id: $id) { ... on Account {
      availableActions { action allowed refusals { code } }
    } } }"""

    async def allowed(person: Any, username: str) -> set[str]:
        found = (await person.asks(query, id=account_id(username)))["node"]["availableActions"]
        return {each["action"] for each in found if each["allowed"]}

    own = {"accountChangePassword", "accountUpdateProfile"}
    keeping = {"accountDeactivate", "accountChangeRole", "accountResetPassword"}
    assert await allowed(administrator(office), "enterprise") == keeping
    assert await allowed(administrator(office), "pujiang.former") == {"accountReactivate", "accountResetPassword"}
    assert await allowed(administrator(office), "pujiang.admin") == own | keeping - {"accountDeactivate"}
    assert await allowed(office.enterprise, "enterprise") == own
    assert await allowed(office.enterprise, "pujiang.admin") == set()
