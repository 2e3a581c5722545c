"""Large variables: what cannot fit is seen without looking at each value, and what may is left to graphql-core."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from graph.errors import ErrorCode
from graph.limits import Limits
from graph.variables import IDS_MAX, LONG, misfit
from tests.transport.asking import client_of, codes, post
from tests.transport.toy import toy_app

SCHEMA = build_schema("""
  enum Colour { RED GREEN }
  input Wish { colours: [Colour!] ids: [ID!] texts: [String!] inner: Wish wishes: [Wish!] }
  type Query { a(wish: Wish, ids: [ID!], colours: [Colour!]): Int }
""")


def fits(type_: str, given: object) -> bool:
    operation = parse(f"query($v: {type_}) {{ a }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    found = misfit(SCHEMA, operation, {"v": given})
    assert found is None or found.code is ErrorCode.BAD_USER_INPUT
    return found is None


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("[Colour!]!", ["RED", "GREEN"] * 20_000),
        ("[Colour]", ["RED"] * LONG),
        ("[Colour!]", ["BLUE"] * LONG),
        ("[ID!]!", ["x"] * IDS_MAX),
        ("[String!]", ["x"] * 50_000),
        ("Wish", {"colours": ["RED"] * 40_000, "texts": ["x"] * 5_000, "inner": {"ids": ["1"] * 200}}),
        ("Wish", {"unknown": 1}),
        ("Wish", [1, 2]),
        ("Int", {"a": 1}),
        ("Nothing", {"a": 1}),
    ],
)
def test_what_is_small_or_may_fit_is_left_to_graphql_core(type_: str, given: object) -> None:
    assert fits(type_, given)


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("[Colour!]!", [*["RED"] * 40_000, "BLUE"]),
        ("[Colour!]", [None] * (LONG + 1)),
        ("[Colour!]", [["RED"]] * (LONG + 1)),
        ("[ID!]!", ["x"] * (IDS_MAX + 1)),
        ("Wish!", {"inner": {"colours": ["BLUE"] * (LONG + 1)}}),
        ("Wish", {str(n): n for n in range(50_000)}),
        ("Wish", ["RED"] * 50_000),
        ("[Wish!]", {str(n): n for n in range(50_000)}),
        ("Int", [1] * 50_000),
        ("Nothing", [1] * 50_000),
    ],
)
def test_what_is_large_and_cannot_fit_is_refused_at_once(type_: str, given: object) -> None:
    assert not fits(type_, given)


async def test_what_cannot_fit_is_told_like_any_variable_that_does_not() -> None:
    wrong: Any = {"query": "query($w: Wish!){wish(wish: $w)}", "variables": {"w": {str(n): n for n in range(5_000)}}}
    async with client_of(toy_app()) as client:
        response = await post(client, wrong)
    assert (response.status_code, codes(response)) == (422, ["BAD_USER_INPUT"])
    assert "data" not in response.json()


async def test_json_of_too_many_lists_is_not_read() -> None:
    async with client_of(toy_app()) as client:
        most = await post(client, {"query": "{hello}", "extensions": {"x": [[]] * (Limits().brackets_max - 4)}})
        more = await post(client, {"query": "{hello}", "extensions": {"x": [[]] * (Limits().brackets_max - 3)}})
    assert most.status_code == 200
    assert (more.status_code, codes(more)) == (400, ["BAD_REQUEST"])


async def test_json_of_too_many_values_is_not_read() -> None:
    async with client_of(toy_app()) as client:
        most = await post(client, {"query": "{hello}", "extensions": {"x": [1] * (Limits().json_values_max - 4)}})
        more = await post(client, {"query": "{hello}", "extensions": {"x": [1] * (Limits().json_values_max - 3)}})
    assert most.status_code == 200
    assert (more.status_code, codes(more)) == (400, ["BAD_REQUEST"])
