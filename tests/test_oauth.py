"""Tokens for keys by OAuth 2.0 client credentials, and each error of RFC 6749, 5.2."""

import base64
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from tests.accounts import signed_in
from tests.office import Office
from tests.partners import acts, admin, is_let_in, issued
from tests.person import Person
from tests.signing_in import BEHIND_A_PROXY
from tests.world import PASSWORD

FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"


def halves(secret: str) -> tuple[str, str]:
    _, prefix, half = secret.split("_", 2)
    return prefix, half


def basic(client_id: str, client_secret: str) -> dict[str, str]:
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


async def token(office: Office, content: Any = None, **headers: str) -> httpx.Response:
    kind = {"data": content} if content is None or isinstance(content, dict) else {"content": content}
    named = {"content-type": FORM} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await office.client.post("/oauth/token", headers=named, **kind)
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    assert answer.headers["content-type"] == "application/json"
    return answer


async def refused(office: Office, content: Any = None, **headers: str) -> tuple[int, str]:
    answer = await token(office, content, **headers)
    said = answer.json()
    assert set(said) == {"error", "error_description"}
    # RFC 6749, 5.2: what a description may be written with.
    assert all(" " <= each <= "~" and each not in '"\\' for each in said["error_description"])
    assert (answer.status_code == 401) == ("www-authenticate" in answer.headers)
    return answer.status_code, said["error"]


@pytest.fixture
async def client(office: Office) -> tuple[str, str]:
    """A key of two scopes, as OAuth's client."""
    _, secret = await issued(office, "REGISTRY", "RULES")
    return halves(secret)


async def test_a_key_is_exchanged_for_a_token_by_basic_or_in_the_body(office: Office, client: tuple[str, str]) -> None:
    id_, secret = client
    by_body = await token(office, {"grant_type": GRANT, "client_id": id_, "client_secret": secret})
    by_basic = await token(office, {"grant_type": GRANT}, **basic(id_, secret))
    twice = await token(office, {"grant_type": GRANT, "client_id": id_}, **basic(id_, secret))
    tokens = set()
    for answer in (by_body, by_basic, twice):
        said = answer.json()
        assert answer.status_code == 200
        assert set(said) == {"access_token", "token_type", "expires_in", "scope"}
        assert (said["token_type"], said["expires_in"], said["scope"]) == ("Bearer", 900, "REGISTRY RULES")
        tokens.add(said["access_token"])
    assert len(tokens) == 3
    for each in tokens:
        found = await Person(office, each).asks("{ institutions { totalCount } rules { totalCount } }")
        assert found["institutions"]["totalCount"] > 0


async def test_a_token_ends_soon_and_narrows_the_keys_scopes(office: Office, client: tuple[str, str]) -> None:
    id_, secret = client
    asked = {"grant_type": GRANT, "client_id": id_, "client_secret": secret, "scope": "RULES"}
    said = (await token(office, asked)).json()
    assert said["scope"] == "RULES"
    program = Person(office, said["access_token"])
    await program.asks("{ rules { totalCount } }")
    assert await program.is_told("{ institutions { totalCount } }") == "FORBIDDEN"
    assert await program.is_told("{ apiKeys { totalCount } }") == "FORBIDDEN"
    office.clock.moves(minutes=14, seconds=59)
    assert await is_let_in(office, said["access_token"])
    office.clock.moves(seconds=1)
    assert not await is_let_in(office, said["access_token"])


async def test_a_token_that_was_altered_or_cut_is_nobodys(office: Office, client: tuple[str, str]) -> None:
    said = (await token(office, {"grant_type": GRANT}, **basic(*client))).json()["access_token"]
    other = "A" if said[-1] != "A" else "B"
    for spoilt in (said[:-1] + other, said[:-1], said + "A", said.removeprefix("pat_"), said.replace("pat_", "psk_")):
        assert not await is_let_in(office, spoilt), spoilt
    assert await is_let_in(office, said)


async def test_a_token_ends_with_its_key_and_with_the_secret_that_it_was_got_by(open_office: Any) -> None:
    async with open_office(api_key_overlap_hours=0.1) as office:
        key, first = await issued(office, expiresAt="2026-06-01T02:40:00Z")
        _, second = await acts(admin(office), "apiKeyRotate", id=key["id"])
        asked = {"grant_type": GRANT}
        by_first = (await token(office, asked, **basic(*halves(first)))).json()
        assert by_first["expires_in"] == 360
        office.clock.moves(minutes=6)
        assert not await is_let_in(office, by_first["access_token"])
        assert await refused(office, asked, **basic(*halves(first))) == (401, "invalid_client")
        office.clock.moves(minutes=29)
        by_second = (await token(office, asked, **basic(*halves(str(second))))).json()
        assert by_second["expires_in"] == 300
        async with Person(office, by_second["access_token"]).connects() as talk:
            await acts(admin(office), "apiKeyRevoke", id=key["id"])
            assert await talk.hears_close() == 4403
        assert not await is_let_in(office, by_second["access_token"])
        assert await refused(office, asked, **basic(*halves(str(second)))) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, (400, "invalid_request")),
        ({"grant_type": ""}, (400, "invalid_request")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "authorization_code"}, (400, "unsupported_grant_type")),
        ({"scope": "CERTIFICATES"}, (400, "invalid_scope")),
        ({"scope": "RULES CHANGE_FEED"}, (400, "invalid_scope")),
        ({"scope": "rules"}, (400, "invalid_scope")),
        ({"scope": "RULES  REGISTRY"}, (400, "invalid_scope")),
        ({"client_id": None}, (401, "invalid_client")),
        ({"client_secret": None}, (401, "invalid_client")),
        ({"client_id": "abcdefgh"}, (401, "invalid_client")),
        ({"client_id": "\0"}, (401, "invalid_client")),
        ({"client_secret": "x" * 43}, (401, "invalid_client")),
        ({"client_secret": "密钥"}, (401, "invalid_client")),
    ],
)
async def test_what_is_wrong_is_told_by_the_errors_of_the_rfc(
    office: Office, client: tuple[str, str], changes: Any, expected: Any
) -> None:
    asked: Any = {"grant_type": GRANT, "client_id": client[0], "client_secret": client[1]} | changes
    given = {name: value for name, value in asked.items() if value is not None}
    assert await refused(office, given) == expected


async def test_a_request_that_is_not_form_encoded_once_and_in_one_way_is_invalid(
    office: Office, client: tuple[str, str]
) -> None:
    id_, secret = client
    good = f"grant_type={GRANT}&client_id={id_}&client_secret={secret}"
    invalid = (400, "invalid_request")
    assert await refused(office, f"{good}&grant_type={GRANT}".encode()) == invalid
    assert await refused(office, b"\xff\xfe") == invalid
    assert await refused(office, b"grant_type") == invalid
    assert await refused(office, f"{good}&scope=%FF".encode()) == invalid
    assert await refused(office, b"") == invalid
    assert await refused(office, "&".join(f"a{n}=1" for n in range(30)).encode()) == invalid
    assert await refused(office, good.encode(), content_type="application/json") == invalid
    assert await refused(office, good.encode(), content_encoding="gzip") == invalid
    assert await refused(office, b"x=" + b"y" * 20_000) == (413, "invalid_request")
    assert await refused(office, good.encode(), **basic(id_, secret)) == invalid
    other = f"grant_type={GRANT}&client_id=abcdefgh"
    assert await refused(office, other.encode(), **basic(id_, secret)) == invalid
    assert (await token(office, f"{good}&unknown=1&scope=".encode())).status_code == 200


@pytest.mark.parametrize("authorization", ["Basic", "Basic x", "Basic eHg=", "Basic \xff", "Bearer x", "Digest x", ""])
async def test_an_authorization_that_is_not_basic_is_no_client(office: Office, authorization: str) -> None:
    headers = {b"authorization": authorization.encode("latin-1"), b"content-type": FORM.encode()}
    answer = await office.client.post("/oauth/token", content=f"grant_type={GRANT}", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_credentials_in_the_address_are_refused(office: Office, client: tuple[str, str]) -> None:
    asked = {"grant_type": GRANT, "client_id": client[0], "client_secret": client[1]}
    answer = await office.client.post("/oauth/token", params=asked, headers={"content-type": FORM})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    answer = await office.client.get("/oauth/token", params=asked)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_asking_for_tokens_counts_with_the_key(office: Office) -> None:
    _, secret = await issued(office, ratePerMinute=2)
    asked = {"grant_type": GRANT}
    answer = await token(office, asked, **basic(*halves(secret)))
    assert answer.headers["ratelimit-remaining"] == "1"
    assert (await token(office, asked | {"scope": "x"}, **basic(*halves(secret)))).headers["ratelimit-remaining"] == "0"
    limited = await token(office, asked, **basic(*halves(secret)))
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
    assert (await Person(office, answer.json()["access_token"]).sends("{ version }"))["errors"][0]["extensions"][
        "code"
    ] == "RATE_LIMITED"


async def test_wrong_clients_have_to_wait_by_address_and_the_right_ones_never(
    open_office: Any,
) -> None:
    async with open_office(**BEHIND_A_PROXY, failures_per_address="3/10m") as office:
        _, secret = await issued(office)
        id_, right = halves(secret)
        asked, here, there = {"grant_type": GRANT}, {"x_forwarded_for": "203.0.113.1"}, {"x_forwarded_for": "192.0.2.1"}
        wrong = [basic("abcdefgh", right), basic(id_, "x" * 43), basic("nobody", "nothing")]
        assert [(await token(office, asked, **each, **here)).status_code for each in wrong] == [401] * 3
        for each in wrong:
            async with office.unchanged():
                answer = await token(office, asked, **each, **here)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "200")
            assert answer.json()["error"] == "invalid_request"
        assert (await token(office, asked, **basic(id_, right), **here)).status_code == 200
        assert await refused(office, asked, **wrong[0], **there) == (401, "invalid_client")
        office.clock.moves(seconds=200)
        assert [(await token(office, asked, **each, **here)).status_code for each in wrong] == [401, 429, 429]


async def test_a_program_with_a_wrong_secret_slows_down_nobody_who_signs_in_beside_it(open_office: Any) -> None:
    async with open_office(failures_per_address="2/10m") as office:
        for _ in range(4):
            await token(office, {"grant_type": GRANT}, **basic("abcdefgh", "x"))
        await signed_in(office, "enterprise", PASSWORD)


async def test_tokens_are_kept_as_hashes_and_those_that_ended_are_forgotten(
    office: Office, client: tuple[str, str]
) -> None:
    asked = {"grant_type": GRANT}
    first = (await token(office, asked, **basic(*client))).json()["access_token"]
    rows = (await office.everything())[0]["api_key_token"]
    assert len(rows) == 1
    assert first not in rows[0]
    office.clock.moves(minutes=15)
    await token(office, asked, **basic(*client))
    assert len((await office.everything())[0]["api_key_token"]) == 1


async def test_clients_find_out_by_themselves_where_and_how_to_ask(office: Office) -> None:
    answer = await office.client.get("/.well-known/oauth-authorization-server")
    said = answer.json()
    assert (said["issuer"], said["token_endpoint"]) == ("http://office.example", "http://office.example/oauth/token")
    assert said["grant_types_supported"] == [GRANT]
    assert said["response_types_supported"] == []
    assert set(said["token_endpoint_auth_methods_supported"]) == {"client_secret_basic", "client_secret_post"}
    assert "CHANGE_FEED" in said["scopes_supported"]
