"""Preparing and running operations on the toy schema, without any wire."""

import gc
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult
from graphql.execution.collect_fields import FieldDetails
from strawberry.extensions import SchemaExtension

from domain.language import Language
from graph.errors import present
from graph.examined import CHARACTERS_MAX, Memory
from graph.execution import Executor, Prepared, RequestRefused
from graph.limits import Limits
from tests.transport.toy import Query, ToyContext, ToyHost, toy_schema


@pytest.fixture
def executor() -> Executor:
    return Executor(toy_schema(), Limits())


async def toy_context() -> ToyContext:
    return await ToyHost().context(authorization=None, accept_language="en", connection=None)  # type: ignore[arg-type]


async def run(executor: Executor, query: str, variables: Mapping[str, Any] | None = None) -> ExecutionResult:
    prepared = executor.prepare(query)
    assert isinstance(prepared, Prepared), prepared
    return await executor.execute(prepared, variables, await toy_context())


def codes_of(prepared: object) -> list[str]:
    assert isinstance(prepared, list)
    return [error["extensions"]["code"] for error in present(prepared, Language.EN)]


async def test_a_query_of_every_kind_of_value_is_answered(executor: Executor) -> None:
    result = await run(
        executor,
        """query ($amount: Decimal!, $instant: DateTime!, $by: By!) {
            amount(amount: $amount) day(day: "2026-03-01") instant(instant: $instant) by(by: $by) echoId(id: 7)
            wish(wish: {name: "x", colour: GREEN})
        }""",
        {"amount": "1.50", "instant": "2026-03-01T16:30:00+08:00", "by": {"number": "N1"}},
    )
    assert result.errors is None
    assert result.data is not None
    assert result.data["amount"] == "1.50"
    assert result.data["instant"] == "2026-03-01T08:30:00Z"
    assert result.data["wish"] == "x GREEN unset"
    assert "N1" in result.data["by"]
    assert result.data["echoId"] == "7"


async def test_siblings_share_one_batch_of_a_loader(executor: Executor) -> None:
    prepared = executor.prepare("{machines(first: 50){number double}}")
    assert isinstance(prepared, Prepared)
    context = await toy_context()
    result = await executor.execute(prepared, None, context)
    assert result.data is not None
    assert result.data["machines"][49] == {"number": 49, "double": 98}
    assert context.journal.counts["batch"] == 1


@pytest.mark.parametrize(
    ("query", "operation_name", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{helo}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A{hello} query B{hello}", None, "OPERATION_RESOLUTION_FAILURE"),
        ("query A{hello} query B{hello}", "C", "OPERATION_RESOLUTION_FAILURE"),
        ("{" + "hello " * 2_000 + "}", None, "DOCUMENT_TOO_LARGE"),
        ("#\n" * 300 + "{hello}", None, "DOCUMENT_TOO_LARGE"),
        ('{hello(name:"' + "x" * 20_000 + '")}', None, "DOCUMENT_TOO_LARGE"),
        ('{hello(name:"' + "中" * 7_000 + '")}', None, "DOCUMENT_TOO_LARGE"),
        ("{a" * 380 + "}" * 380, None, "QUERY_TOO_DEEP"),
        ("{a" * 900 + "}" * 900, None, "DOCUMENT_TOO_LARGE"),
        ("{...A} fragment A on Query{...A}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{hello @skip(if: true, if: true)}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{by(by: {id: 1, number: 2})}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{amount(amount: 1.5)}", None, "GRAPHQL_VALIDATION_FAILED"),
        ("type A {b: Int}", None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_cannot_run_is_refused_with_its_code(
    executor: Executor, query: str, operation_name: str | None, code: str
) -> None:
    assert set(codes_of(executor.prepare(query, operation_name))) == {code}


def test_one_of_several_operations_runs_when_it_is_named(executor: Executor) -> None:
    prepared = executor.prepare("query A{hello} mutation B{touch}", "B")
    assert isinstance(prepared, Prepared)
    assert prepared.type.value == "mutation"


def test_suggestions_are_only_made_where_they_are_wanted() -> None:
    shy, open_ = Executor(toy_schema(), Limits()), Executor(toy_schema(), Limits(), suggestions=True)
    for query in ("{helo}", "{wish(wsh: 1)}", "{wish(wish: {nam: 1})}", '{wish(wish: {name: "x", colour: REDD})}'):
        silent, talkative = shy.prepare(query), open_.prepare(query)
        assert isinstance(silent, list)
        assert isinstance(talkative, list)
        assert "Did you mean" not in str([error.message for error in silent])
        assert "Did you mean" in str([error.message for error in talkative])


async def test_suggestions_do_not_leak_through_variables(executor: Executor) -> None:
    result = await run(executor, "query($w: Wish!){wish(wish: $w)}", {"w": {"nam": "x", "colour": "REDD"}})
    assert isinstance(result, RequestRefused)
    assert "Did you mean" not in str([error.message for error in result.errors or []])


@pytest.mark.parametrize(
    "variables", [{"a": 1.5}, {"a": None}, {}, None, {"a": "NaN"}, {"a": ["1"]}, {"a": "1\x00"}, {"a": {"b": "1"}}]
)
async def test_variables_that_do_not_fit_are_refused_before_anything_runs(
    executor: Executor, variables: Mapping[str, Any] | None
) -> None:
    result = await run(executor, "query($a: Decimal!){amount(amount: $a)}", variables)
    assert isinstance(result, RequestRefused)
    assert {error["extensions"]["code"] for error in present(result.errors or [], Language.EN)} == {"BAD_USER_INPUT"}


async def test_a_null_that_only_shows_while_running_is_the_callers_mistake(executor: Executor) -> None:
    result = await run(executor, "query($n: Int){machines(first: $n){number}}", {"n": None})
    assert present(result.errors or [], Language.EN)[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_failing_resolver_leaves_its_siblings_and_is_masked(executor: Executor) -> None:
    result = await run(executor, "{hello boom missing}")
    assert result.data == {"hello": "Hello world", "boom": None, "missing": None}
    codes = {tuple(error["path"]): error["extensions"]["code"] for error in present(result.errors or [], Language.EN)}
    assert codes == {("boom",): "INTERNAL", ("missing",): "NOT_FOUND"}


async def test_absent_and_null_stay_different(executor: Executor) -> None:
    query = "query($w: Wish!){wish(wish: $w)}"
    absent = await run(executor, query, {"w": {"name": "x"}})
    null = await run(executor, query, {"w": {"name": "x", "amount": None}})
    assert (absent.data, null.data) == ({"wish": "x RED unset"}, {"wish": "x RED None"})


def test_documents_are_remembered_up_to_a_number_and_up_to_a_length() -> None:
    executor = Executor(toy_schema(), Limits(), memory=Memory(documents_max=3))
    first = executor.prepare("{hello}")
    again = executor.prepare("{hello}")
    assert isinstance(first, Prepared)
    assert isinstance(again, Prepared)
    assert first.document is again.document
    for n in range(3):
        executor.prepare(f"{{a{n}: hello}}")
    evicted = executor.prepare("{hello}")
    assert isinstance(evicted, Prepared)
    assert evicted.document is not first.document

    spacious = Memory(documents_max=10_000)
    executor = Executor(toy_schema(), Limits(), memory=spacious)
    for n in range(CHARACTERS_MAX // 19_000 + 10):
        assert isinstance(executor.prepare(f'{{hello(name: "{n}{"x" * 19_000}")}}'), Prepared)
    assert spacious.characters <= CHARACTERS_MAX
    assert spacious.characters == sum(map(len, spacious.texts))


def test_refused_documents_are_not_remembered() -> None:
    memory = Memory()
    executor = Executor(toy_schema(), Limits(), memory=memory)
    for n in range(10):
        executor.prepare(f"{{nothing{n}}}")
    assert not memory.texts


def test_a_schema_whose_extensions_would_be_ignored_is_refused() -> None:
    with pytest.raises(ValueError, match="extensions"):
        Executor(strawberry.Schema(Query, extensions=[SchemaExtension]), Limits())


async def answers(executor: Executor, query: str) -> list[ExecutionResult]:
    prepared = executor.prepare(query)
    assert isinstance(prepared, Prepared)
    stream = await executor.subscribe(prepared, None, await toy_context())
    if isinstance(stream, ExecutionResult):
        return [stream]
    assert isinstance(stream, AsyncIterator)
    return [answer async for answer in stream]


async def test_every_event_of_a_subscription_has_a_context_of_its_own(executor: Executor) -> None:
    seen = await answers(executor, "subscription{contextNumbers{number again: number}}")
    numbers = [answer.data["contextNumbers"] for answer in seen if answer.data]
    assert all(event["number"] == event["again"] for event in numbers)
    assert numbers[0]["number"] != numbers[1]["number"]


async def test_a_long_subscription_keeps_nothing_of_the_events_gone_by(executor: Executor) -> None:
    def fields_kept() -> int:
        gc.collect()
        return sum(isinstance(each, FieldDetails) for each in gc.get_objects())

    prepared = executor.prepare("subscription{count(to: 300){number double}}")
    assert isinstance(prepared, Prepared)
    stream = await executor.subscribe(prepared, None, await toy_context())
    assert isinstance(stream, AsyncIterator)
    await anext(stream)
    before = fields_kept()
    for _ in range(250):
        await anext(stream)
    assert fields_kept() <= before + 10


async def test_a_subscription_resolves_its_events_with_loaders(executor: Executor) -> None:
    seen = await answers(executor, "subscription{count(to: 3){number double}}")
    assert [answer.data["count"]["double"] for answer in seen if answer.data] == [0, 2, 4]


async def test_a_source_that_fails_ends_the_stream_with_a_masked_error(executor: Executor) -> None:
    first, last = await answers(executor, "subscription{flaky}")
    assert first.data == {"flaky": 1}
    assert isinstance(last, RequestRefused)
    assert present(last.errors or [], Language.EN)[0]["extensions"]["code"] == "INTERNAL"


async def test_a_source_that_refuses_says_why(executor: Executor) -> None:
    [last] = await answers(executor, "subscription{refused}")
    assert isinstance(last, RequestRefused)
    assert present(last.errors or [], Language.EN)[0]["extensions"]["code"] == "NOT_FOUND"


async def test_wrong_variables_of_a_subscription_are_refused(executor: Executor) -> None:
    prepared = executor.prepare("subscription($n: Int!){count(to: $n){number}}")
    assert isinstance(prepared, Prepared)
    assert isinstance(await executor.subscribe(prepared, {"n": "x"}, await toy_context()), RequestRefused)
