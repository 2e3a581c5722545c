"""Who may do what cannot be talked round: by fields that nobody fills in, by headers, or by what fails on the way."""

from typing import Any

import httpx
import pytest

from storage.shelf import Shelf
from tests.accounts import account_id
from tests.office import Office
from tests.test_session_token import VIEWER

SET_BY_THE_PRODUCT = ("role", "organisationId", "status", "username", "passwordHash", "version", "isTheProduct")


async def test_what_decides_about_access_is_no_field_that_its_user_fills_in(office: Office) -> None:
    query = "mutation U($input: AccountUpdateProfileInput!) { accountUpdateProfile(input: $input) { __typename } }"
    async with office.unchanged():
        for name in SET_BY_THE_PRODUCT:
            typed = {"id": account_id("enterprise"), "displayName": "周海涛二", name: "ADMIN"}
            assert await office.enterprise.is_told(query, input=typed) == "BAD_USER_INPUT", name


async def test_nobody_becomes_somebody_by_a_header_or_a_cookie_of_the_own_making(office: Office) -> None:
    who = account_id("customs.admin")
    made_up = {
        "x-user": "customs.admin", "x-user-id": who, "x-forwarded-user": "customs.admin", "x-role": "ADMIN",
        "remote-user": "customs.admin", "cookie": f"user={who}; role=ADMIN; __Host-preship-token={who}",
    }  # fmt: skip
    answer = await office.client.post("/graphql", json={"query": VIEWER}, headers=made_up)
    assert answer.json() == {"data": {"viewer": None}} | {"extensions": answer.json()["extensions"]}
    query = "{ viewer { role account { username } } }"
    answer = await office.client.post("/graphql", json={"query": query}, headers=made_up | office.enterprise.headers)
    assert answer.json()["data"]["viewer"] == {"role": "OPERATOR", "account": {"username": "enterprise"}}


async def test_whoever_cannot_be_looked_up_is_not_taken_for_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where finding out who asks fails, nothing is answered: neither as that user nor as nobody in particular."""

    async def fails(*_: Any) -> Any:
        raise RuntimeError("the database does not answer")

    monkeypatch.setattr("graph.reception.reception.holder_of", fails)
    query = "{ viewer { account { username } } institutions { totalCount } }"
    answer = await office.client.post("/graphql", json={"query": query}, headers=office.enterprise.headers)
    assert answer.status_code == 500
    assert "data" not in answer.json()
    assert "the database" not in answer.text
    async with httpx.AsyncClient(base_url=f"http://{await office.address()}") as client:
        for path in ("/files/attachment_0", "/exports/commissions.csv", "/schema.graphql"):
            answer = await client.get(path, headers=office.enterprise.headers)
            assert answer.status_code == 500, path
            assert "the database" not in answer.text


async def test_where_asking_who_sees_a_record_fails_nobody_sees_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = await office.draft()
    one = "query One($id: ID!) { node(id: $id) { id } }"
    assert (await office.enterprise.asks(one, id=draft["id"]))["node"] == {"id": draft["id"]}

    def fails(*_: Any) -> Any:
        raise RuntimeError("a rule that does not work")

    monkeypatch.setattr(Shelf, "seen_by", fails)
    # Who sees what was asked for `one` already, and is remembered for all that is asked so; with its id written into
    # the document it is another question.
    answer = await office.enterprise.sends(f'{{ node(id: "{draft["id"]}") {{ id }} version }}')
    assert answer["data"]["node"] is None
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["INTERNAL"]
    assert "does not work" not in repr(answer)


PATHS = (
    "/", "/files", "/files/", "/exports", "/exports/", "/oauth", "/static/", "/explorer/", "/.git/config", "/.env",
    "/.well-known/", "/graphql/..", "/files/../preship.db", "/files/%2e%2e%2fpreship.db", "/Thumbs.db", "/.DS_Store",
)  # fmt: skip


async def test_no_address_lists_what_there_is_or_gives_what_lies_beside(office: Office) -> None:
    for path in PATHS:
        for person in (office.anybody, office.user("customs.admin")):
            answer = await office.client.get(path, headers=person.headers)
            assert answer.status_code == 404, path
            assert set(answer.json()) == {"errors"}
