"""The socket protocol graphql-transport-ws: every message, every close code, and what leaving does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from graph.limits import Limits
from tests.transport.serving import Talk, serving, talking
from tests.transport.toy import LONG_TEXT_CHARACTERS, SECRET, ToyHost, toy_app


@pytest.fixture
def host() -> ToyHost:
    return ToyHost()


@pytest.fixture
async def address(host: ToyHost) -> AsyncIterator[str]:
    async with serving(toy_app(host)) as (address, _):
        yield address


@pytest.fixture
async def talk(address: str) -> AsyncIterator[Talk]:
    async with talking(address, additional_headers={"accept-language": "en"}) as talk:
        await talk.hello()
        yield talk


def codes(message: dict[str, Any]) -> list[str]:
    assert message["type"] == "error"
    return [error["extensions"]["code"] for error in message["payload"]]


async def test_a_subscription_gives_its_values_and_completes(talk: Talk) -> None:
    await talk.asks("1", "subscription{count(to: 2){number double}}")
    assert [await talk.hears() for _ in range(3)] == [
        {"type": "next", "id": "1", "payload": {"data": {"count": {"number": 0, "double": 0}}}},
        {"type": "next", "id": "1", "payload": {"data": {"count": {"number": 1, "double": 2}}}},
        {"type": "complete", "id": "1"},
    ]


@pytest.mark.parametrize(
    ("query", "data"), [("{hello}", {"hello": "Hello world"}), ("mutation{touch}", {"touch": "touched"})]
)
async def test_queries_and_mutations_travel_the_socket_too(talk: Talk, query: str, data: object) -> None:
    await talk.asks("1", query)
    assert await talk.hears() == {"type": "next", "id": "1", "payload": {"data": data}}
    assert await talk.hears() == {"type": "complete", "id": "1"}


async def test_variables_and_the_operation_s_name_are_taken(talk: Talk) -> None:
    query = "query A($n: String){hello(name: $n)} query B{user}"
    await talk.asks("1", query, variables={"n": "x"}, operationName="A", extensions={"a": 1})
    assert (await talk.hears())["payload"] == {"data": {"hello": "Hello x"}}


async def test_field_errors_come_with_their_data_and_masked(talk: Talk) -> None:
    with capture_logs():
        await talk.asks("1", "{hello boom}")
        message = await talk.hears()
    assert message["type"] == "next"
    assert message["payload"]["data"]["hello"] == "Hello world"
    assert message["payload"]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in str(message)


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{helo}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A{hello} query B{hello}", None, "OPERATION_RESOLUTION_FAILURE"),
        ("query($n: Int!){machines(first: $n){number}}", {"n": "x"}, "BAD_USER_INPUT"),
        ("subscription($n: Int!){count(to: $n){number}}", {"n": "x"}, "BAD_USER_INPUT"),
        ("subscription{refused}", None, "NOT_FOUND"),
        ("subscription{count{number} waiting}", None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_an_operation_that_cannot_run_is_an_error_and_the_socket_lives_on(
    talk: Talk, query: str, variables: object, code: str
) -> None:
    await talk.asks("1", query, variables=variables)
    message = await talk.hears()
    assert (message["id"], set(codes(message))) == ("1", {code})
    await talk.asks("1", "{hello}")
    assert (await talk.hears())["type"] == "next"


async def test_a_stream_that_fails_ends_in_a_masked_error(talk: Talk) -> None:
    with capture_logs() as lines:
        await talk.asks("1", "subscription{flaky}")
        assert (await talk.hears())["type"] == "next"
        message = await talk.hears()
    assert codes(message) == ["INTERNAL"]
    assert SECRET not in str(message)
    assert message["payload"][0]["extensions"]["reference"] == lines[0]["reference"]


async def test_a_ping_is_answered_with_its_payload_even_before_the_hello(address: str) -> None:
    async with talking(address) as talk:
        await talk.says("ping")
        assert await talk.hears() == {"type": "pong"}
        await talk.says("ping", payload={"at": 1})
        assert await talk.hears() == {"type": "pong", "payload": {"at": 1}}
        await talk.says("pong")
        await talk.says("pong", payload={})
        await talk.hello()


@pytest.mark.parametrize("payload", [{}, {"payload": None}, {"payload": {}}, {"payload": {"authorization": None}}])
async def test_anonymous_visitors_are_welcome(address: str, payload: dict[str, object]) -> None:
    async with talking(address) as talk:
        await talk.says("connection_init", **payload)
        assert await talk.hears() == {"type": "connection_ack"}
        await talk.asks("1", "{user}")
        assert (await talk.hears())["payload"] == {"data": {"user": None}}


async def test_the_token_of_the_hello_counts_and_the_handshake_s_header_does_not(address: str) -> None:
    async with talking(address, additional_headers={"authorization": "Bearer bad"}) as talk:
        await talk.hello(authorization="Bearer good")
        await talk.asks("1", "{user}")
        assert (await talk.hears())["payload"] == {"data": {"user": "good"}}


async def test_a_bad_token_closes_4403(address: str) -> None:
    async with talking(address) as talk:
        await talk.says("connection_init", payload={"authorization": "Bearer bad"})
        assert await talk.hears_close() == 4403


async def test_a_socket_outlives_its_token_by_nothing() -> None:
    host = ToyHost(expires_in=timedelta(milliseconds=100))
    async with serving(toy_app(host)) as (address, _), talking(address) as talk:
        await talk.hello(authorization="Bearer good")
        await talk.asks("1", "subscription{waiting}")
        assert await talk.hears_close() == 4403
        await host.journal.reaches("left", 1)


async def test_a_token_that_has_ended_already_closes_4403() -> None:
    async with serving(toy_app(ToyHost(expires_in=timedelta(0)))) as (address, _), talking(address) as talk:
        await talk.says("connection_init", payload={"authorization": "Bearer good"})
        assert await talk.hears_close() == 4403


async def test_silence_after_connecting_closes_4408() -> None:
    async with serving(toy_app(limits=Limits(socket_init_seconds_max=0.05))) as (address, _):
        async with talking(address) as talk:
            assert await talk.hears_close() == 4408
        async with talking(address) as talk:
            await talk.says("ping")
            assert await talk.hears_close() == 4408


def test_the_time_to_say_hello_is_five_seconds_at_most() -> None:
    assert Limits().socket_init_seconds_max <= 5


async def test_who_said_hello_in_time_may_stay() -> None:
    async with serving(toy_app(limits=Limits(socket_init_seconds_max=0.2))) as (address, _), talking(address) as talk:
        await talk.hello()
        async with asyncio.timeout(5):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(talk.connection.recv(), 0.4)
        await talk.asks("1", "{hello}")
        assert (await talk.hears())["type"] == "next"


async def test_a_second_hello_closes_4429(talk: Talk) -> None:
    await talk.says("connection_init")
    assert await talk.hears_close() == 4429


async def test_a_subscription_before_the_hello_closes_4401(address: str) -> None:
    async with talking(address) as talk:
        await talk.asks("1", "{hello}")
        assert await talk.hears_close() == 4401


async def test_an_id_in_use_closes_4409(talk: Talk) -> None:
    await talk.asks("1", "subscription{waiting}")
    await talk.asks("1", "{hello}")
    assert await talk.hears_close() == 4409


async def test_an_id_is_free_again_after_its_operation(talk: Talk) -> None:
    for _ in range(3):
        await talk.asks("1", "{hello}")
        assert [(await talk.hears())["type"] for _ in range(2)] == ["next", "complete"]


@pytest.mark.parametrize("subprotocol", [None, "graphql-ws", "something-else", "GRAPHQL-TRANSPORT-WS"])
async def test_another_subprotocol_closes_4406(address: str, subprotocol: str | None) -> None:
    # The strictness of this client about what it did not ask for is not what is tried here.
    async with talking(address, subprotocol=subprotocol) as talk:
        assert await talk.hears_close() == 4406


@pytest.mark.parametrize(
    "frame",
    [
        b"{}",
        b'{"type":"ping"}',
        "",
        "null",
        "5",
        "[]",
        '"ping"',
        "{",
        "nonsense",
        "{}",
        '{"type":null}',
        '{"type":5}',
        '{"type":["ping"]}',
        '{"type":"start"}',
        '{"type":"connection_ack"}',
        '{"type":"next","id":"1","payload":{}}',
        '{"type":"error","id":"1","payload":[]}',
        '{"type":"ping","payload":[]}',
        '{"type":"pong","payload":"x"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":"","payload":{"query":"{hello}"}}',
        '{"type":"subscribe","id":1,"payload":{"query":"{hello}"}}',
        '{"type":"subscribe","id":null,"payload":{"query":"{hello}"}}',
        '{"type":"subscribe","id":"1","payload":"{hello}"}',
        '{"type":"subscribe","id":"1","payload":[]}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":null}}',
        '{"type":"subscribe","id":"1","payload":{"query":5}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":"{}"}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","operationName":5}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{hello}","extensions":5}}',
        '{"type":"subscribe","id":"1","payload":{"query":"\\ud800"}}',
        '{"type":"complete"}',
        '{"type":"complete","id":5}',
        '{"type":"subscribe","id":"' + "x" * 257 + '","payload":{"query":"{hello}"}}',
        "[" * 100_000,
        '{"type":"ping","payload":' + '{"a":' * 2_000 + "1" + "}" * 2_001,
    ],
)
@pytest.mark.parametrize("is_greeted", [False, True])
async def test_a_frame_that_is_no_message_closes_4400(address: str, frame: str | bytes, is_greeted: bool) -> None:
    async with talking(address) as talk:
        if is_greeted:
            await talk.hello()
        await talk.sends(frame)
        assert await talk.hears_close() == 4400


@pytest.mark.parametrize("payload", ["x", [], 5, {"authorization": 5}, {"authorization": ["Bearer good"]}])
async def test_a_hello_that_is_malformed_closes_4400(address: str, payload: object) -> None:
    async with talking(address) as talk:
        await talk.says("connection_init", payload=payload)
        assert await talk.hears_close() == 4400


async def test_the_completion_of_what_nobody_started_is_ignored(talk: Talk) -> None:
    await talk.says("complete", id="nothing")
    await talk.asks("1", "{hello}")
    assert (await talk.hears())["type"] == "next"


async def test_a_frame_over_the_limit_closes_1009() -> None:
    async with serving(toy_app(limits=Limits(frame_bytes_max=10_000))) as (address, _):
        for text in ("x" * 10_001, "中" * 4_000):
            async with talking(address) as talk:
                await talk.hello()
                await talk.says("ping", payload={"a": text})
                assert await talk.hears_close() == 1009


async def test_more_operations_than_the_limit_are_refused_one_by_one() -> None:
    async with serving(toy_app(limits=Limits(socket_operations_max=2))) as (address, _), talking(address) as talk:
        await talk.hello()
        for name in ("1", "2"):
            await talk.asks(name, "subscription{waiting}")
            assert (await talk.hears())["id"] == name
        await talk.asks("3", "{hello}")
        message = await talk.hears()
        assert (message["id"], codes(message)) == ("3", ["TOO_MANY_OPERATIONS"])


async def test_an_operation_that_completes_gives_its_place_to_another(host: ToyHost) -> None:
    async with serving(toy_app(host, Limits(socket_operations_max=1))) as (address, _), talking(address) as talk:
        await talk.hello()
        await talk.asks("1", "subscription{waiting}")
        await talk.hears()
        await talk.says("complete", id="1")
        await host.journal.reaches("left", 1)
        await talk.asks("1", "{hello}")
        assert (await talk.hears())["type"] == "next"


async def test_a_client_s_complete_ends_the_generator_and_nothing_more_is_said(talk: Talk, host: ToyHost) -> None:
    await talk.asks("1", "subscription{waiting}")
    await talk.hears()
    await talk.says("complete", id="1")
    await host.journal.reaches("left", 1)
    await talk.says("ping")
    assert await talk.hears() == {"type": "pong"}


async def test_leaving_in_the_middle_of_a_query_lets_it_end(talk: Talk, host: ToyHost) -> None:
    await talk.asks("1", "{slow}")
    await host.journal.reaches("slow started", 1)
    await talk.says("complete", id="1")
    await host.journal.reaches("slow ended", 1)
    await talk.says("ping")
    assert await talk.hears() == {"type": "pong"}


async def test_each_operation_on_a_socket_has_a_context_of_its_own(talk: Talk, host: ToyHost) -> None:
    for n in range(3):
        await talk.asks(str(n), "{machines{double}}")
        await talk.hears()
        await talk.hears()
    assert host.journal.counts["batch"] == 3, "a shared loader would have answered the later ones from memory"


async def test_a_hundred_who_leave_at_once_all_leave(address: str, host: ToyHost) -> None:
    async def visit() -> None:
        async with talking(address) as talk:
            await talk.hello()
            await talk.asks("1", "subscription{reading}")
            for _ in range(3):
                await talk.hears()
            talk.connection.transport.abort()

    await asyncio.gather(*[visit() for _ in range(100)])
    await host.journal.reaches("left", 100)
    async with httpx.AsyncClient() as client:
        response = await client.post(f"http://{address}/graphql", json={"query": "{hello}"})
    assert response.status_code == 200


async def test_a_generator_that_will_not_leave_holds_nobody_up(host: ToyHost) -> None:
    with capture_logs() as lines:
        async with serving(toy_app(host, Limits(leaving_seconds_max=0.05))) as (address, _):
            async with talking(address) as talk:
                await talk.hello()
                await talk.asks("1", "subscription{stubborn}")
                await talk.hears()
                await talk.says("complete", id="1")
                await host.journal.reaches("refused to leave", 1)
                await talk.asks("2", "{hello}")
                assert (await talk.hears())["id"] == "2"
            await host.journal.reaches("refused to leave", 2)
    assert [(line["event"], line["count"]) for line in lines] == [("operations_did_not_leave", 1)]


async def test_a_server_that_stops_closes_its_sockets_at_once(host: ToyHost) -> None:
    started = asyncio.get_running_loop().time()
    async with serving(toy_app(host)) as (address, server):
        talks = [talking(address) for _ in range(10)]
        opened = [await talk.__aenter__() for talk in talks]
        for talk in opened:
            await talk.hello()
            await talk.asks("1", "subscription{waiting}")
            await talk.hears()
        server.should_exit = True
        assert {await talk.hears_close() for talk in opened} <= {1001, 1012}
        await host.journal.reaches("left", 10)
        for talk_ in talks:
            await talk_.__aexit__(None, None, None)
    assert asyncio.get_running_loop().time() - started < 5


async def test_a_client_that_does_not_read_stops_its_own_streams_and_loses_its_socket() -> None:
    host = ToyHost()
    async with (
        serving(toy_app(host, Limits(socket_send_seconds_max=0.3))) as (address, _),
        talking(address, max_queue=1, compression=None) as talk,
    ):
        await talk.hello()
        await talk.asks("waiting", "subscription{waiting}")
        for number in range(20):
            await talk.asks(str(number), "subscription{flood}")
        await host.journal.reaches("left", 1)
        # On its way are what fills the kernel's buffers (megabytes on the loopback) and one message for each stream.
        assert 20 <= host.journal.counts["flooded"] < 16_000_000 / LONG_TEXT_CHARACTERS
        talk.connection.transport.abort()


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),
        ("http://{host}", True),
        ("https://{host}", True),
        ("https://app.example.cn", True),
        ("https://evil.example", False),
        ("https://app.example.cn.evil.example", False),
        ("http://{host}.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
async def test_only_our_own_site_and_those_allowed_may_open_sockets(origin: str | None, is_allowed: bool) -> None:
    async with serving(toy_app(origins_allowed=["https://app.example.cn"])) as (address, _):
        headers = {} if origin is None else {"origin": origin.format(host=address)}
        if is_allowed:
            async with talking(address, additional_headers=headers) as talk:
                await talk.hello()
            return
        with pytest.raises(InvalidStatus) as refused:
            async with talking(address, additional_headers=headers):
                pass
        assert refused.value.response.status_code == 403
        assert b"ORIGIN_NOT_ALLOWED" in (refused.value.response.body or b"")


async def test_every_site_may_open_sockets_where_that_is_set() -> None:
    async with (
        serving(toy_app(origins_allowed=["*"])) as (address, _),
        talking(address, additional_headers={"origin": "https://evil.example"}) as talk,
    ):
        await talk.hello()


async def test_a_failure_of_the_house_closes_4500_and_is_logged() -> None:
    class BrokenHost(ToyHost):
        async def context(self, **_: Any) -> Any:
            raise RuntimeError(SECRET)

    with capture_logs() as lines:
        async with serving(toy_app(BrokenHost())) as (address, _), talking(address) as talk:
            await talk.says("connection_init")
            assert await talk.hears_close() == 4500
            assert talk.connection.close_reason is not None
            assert SECRET not in talk.connection.close_reason
    assert lines[0]["reference"] in talk.connection.close_reason


async def test_errors_on_a_socket_follow_the_handshake_s_language(address: str) -> None:
    async with talking(address, additional_headers={"accept-language": "zh-CN"}) as talk:
        await talk.hello()
        await talk.asks("1", "subscription{refused}")
        assert (await talk.hears())["payload"][0]["message"] == "没有找到该记录。"
