"""Who has tried to sign in: told to its administrators, whole and short, and borne out by the register."""

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.party import THE_PRODUCT
from storage.session import SESSIONS
from storage.sign_in_attempt import SIGN_IN_ATTEMPTS
from storage.verify import verify
from tests.accounts import administrator
from tests.office import Office
from tests.person import Person
from tests.signing_in import BEHIND_A_PROXY, Comparisons, comparisons, is_in, tries

__all__ = ["comparisons"]

LIST = """query Attempts($filter: SignInAttemptFilter) { signInAttempts(filter: $filter) {
  totalCount nodes { id accountId username method outcome times address addressCount attemptedAt }
} }"""
OUTCOMES = "{ signInAttempts { nodes { username outcome times } } }"


@pytest.fixture
async def office(open_office: Any) -> AsyncIterator[Office]:
    async with open_office(**BEHIND_A_PROXY) as office:
        yield office


async def attempts(person: Person, **filter: Any) -> Any:
    return (await person.asks(LIST, filter=filter))["signInAttempts"]["nodes"]


async def test_an_administrator_sees_who_has_tried_from_where_and_with_what_outcome(office: Office) -> None:
    assert is_in(await tries(office, address="203.0.113.77"))
    for address in ("198.51.100.1", "198.51.100.2", "2001:db8:aa:bb::1"):
        assert not is_in(await tries(office, password="wrong", address=address))
    assert await attempts(administrator(office)) == []
    await office.attempts_are_told()
    failed, succeeded = sorted(await attempts(administrator(office)), key=lambda each: each["outcome"])
    assert failed | {"id": "", "accountId": ""} == {
        "id": "",
        "accountId": "",
        "username": "enterprise",
        "method": "PASSWORD",
        "outcome": "FAILED",
        "times": 3,
        "address": "198.51.100.0/24",
        "addressCount": 2,
        "attemptedAt": "2026-06-01T02:00:00Z",
    }
    assert (succeeded["outcome"], succeeded["times"], succeeded["address"]) == ("SUCCEEDED", 1, "203.0.113.0/24")
    named = await administrator(office).asks(
        "query($id: ID!, $by: ID!) { node(id: $id) { id } account: node(id: $by) { ... on Account { username } } }",
        id=failed["id"],
        by=failed["accountId"],
    )
    assert named == {"node": {"id": failed["id"]}, "account": {"username": "enterprise"}}


async def test_nobody_else_sees_any_of_it(office: Office) -> None:
    await tries(office, password="wrong")
    await office.attempts_are_told()
    (seen,) = await attempts(administrator(office))
    for person in (office.enterprise, office.enterprise_viewer, office.customs, office.user("yongjiang.admin")):
        assert await attempts(person) == []
        assert (await person.asks("query($id: ID!) { node(id: $id) { id } }", id=seen["id"]))["node"] is None
    assert await office.anybody.is_told(OUTCOMES) == "UNAUTHENTICATED"


async def test_they_are_found_by_account_outcome_and_day(office: Office) -> None:
    await tries(office, password="wrong")
    await tries(office, "pujiang.admin")
    await office.attempts_are_told()
    office.clock.moves(days=1)
    await tries(office)
    await office.attempts_are_told()
    person = administrator(office)

    async def found(**filter: Any) -> list[tuple[str, str, str]]:
        nodes = await attempts(person, **filter)
        return sorted((each["username"], each["outcome"], each["attemptedAt"][:10]) for each in nodes)

    first = ("enterprise", "FAILED", "2026-06-01")
    second = ("pujiang.admin", "SUCCEEDED", "2026-06-01")
    third = ("enterprise", "SUCCEEDED", "2026-06-02")
    assert await found() == sorted([first, second, third])
    assert await found(outcome="FAILED") == [first]
    assert await found(username="enterprise") == [first, third]
    assert await found(accountId=(await attempts(person, outcome="FAILED"))[0]["accountId"]) == [first, third]
    assert await found(attemptedFrom="2026-06-02") == [third]
    assert await found(attemptedTo="2026-06-01", method="PASSWORD") == [first, second]
    assert await found(method="CARD") == []


async def test_whoever_tries_often_makes_the_register_no_longer_and_is_counted_all_the_same(
    open_office: Any, comparisons: Comparisons
) -> None:
    async with open_office(**BEHIND_A_PROXY, failures_per_account_unguarded="100/1h") as office:
        for number in range(60):
            await tries(office, password="guess", address=f"198.51.{number}.1")
            await tries(office, "nobody", "guess", address=f"198.51.{number}.1")
        await office.attempts_are_told()
        (failed,) = await attempts(administrator(office))
        assert (failed["times"], failed["addressCount"]) == (60, 60)
        async with office.database.reading() as connection:
            assert await SIGN_IN_ATTEMPTS.seen_by(THE_PRODUCT).count(connection) == 1
        async with office.unchanged():
            await office.attempts_are_told()


async def test_the_register_bears_out_what_was_told(office: Office) -> None:
    await tries(office)
    await tries(office, password="wrong")
    await office.attempts_are_told()
    async with office.database.reading() as connection:
        opened = await SESSIONS.seen_by(THE_PRODUCT).count(connection)
    assert opened
    assert [flaw async for flaw in verify(office.database)] == []
    tables, _ = await office.everything()
    lines = [line for line in tables["register"] if "sign_in_attempt" in line]
    assert len(lines) == 2
    # Personal data stays out of what is read in the register.
    assert not any("127.0.0.0" in line or "'enterprise'" in line for line in lines)
    assert tables["sign_in_count"] == []


async def test_they_are_exported_like_every_list(office: Office) -> None:
    await tries(office, password="wrong")
    await office.attempts_are_told()
    person = administrator(office).in_english()
    parameters = {"filter": json.dumps({"outcome": "FAILED"})}
    answer = await office.client.get("/exports/sign-in-attempts.csv", params=parameters, headers=person.headers)
    assert answer.status_code == 200, answer.text
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert "enterprise" in row.values()
    answer = await office.client.get("/exports/sign-in-attempts.csv", headers=office.enterprise.headers)
    assert len(answer.content.decode().splitlines()) == 1
