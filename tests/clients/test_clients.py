"""Clients of JavaScript take their walks: each signs in, works, listens and signs out in its own way."""

from pathlib import Path

import pytest

from tests.clients.node import run
from tests.world import PASSWORD

pytestmark = [
    pytest.mark.timeout(300),  # the first one may wait for packages
    pytest.mark.usefixtures("node_ready"),
]

SIGNED_OUT = "signs out and is shown out: 4403 Signed out."
HASHED = "asks by hash, and by text where the hash is new."
STREAM_ENDED = "signs out and is shown out: UNAUTHENTICATED."


def walks(api: str, program: str, *arguments: object) -> list[str]:
    """The steps that a client took, to the end."""
    *steps, last = run(program, api, PASSWORD, *arguments)
    assert last == "walked", steps
    return steps


def test_apollo_client_walks(api: str) -> None:
    steps = walks(api, "apollo.js")
    assert steps[-3:] == [
        SIGNED_OUT,
        "sends a text once, and then its hash by POST.",
        "sends a text once, and then its hash by GET.",
    ]


def test_urql_walks_and_listens_over_a_socket(api: str) -> None:
    assert walks(api, "urql.js")[-2:] == [SIGNED_OUT, HASHED]


def test_urql_walks_and_listens_to_a_stream(api: str) -> None:
    assert walks(api, "urql.js", "stream")[-2:] == [STREAM_ENDED, HASHED]


def test_relay_compiles_and_walks(api: str, tmp_path: Path) -> None:
    steps = walks(api, "relay.js", tmp_path)
    assert steps[0] == "compiles."
    assert steps[-2:] == [SIGNED_OUT, "reads a row again by its id."]


def test_graphql_ws_walks_and_is_told_of_its_mistakes(api: str) -> None:
    steps = walks(api, "graphql_ws.js")
    assert SIGNED_OUT in steps
    assert len([step for step in steps if step.startswith("is told of ")]) == 4


def test_graphql_sse_walks(api: str) -> None:
    assert walks(api, "graphql_sse.js")[-1] == STREAM_ENDED


def test_codegen_writes_types_that_hold(tmp_path: Path) -> None:
    assert run("codegen.js", tmp_path)[-2:] == ["fit together.", "walked"]
