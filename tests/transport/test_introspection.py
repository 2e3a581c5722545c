"""Who may read the schema, and who is told why a document does not fit it."""

import httpx
import pytest
from graphql import get_introspection_query

from graph.execution import Executor
from graph.introspection import Introspection
from graph.limits import Limits
from graph.transport.documents import Intake
from tests.transport.asking import client_of, codes, post
from tests.transport.serving import codes as codes_told
from tests.transport.serving import serving, talking
from tests.transport.toy import toy_app, toy_schema

WHOLE = get_introspection_query()
HIDDEN = (
    'query($a: Boolean = false){hello ...on Query{... on Query @include(if: $a){x: __type(name: "Machine"){name}}}}'
)
IN_A_FRAGMENT = "{hello ...F} fragment F on Query{__schema{queryType{name}}}"


def app_for(introspection: Introspection) -> httpx.AsyncClient:
    limits = Limits()
    executor = Executor(toy_schema(), limits, introspection=introspection)
    return client_of(toy_app(executor=executor, intake=Intake(executor, limits)))


@pytest.mark.parametrize("query", [WHOLE, HIDDEN, IN_A_FRAGMENT])
@pytest.mark.parametrize(
    ("introspection", "to_strangers", "to_users"),
    [
        (Introspection.SIGNED_IN, False, True),
        (Introspection.EVERYBODY, True, True),
        (Introspection.NOBODY, False, False),
    ],
)
async def test_the_schema_is_read_by_whom_the_setting_names(
    introspection: Introspection, to_strangers: bool, to_users: bool, query: str
) -> None:
    async with app_for(introspection) as client:
        for is_open, headers in ((to_strangers, {}), (to_users, {"authorization": "Bearer good"})):
            response = await post(client, {"query": query}, **headers)
            if is_open:
                assert response.status_code == 200
            else:
                assert (response.status_code, codes(response)) == (403, ["INTROSPECTION_NOT_ALLOWED"])
                assert "data" not in response.json()


async def test_a_text_that_only_mentions_the_schema_runs() -> None:
    async with app_for(Introspection.SIGNED_IN) as client:
        response = await post(client, {"query": '{hello(name: "__schema") __typename} # __type'})
    assert response.json() == {"data": {"hello": "Hello __schema", "__typename": "Query"}}


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{hello machine}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{machines}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("{hello(nam: 1)}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($w: Wish!){wish(wish: $w)}", {"w": {"nam": "x"}}, "BAD_USER_INPUT"),
    ],
)
async def test_a_stranger_is_not_told_what_does_not_fit(query: str, variables: dict[str, object], code: str) -> None:
    async with app_for(Introspection.SIGNED_IN) as client:
        stranger = await post(client, {"query": query, "variables": variables})
        user = await post(client, {"query": query, "variables": variables}, authorization="Bearer good")
    assert (stranger.status_code, user.status_code) == (422, 422)
    [told] = stranger.json()["errors"]
    assert told["extensions"] == {"code": code}
    assert set(told) == {"message", "extensions"}
    assert told["message"].endswith("Sign in to be told what is wrong.")
    assert set(codes(user)) == {code}
    assert all("locations" in error for error in user.json()["errors"])


async def test_a_stranger_on_a_socket_is_told_no_more() -> None:
    limits = Limits()
    executor = Executor(toy_schema(), limits, introspection=Introspection.SIGNED_IN)
    async with serving(toy_app(executor=executor)) as (address, _), talking(address) as talk:
        await talk.hello()
        await talk.asks("1", WHOLE)
        assert codes_told(await talk.hears()) == ["INTROSPECTION_NOT_ALLOWED"]
        await talk.asks("2", "{nothing}")
        refused = await talk.hears()
    assert codes_told(refused) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "nothing" not in str(refused)
