"""Delegations: a colleague acts in one's place for a time, with no more than was handed over; the register says so."""

from typing import Any

import pytest

from storage.demo.world import demo_id
from storage.verify import verify
from tests.accounts import VIEWER, account_id, does, grants, invites, lines_of, takes_back
from tests.office import Office
from tests.partners import a_key
from tests.partners import acts as keeps


async def _roles(person: Any) -> tuple[str, list[str], list[str]]:
    viewer = (await person.asks(VIEWER))["viewer"]
    return viewer["role"], viewer["roles"], [each["username"] for each in viewer["delegatedBy"]]


async def test_a_substitute_acts_during_the_period_and_neither_before_nor_after(office: Office) -> None:
    """From the second of June to the third, as days go in China; the office opens on the first at ten."""
    substitute = office.enterprise_viewer
    granted = await grants(office.enterprise, "pujiang.viewer", startsOn="2026-06-02", endsOn="2026-06-03")
    delegation = granted.done()
    assert (delegation["status"], delegation["delegatorName"], delegation["substituteName"]) == (
        "ACTIVE", "周海涛", "Grace Gao",
    )  # fmt: skip
    assert await _roles(substitute) == ("VIEWER", ["VIEWER"], [])
    assert (await substitute.saves()).codes == ["NOT_YOUR_ROLE"]
    office.clock.moves(hours=14)  # midnight
    assert await _roles(substitute) == ("VIEWER", ["OPERATOR", "VIEWER"], ["enterprise"])
    draft = (await substitute.saves(remarks="代办")).done()
    office.clock.moves(days=2, microseconds=-1)
    (await substitute.saves(draft, remarks="再办")).done()
    office.clock.moves(microseconds=1)
    assert await _roles(substitute) == ("VIEWER", ["VIEWER"], [])
    assert (await substitute.saves(draft, remarks="三办")).codes == ["NOT_YOUR_ROLE"]
    assert (await office.time_is_kept()).get("delegationExpire") == 1
    assert [action for action, _ in await lines_of(office, delegation["id"])] == ["grant", "expire"]
    assert (await office.time_is_kept()).get("delegationExpire") is None


async def test_the_register_says_on_whose_behalf_something_was_done(office: Office) -> None:
    (await grants(office.user("pujiang.admin"), "enterprise")).done()
    (await grants(office.enterprise, "pujiang.viewer")).done()
    own = (await office.enterprise.saves()).done()
    (await office.enterprise_viewer.saves(own, remarks="代办")).done()
    invited = (await invites(office.enterprise, role="VIEWER")).done()
    first, second = [line for _, line in await lines_of(office, own["id"])]
    assert "on_behalf_of" not in first
    assert (second["on_behalf_of"], second["remarks"]) == (demo_id("user.enterprise").hex, "代办")
    ((_, line),) = await lines_of(office, invited["id"])
    assert line["on_behalf_of"] == demo_id("user.pujiang.admin").hex
    assert [flaw async for flaw in verify(office.database)] == []


async def test_who_acts_for_whom_costs_no_further_statement(office: Office) -> None:
    query = "query One($id: ID!) { commission(by: {id: $id}) { number } }"
    draft = await office.draft()

    async def cost() -> int:
        await office.enterprise_viewer.asks(query, id=draft["id"])
        with office.statements() as sent:
            await office.enterprise_viewer.asks(query, id=draft["id"])
        return len(sent)

    assert await cost() == 1
    for delegator in (office.enterprise, office.user("pujiang.admin")):
        (await grants(delegator, "pujiang.viewer")).done()
    assert await cost() == 1
    assert await _roles(office.enterprise_viewer) == (
        "VIEWER", ["ADMIN", "OPERATOR", "VIEWER"], ["enterprise", "pujiang.admin"],
    )  # fmt: skip


async def test_to_review_and_to_operate_are_different_powers_and_a_substitute_has_both(office: Office) -> None:
    (await grants(office.user("customs.operator"), "customs")).done()
    assert await _roles(office.customs) == ("REVIEWER", ["REVIEWER", "OPERATOR"], ["customs.operator"])


async def test_a_delegation_that_is_taken_back_ends_at_once_on_sockets_too(office: Office) -> None:
    delegation = (await grants(office.enterprise, "pujiang.viewer")).done()
    async with office.enterprise_viewer.connects() as talk:
        await talk.asks("1", "{ viewer { roles } }")
        assert (await talk.hears())["payload"]["data"]["viewer"]["roles"] == ["OPERATOR", "VIEWER"]
        ended = (await takes_back(office.enterprise, delegation)).done()
        assert await talk.hears_close() == 4403
    assert (ended["status"], ended["endedAt"]) == ("ENDED", "2026-06-01T02:00:00Z")
    assert await _roles(office.enterprise_viewer) == ("VIEWER", ["VIEWER"], [])
    assert (await takes_back(office.enterprise, delegation)).codes == ["WRONG_STATUS"]


@pytest.mark.parametrize(
    ("mutation", "fields", "roles"),
    [("accountDeactivate", {}, ["VIEWER"]), ("accountChangeRole", {"role": "ADMIN"}, ["ADMIN", "VIEWER"])],
)
async def test_what_becomes_of_the_delegator_becomes_of_the_power(
    office: Office, mutation: str, fields: dict[str, Any], roles: list[str]
) -> None:
    (await grants(office.enterprise, "pujiang.viewer")).done()
    async with office.enterprise_viewer.connects() as talk:
        await talk.asks("1", "{ viewer { roles } }")
        (await does(office.user("pujiang.admin"), mutation, "enterprise", **fields)).done()
        assert await talk.hears_close() == 4403
    assert (await _roles(office.enterprise_viewer))[1] == roles


async def test_a_substitute_gives_nobody_more_than_the_own_role_has(office: Office) -> None:
    person = office.enterprise  # an operator
    (await grants(office.user("pujiang.admin"), "enterprise")).done()
    async with office.unchanged():
        assert (await invites(person, role="ADMIN")).refusals == [("NOT_YOUR_ROLE", "role")]
        own = await does(person, "accountChangeRole", "enterprise", role="ADMIN")
        assert own.refusals == [("NOT_YOUR_ROLE", "role")]
        reset = await does(person, "accountResetPassword", "pujiang.admin")
        assert reset.refusals == [("NOT_YOUR_ROLE", None)]
        longer = await grants(
            person, "enterprise", delegatorId=account_id("pujiang.admin"), startsOn="2026-07-01", endsOn="2026-07-02"
        )
        assert longer.refusals == [("NOT_YOUR_ROLE", "delegatorId")]
        last = await does(person, "accountDeactivate", "pujiang.admin")
        assert last.codes == ["LAST_ADMINISTRATOR"]
    (await does(person, "accountChangeRole", "pujiang.viewer", role="OPERATOR")).done()
    (await does(person, "accountDeactivate", "pujiang.viewer")).done()


async def test_a_substitute_gives_out_no_key_that_would_outlive_the_delegation(office: Office) -> None:
    for delegator, substitute in (("pujiang.admin", "enterprise"), ("customs.admin", "customs.operator")):
        (await grants(office.user(delegator), substitute)).done()
        refused, secret = await keeps(office.user(substitute), "apiKeyIssue", **a_key(office))
        assert (refused.refusals, secret) == ([("NOT_YOUR_ROLE", None)], None)
        (await keeps(office.user(delegator), "apiKeyIssue", **a_key(office)))[0].done()


async def test_what_was_delegated_is_not_handed_on(office: Office) -> None:
    (await grants(office.user("pujiang.admin"), "enterprise")).done()
    (await grants(office.enterprise, "pujiang.viewer")).done()
    assert (await _roles(office.enterprise_viewer))[1] == ["OPERATOR", "VIEWER"]


async def test_only_the_person_and_administrators_grant_and_take_back(office: Office) -> None:
    others = {"delegatorId": account_id("pujiang.admin")}
    refused = await grants(office.enterprise, "pujiang.viewer", **others)
    assert refused.refusals == [("NOT_YOUR_ROLE", "delegatorId")]
    administrator = office.user("pujiang.admin")
    delegation = (await grants(administrator, "pujiang.viewer", delegatorId=account_id("enterprise"))).done()
    assert (delegation["delegator"]["username"], delegation["substitute"]["username"]) == (
        "enterprise", "pujiang.viewer",
    )  # fmt: skip
    assert (await takes_back(office.enterprise_viewer, delegation)).codes == ["NOT_YOUR_ROLE"]
    assert (await takes_back(office.other_enterprise, delegation)).refusals == [("NOT_FOUND", "id")]
    (await takes_back(administrator, delegation)).done()
    query = 'mutation { delegationRevoke(input: {id: "x"}) { userErrors { code } } }'
    assert await office.anybody.is_told(query) == "UNAUTHENTICATED"


async def test_a_delegation_names_two_active_users_of_one_organisation(office: Office) -> None:
    async with office.unchanged():
        for stranger in ("yongjiang", "pujiang.newcomer", "pujiang.former", "nobody"):
            refused = await grants(office.enterprise, stranger)
            assert refused.refusals == [("UNKNOWN_REFERENCE", "substituteId")], stranger
        own = await grants(office.enterprise, "enterprise")
        assert own.refusals == [("DUPLICATE", "substituteId")]
        foreign = await grants(office.user("pujiang.admin"), "pujiang.viewer", delegatorId=account_id("yongjiang"))
        assert foreign.refusals == [("UNKNOWN_REFERENCE", "delegatorId")]


async def test_delegations_are_listed_for_those_whom_they_concern(office: Office) -> None:
    delegation = (await grants(office.enterprise, "pujiang.viewer")).done()
    query = """query List($filter: DelegationFilter) { delegations(filter: $filter) { nodes { id } } }"""
    node = "query Node($id: ID!) { node(id: $id) { id } }"
    for person, is_seen in (
        (office.enterprise, True),
        (office.enterprise_viewer, True),
        (office.user("pujiang.admin"), True),
        (office.user("yongjiang.admin"), False),
        (office.user("customs.admin"), False),
    ):
        found = (await person.asks(query))["delegations"]["nodes"]
        assert found == ([{"id": delegation["id"]}] if is_seen else [])
        assert ((await person.asks(node, id=delegation["id"]))["node"] is not None) is is_seen
    for wanted, count in (
        ({"delegatorId": account_id("enterprise"), "status": ["ACTIVE"]}, 1),
        ({"substituteId": account_id("enterprise")}, 0),
        ({"status": ["ENDED"]}, 0),
    ):
        assert len((await office.enterprise.asks(query, filter=wanted))["delegations"]["nodes"]) == count
    answer = await office.client.get("/exports/delegations.csv", headers=office.enterprise.headers)
    assert "周海涛" in answer.text
