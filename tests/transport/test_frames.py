"""Frames that nobody would write by hand: whatever comes, the socket answers or closes with a code of the protocol."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from graph.limits import Limits
from tests.transport.toy import ToyHost, toy_app

CODES = {1009, 4400, 4401, 4403, 4408, 4409, 4429}
ENDED = 10

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
queries = st.sampled_from(
    ["{hello}", "{", "{boom}", "subscription{count{number}}", "subscription{waiting}", "mutation{touch}", "{helo}", ""]
)
payloads = st.fixed_dictionaries(
    {"query": queries | json_values},
    optional={"variables": json_values, "operationName": json_values, "extensions": json_values},
)
well_formed_or_nearly = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["connection_init", "ping", "pong", "subscribe", "subscribe", "subscribe", "complete", "next", "start"]
        )
    },
    optional={"id": st.sampled_from(["1", "2", ""]) | json_values, "payload": payloads | json_values},
)
frames: st.SearchStrategy[dict[str, object]] = st.one_of(
    st.fixed_dictionaries({"text": well_formed_or_nearly.map(lambda frame: orjson.dumps(frame).decode())}),
    st.fixed_dictionaries({"text": json_values.map(lambda value: orjson.dumps(value).decode())}),
    st.fixed_dictionaries({"text": st.text(max_size=30)}),
    st.fixed_dictionaries({"bytes": st.binary(max_size=30)}),
)


async def converse(frames: list[dict[str, object]]) -> list[Message]:
    """Play the frames to the ASGI application without a network, then hang up; what the server said is returned."""
    said: list[Message] = []
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    for frame in frames:
        incoming.put_nowait({"type": "websocket.receive", **frame})
    incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def send(message: Message) -> None:
        said.append(message)

    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/graphql",
        "headers": [],
        "subprotocols": ["graphql-transport-ws"],
        "query_string": b"",
    }
    app = toy_app(ToyHost(), Limits(leaving_seconds_max=1))
    async with asyncio.timeout(ENDED):
        await app(scope, incoming.get, send)
    return said


@pytest.mark.parametrize("is_greeted", [False, True])
@given(frames=st.lists(frames, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_said_the_socket_ends_in_order(is_greeted: bool, frames: list[dict[str, object]]) -> None:
    greeting: list[dict[str, object]] = [{"text": '{"type":"connection_init"}'}] if is_greeted else []
    said = asyncio.run(converse(greeting + frames))
    assert said[0]["type"] == "websocket.accept"
    for message in said[1:]:
        if message["type"] == "websocket.close":
            assert message["code"] in CODES
            assert len(message["reason"].encode()) <= 123
            assert message is said[-1], "nothing is said after the close"
        else:
            assert orjson.loads(message["text"])["type"] in {"connection_ack", "pong", "next", "error", "complete"}
