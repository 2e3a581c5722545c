"""Answers over HTTP: in which type, with which status, in which language, and nothing of our insides."""

from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query
from structlog.testing import capture_logs

from tests.transport.asking import LEGACY, MODERN, PREFLIGHT, client_of, codes, post
from tests.transport.serving import serving
from tests.transport.toy import SECRET, ToyHost, toy_app


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        (None, MODERN),
        ("", MODERN),
        ("*/*", MODERN),
        ("application/*", MODERN),
        (MODERN, MODERN),
        (LEGACY, LEGACY),
        ("application/graphql-response+json, application/json;q=0.9", MODERN),
        ("application/graphql-response+json;q=0.1, application/json", LEGACY),
        ("application/json, application/graphql-response+json", MODERN),
        ("application/json; charset=utf-8", LEGACY),
        ("application/json; charset=UTF-8; q=0.5, text/html", LEGACY),
        ("application/json, */*;q=0.1", LEGACY),
        ("application/graphql-response+json;q=0, */*", LEGACY),
        ("text/html, */*;q=0.8", MODERN),
        ("text/event-stream, application/json", LEGACY),
    ],
)
async def test_an_answer_comes_in_the_type_most_wanted(
    client: httpx.AsyncClient, accept: str | None, type_: str
) -> None:
    if accept is None:
        del client.headers["accept"]
        client.headers.pop("accept", None)
    response = await post(client, {"query": "{hello}"}, **({} if accept is None else {"accept": accept}))
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{type_}; charset=utf-8"
    assert response.json() == {"data": {"hello": "Hello world"}}
    assert response.headers["cache-control"] == "no-store"
    assert "Accept" in response.headers["vary"]
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "accept",
    ["text/html", "text/event-stream;q=0", "application/json;q=0", "application/json; charset=utf-16", "nonsense"],
)
async def test_a_type_that_we_do_not_speak_is_406(client: httpx.AsyncClient, accept: str) -> None:
    response = await post(client, {"query": "{hello}"}, accept=accept)
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    ("query", "variables", "code", "status"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED", 400),
        ("", None, "GRAPHQL_PARSE_FAILED", 400),
        ("{helo}", None, "GRAPHQL_VALIDATION_FAILED", 422),
        ("query A{hello} query B{hello}", None, "OPERATION_RESOLUTION_FAILURE", 422),
        ("query($n: Int!){machines(first: $n){number}}", {"n": "x"}, "BAD_USER_INPUT", 422),
        ("query($n: Int!){machines(first: $n){number}}", {}, "BAD_USER_INPUT", 422),
        ("{" + "a{" * 13 + "a" + "}" * 14, None, "QUERY_TOO_DEEP", 422),
        ("subscription{count{number}}", None, "SUBSCRIPTION_NEEDS_STREAM", 422),
    ],
)
async def test_a_request_error_has_no_data_and_its_own_status(
    client: httpx.AsyncClient, query: str, variables: object, code: str, status: int
) -> None:
    modern = await post(client, {"query": query, "variables": variables})
    assert (modern.status_code, set(codes(modern))) == (status, {code})
    assert "data" not in modern.json()

    legacy = await post(client, {"query": query, "variables": variables}, accept=LEGACY)
    assert legacy.status_code == 200
    assert "data" not in legacy.json()


async def test_field_errors_are_partial_success_under_the_modern_type_only(client: httpx.AsyncClient) -> None:
    modern = await post(client, {"query": "{hello boom}"})
    legacy = await post(client, {"query": "{hello boom}"}, accept=LEGACY)
    assert (modern.status_code, legacy.status_code) == (294, 200)
    assert modern.json()["data"] == {"hello": "Hello world", "boom": None}
    assert codes(modern) == ["INTERNAL"]


async def test_a_null_that_reaches_the_top_is_still_data(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "{hello boomRequired}"})
    assert response.status_code == 294
    assert response.json()["data"] is None


async def test_nothing_of_a_failure_leaves_but_a_reference(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        response = await post(client, {"query": "{boom machines{broken}}"})
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    references = {error["extensions"]["reference"] for error in response.json()["errors"]}
    assert references == {line["reference"] for line in lines}


async def test_a_failure_of_the_house_is_500_in_json() -> None:
    class BrokenHost(ToyHost):
        async def context(self, **_: Any) -> Any:
            raise RuntimeError(SECRET)

    async with client_of(toy_app(BrokenHost())) as client:
        with capture_logs() as lines:
            response = await post(client, {"query": "{hello}"})
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
    assert SECRET not in response.text
    assert lines[0]["reference"] in response.text


async def test_a_browser_that_asks_nothing_gets_the_explorer(client: httpx.AsyncClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = await client.get("/graphql", headers={"accept": browser})
    assert "<title>explorer</title>" in page.text
    assert "Accept" in page.headers["vary"]
    asked = await client.get("/graphql?query={hello}", headers={"accept": browser, **PREFLIGHT})
    assert asked.json() == {"data": {"hello": "Hello world"}}
    assert (await client.get("/graphql", headers={"accept": "*/*", **PREFLIGHT})).status_code == 422
    async with client_of(toy_app(explorer=None)) as bare:
        assert (await bare.get("/graphql", headers={"accept": browser, **PREFLIGHT})).status_code == 422


async def test_a_good_token_is_somebody_and_no_token_is_nobody(client: httpx.AsyncClient) -> None:
    somebody = await post(client, {"query": "{user}"}, authorization="Bearer good")
    nobody = await post(client, {"query": "{user}"})
    assert (somebody.json(), nobody.json()) == ({"data": {"user": "good"}}, {"data": {"user": None}})


@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_bad_token_is_401_with_a_challenge(client: httpx.AsyncClient, accept: str) -> None:
    response = await post(client, {"query": "{hello}"}, authorization="Bearer bad", accept=accept)
    assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])
    assert response.headers["www-authenticate"] == "Bearer"
    assert "data" not in response.json()


@pytest.mark.parametrize(("language", "message"), [("zh-CN", "没有找到该记录。"), ("en", "There is no such record.")])
async def test_errors_are_worded_in_the_language_of_the_viewer(
    client: httpx.AsyncClient, language: str, message: str
) -> None:
    response = await post(client, {"query": "{missing}"}, **{"accept-language": language})
    assert response.json()["errors"] == [
        {
            "message": message,
            "locations": [{"line": 1, "column": 2}],
            "path": ["missing"],
            "extensions": {"code": "NOT_FOUND"},
        }
    ]


async def test_the_status_line_of_partial_success_is_one_that_clients_read() -> None:
    async with serving(toy_app()) as (address, _), httpx.AsyncClient() as client:
        response = await client.post(f"http://{address}/graphql", json={"query": "{boom}"})
    assert response.status_code == 294
    assert response.is_success


async def test_the_schema_can_be_fetched_by_introspection(client: httpx.AsyncClient) -> None:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    response = await post(client, {"query": query})
    assert response.status_code == 200
    assert orjson.loads(response.content)["data"]["__schema"]["queryType"]["name"] == "Query"
