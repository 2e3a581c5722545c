"""What an operation costs: reckoned from page sizes, told in every answer, refused beyond, and drained with time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from graph.cost import Prices
from graph.schema.schema import SCHEMA
from graph.weights import FIELDS, PAGE
from tests.office import Office, opened
from tests.person import Person
from tests.transport.serving import codes
from tests.work import lines_of

LOOK_UP_LINES_MAX = 50
LIST = "query($first: Int) { commissions(first: $first) { nodes { id number goodsLines { hsCode } } } }"


def cost(document: str, **variables: Any) -> int:
    parsed = parse(document)
    (operation,) = (node for node in parsed.definitions if node.kind == "operation_definition")
    return Prices(SCHEMA._schema).of(parsed, operation, variables)  # type: ignore[arg-type]


def page(first: str, **variables: Any) -> int:
    return cost(
        f"query($n: Int, $d: Int = 50) {{ commissions({first}) {{ nodes {{ fields {{ name }} }} }} }}", **variables
    )


def test_what_is_selected_of_a_page_counts_as_often_as_the_page_is_long() -> None:
    assert page("first: 0") == PAGE + 1
    assert page("first: 100") > page("first: 50") > PAGE + 50 * FIELDS
    assert page("last: 100") == page("first: 100")


def test_a_page_size_in_a_variable_counts_like_a_literal_and_defaults_like_one() -> None:
    assert page("first: $n", n=100) == page("first: 100")
    assert page("first: $n") == page("first: $n", n=None) == page("after: null") == page("first: 20")
    assert page("first: $d") == page("first: 50")
    assert page("first: $d", d=7) == page("first: 7")


def test_a_size_that_is_none_counts_as_the_largest_page() -> None:
    for wrong in ("x", 10**9, [1]):
        assert page("first: $n", n=wrong) == page("first: 100")
    assert page("first: $n", n=-5) == page("first: 0")


def test_a_page_counts_the_same_by_nodes_by_edges_and_through_fragments() -> None:
    selected = "id number goodsLines { hsCode }"
    plain = cost(f"{{ commissions(first: 60) {{ nodes {{ {selected} }} }} }}")
    spread = cost(
        "{ commissions(first: 60) { ...P } } fragment P on CommissionConnection { ... { nodes { ...C } } } "
        f"fragment C on Commission {{ {selected} }}"
    )
    assert spread == plain
    assert cost(f"{{ commissions(first: 60) {{ edges {{ node {{ {selected} }} }} }} }}") >= plain


def test_the_longest_chain_of_fragments_is_priced_with_work_in_proportion_to_its_length() -> None:
    def lines(length: int, most: int = 10_000) -> int:
        chain = "".join(f"fragment f{n} on Query{{...f{n + 1}}}" for n in range(length))
        document = parse(f"{{...f0}}{chain}fragment f{length} on Query{{version}}")
        operation: Any = document.definitions[0]
        prices = Prices(SCHEMA._schema)
        counted = lines_of(lambda: prices.of(document, operation, {}), most)
        assert prices.of(document, operation, {}) == 1
        return counted

    assert lines(270) <= 2.2 * lines(135)


def test_a_dear_operation_costs_more_than_one_may_and_reading_the_schema_does_not() -> None:
    dear = "{ commissions(first: 100) { nodes { availableActions { action } goodsLines { unitLabel rule { id } } } } }"
    assert cost(dear) > 1000
    assert cost(get_introspection_query()) <= 1000
    assert cost("{" + " ".join(f"a{n}: commissions {{ totalCount }}" for n in range(30)) + "}") <= 1000


async def test_every_answer_tells_what_it_cost_and_what_is_left(office: Office) -> None:
    first = (await office.enterprise.sends(LIST, first=100))["extensions"]["cost"]
    assert first["requested"] > 100
    assert (first["limit"], first["remaining"], first["restoresPerSecond"]) == (30000, 30000 - first["requested"], 500)
    again = (await office.enterprise.sends(LIST, first=10))["extensions"]["cost"]
    assert again["remaining"] == first["remaining"] - again["requested"]
    office.clock.moves(minutes=1)
    assert (await office.enterprise.sends("{ version }"))["extensions"]["cost"]["remaining"] == 29999


async def test_an_operation_that_costs_too_much_is_refused_with_the_limit_and_the_setting(open_office: Any) -> None:
    async with open_office(cost_max=100) as office:
        (error,) = (await office.enterprise.in_english().sends(LIST, first=100))["errors"]
        told = error["extensions"]
        assert (told["code"], told["cost"]["limit"]) == ("COST_TOO_HIGH", 100)
        assert told["cost"]["requested"] > 100
        assert "PRESHIP_COST_MAX" in error["message"]
        assert "errors" not in await office.enterprise.sends(LIST, first=5)


async def test_who_asks_for_too_much_waits_for_as_long_as_is_said_and_others_do_not(open_office: Any) -> None:
    async with open_office(cost_rate="60/1m") as office:
        query = {"query": "{ commissions { nodes { id } } }"}
        person: Person = office.enterprise
        answers = [await office.client.post("/graphql", json=query, headers=person.headers) for _ in range(9)]
        answer = answers[-1]
        assert (answers[0].status_code, answer.status_code) == (200, 429)
        (error,) = answer.json()["errors"]
        wait = int(answer.headers["retry-after"])
        assert error["extensions"]["code"] == "COST_EXHAUSTED"
        assert error["extensions"]["retryAfterSeconds"] == wait > 0
        async with person.connects() as talk:
            await talk.asks("1", query["query"])
            assert codes(await talk.hears()) == ["COST_EXHAUSTED"]
        assert "errors" not in await office.customs.sends(query["query"])
        assert "errors" not in await office.anybody.sends("{ version }")
        office.clock.moves(seconds=wait)
        assert (await office.client.post("/graphql", json=query, headers=person.headers)).status_code == 200


async def test_an_export_is_paid_for_by_the_next_requests(open_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.export.endpoint.ROWS_PER_POINT", 0.1)
    async with open_office(cost_rate="100/1m") as office:
        export = "/exports/institutions.csv"
        answer = await office.client.get(export, headers=office.customs.headers)
        assert answer.status_code == 200
        assert int(answer.headers["x-total-count"]) > 10
        for path in (export, "/graphql?query={version}"):
            refused = await office.client.get(path, headers=office.customs.headers | {"x-requested-with": "x"})
            assert refused.status_code == 429, path
            assert refused.json()["errors"][0]["extensions"]["code"] == "COST_EXHAUSTED"
        assert "errors" not in await office.enterprise.sends("{ version }")


async def test_two_processes_let_through_a_slice_more_together_and_no_further(open_office: Any, tmp_path: Path) -> None:
    async with open_office(cost_rate="100/1m") as office:
        url = office.database.url.render_as_string(hide_password=False)
        async with opened(url, tmp_path / "other", cost_rate="100/1m") as other:
            people = [office.enterprise, other.enterprise]
            passed = 0
            for number in range(240):
                passed += "errors" not in await people[number % 2].sends("{ version }")
            # A slice is a twentieth of the bucket.
            assert 100 <= passed <= 105


async def test_cheap_requests_cost_the_database_no_write(office: Office) -> None:
    await office.enterprise.sends("{ version }")
    with office.statements() as sent:
        for _ in range(5):
            await office.enterprise.sends("{ version }")
    assert not [each for each in sent if "throttle" in each]


async def test_what_many_spend_at_once_is_all_counted(open_office: Any) -> None:
    async with open_office(cost_rate="50/1m") as office:
        answers = await asyncio.gather(*(office.enterprise.sends("{ version }") for _ in range(80)))
        assert len([each for each in answers if "errors" not in each]) == 50


@pytest.mark.parametrize("size", [0, 100])
def test_the_cost_of_a_request_is_only_looked_up(size: int) -> None:
    prices, document = Prices(SCHEMA._schema), parse(LIST)
    operation: Any = document.definitions[0]
    prices.of(document, operation, {"first": size})
    assert lines_of(lambda: prices.of(document, operation, {"first": size}), LOOK_UP_LINES_MAX)


SEARCH = "query($f: CommissionFilter, $n: String) { commissions(first: 1, filter: %s) { nodes { id } } }"
FIGURES = "query($by: [CommissionDimension!]!) { statistics { commissions(by: %s) { rows { count } } } }"


@pytest.mark.parametrize(
    ("document", "variables", "is_dear"),
    [
        (SEARCH % '{consigneeName: "x"}', {}, True),
        (SEARCH % "{consigneeName: $n}", {"n": "x"}, True),
        (SEARCH % "{consigneeName: $n}", {}, False),
        (SEARCH % "{consigneeName: null, status: [DRAFT]}", {}, False),
        (SEARCH % "$f", {"f": {"hsChapter": "84"}}, True),
        (SEARCH % "$f", {"f": {"hsChapter": None, "number": "2"}}, False),
        (SEARCH % "$f", {}, False),
        (FIGURES % "[STATUS, HS_CHAPTER]", {}, True),
        (FIGURES % "HS_CHAPTER", {}, True),
        (FIGURES % "[STATUS]", {}, False),
        (FIGURES % "$by", {"by": ["HS_CHAPTER"]}, True),
        (FIGURES % "$by", {"by": ["STATUS"]}, False),
    ],
)
def test_what_goes_through_all_there_is_costs_as_much_as_there_is(
    document: str, variables: dict[str, Any], is_dear: bool
) -> None:
    parsed, prices = parse(document), Prices(SCHEMA._schema)
    operation: Any = parsed.definitions[0]
    empty = prices.of(parsed, operation, variables)
    prices.extent.share = 0.5
    half = prices.of(parsed, operation, variables)
    prices.extent.share = 1
    assert (half - empty >= 200) is is_dear
    assert (prices.of(parsed, operation, variables) - empty >= 400) is is_dear


async def test_the_size_of_the_installation_is_known_from_the_start(open_office: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("graph.app.REFERENCE", 50)
    async with open_office(busy=True) as office:
        query = '{ commissions(first: 1, filter: {consigneeName: "x"}) { nodes { id } } }'
        assert (await office.customs.sends(query))["extensions"]["cost"]["requested"] > 400


def test_what_a_mutation_brings_counts() -> None:
    save = "mutation($i: CommissionSaveDraftInput!) { commissionSaveDraft(input: $i) { commission { id } } }"
    assert cost(save, i={"goodsLines": [{"model": "x"}] * 500}) >= cost(save, i={"goodsLines": []}) + 20
