"""Documents that are named instead of sent: trusted ones by their id, and those that clients teach by their hash."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from graph.execution import Executor
from graph.limits import Limits
from graph.transport.documents import Intake, digest_of
from tests.transport.asking import LEGACY, PREFLIGHT, client_of, codes, post
from tests.transport.serving import codes as codes_told
from tests.transport.serving import serving, talking
from tests.transport.toy import ToyHost, toy_app, toy_schema

GREETING = "query Greeting($n: String){hello(name: $n)}"
TOUCH = "mutation Touch{touch}"
TICKS = "subscription{count(to: 2){number}}"
TRUSTED = {"greeting": GREETING, "touch": TOUCH, "ticks": TICKS}


class Shelf:
    """Trusted documents, in memory."""

    def __init__(self, named: Mapping[str, str]) -> None:
        self._texts = {**named, **{hash_id(text): text for text in named.values()}}

    async def text(self, document_id: str) -> str | None:
        return self._texts.get(document_id)


def hash_id(text: str) -> str:
    return f"sha256:{digest_of(text)}"


def app_with(host: ToyHost | None = None, limits: Limits | None = None, *, strangers_need_trust: bool = False) -> Any:
    limits = limits or Limits()
    executor = Executor(toy_schema(), limits)
    intake = Intake(executor, limits, Shelf(TRUSTED), strangers_need_trust=strangers_need_trust)
    return toy_app(host, limits, executor, intake=intake, cache_seconds=30)


def persisted(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest_of(text)}}, **more}


@pytest.mark.parametrize("document_id", ["greeting", hash_id(GREETING)])
async def test_a_trusted_document_runs_by_hash_or_name(document_id: str) -> None:
    async with client_of(app_with()) as client:
        posted = await post(client, {"documentId": document_id, "variables": {"n": "中"}})
        params = {"documentId": document_id, "variables": '{"n":"中"}'}
        got = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert posted.json() == got.json() == {"data": {"hello": "Hello 中"}}
    assert got.headers["cache-control"] == "public, max-age=30"


async def test_trusted_documents_travel_sockets_and_streams_too() -> None:
    async with serving(app_with()) as (address, _), talking(address) as talk:
        await talk.hello()
        await talk.says("subscribe", id="1", payload={"documentId": "greeting"})
        assert (await talk.hears())["payload"] == {"data": {"hello": "Hello world"}}
        assert (await talk.hears())["type"] == "complete"
        await talk.says("subscribe", id="2", payload={"documentId": "nothing"})
        assert codes_told(await talk.hears()) == ["DOCUMENT_NOT_FOUND"]
        async with httpx.AsyncClient() as client:
            headers = {"accept": "text/event-stream"}
            stream = await client.post(f"http://{address}/graphql", json={"documentId": "ticks"}, headers=headers)
    assert stream.text.count("event: next") == 2


async def test_a_trusted_mutation_is_405_by_get() -> None:
    host = ToyHost()
    async with client_of(app_with(host)) as client:
        response = await client.get("/graphql", params={"documentId": "touch"}, headers=PREFLIGHT)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert host.journal.counts == {}


async def test_an_unknown_document_is_one_error() -> None:
    async with client_of(app_with()) as client:
        modern = await post(client, {"documentId": hash_id("{user}")})
        legacy = await post(client, {"documentId": "unknown"}, accept=LEGACY)
    assert (modern.status_code, codes(modern)) == (404, ["DOCUMENT_NOT_FOUND"])
    assert (legacy.status_code, codes(legacy)) == (200, ["DOCUMENT_NOT_FOUND"])
    assert "data" not in modern.json()


@pytest.mark.parametrize(
    "content",
    [
        {"documentId": ""},
        {"documentId": "sha256:abc"},
        {"documentId": "sha256:" + "A" * 64},
        {"documentId": "md5:abc"},
        {"documentId": "a/b"},
        {"documentId": "x" * 129},
        {"documentId": 5},
        {"documentId": "greeting", "query": GREETING},
        {"documentId": "greeting", **persisted(GREETING)},
        {"extensions": {"persistedQuery": {}}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "A" * 64}}},
        {"extensions": {"persistedQuery": "a" * 64}},
    ],
)
async def test_an_id_that_is_none_is_no_well_formed_request(content: dict[str, Any]) -> None:
    async with client_of(app_with()) as client:
        response = await post(client, content)
    assert (response.status_code, codes(response)) == (422, ["BAD_REQUEST"])


async def test_a_client_teaches_a_document_by_its_hash() -> None:
    variables = {"variables": {"n": "Apollo"}}
    text = GREETING.replace("Greeting", "Taught")
    async with client_of(app_with()) as client:
        unknown = await post(client, persisted(text, **variables))
        taught = await post(client, persisted(text, query=text, **variables))
        known = await post(client, persisted(text, **variables))
        params = {"extensions": f'{{"persistedQuery":{{"version":1,"sha256Hash":"{digest_of(text)}"}}}}'}
        got = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert (unknown.status_code, codes(unknown)) == (404, ["PERSISTED_QUERY_NOT_FOUND"])
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"  # by which urql knows it
    assert taught.json() == known.json() == {"data": {"hello": "Hello Apollo"}}
    assert got.json() == {"data": {"hello": "Hello world"}}


async def test_a_trusted_document_needs_no_teaching() -> None:
    async with client_of(app_with()) as client:
        response = await post(client, persisted(GREETING))
    assert response.json() == {"data": {"hello": "Hello world"}}


async def test_a_hash_of_another_document_teaches_nothing() -> None:
    async with client_of(app_with()) as client:
        refused = await post(client, persisted("{user}", query="{hello}"))
        asked = await post(client, persisted("{user}"))
    assert (refused.status_code, codes(refused)) == (422, ["PERSISTED_QUERY_HASH_MISMATCH"])
    assert codes(asked) == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_what_does_not_fit_the_schema_is_not_remembered() -> None:
    async with client_of(app_with()) as client:
        refused = await post(client, persisted("{nothing}", query="{nothing}"))
        asked = await post(client, persisted("{nothing}"))
    assert codes(refused) == ["GRAPHQL_VALIDATION_FAILED"]
    assert codes(asked) == ["PERSISTED_QUERY_NOT_FOUND"]


@pytest.mark.parametrize("limits", [Limits(documents_automatic_max=2), Limits(documents_automatic_characters_max=30)])
async def test_what_clients_teach_is_bounded(limits: Limits) -> None:
    texts = [f"{{n{number}: hello}}" for number in range(3)]
    async with client_of(app_with(limits=limits)) as client:
        for text in texts:
            assert (await post(client, persisted(text, query=text))).status_code == 200
        statuses = [(await post(client, persisted(text))).status_code for text in texts]
    assert statuses == [404, 200, 200]


async def test_strangers_run_only_what_is_trusted_where_that_is_set() -> None:
    somebody = {"authorization": "Bearer good"}
    async with client_of(app_with(strangers_need_trust=True)) as client:
        for content in ({"query": "{hello}"}, persisted("{hello}", query="{hello}")):
            refused = await post(client, content)
            assert (refused.status_code, codes(refused)) == (403, ["DOCUMENT_NOT_TRUSTED"])
            assert (await post(client, content, **somebody)).status_code == 200
        # A user has taught it meanwhile; that makes it no more trusted.
        assert codes(await post(client, persisted("{hello}"))) == ["DOCUMENT_NOT_TRUSTED"]
        for content in ({"query": GREETING}, {"documentId": "greeting"}, persisted(GREETING)):
            assert (await post(client, content)).json() == {"data": {"hello": "Hello world"}}


async def test_strangers_on_a_socket_run_only_what_is_trusted_too() -> None:
    async with serving(app_with(strangers_need_trust=True)) as (address, _), talking(address) as talk:
        await talk.hello()
        await talk.asks("1", "{hello}")
        assert codes_told(await talk.hears()) == ["DOCUMENT_NOT_TRUSTED"]
        await talk.asks("2", GREETING)
        assert (await talk.hears())["type"] == "next"
