"""The life of a key: issued, used, rotated, revoked, at its end; and that its secret is nowhere but with its holder."""

from typing import Any

import pytest

from storage.verify import verify
from tests.office import Office
from tests.partners import a_key, a_program, acts, admin, is_let_in, issued, lists
from tests.person import Person
from tests.test_export import table
from tests.transport.serving import talking

FEED = "subscription { registryChanged { cursor } }"


async def test_a_key_is_issued_shown_once_used_rotated_and_revoked(office: Office) -> None:
    key, secret = await issued(office, "REGISTRY", "RULES")
    assert secret.startswith(f"psk_{key['prefix']}_")
    assert (key["status"], key["scopes"], key["ratePerMinute"]) == ("ACTIVE", ["REGISTRY", "RULES"], 60)
    assert (key["issuedAt"], key["expiresAt"], key["lastUsedAt"]) == (
        "2026-06-01T02:00:00Z", "2026-07-01T02:00:00Z", None,
    )  # fmt: skip
    program = Person(office, secret)
    found = await program.asks('{ institutions { totalCount } rule(hsCode: "8429510000") { nameZh } viewer { kind } }')
    assert found["institutions"]["totalCount"] > 0
    assert (found["rule"]["nameZh"] is None, found["viewer"]) == (False, None)
    office.clock.moves(hours=1)
    assert await is_let_in(office, secret)
    (listed,) = await lists(admin(office))
    assert listed["lastUsedAt"] == "2026-06-01T03:00:00Z"

    rotated, newer = await acts(admin(office), "apiKeyRotate", id=key["id"], expectedVersion=1)
    assert newer is not None
    assert newer != secret
    assert rotated.done()["formerGoodUntil"] == "2026-06-02T03:00:00Z"
    assert await is_let_in(office, secret)
    assert await is_let_in(office, newer)

    revoked, _ = await acts(admin(office), "apiKeyRevoke", id=key["id"])
    assert (revoked.done()["status"], revoked.done()["revokedAt"]) == ("REVOKED", "2026-06-01T03:00:00Z")
    assert not await is_let_in(office, secret)
    assert not await is_let_in(office, newer)
    assert (await acts(admin(office), "apiKeyRevoke", id=key["id"]))[0].codes == ["WRONG_STATUS"]
    assert (await acts(admin(office), "apiKeyRotate", id=key["id"]))[0].codes == ["WRONG_STATUS"]
    assert [flaw async for flaw in verify(office.database)] == []


async def test_the_secret_before_stays_good_for_the_overlap_and_an_older_one_ends_at_once(open_office: Any) -> None:
    async with open_office(api_key_overlap_hours=2) as office:
        key, first = await issued(office)
        _, second = await acts(admin(office), "apiKeyRotate", id=key["id"])
        assert second is not None
        office.clock.moves(hours=1, minutes=59)
        assert await is_let_in(office, first)
        office.clock.moves(minutes=1)
        assert not await is_let_in(office, first)
        assert await is_let_in(office, second)
        _, third = await acts(admin(office), "apiKeyRotate", id=key["id"])
        _, fourth = await acts(admin(office), "apiKeyRotate", id=key["id"])
        assert third is not None
        assert fourth is not None
        assert [await is_let_in(office, each) for each in (first, second, third, fourth)] == [False, False, True, True]


async def test_a_key_ends_by_itself_before_the_clock_has_come_by(office: Office) -> None:
    key, secret = await issued(office, expiresAt="2026-06-01T03:00:00Z")
    assert await is_let_in(office, secret)
    office.clock.moves(hours=1)
    assert not await is_let_in(office, secret)
    assert (await acts(admin(office), "apiKeyRotate", id=key["id"]))[0].codes == ["WRONG_STATUS"]
    assert (await office.time_is_kept())["apiKeyExpire"] == 1
    assert [each["status"] for each in await lists(admin(office))] == ["EXPIRED"]
    assert await office.time_is_kept() == {}


async def test_a_repeated_request_issues_one_key_and_does_not_tell_its_secret_again(office: Office) -> None:
    wish = a_key(office, idempotencyKey="once")
    first, secret = await acts(admin(office), "apiKeyIssue", **wish)
    again, nothing = await acts(admin(office), "apiKeyIssue", **wish)
    assert (secret is None, nothing) == (False, None)
    assert again.done()["id"] == first.done()["id"]
    turn = {"id": first.done()["id"], "idempotencyKey": "turn"}
    (_, newer), (_, nothing) = [await acts(admin(office), "apiKeyRotate", **turn) for _ in range(2)]
    assert (newer is None, nothing) == (False, None)
    assert len(await lists(admin(office))) == 1


async def test_nothing_that_is_kept_or_logged_holds_a_secret(
    office: Office, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    _, secret = await issued(office)
    await is_let_in(office, secret)
    await is_let_in(office, secret[:-1])
    await Person(office, secret).sends("{ commissions { totalCount } }")
    half = secret[-20:]  # of the random part, which may have a "_" of its own
    kept, _ = await office.everything()
    assert not any(half in row for rows in kept.values() for row in rows)
    said = capsys.readouterr()
    assert half not in said.out + said.err + caplog.text


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: key.upper(),
        lambda key: key.replace("psk_", "pat_"),
        lambda key: key.rpartition("_")[0],
        lambda key: key.rpartition("_")[0] + "_",
        lambda key: "psk__" + key.rpartition("_")[2],
        lambda key: "psk_aaaaaaaa_" + key[13:],
        lambda key: key[:-5] + ("AAAAA" if key[-5:] != "AAAAA" else "BBBBB"),
        lambda key: "psk_",
        lambda key: key + "\u0000",
        lambda key: "psk_" + "x" * 5000,
    ],
)  # fmt: skip
async def test_a_key_that_is_cut_or_changed_is_refused(office: Office, spoilt: Any) -> None:
    _, secret = await issued(office)
    headers = {"authorization": ("Bearer " + spoilt(secret)).encode()}
    answer = await office.client.post("/graphql", json={"query": "{ version }"}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "ratelimit-limit" not in answer.headers


async def test_a_key_of_another_prefix_is_not_let_in_by_a_good_secret(office: Office) -> None:
    (one, first), (other, second) = await issued(office), await issued(office)
    mixed = f"psk_{one['prefix']}_{second[13:]}"
    assert one["prefix"] != other["prefix"]
    assert [await is_let_in(office, each) for each in (first, second, mixed)] == [True, True, False]


@pytest.mark.parametrize(
    "parameters",
    [{"api_key": "x"}, {"API_KEY": "x"}, {"key": "x"}, {"anything": "psk_abcdefgh_x"}, {"anything": "pat_x"}],
)
async def test_a_key_in_the_address_is_refused_wherever_it_stands(office: Office, parameters: dict[str, str]) -> None:
    for path in ("/graphql", "/exports/institutions.csv", "/files/attachment_x"):
        headers = {"apollo-require-preflight": "1"}
        asked = {"query": "{ version }"} if path == "/graphql" else {}
        answer = await office.client.get(path, params=asked | parameters, headers=headers)
        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_key_works_only_as_a_bearer_in_the_header(office: Office) -> None:
    _, secret = await issued(office)
    for scheme in ("Basic", "Token", "psk"):
        answer = await office.client.post(
            "/graphql", json={"query": "{ version }"}, headers={"authorization": f"{scheme} {secret}"}
        )
        assert answer.status_code == 401
    for name in ("preship-token", "__Host-preship-token"):
        answer = await office.client.post(
            "/graphql", json={"query": "{ apiKeys { totalCount } }"}, headers={"cookie": f"{name}={secret}"}
        )
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_administrators_keep_their_own_organisations_keys_and_customs_administrators_all(office: Office) -> None:
    own, _ = await issued(office, name="本企业")
    institution, _ = await issued(office, by=office.user("shangjian"), name="机构")
    customs_admin = office.user("customs.admin")
    given, _ = await issued(office, by=customs_admin, organisationId=institution["organisationId"], name="海关代发")
    customs, _ = await issued(office, by=customs_admin, name="海关")
    names = {
        "pujiang.admin": {"本企业"},
        "shangjian": {"机构", "海关代发"},
        "customs.admin": {"本企业", "机构", "海关代发", "海关"},
    }
    everybody = ("yongjiang.admin", "enterprise", "institution", "customs", "customs.operator", "customs.viewer")
    for username in (*names, *everybody):
        found = {each["name"] for each in await lists(office.user(username))}
        assert found == names.get(username, set()), username
    node = "query Node($id: ID!) { node(id: $id) { ... on ApiKey { name } } }"
    assert (await admin(office).asks(node, id=own["id"]))["node"] == {"name": "本企业"}
    for username in ("enterprise", "yongjiang.admin", "customs.operator"):
        assert (await office.user(username).asks(node, id=own["id"]))["node"] is None
        assert (await acts(office.user(username), "apiKeyRevoke", id=own["id"]))[0].codes == ["NOT_FOUND"]
        assert (await acts(office.user(username), "apiKeyRotate", id=own["id"]))[0].codes == ["NOT_FOUND"]
    assert (await acts(office.user("shangjian"), "apiKeyRevoke", id=given["id"]))[0].done()["status"] == "REVOKED"
    assert (await acts(customs_admin, "apiKeyRevoke", id=own["id"]))[0].done()["status"] == "REVOKED"
    assert [each["name"] for each in await lists(customs_admin, status=["ACTIVE"], name="海关")] == ["海关"]
    assert [each["id"] for each in await lists(customs_admin, organisationId=customs["organisationId"])] == [
        customs["id"]
    ]


async def test_only_an_administrator_issues_keys_and_only_customs_for_others(office: Office) -> None:
    theirs = (await office.other_enterprise.asks("{ viewer { organisation { id } } }"))["viewer"]["organisation"]["id"]
    for username in ("enterprise", "pujiang.viewer", "institution", "customs", "customs.operator"):
        payload, secret = await acts(office.user(username), "apiKeyIssue", **a_key(office))
        assert (payload.codes, secret) == (["NOT_YOUR_ROLE"], None), username
    for organisation in (theirs, "organisation_" + "7" * 32):
        payload, secret = await acts(admin(office), "apiKeyIssue", **a_key(office, organisationId=organisation))
        assert (payload.refusals, secret) == ([("UNKNOWN_REFERENCE", "organisationId")], None)
    unknown = a_key(office, organisationId="organisation_" + "7" * 32)
    payload, _ = await acts(office.user("customs.admin"), "apiKeyIssue", **unknown)
    assert payload.codes == ["UNKNOWN_REFERENCE"]
    query = "mutation($input: ApiKeyIssueInput!) { apiKeyIssue(input: $input) { secret } }"
    assert await office.anybody.is_told(query, input=a_key(office)) == "UNAUTHENTICATED"


async def test_actions_and_the_form_are_told_as_of_other_records(office: Office) -> None:
    key, _ = await issued(office)
    query = """query Guide($id: ID!) {
      node(id: $id) { ... on ApiKey { organisation { nameZh } availableActions { action allowed } } }
      actionForm(action: "apiKeyIssue") { fields { name required } }
    }"""
    told = await admin(office).asks(query, id=key["id"])
    assert told["node"]["organisation"]["nameZh"].startswith("上海")
    assert {each["action"]: each["allowed"] for each in told["node"]["availableActions"]} == {
        "apiKeyRotate": True, "apiKeyRevoke": True,
    }  # fmt: skip
    assert {each["name"]: each["required"] for each in told["actionForm"]["fields"]} == {
        "name": True, "organisationId": False, "scopes": True, "expiresAt": True, "ratePerMinute": False,
    }  # fmt: skip


async def test_the_list_is_exported_without_anything_secret(office: Office) -> None:
    await issued(office, "REGISTRY", "CHANGE_FEED")
    (row,) = await table(admin(office), "api-keys.csv")
    assert (row["名称"], row["状态"], row["范围"], row["每分钟次数"]) == (
        "港口系统",
        "有效",
        "备案名录、名录变更",
        "60",
    )
    assert row["单位"].startswith("上海")
    assert not [heading for heading in row if "hash" in heading.lower()]
    assert await table(office.enterprise, "api-keys.csv") == []


async def test_revoking_a_key_closes_its_open_sockets(office: Office) -> None:
    key, secret = await issued(office)
    _, other = await issued(office)
    async with Person(office, secret).connects() as talk, Person(office, other).connects() as stays:
        await talk.asks("1", FEED)
        await stays.asks("1", "{ version }")
        assert (await stays.hears())["type"] == "next"
        (await acts(admin(office), "apiKeyRevoke", id=key["id"]))[0].done()
        assert await talk.hears_close() == 4403
        await stays.says("ping")
        assert [(await stays.hears())["type"] for _ in range(2)] == ["complete", "pong"]


async def test_a_socket_by_a_secret_that_ended_is_closed_with_the_next_rotation(office: Office) -> None:
    key, first = await issued(office)
    _, second = await acts(admin(office), "apiKeyRotate", id=key["id"])
    async with Person(office, first).connects() as former, Person(office, second).connects() as present:
        await acts(admin(office), "apiKeyRotate", id=key["id"])
        assert await former.hears_close() == 4403
        await present.says("ping")
        assert (await present.hears())["type"] == "pong"


async def test_no_socket_is_opened_by_a_key_that_is_not_good(office: Office) -> None:
    key, secret = await issued(office)
    await acts(admin(office), "apiKeyRevoke", id=key["id"])
    async with talking(await office.address()) as talk:
        await talk.says("connection_init", payload={"authorization": f"Bearer {secret}"})
        assert await talk.hears_close() == 4403


async def test_a_key_changes_nothing(office: Office) -> None:
    program = await a_program(office, by=office.user("customs.admin"))
    draft = await office.draft()
    wishes = {
        'mutation { sessionOpen(input: {username: "enterprise", password: "x"}) { userErrors { code } } }',
        "mutation { pairingOpen { userErrors { code } } }",
        "mutation { noticeMarkAllRead { userErrors { code } } }",
        f'mutation {{ commissionSubmit(input: {{id: "{draft["id"]}"}}) {{ userErrors {{ code }} }} }}',
    }
    kept = await office.everything()
    async with program.connects() as talk:
        for number, wish in enumerate(wishes):
            answer = await program.sends(wish)
            (error,) = answer["errors"]
            assert (error["extensions"]["code"], error["extensions"]["reason"]) == ("FORBIDDEN", "READ_ONLY")
            assert "data" not in answer
            await talk.asks(str(number), wish)
            message = await talk.hears()
            assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"
    upload = await program.sends_file(draft)
    assert upload.status_code == 403
    after = await office.everything()
    assert (after[0] | {"api_key_use": kept[0]["api_key_use"]}, after[1]) == kept
