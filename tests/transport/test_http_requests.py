"""Requests over HTTP: which are well formed, how large and slow they may be, what a browser may send unasked."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.transport.asking import LEGACY, MODERN, PREFLIGHT, client_of, codes, post
from tests.transport.serving import serving
from tests.transport.toy import ToyHost, toy_app


@pytest.mark.parametrize(
    "body",
    [
        b"",
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
        '{"query":"{hello}"}'.encode("utf-16"),
        '{"query":"{hello(name:\\"中\\")}"}'.encode("gb18030"),
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_what_is_no_json_in_utf_8_is_400_under_either_type(
    client: httpx.AsyncClient, body: bytes, accept: str
) -> None:
    response = await client.post(
        "/graphql", content=body, headers={"content-type": "application/json", "accept": accept}
    )
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"5",
        b'"{hello}"',
        b"[]",
        b'[{"query":"{hello}"}]',
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
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_json_that_is_no_well_formed_request_is_422_under_either_type(
    client: httpx.AsyncClient, body: bytes, accept: str
) -> None:
    response = await client.post(
        "/graphql", content=body, headers={"content-type": "application/json", "accept": accept}
    )
    assert (response.status_code, codes(response)) == (422, ["BAD_REQUEST"])
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


async def test_of_a_key_that_comes_twice_the_last_is_limited_and_run_and_the_first_is_nothing(
    client: httpx.AsyncClient,
) -> None:
    headers, deep = {"content-type": "application/json"}, "{a" * 30 + "}" * 30
    told = await client.post("/graphql", content=f'{{"query":"{deep}","query":"{{hello}}"}}', headers=headers)
    assert (told.status_code, told.json()) == (200, {"data": {"hello": "Hello world"}})
    told = await client.post("/graphql", content=f'{{"query":"{{hello}}","query":"{deep}"}}', headers=headers)
    assert codes(told) == ["QUERY_TOO_DEEP"]


@pytest.mark.parametrize("key", ["__proto__", "constructor", "prototype", "__class__", "__init__", "__dict__"])
async def test_no_key_reaches_what_is_behind_an_object(client: httpx.AsyncClient, key: str) -> None:
    query = "query A($w: Wish!){wish(wish: $w)}"
    content = {"query": query, "variables": {"w": {"name": "a"}, key: {"w": {"name": "b"}}}, key: {"query": "{"}}
    response = await post(client, content)
    assert (response.status_code, response.json()) == (200, {"data": {"wish": "a RED unset"}})
    for wish in ({key: {"name": "a"}}, {"name": "a", key: {"name": "b"}}):
        response = await post(client, {"query": query, "variables": {"w": wish}})
        assert set(codes(response)) == {"BAD_USER_INPUT"}
    assert codes(await post(client, {"query": f"{{{key}}}"})) == ["GRAPHQL_VALIDATION_FAILED"]


HUGE = "9" * 5_000


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("2147483647", 200), ("2147483648", 422), ("-2147483649", 422), ("1e2147483648", 400), (HUGE, 400),
        (f"-{HUGE}", 400), (f"1e{HUGE}", 400), ("0.5", 422), ("1e308", 422), ("18446744073709551615", 422),
        ("18446744073709551616", 422), ("0x10", 400), ("1_000", 400), ("٣", 400), ("true", 422), ('"1"', 422),
    ],
)  # fmt: skip
async def test_a_number_of_any_size_is_a_number_or_the_callers_mistake(
    client: httpx.AsyncClient, written: str, status: int
) -> None:
    query = "query($n: Int!){machines(first: $n) @skip(if: true){number} hello}"
    content = f'{{"query":"{query}","variables":{{"n":{written}}}}}'.encode()
    told = await client.post("/graphql", content=content, headers={"content-type": "application/json"})
    assert told.status_code == status


@pytest.mark.parametrize("written", ["2147483648", HUGE, f"-{HUGE}", "1e9", "1.0", '"1"', "001"])
async def test_a_number_in_a_document_too(client: httpx.AsyncClient, written: str) -> None:
    with_default = f"query($n: Int! = {written}){{machines(first: $n){{number}}}}"
    for query in (f"{{machines(first: {written}){{number}}}}", with_default):
        response = await post(client, {"query": query})
        assert codes(response)[0] in ("GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED")
    response = await post(client, {"query": f"{{amount(amount: {written})}}"})
    assert response.status_code in (200, 400, 422)


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
        {"content-type": "application/json", "content-encoding": "deflate"},
        {"content-type": "application/json", "content-encoding": "zstd"},
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
    ("query", "status"),
    [
        ("", 422),
        ("?query=", 400),
        ("?qeury={hello}", 422),
        ("?query={hello}&variables=[]", 422),
        ("?query={hello}&variables=5", 422),
        ("?query={hello}&variables={", 400),
        ("?query={hello}&extensions=x", 400),
        ("?query={hello}&query={hello}", 422),
        ("?query={hello}&variables={}&variables={}", 422),
        ("?query={hello(name:%22%ff%22)}", 400),
        ("?query={hello}&operationName=%ed%a0%80", 400),
        ("?query={hello}" + "&a=1" * 50, 400),
    ],
)
async def test_a_get_that_is_no_well_formed_request_is_refused(
    client: httpx.AsyncClient, query: str, status: int
) -> None:
    response = await client.get(httpx.URL(f"http://toy/graphql{query}"), headers=PREFLIGHT)
    assert response.status_code == status
    assert codes(response)[0] in {"BAD_REQUEST", "GRAPHQL_PARSE_FAILED"}


async def test_an_empty_parameter_of_a_get_is_an_absent_one(client: httpx.AsyncClient) -> None:
    params = {"query": "{hello}", "operationName": "", "variables": "", "extensions": "", "documentId": ""}
    response = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "Hello world"}})


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
