"""The end of a socket: whoever leaves, stops or does not read, nothing is left running and nobody is held up."""

import asyncio

import httpx
from structlog.testing import capture_logs

from graph.limits import Limits
from tests.transport.serving import Talk, serving, talking
from tests.transport.toy import LONG_TEXT_CHARACTERS, ToyHost, toy_app


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
