"""The beginning of a socket: who may open one, who may stay, and what happens until the hello is said."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from graph.limits import Limits
from tests.transport.serving import Talk, serving, talking
from tests.transport.toy import SECRET, ToyHost, toy_app


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


@pytest.mark.parametrize("subprotocol", [None, "graphql-ws", "something-else", "GRAPHQL-TRANSPORT-WS"])
async def test_another_subprotocol_closes_4406(address: str, subprotocol: str | None) -> None:
    # The strictness of this client about what it did not ask for is not what is tried here.
    async with talking(address, subprotocol=subprotocol) as talk:
        assert await talk.hears_close() == 4406


@pytest.mark.parametrize("payload", ["x", [], 5, {"authorization": 5}, {"authorization": ["Bearer good"]}])
async def test_a_hello_that_is_malformed_closes_4400(address: str, payload: object) -> None:
    async with talking(address) as talk:
        await talk.says("connection_init", payload=payload)
        assert await talk.hears_close() == 4400


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
