"""Ids, cursors, texts and addresses that nobody gave out: each is nobody's or an error with a code, never a failure."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from graphql import GraphQLEnumType, get_named_type
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case

from graph.listing import LISTS
from graph.schema.schema import SCHEMA
from storage.notice import Position
from storage.registry_change import Place
from storage.shelf import BadCursor
from tests.office import Office
from tests.test_node import NODES

EXAMPLES = 80
FUZZED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
plain = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | texts
said = plain | st.lists(plain, max_size=3) | st.dictionaries(texts, plain, max_size=2)
moments = st.sampled_from(
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-06-01T00:00:00Z", "2026-W01"]
)
numerals = st.sampled_from(["1e400", "-0", "Infinity", "0x1", "１", "1_000", "9" * 400])
digits = st.sampled_from([f"{7:032x}", "0" * 31, "G" * 32, "{" + "0" * 32 + "}", f"{7:032x}\n"])

ids = texts | st.builds(
    "{}_{}".format, st.sampled_from(["commission", "rule", "notice", "__class__", ""]), digits | texts
)
orders = sorted({f"{field.code}{way}" for each in LISTS.values() for field in each.sorting for way in "+-"})
packed = st.lists(said | moments | numerals | digits | st.sampled_from(orders), max_size=5)


def written(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


cursors = (
    texts
    | packed.map(written)
    | said.map(written)
    | st.binary(max_size=30).map(lambda raw: base64.urlsafe_b64encode(raw).decode())
)


async def tried(strategy: st.SearchStrategy[Any], attempt: Callable[[Any], Awaitable[None]]) -> None:
    """Has each example tried on this loop."""
    loop = asyncio.get_running_loop()

    @FUZZED
    @given(strategy)
    def check(example: Any) -> None:
        asyncio.run_coroutine_threadsafe(attempt(example), loop).result()  # type: ignore[arg-type]

    await asyncio.to_thread(check)


async def test_an_id_that_was_never_given_out_finds_nothing_and_never_fails(office: Office) -> None:
    one = "query One($id: ID!) { commission(by: {id: $id}) { id } node(id: $id) { id } }"

    async def attempt(made_up: str) -> None:
        assert (await office.customs.asks(NODES, ids=[made_up, made_up]))["nodes"] == [None, None]
        assert await office.customs.asks(one, id=made_up) == {"commission": None, "node": None}
        acted = await office.customs.acts("commissionAccept", id=made_up)
        assert acted.codes == ["NOT_FOUND"]
        assert (await office.anybody.downloads(f"/files/{quote(made_up, safe='')}")).status_code in (401, 404)

    await tried(ids, attempt)


async def test_a_cursor_that_was_never_given_out_is_refused_or_goes_on_from_where_it_says(office: Office) -> None:
    query = SCHEMA._schema.query_type
    assert query is not None
    asked = {}
    for name in map(to_camel_case, LISTS):
        order: Any = get_named_type(query.fields[name].args["orderBy"].type)
        fields: Any = get_named_type(order.fields["field"].type)
        assert isinstance(fields, GraphQLEnumType)
        page = f"{name}(first: 1, after: $after, orderBy: {{field: $field}}) {{ pageInfo {{ endCursor }} }}"
        asked[name] = (f"query L($after: String, $field: {fields.name}!) {{ {page} }}", list(fields.values))
    assert len(asked) > 10

    async def attempt(example: tuple[str, int, str]) -> None:
        name, at, cursor = example
        document, fields = asked[name]
        answer = await office.customs.sends(document, after=cursor, field=fields[at % len(fields)])
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"BAD_USER_INPUT", "FORBIDDEN"}, answer

    await tried(st.tuples(st.sampled_from(sorted(asked)), st.integers(0, 20), cursors), attempt)


@FUZZED
@given(cursors)
def test_a_cursor_of_a_stream_is_read_or_refused(cursor: str) -> None:
    for kind in (Place, Position):
        try:
            read = kind.of(cursor)
        except BadCursor:
            continue
        assert kind.of(read.cursor()) == read


HOSTILE_TEXTS = (
    "' or '1'='1", "'; drop table commission; --", '" or ""="', "\\", "\\'", "%", "_", "%%%_%", "[a-z]*", "*", "?",
    "$1", ":name", "${7*7}", "{{7*7}}", "<script>alert(1)</script>", "../../etc/passwd", "\r\nset-cookie: a=b",
    "\u202egnp.exe", "\U0001f600", "ﬁ", "e\u0301" * 200, "\u2028", "ＪＪＤ", "٣",
)  # fmt: skip


async def test_a_text_is_looked_for_as_it_is_written_whatever_it_means_elsewhere(office: Office) -> None:
    await office.draft(consigneeName="上海浦东机械")
    query = """query Of($text: String!) {
      commissions(filter: {consigneeName: $text}) { totalCount }
      institutions(filter: {name: $text}) { totalCount }
    }"""
    async with office.unchanged():
        for text in HOSTILE_TEXTS:
            found = await office.enterprise.asks(query, text=text)
            assert {name: each["totalCount"] for name, each in found.items()} == dict.fromkeys(found, 0), text


async def test_a_text_is_kept_and_given_back_as_it_is_written(office: Office) -> None:
    for text in HOSTILE_TEXTS:
        saved = await office.enterprise.saves(remarks=f"说明{text}。")
        if saved.codes:
            continue
        assert saved.done()["remarks"] == f"说明{text}。"


ELSEWHERE = ("/graphql/", "//evil.example/graphql/", "/healthz/", "/files/x/", "/exports/x/", "/\\evil.example/",
             "//evil.example/%2e%2e", "/?next=//evil.example", "/graphql?redirect=http://evil.example",
             "/explorer?url=//evil.example")  # fmt: skip


async def test_no_address_sends_anybody_elsewhere(office: Office) -> None:
    for path in ELSEWHERE:
        for accept in ("text/html", "application/json"):
            answer = await office.client.get(path, headers={"host": "evil.example", "accept": accept})
            assert not answer.is_redirect, path
            assert "location" not in answer.headers
            assert "evil.example" not in str(answer.headers)
