"""Operations on a socket: every message of graphql-transport-ws, its errors, its limits and its close codes."""

import pytest
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.transport.serving import Talk, codes, serving, talking
from tests.transport.toy import SECRET, ToyHost, toy_app


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


async def test_after_an_error_nothing_more_is_said_of_the_operation(talk: Talk) -> None:
    for query in ("{", "{nothing}", "subscription{refused}"):
        await talk.asks("1", query)
        message = await talk.hears()
        assert (message["type"], message["id"], type(message["payload"])) == ("error", "1", list)
        await talk.says("ping")
        assert await talk.hears() == {"type": "pong"}


async def test_operations_beside_each_other_each_hear_their_own(talk: Talk) -> None:
    for name in ("a", "b"):
        await talk.asks(name, "subscription{count(to: 3){number}}")
    heard: dict[str, list[object]] = {"a": [], "b": []}
    while not all("complete" in each for each in heard.values()):
        message = await talk.hears()
        of = heard[message["id"]]
        of.append(message["payload"]["data"]["count"]["number"] if message["type"] == "next" else message["type"])
    assert heard["a"] == heard["b"]
    assert len(heard["a"]) == 4


async def test_an_id_in_use_closes_4409(talk: Talk) -> None:
    await talk.asks("1", "subscription{waiting}")
    await talk.asks("1", "{hello}")
    assert await talk.hears_close() == 4409


async def test_an_id_is_free_again_after_its_operation(talk: Talk) -> None:
    for _ in range(3):
        await talk.asks("1", "{hello}")
        assert [(await talk.hears())["type"] for _ in range(2)] == ["next", "complete"]


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


async def test_a_pong_that_nobody_asked_for_is_taken(talk: Talk) -> None:
    await talk.says("pong", payload={"a": 1})
    await talk.says("pong")
    await talk.asks("1", "{hello}")
    assert (await talk.hears())["type"] == "next"


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


async def test_each_operation_on_a_socket_has_a_context_of_its_own(talk: Talk, host: ToyHost) -> None:
    for n in range(3):
        await talk.asks(str(n), "{machines{double}}")
        await talk.hears()
        await talk.hears()
    assert host.journal.counts["batch"] == 3, "a shared loader would have answered the later ones from memory"


async def test_errors_on_a_socket_follow_the_handshake_s_language(address: str) -> None:
    async with talking(address, additional_headers={"accept-language": "zh-CN"}) as talk:
        await talk.hello()
        await talk.asks("1", "subscription{refused}")
        assert (await talk.hears())["payload"][0]["message"] == "没有找到该记录。"
