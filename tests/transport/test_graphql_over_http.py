"""GraphQL over HTTP, clause by clause, as far as no other test shows it; `clauses.py` says what is shown where."""

import gzip

import httpx
import pytest

from graph.limits import Limits
from tests.transport.asking import LEGACY, MODERN, PREFLIGHT, client_of, codes, post
from tests.transport.toy import toy_app


async def test_one_address_serves_all(client: httpx.AsyncClient) -> None:
    query = await post(client, {"query": "{hello}"})
    mutation = await post(client, {"query": "mutation{touch}"})
    assert (query.json(), mutation.json()) == ({"data": {"hello": "Hello world"}}, {"data": {"touch": "touched"}})


async def test_utf_8_is_what_no_charset_means(client: httpx.AsyncClient) -> None:
    for type_ in ("application/json", "application/json; charset=utf-8"):
        content = '{"query":"{hello(name:\\"装运前\\")}"}'.encode()
        response = await client.post("/graphql", content=content, headers={"content-type": type_, "accept": MODERN})
        assert response.json() == {"data": {"hello": "Hello 装运前"}}


async def test_null_is_a_name_in_an_address(client: httpx.AsyncClient) -> None:
    params = {"query": "query null{hello} query other{user}", "operationName": "null"}
    response = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert response.json() == {"data": {"hello": "Hello world"}}


@pytest.mark.parametrize(
    ("query", "status", "keys"),
    [
        ("{hello}", 200, {"data"}),
        ("{hello boom}", 294, {"data", "errors"}),
        ("{boomRequired}", 294, {"data", "errors"}),
        ("{", 400, {"errors"}),
        ("{nothing}", 422, {"errors"}),
    ],
)
async def test_the_shape_of_an_answer_follows_the_specification(
    client: httpx.AsyncClient, query: str, status: int, keys: set[str]
) -> None:
    response = await post(client, {"query": query})
    answer = response.json()
    assert (response.status_code, set(answer)) == (status, keys)
    for error in answer.get("errors", []):
        assert isinstance(error["message"], str)
        assert set(error) <= {"message", "locations", "path", "extensions"}


async def test_an_address_or_headers_beyond_the_limit_have_a_status_of_their_own() -> None:
    async with client_of(toy_app(limits=Limits(url_bytes_max=200, header_bytes_max=400))) as client:
        fits = await client.get("/graphql", params={"query": "{hello}"}, headers=PREFLIGHT)
        address = await client.get("/graphql", params={"query": "{hello}" + " " * 200}, headers=PREFLIGHT)
        headers = await post(client, {"query": "{hello}"}, **{"x-more": "x" * 400})
    assert fits.status_code == 200
    assert (address.status_code, codes(address)) == (414, ["URI_TOO_LONG"])
    assert (headers.status_code, codes(headers)) == (431, ["HEADERS_TOO_LARGE"])


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip, deflate, br", True),
        ("x-gzip;q=0.5", True),
        ("br", False),
        ("gzip;q=0", False),
        ("*", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_long_answer_is_compressed_for_whoever_takes_it(
    client: httpx.AsyncClient, accept: str, accepted: str, is_compressed: bool
) -> None:
    headers = {"accept-encoding": accepted, "accept": accept, "content-type": "application/json"}
    content = b'{"query":"{machines(first: 200){number}}"}'
    async with client.stream("POST", "/graphql", content=content, headers=headers) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert ("content-encoding" in response.headers) is is_compressed
    assert int(response.headers["content-length"]) == len(raw)
    assert "Accept-Encoding" in response.headers["vary"]
    plain = gzip.decompress(raw) if is_compressed else raw
    assert plain.count(b'"number"') == 200


async def test_a_short_answer_and_a_stream_are_not_compressed(client: httpx.AsyncClient) -> None:
    headers = {"accept-encoding": "gzip"}
    short = await post(client, {"query": "{hello}"}, **headers)
    stream = await post(client, {"query": "{machines(first: 200){number}}"}, accept="text/event-stream", **headers)
    assert "content-encoding" not in short.headers
    assert "content-encoding" not in stream.headers


@pytest.mark.parametrize(
    ("query", "headers", "is_kept"),
    [
        ("{hello}", {}, True),
        ("{hello}", {"authorization": "Bearer good"}, False),
        ("{hello boom}", {}, False),
        ("{nothing}", {}, False),
        ("mutation{touch}", {}, False),
    ],
)
async def test_only_what_strangers_are_told_alike_may_be_kept(
    query: str, headers: dict[str, str], is_kept: bool
) -> None:
    async with client_of(toy_app(cache_seconds=30)) as client:
        got = await client.get("/graphql", params={"query": query}, headers={**PREFLIGHT, **headers})
        posted = await post(client, {"query": query}, **headers)
    assert posted.headers["cache-control"] == "no-store"
    assert got.headers["cache-control"] == ("public, max-age=30" if is_kept else "no-store")
    if is_kept:
        varied = {name.strip() for name in got.headers["vary"].split(",")}
        assert varied >= {"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie"}
