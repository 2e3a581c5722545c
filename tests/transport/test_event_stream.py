"""Server-sent events: subscriptions to whoever takes a stream, and everything else only to who takes nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from graph.limits import Limits
from tests.transport.asking import LEGACY, MODERN, codes, post
from tests.transport.serving import serving
from tests.transport.toy import SECRET, ToyHost, toy_app

STREAM = "text/event-stream"
URQL = f"{MODERN}, application/graphql+json, {LEGACY}, {STREAM}, multipart/mixed"


def events(text: str) -> list[tuple[str, Any]]:
    """Name and content of each event."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if lines:
            found.append((lines["event"], orjson.loads(lines["data"]) if lines.get("data") else None))
    return found


async def streamed(client: httpx.AsyncClient, query: str, accept: str = STREAM, **variables: Any) -> list[Any]:
    response = await post(client, {"query": query, "variables": variables}, accept=accept)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(STREAM)
    assert "\r" not in response.text
    return events(response.text)


@pytest.mark.parametrize("accept", [STREAM, URQL, f"{LEGACY}, {STREAM};q=0.1"])
async def test_a_subscription_is_streamed_to_whoever_takes_a_stream(client: httpx.AsyncClient, accept: str) -> None:
    told = await streamed(client, "subscription{count(to: 3){number double}}", accept)
    assert told == [
        *(("next", {"data": {"count": {"number": n, "double": 2 * n}}}) for n in range(3)),
        ("complete", None),
    ]


async def test_queries_and_mutations_are_streamed_to_who_takes_nothing_else(client: httpx.AsyncClient) -> None:
    assert await streamed(client, "{hello}") == [("next", {"data": {"hello": "Hello world"}}), ("complete", None)]
    answer = await post(client, {"query": "{hello}"}, accept=URQL)
    assert answer.headers["content-type"] == f"{MODERN}; charset=utf-8"
    assert answer.json() == {"data": {"hello": "Hello world"}}


async def test_the_headers_keep_caches_and_proxies_out_of_it(client: httpx.AsyncClient) -> None:
    response = await post(client, {"query": "{hello}"}, accept=STREAM)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-length" not in response.headers


async def test_what_is_wrong_with_the_document_is_told_in_the_stream(client: httpx.AsyncClient) -> None:
    for query, code in (("{nothing}", "GRAPHQL_VALIDATION_FAILED"), ("{ {", "GRAPHQL_PARSE_FAILED")):
        (first, last) = await streamed(client, query)
        assert first[0] == "next"
        assert "data" not in first[1]
        assert first[1]["errors"][0]["extensions"]["code"] == code
        assert last == ("complete", None)


async def test_what_is_wrong_with_the_request_has_a_status(client: httpx.AsyncClient) -> None:
    broken = await client.post(
        "/graphql", content=b"{nope", headers={"accept": STREAM, "content-type": "application/json"}
    )
    assert (broken.status_code, codes(broken)) == (400, ["BAD_REQUEST"])
    refused = await post(client, {"query": "{hello}"}, accept=STREAM, authorization="Bearer wrong")
    assert (refused.status_code, codes(refused)) == (401, ["UNAUTHENTICATED"])


async def test_a_stream_may_be_opened_with_get_but_nothing_changed(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/graphql", params={"query": "subscription{count(to: 2){number}}"}, headers={"accept": STREAM}
    )
    assert [name for name, _ in events(response.text)] == ["next", "next", "complete"]
    changing = await client.get("/graphql", params={"query": "mutation{touch}"}, headers={"accept": STREAM})
    assert (changing.status_code, codes(changing)) == (405, ["METHOD_NOT_ALLOWED"])


async def test_a_source_that_fails_or_refuses_ends_the_stream_with_a_masked_error(client: httpx.AsyncClient) -> None:
    first, failed, last = await streamed(client, "subscription{flaky}")
    assert first == ("next", {"data": {"flaky": 1}})
    assert failed[1]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(failed)
    assert last == ("complete", None)
    refused, _ = await streamed(client, "subscription{refused}")
    assert refused[1]["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@asynccontextmanager
async def following(address: str, query: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    async with (
        httpx.AsyncClient(timeout=10, headers={"accept": STREAM, **headers}) as client,
        client.stream("POST", f"http://{address}/graphql", json={"query": query}) as answer,
    ):
        yield answer.aiter_text()


async def test_whoever_leaves_frees_the_source(address: str, host: ToyHost) -> None:
    async def visit() -> None:
        async with following(address, "subscription{waiting}") as text:
            await anext(text)

    await asyncio.gather(*[visit() for _ in range(20)])
    await host.journal.reaches("left", 20)


async def test_a_quiet_stream_shows_that_it_is_there(host: ToyHost) -> None:
    async with serving(toy_app(host, Limits(stream_silence_seconds_max=0.01))) as (address, _):
        async with following(address, "subscription{waiting}") as text:
            heard = ""
            async for part in text:
                heard += part
                if heard.count("\n:\n") >= 2:
                    break
        assert events(heard) == [("next", {"data": {"waiting": 0}})]
        await host.journal.reaches("left", 1)


async def test_a_stream_ends_with_the_session(host: ToyHost) -> None:
    host.expires_in = timedelta(seconds=0.2)
    async with (
        serving(toy_app(host)) as (address, _),
        following(address, "subscription{waiting}", authorization="Bearer good") as text,
    ):
        heard = "".join([part async for part in text])
    *_, ended, last = events(heard)
    assert ended[1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert last == ("complete", None)
    await host.journal.reaches("left", 1)
