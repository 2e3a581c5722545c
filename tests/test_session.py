"""Signing in and out: passwords, tokens that end, and that neither is kept in clear."""

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from storage.demo import demo_users
from tests.office import Office
from tests.person import Person
from tests.world import PASSWORD

OPEN = """
mutation Open($input: SessionOpenInput!) {
  sessionOpen(input: $input) {
    session { token expiresAt } userErrors { code message field }
    viewer { kind role account { username displayName } organisation { nameZh } }
  }
}
"""
VIEWER = "{ viewer { kind role account { username displayName } organisation { nameZh kind } } }"
CLOSE = "mutation { sessionClose { userErrors { code } } }"


async def opens(office: Office, username: str, password: str = PASSWORD, **more: Any) -> Any:
    typed = {"username": username, "password": password, **more}
    return (await office.anybody.asks(OPEN, input=typed))["sessionOpen"]


async def signs_in(office: Office, username: str) -> Person:
    return Person(office, (await opens(office, username))["session"]["token"])


@pytest.mark.manual(34)
@pytest.mark.manual(35)
@pytest.mark.manual(31)
async def test_whoever_signs_in_enters_by_the_door_of_the_own_role(office: Office) -> None:
    for username, kind, role, name in [
        ("enterprise", "ENTERPRISE", "OPERATOR", "上海浦江联合重工机械有限公司"),
        ("institution", "INSTITUTION", "OPERATOR", "东瀛海港机械检验株式会社"),
        ("customs", "CUSTOMS", "REVIEWER", "上海海关旧机电产品检验监管处（演示）"),
    ]:
        opened = await opens(office, username)
        assert opened["userErrors"] == []
        viewer = opened["viewer"]
        assert (viewer["kind"], viewer["role"], viewer["organisation"]["nameZh"]) == (kind, role, name)
        assert viewer["account"]["username"] == username
        known = (await Person(office, opened["session"]["token"]).asks(VIEWER))["viewer"]
        assert (known["account"], known["organisation"]["nameZh"]) == (viewer["account"], name)


async def test_a_wrong_password_and_an_unknown_user_hear_the_same(office: Office) -> None:
    # Attempts are counted, of unknown users too.
    async with office.unchanged(but=("throttle", "sign_in_count")):
        answers = [
            await opens(office, username, password)
            for username, password in [
                ("enterprise", "wrong"),
                ("nobody", PASSWORD),
                ("", ""),
                ("ENTERPRISE", PASSWORD),
                ("enterprise", PASSWORD + " "),
                ("enterprise", PASSWORD * 100),
            ]
        ]
    first, *others = answers
    assert all(each == first for each in others)
    assert (first["session"], first["viewer"]) == (None, None)
    assert [each["code"] for each in first["userErrors"]] == ["SIGN_IN_FAILED"]
    english = await office.anybody.in_english().asks(OPEN, input={"username": "nobody", "password": "?"})
    assert english["sessionOpen"]["userErrors"][0]["message"].startswith("User name or password is not correct")


@pytest.mark.manual(36)
async def test_a_closed_session_is_worth_nothing_and_the_others_stay(office: Office) -> None:
    person, elsewhere = await signs_in(office, "enterprise"), await signs_in(office, "enterprise")
    assert (await person.asks(CLOSE))["sessionClose"]["userErrors"] == []
    assert await person.is_told(VIEWER) == "UNAUTHENTICATED"
    assert await person.is_told(CLOSE) == "UNAUTHENTICATED"
    assert (await elsewhere.asks(VIEWER))["viewer"]["account"]["username"] == "enterprise"


async def test_a_session_ends_by_itself(open_office: Any) -> None:
    async with open_office(session_hours=2, idle_minutes=120) as office:
        opened = await opens(office, "enterprise")
        assert opened["session"]["expiresAt"] == "2026-06-01T04:00:00Z"
        person = Person(office, opened["session"]["token"])
        office.clock.moves(hours=2, microseconds=-1)
        assert (await person.asks(VIEWER))["viewer"]
        office.clock.moves(microseconds=1)
        assert await person.is_told(VIEWER) == "UNAUTHENTICATED"


async def test_a_token_is_told_once_and_kept_nowhere(office: Office) -> None:
    token = (await opens(office, "enterprise"))["session"]["token"]
    tables, files = await office.everything()
    kept = repr((tables, files))
    assert tables["session"]
    for secret in (token, PASSWORD):
        assert secret not in kept
    assert "argon2" not in kept


async def test_no_hash_of_a_password_and_no_token_can_be_asked_for(office: Office) -> None:
    for field in ("passwordHash", "password_hash", "password", "isActive"):
        query = f"{{ viewer {{ account {{ {field} }} }} }}"
        assert await office.enterprise.is_told(query) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer", "Bearer ", "Bearer nonsense", "Basic ZTpw", "kept-token-of-enterprise", f"Bearer {'x' * 513}"],
)
async def test_a_token_that_is_none_is_not_taken_for_no_token(office: Office, authorization: str) -> None:
    answer = await office.client.post("/graphql", json={"query": VIEWER}, headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_without_a_token_nobody_is_asking(office: Office) -> None:
    assert (await office.anybody.asks(VIEWER))["viewer"] is None
    assert await office.anybody.is_told(CLOSE) == "UNAUTHENTICATED"


async def test_signing_in_does_not_hold_up_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    at_it, go_on = threading.Event(), threading.Event()

    def compares_slowly(password_hash: str, password: str) -> bool:
        at_it.set()
        return not go_on.wait(30)

    monkeypatch.setattr("identity.password._verifies", compares_slowly)
    many = [asyncio.create_task(opens(office, "nobody")) for _ in range(4)]
    assert await asyncio.to_thread(at_it.wait, 30)
    for _ in range(3):
        assert (await office.enterprise.asks(VIEWER))["viewer"]
    assert not any(each.done() for each in many)
    go_on.set()
    assert all(each["userErrors"] for each in await asyncio.gather(*many))


async def test_a_socket_takes_a_token_and_refuses_one_that_is_none(office: Office) -> None:
    async with office.enterprise.connects() as talk:
        await talk.asks("1", VIEWER)
        assert (await talk.hears())["payload"]["data"]["viewer"]["account"]["username"] == "enterprise"
    with pytest.raises(Exception, match="4403"):
        async with Person(office, "nonsense").connects():
            pass


async def test_an_accounts_language_stands_unless_one_of_the_two_is_asked_for(office: Office) -> None:
    query = "{ rules(first: 1000) { totalCount } }"

    async def told(person: Person) -> str:
        (error,) = (await person.sends(query))["errors"]
        message: str = error["message"]
        return message

    english = next(each.username for each in demo_users() if each.language == "en")
    by_account = office.user(english)
    for unknown in (None, "fr-FR", "*", "ja;q=0.9"):
        assert (await told(replace(by_account, language=unknown))).isascii()
    assert not (await told(replace(by_account, language="zh-CN"))).isascii()


OPENING = """mutation In($p: String!) {
  sessionOpen(input: {username: "enterprise", password: $p}) { session { token } }
}"""


async def test_a_socket_ends_with_its_session(open_office: Any) -> None:
    async with open_office(session_hours=24 * 366) as office:
        opening = OPENING
        opened = (await office.anybody.asks(opening, p=PASSWORD))["sessionOpen"]["session"]
        person = replace(office.enterprise, token=opened["token"])
        async with person.connects() as talk:
            await person.asks("mutation { sessionClose { userErrors { code } } }")
            assert await talk.hears_close() == 4403


async def test_nothing_is_done_after_signing_out_in_the_same_operation(office: Office) -> None:
    opening = (
        'mutation In($p: String!) { sessionOpen(input: {username: "enterprise", password: $p}) { session { token } } }'
    )
    opened = (await office.anybody.asks(opening, p=PASSWORD))["sessionOpen"]["session"]
    person = replace(office.enterprise, token=opened["token"])
    query = (
        "mutation { a: sessionClose { userErrors { code } } b: commissionSaveDraft(input: {}) { commission { id } } }"
    )
    assert await person.is_told(query) == "UNAUTHENTICATED"
