"""GraphQL over HTTP: what is answered to which request, with which status and type."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.transport.serving import serving
from tests.transport.toy import SECRET, ToyHost, toy_app

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
PREFLIGHT = {"apollo-require-preflight": "1"}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(toy_app()) as client:
        yield client


def client_of(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://toy", headers={"accept": MODERN, "accept-language": "en"}
    )


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def post(client: httpx.AsyncClient, content: object, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=content, headers=headers)


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
    "accept", ["text/html", "text/event-stream", "application/json;q=0", "application/json; charset=utf-16", "nonsense"]
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
        ("subscription{count{number}}", None, "SUBSCRIPTION_NEEDS_SOCKET", 422),
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


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"5",
        b'"{hello}"',
        b"[]",
        b'[{"query":"{hello}"}]',
        b"{",
        b'{"query":',
        b"NaN",
        b'{"query":NaN}',
        b"\xef\xbb\xbf{}",
        b'{"query":"\xff"}',
        b'{"query":"\\ud800"}',
        b'{"query":"{hello}","variables":{"a":"\\udc00"}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}",
        b'{"query":null}',
        b'{"query":5}',
        b'{"query":{}}',
        b'{"query":["{hello}"]}',
        b'{"query":true}',
        b'{"query":"{hello}","variables":[]}',
        b'{"query":"{hello}","variables":"{}"}',
        b'{"query":"{hello}","variables":5}',
        b'{"query":"{hello}","extensions":[]}',
        b'{"query":"{hello}","extensions":"x"}',
        b'{"query":"{hello}","extensions":false}',
        b'{"query":"{hello}","operationName":5}',
        b'{"query":"{hello}","operationName":{}}',
        b'{"qeury":"{hello}"}',
        '{"query":"{hello}"}'.encode("utf-16"),
        '{"query":"{hello(name:\\"中\\")}"}'.encode("gb18030"),
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_what_is_no_well_formed_request_is_400_under_either_type(
    client: httpx.AsyncClient, body: bytes, accept: str
) -> None:
    response = await client.post(
        "/graphql", content=body, headers={"content-type": "application/json", "accept": accept}
    )
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "more",
    [
        {"variables": None, "extensions": None, "operationName": None},
        {"variables": {}, "extensions": {"anything": [1]}, "operationName": "A"},
        {"operationName": ""},
        {"unknown": 1},
    ],
)
async def test_optional_parameters_may_be_null_and_unknown_ones_are_ignored(
    client: httpx.AsyncClient, more: dict[str, object]
) -> None:
    response = await post(client, {"query": "query A{hello}", **more})
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello world"}})


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/graphql"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json; charset=gb18030"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "identity, br"},
    ],
)
async def test_other_types_charsets_and_compressed_bodies_are_415(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.post("/graphql", content=b'{"query":"{hello}"}', headers=headers)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize(
    "type_", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/json ; x=y"]
)
async def test_json_is_known_however_its_type_is_written(client: httpx.AsyncClient, type_: str) -> None:
    response = await client.post("/graphql", content=b'{"query":"{hello}"}', headers={"content-type": type_})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY"])
async def test_other_methods_are_405_with_allow(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert method == "HEAD" or codes(response) == ["METHOD_NOT_ALLOWED"]


async def test_a_query_may_be_sent_by_get_with_json_variables(client: httpx.AsyncClient) -> None:
    params = {
        "query": "query A($n: String){hello(name: $n)} query B{hello}",
        "operationName": "A",
        "variables": '{"n":"中"}',
        "extensions": "{}",
    }
    response = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello 中"}})


@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_mutation_by_get_is_405_and_does_not_happen(accept: str) -> None:
    host = ToyHost()
    async with client_of(toy_app(host)) as client:
        params = {"query": "query A{hello} mutation B{touch}", "operationName": "B"}
        response = await client.get("/graphql", params=params, headers={**PREFLIGHT, "accept": accept})
    assert (response.status_code, codes(response), response.headers["allow"]) == (405, ["METHOD_NOT_ALLOWED"], "POST")
    assert host.journal.counts == {}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?query=",
        "?qeury={hello}",
        "?query={hello}&variables=",
        "?query={hello}&variables=[]",
        "?query={hello}&variables=5",
        "?query={hello}&extensions=x",
        "?query={hello}&query={hello}",
        "?query={hello}&variables={}&variables={}",
    ],
)
async def test_a_get_that_is_no_well_formed_request_is_400(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/graphql{query}", headers=PREFLIGHT)
    assert response.status_code == 400
    assert codes(response)[0] in {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"apollo-require-preflight": ""}, 400),
        ({"content-type": "text/plain"}, 400),
        ({"apollo-require-preflight": "true"}, 200),
        ({"x-requested-with": "XMLHttpRequest"}, 200),
        ({"content-type": "application/json"}, 200),
    ],
)
async def test_a_get_that_a_browser_would_send_unasked_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    response = await client.get("/graphql?query={hello}", headers=headers)
    assert response.status_code == status
    assert status == 200 or codes(response) == ["CSRF_PREFLIGHT_REQUIRED"]


async def test_a_browser_that_asks_nothing_gets_the_explorer(client: httpx.AsyncClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = await client.get("/graphql", headers={"accept": browser})
    assert "<title>explorer</title>" in page.text
    assert "Accept" in page.headers["vary"]
    asked = await client.get("/graphql?query={hello}", headers={"accept": browser, **PREFLIGHT})
    assert asked.json() == {"data": {"hello": "Hello world"}}
    assert (await client.get("/graphql", headers={"accept": "*/*", **PREFLIGHT})).status_code == 400
    async with client_of(toy_app(explorer=None)) as bare:
        assert (await bare.get("/graphql", headers={"accept": browser, **PREFLIGHT})).status_code == 400


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


async def test_a_body_over_the_limit_is_413_declared_or_not() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1_000

    async with client_of(toy_app(limits=Limits(body_bytes_max=10_000))) as client:
        declared = await client.post("/graphql", content=b"x" * 10_001, headers={"content-type": "application/json"})
        streamed = await client.post("/graphql", content=endless(), headers={"content-type": "application/json"})
        nonsense = await client.post(
            "/graphql", content=b"{}", headers={"content-type": "application/json", "content-length": "9" * 5_000}
        )
    for response in (declared, streamed, nonsense):
        assert (response.status_code, codes(response)) == (413, ["PAYLOAD_TOO_LARGE"])
        assert response.headers["connection"] == "close"
    assert sent <= 12, "reading stops where the limit is passed"


async def test_a_body_that_trickles_is_cut_with_408() -> None:
    async with serving(toy_app(limits=Limits(body_seconds_max=0.05))) as (address, _):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        )
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer


async def test_a_client_that_leaves_in_its_body_disturbs_nobody() -> None:
    async with serving(toy_app()) as (address, _):
        host, port = address.split(":")
        with capture_logs() as lines, socket.create_connection((host, int(port))) as gone:
            gone.send(
                b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
            )
        async with httpx.AsyncClient() as client:
            response = await client.post(f"http://{address}/graphql", json={"query": "{hello}"})
    assert response.status_code == 200
    assert lines == []


async def test_the_status_line_of_partial_success_is_one_that_clients_read() -> None:
    async with serving(toy_app()) as (address, _), httpx.AsyncClient() as client:
        response = await client.post(f"http://{address}/graphql", json={"query": "{boom}"})
    assert response.status_code == 294
    assert response.is_success


async def test_a_file_comes_with_a_multipart_request(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", files={"0": b"hello"}, headers=PREFLIGHT)
    assert response.status_code == 200
    assert response.json()["data"]["upload"] > 5


async def test_a_multipart_request_needs_a_preflight_header(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", files={"0": b"hello"})
    assert (response.status_code, codes(response)) == (400, ["CSRF_PREFLIGHT_REQUIRED"])


@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_refused_upload_keeps_its_status_reason_and_words(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/graphql", files={"0": b"bad"}, headers={**PREFLIGHT, "accept": accept})
    assert response.status_code == 413
    assert response.json()["errors"] == [
        {"message": "The file is too large.", "extensions": {"code": "UPLOAD_REFUSED", "reason": "FILE_TOO_LARGE"}}
    ]


async def test_multipart_is_an_unsupported_type_where_no_uploads_are_taken() -> None:
    async with client_of(toy_app(multipart=None)) as client:
        response = await client.post("/graphql", files={"0": b"hello"}, headers=PREFLIGHT)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_json_cannot_pass_for_a_file(client: httpx.AsyncClient) -> None:
    values: list[object] = ["x", 1, {}, [], True]
    for value in values:
        query = "mutation($f: Upload!){upload(file: $f)}"
        response = await post(client, {"query": query, "variables": {"f": value}})
        assert (response.status_code, codes(response)) == (422, ["BAD_USER_INPUT"])


async def test_the_schema_can_be_fetched_by_introspection(client: httpx.AsyncClient) -> None:
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    response = await post(client, {"query": query})
    assert response.status_code == 200
    assert orjson.loads(response.content)["data"]["__schema"]["queryType"]["name"] == "Query"
