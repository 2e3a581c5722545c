"""How often a key may ask: counted for all processes together, told in every answer, and refused beyond."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.office import Office, opened
from tests.partners import a_program, acts, admin, issued, lists
from tests.person import Person
from tests.transport.serving import codes

QUERY = {"query": "{ version }"}


async def asks(person: Person, query: dict[str, str] = QUERY, **headers: str) -> httpx.Response:
    named = person.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return await person.office.client.post("/graphql", json=query, headers=named)


def told(answer: httpx.Response) -> tuple[str, ...]:
    return tuple(answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset"))


async def test_each_answer_tells_how_many_are_left_and_beyond_there_is_a_refusal_until_the_minute_is_over(
    office: Office,
) -> None:
    program = await a_program(office, ratePerMinute=3)
    first = await asks(program)
    assert told(first) == ("3", "2", "60")
    assert first.json()["extensions"]["rateLimit"] == {"limit": 3, "remaining": 2, "resetSeconds": 60}
    office.clock.moves(seconds=20)
    assert [told(await asks(program)) for _ in range(2)] == [("3", "1", "40"), ("3", "0", "40")]
    for accept in ("application/json", "application/graphql-response+json", "text/event-stream"):
        refused = await asks(program, accept=accept, accept_language="en")
        assert (refused.status_code, refused.headers["retry-after"], told(refused)) == (429, "40", ("3", "0", "40"))
        (error,) = refused.json()["errors"]
        assert error["message"] == "The key may be used 3 times a minute; try again in 40 seconds."
        assert error["extensions"] == {
            "code": "RATE_LIMITED",
            "retryAfterSeconds": 40,
            "rateLimit": {"limit": 3, "remaining": 0, "resetSeconds": 40},
        }
    office.clock.moves(seconds=39.5)
    assert (await asks(program)).headers["retry-after"] == "1"
    office.clock.moves(seconds=0.5)
    assert told(await asks(program)) == ("3", "2", "60")


async def test_users_and_anybody_have_no_rate(office: Office) -> None:
    for person in (office.anybody, office.enterprise):
        answer = await asks(person)
        assert not [name for name in answer.headers if name.startswith("ratelimit")]
        assert list(answer.json()["extensions"]) == ["cost"]


async def test_what_is_refused_counts_too_and_says_what_is_left(office: Office) -> None:
    program = await a_program(office, "RULES", ratePerMinute=9)
    left = 9
    for query in (
        "{",
        "{ nothing }",
        "{ institutions { totalCount } }",
        "mutation { noticeMarkAllRead { __typename } }",
    ):
        left -= 1
        assert told(await asks(program, {"query": query}))[1] == str(left), query
    not_json = await office.client.post(
        "/graphql", content=b"{", headers=program.headers | {"content-type": "application/json"}
    )
    assert (not_json.status_code, told(not_json)[1]) == (400, "4")
    for path, status in (("/exports/institutions.csv", 403), ("/exports/rules.csv", 200), ("/files/x", 403)):
        answer = await office.client.get(path, headers=program.headers)
        left = int(told(answer)[1])
        assert answer.status_code == status, path
    assert left == 1
    await asks(program)
    for path in ("/exports/rules.csv", "/files/x"):
        answer = await office.client.get(path, headers=program.headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60"), path


async def test_an_answer_as_a_stream_counts_and_tells_alike(office: Office) -> None:
    program = await a_program(office, ratePerMinute=3)
    answer = await asks(program, accept="text/event-stream")
    assert (answer.status_code, told(answer)) == (200, ("3", "2", "60"))
    assert '"rateLimit"' in answer.text


async def test_a_file_of_a_regulation_counts_as_a_request(office: Office) -> None:
    program = await a_program(office, "REGULATIONS", ratePerMinute=3)
    answer = await program.downloads("/files/attachment_" + "7" * 32)
    assert (answer.status_code, told(answer)[1]) == (404, "2")


async def test_operations_of_a_socket_count_and_its_opening_does_not(office: Office) -> None:
    key, secret = await issued(office, ratePerMinute=3)
    program = Person(office, secret)
    async with program.connects() as talk:
        for number, left in enumerate((2, 1, 0)):
            await talk.asks(str(number), "{ version }")
            message = await talk.hears()
            assert message["payload"]["extensions"]["rateLimit"]["remaining"] == left
            assert (await talk.hears())["type"] == "complete"
        for query in ("{ version }", "subscription { registryChanged { cursor } }", "{"):
            await talk.asks("beyond", query)
            message = await talk.hears()
            assert codes(message) == ["RATE_LIMITED"]
            assert message["payload"][0]["extensions"]["retryAfterSeconds"] == 60
    assert (await asks(program)).status_code == 429
    assert key["lastUsedAt"] is None
    assert (await lists(admin(office)))[0]["lastUsedAt"] == "2026-06-01T02:00:00Z"


async def test_two_processes_on_one_database_count_together_whatever_comes_at_once(
    office: Office, tmp_path: Path
) -> None:
    _, secret = await issued(office, ratePerMinute=10)
    url = office.database.url.render_as_string(hide_password=False)
    async with opened(url, tmp_path / "other") as other:
        programs = [Person(office, secret), Person(other, secret)]
        answers = await asyncio.gather(*(asks(programs[n % 2]) for n in range(16)))
        good = [answer for answer in answers if answer.status_code == 200]
        assert sorted(int(told(answer)[1]) for answer in good) == list(range(10))
        assert [answer.status_code for answer in answers].count(429) == 6
        assert (await asks(programs[1])).status_code == 429
        for each in (office, other):
            each.clock.moves(minutes=1)
        assert (await asks(programs[0])).status_code == 200


async def test_keys_count_each_for_itself_and_both_secrets_of_one_together(office: Office) -> None:
    key, first = await issued(office, ratePerMinute=2)
    _, other = await issued(office, ratePerMinute=2)
    _, second = await acts(admin(office), "apiKeyRotate", id=key["id"])
    statuses = [(await asks(Person(office, each))).status_code for each in (first, second, first, second, other)]
    assert statuses == [200, 200, 429, 429, 200]


async def test_a_cap_that_is_lowered_holds_for_the_keys_that_there_are(office: Office, tmp_path: Path) -> None:
    _, secret = await issued(office, ratePerMinute=500)
    url = office.database.url.render_as_string(hide_password=False)
    async with opened(url, tmp_path / "other", api_key_rate_max=7) as other:
        assert told(await asks(Person(other, secret)))[:2] == ("7", "6")


async def test_rates_are_as_the_server_is_set(open_office: Any) -> None:
    async with open_office(api_key_rate=5, api_key_rate_max=8, api_key_days_max=10) as office:
        key, _ = await issued(office, expiresAt="2026-06-11T02:00:00Z")
        assert key["ratePerMinute"] == 5
        wish = {"name": "x", "scopes": ["RULES"], "expiresAt": "2026-06-11T02:00:01Z", "ratePerMinute": 9}
        payload, _ = await acts(admin(office), "apiKeyIssue", **wish)
        assert payload.refusals == [("TERM_TOO_LONG", "expiresAt"), ("OUT_OF_RANGE", "ratePerMinute")]


async def test_who_knocks_on_costs_the_database_no_more_than_finding_out_who_it_is(office: Office) -> None:
    program = await a_program(office, ratePerMinute=1)
    assert [(await asks(program)).status_code for _ in range(2)] == [200, 429]
    with office.statements() as sent:
        assert (await asks(program)).status_code == 429
    assert len(sent) == 1
