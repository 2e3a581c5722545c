"""A stranger who asks again with the same head, byte for byte, is answered from memory without being received anew."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from domain.party import ANONYMOUS
from graph.context import Context
from graph.reception.budget import Budgets
from graph.transport.answers import Manner
from graph.transport.asked import IS_WHOLE
from graph.transport.http import HttpEndpoint
from graph.transport.kept import HEAD_BYTES_MAX, HEADS_MAX, KnownHeads
from graph.transport.negotiation import AnswerType
from storage.database import DatabaseAway
from tests.office import Office
from tests.test_public_answers import all_is_known

REGISTRY = "{ institutions(first: 50) { nodes { name status countryLabel } } }"
RULES = "{ rules(first: 3) { nodes { hsCode } } }"
JSON = (b"content-type", b"application/json")

Header = tuple[bytes, bytes]


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was received like any other request, by its method."""
    found: list[str] = []
    responds = HttpEndpoint._response

    async def counts(self: HttpEndpoint, request: Any) -> Response:
        found.append(request.method)
        return await responds(self, request)

    monkeypatch.setattr(HttpEndpoint, "_response", counts)
    return found


def scope_of(body: bytes, headers: Sequence[Header], host: str, **more: Any) -> dict[str, Any]:
    """As our own server hands on a request that has come to its end."""
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": "POST",
        "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "query_string": b"", "state": {},
        "server": ("office.example", 80), "client": (host, 50000), IS_WHOLE: True,
        "headers": [(b"host", b"office.example"), *headers, (b"content-length", b"%d" % len(body))], **more,
    }  # fmt: skip


async def sends(
    office: Office, content: Any, *headers: Header, host: str = "203.0.113.7", **more: Any
) -> tuple[int, dict[bytes, bytes], Any]:
    """Status, headers and content of the answer."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    left, sent = [{"type": "http.request", "body": body, "more_body": False}], []

    async def receive() -> Any:
        return left.pop() if left else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await office.app(scope_of(body, headers or [JSON], host, **more), receive, send)
    begun, told = sent
    answer_headers = dict(begun["headers"])
    is_zipped = answer_headers.get(b"content-encoding") == b"gzip"
    return begun["status"], answer_headers, json.loads(gzip.decompress(told["body"]) if is_zipped else told["body"])


async def known(office: Office, received: list[str], query: str, *headers: Header, host: str = "203.0.113.7") -> Any:
    """The answer to a head that is known by now; the reader of the register may move on in between, a few times."""
    for _ in range(5):
        await all_is_known(office)
        await sends(office, {"query": query}, *headers, host=host)
        received.clear()
        answer = await sends(office, {"query": query}, *headers, host=host)
        if not received:
            return answer
    raise AssertionError(f"received each time: {query}")


async def test_the_answer_is_the_same_and_counts_as_much(office: Office, received: list[str]) -> None:
    await all_is_known(office)
    first_status, first_headers, first = await sends(office, {"query": REGISTRY})
    status, headers, again = await known(office, received, REGISTRY)
    assert (status, headers) == (first_status, first_headers)
    assert again["data"] == first["data"] == await office.anybody.asks(REGISTRY)
    cost, cost_before = again["extensions"]["cost"], first["extensions"]["cost"]
    assert cost["requested"] == cost_before["requested"]
    assert cost["remaining"] < cost_before["remaining"]


async def test_what_is_news_is_told_at_once(office: Office, received: list[str]) -> None:
    _, _, before = await known(office, received, REGISTRY)
    await office.disposes("I01", "RECTIFICATION")
    _, _, after = await sends(office, {"query": REGISTRY})
    assert after["data"] != before["data"]
    assert after["data"] == await office.anybody.asks(REGISTRY)


async def test_another_body_with_the_same_head_is_received_whole(office: Office, received: list[str]) -> None:
    await known(office, received, RULES)
    other = RULES.replace("3", "2")
    assert len((await sends(office, {"query": other}))[2]["data"]["rules"]["nodes"]) == 2
    status, _, refused = await sends(office, b"{" * len(json.dumps({"query": RULES})))
    assert (status, refused["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    await sends(office, {"query": RULES}, query_string=b"access_token=secret")
    assert received == ["POST"] * 3


async def test_another_manner_is_another_head(office: Office, received: list[str]) -> None:
    chinese, english = (JSON, (b"accept-language", b"zh")), (JSON, (b"accept-language", b"en"))
    answers = [await known(office, received, REGISTRY, *chinese)]
    for headers in (english, english, chinese, chinese, english):
        await all_is_known(office)
        answers.append(await sends(office, {"query": REGISTRY}, *headers))
    labels = [each[2]["data"]["institutions"]["nodes"][0]["countryLabel"] for each in answers]
    assert labels[0] == labels[3] == labels[4] != labels[1] == labels[2] == labels[5]
    own = (b"accept", b"application/graphql-response+json")
    _, headers, _ = await known(office, received, RULES, JSON, own)
    assert headers[b"content-type"].startswith(own[1])


async def test_who_may_be_somebody_is_received_each_time(office: Office, received: list[str]) -> None:
    token = office.enterprise.headers["authorization"].encode()
    body = {"query": "{ institutions(first: 1) { nodes { name } } }"}
    for header in ((b"authorization", token), (b"cookie", b"a=b"), (b"x-long", b"x" * HEAD_BYTES_MAX)):
        received.clear()
        for _ in range(3):
            await all_is_known(office)
            assert (await sends(office, body, JSON, header))[0] == 200
        assert received == ["POST"] * 3, header


async def test_who_has_asked_for_too_much_is_told_so(open_office: Any, received: list[str]) -> None:
    async with open_office(cost_rate="300/1h") as office:
        _, _, before = await known(office, received, RULES)
        price = before["extensions"]["cost"]["requested"]
        statuses = [(await sends(office, {"query": RULES}))[0] for _ in range(300 // price + 1)]
        assert statuses == sorted(statuses)
        assert {200, 429} == set(statuses)
        # Whoever comes from elsewhere has a bucket of its own.
        assert (await sends(office, {"query": RULES}, host="198.51.100.7"))[0] == 200


async def test_a_failure_to_count_is_told_in_words(
    office: Office, received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(office, received, RULES)

    async def fails(*_: object) -> Any:
        raise DatabaseAway("no connection became free")

    monkeypatch.setattr(Budgets, "spend", fails)
    status, headers, content = await sends(office, {"query": RULES})
    assert (status, content["errors"][0]["extensions"]["code"]) == (503, "DATABASE_AWAY")
    assert headers[b"retry-after"]


async def test_what_becomes_news_while_it_is_counted_is_told(
    office: Office, received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, before = await known(office, received, REGISTRY)
    spends = Budgets.spend

    async def slowly(*args: Any) -> Any:
        monkeypatch.setattr(Budgets, "spend", spends)
        await office.disposes("I01", "RECTIFICATION")
        return await spends(*args)

    monkeypatch.setattr(Budgets, "spend", slowly)
    _, _, after = await sends(office, {"query": REGISTRY})
    assert after["data"] != before["data"]
    assert after["data"] == await office.anybody.asks(REGISTRY)


async def test_the_known_are_answered_in_gzip_too(office: Office, received: list[str]) -> None:
    _, headers, _ = await known(office, received, REGISTRY, JSON, (b"accept-encoding", b"gzip"))
    assert headers[b"content-encoding"] == b"gzip"


async def test_where_strangers_ask_by_trusted_documents_alone_each_is_received(
    open_office: Any, received: list[str], tmp_path: Path
) -> None:
    trusted = tmp_path / "documents.json"
    trusted.write_text(json.dumps({f"sha256:{hashlib.sha256(RULES.encode()).hexdigest()}": RULES}))
    async with open_office(anonymous_documents="trusted", documents_file=str(trusted)) as office:
        for _ in range(3):
            await all_is_known(office)
            assert (await sends(office, {"query": RULES}))[2]["data"]["rules"]["nodes"]
    assert len(received) == 3


async def test_no_more_heads_are_known_than_may_be(office: Office) -> None:
    heads, context = KnownHeads(), Context(office.app.state.house, ANONYMOUS)
    scopes = [scope_of(b"", [JSON], f"10.0.{n // 256}.{n % 256}") for n in range(HEADS_MAX + 1)]
    for each in scopes[:-1]:
        heads.learn(each, context, Manner(AnswerType.JSON, context.language))
    assert heads.find(scopes[0]) is not None
    heads.learn(scopes[-1], context, Manner(AnswerType.JSON, context.language))
    assert heads.find(scopes[1]) is None
    assert [heads.find(scopes[at]) is None for at in (0, 2, -1)] == [False] * 3
