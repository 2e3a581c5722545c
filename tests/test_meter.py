"""What an operation turns out to cost: lists that are longer than expected are counted as they are found, records as
they are read, and whoever asked pays for all of it."""

from typing import Any

import pytest

from domain.workflow import REFUSALS_MAX
from graph.plan.aside import Reason
from tests.office import Office
from tests.papers import a_form, id_of

LINES = "query($id: ID!) { commission(by: {id: $id}) { goodsLines { lineNumber } } }"
COMPUTED = "query($id: ID!) { commission(by: {id: $id}) { goodsLines { rule { differences { before } } } } }"
LONG = (
    "query($id: ID!) { commission(by: {id: $id}) { goodsLines { id productName model hsCode quantity amount unit } } }"
)
ACTIONS = "query($id: ID!) { commission(by: {id: $id}) { availableActions { action allowed } } }"
SAVE = """mutation($input: CommissionSaveDraftInput!) { commissionSaveDraft(input: $input) {
  commission { id goodsLines { %s } } userErrors { code }
} }"""
CHANGED = (
    'subscription($id: ID!) { commissionChanged(id: $id, after: "v0") { commission { goodsLines { lineNumber } } } }'
)
COST_MAX = 30
"""Fewer than five hundred lines are within it, and fewer than five hundred records."""


@pytest.fixture(autouse=True)
def _lines_cost_nothing_to_save(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there can be more of them than may be asked for."""
    monkeypatch.setattr("graph.cost.BROUGHT", 0)


def many_lines(count: int) -> list[dict[str, Any]]:
    (line,) = a_form()["goodsLines"]
    return [line] * count


async def a_draft(office: Office, lines: int) -> str:
    answer = await office.enterprise.sends(
        "mutation($input: CommissionSaveDraftInput!) { commissionSaveDraft(input: $input) { commission { id } } }",
        input=a_form(goodsLines=many_lines(lines)),
    )
    return str(id_of(answer["data"]["commissionSaveDraft"]["commission"]))


# What a plan has the database write is counted by its length, and by what is filled in.
@pytest.mark.parametrize(("plans", "query"), [("off", LINES), ("on", COMPUTED), ("on", LONG)])
async def test_a_list_that_is_longer_than_an_operation_may_cost_ends_it(
    open_office: Any, plans: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.plan.plan.BYTES_PER_POINT", 2_000)
    async with open_office(cost_max=COST_MAX, plans=plans) as office:
        short, long = await a_draft(office, 10), await a_draft(office, 500)
        assert len((await office.enterprise.asks(query, id=short))["commission"]["goodsLines"]) == 10
        answer = await office.enterprise.in_english().sends(query, id=long)
        (error,) = answer["errors"]
        assert "data" not in answer
        assert error["extensions"] == {"code": "COST_TOO_HIGH", "cost": {"limit": COST_MAX}}
        assert "PRESHIP_COST_MAX" in error["message"]


@pytest.mark.parametrize(("plans", "query"), [("off", LINES), ("on", COMPUTED)])
async def test_what_was_found_beyond_expectation_is_paid_for(open_office: Any, plans: str, query: str) -> None:
    async with open_office(plans=plans) as office:
        long = await a_draft(office, 500)
        first = (await office.enterprise.sends(query, id=long))["extensions"]["cost"]
        second = (await office.enterprise.sends("{ version }"))["extensions"]["cost"]
    assert first["remaining"] - second["remaining"] > 10 + second["requested"]


async def test_records_that_are_only_weighed_are_counted_too(open_office: Any) -> None:
    async with open_office(cost_max=COST_MAX) as office:
        short, long = await a_draft(office, 10), await a_draft(office, 500)
        await office.enterprise.asks(ACTIONS, id=short)
        assert await office.enterprise.is_told(ACTIONS, id=long) == "COST_TOO_HIGH"
        assert await office.enterprise.asks("{ version }")


@pytest.mark.parametrize(("plans", "selected"), [("off", "lineNumber"), ("on", "rule { differences { before } }")])
async def test_what_a_mutation_has_done_is_told_where_its_lists_are_too_long(
    open_office: Any, plans: str, selected: str
) -> None:
    async with open_office(cost_max=COST_MAX + 10, plans=plans) as office:
        answer = await office.enterprise.sends(SAVE % selected, input=a_form(goodsLines=many_lines(500)))
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "COST_TOO_HIGH"
        assert error["path"] == ["commissionSaveDraft", "commission", "goodsLines"]
        assert answer["data"]["commissionSaveDraft"] == {"commission": None, "userErrors": []}
        assert (await office.enterprise.asks("{ commissions { totalCount } }"))["commissions"]["totalCount"] == 1
        assert office.app.state.plans.counts.aside[Reason.COST] == (plans == "on")


async def test_an_event_that_is_too_long_ends_its_subscription(open_office: Any) -> None:
    async with open_office(cost_max=COST_MAX) as office:
        long = await a_draft(office, 500)
        async with office.enterprise.connects() as talk:
            await talk.asks("1", CHANGED, variables={"id": long})
            message = await talk.hears()
    assert message["type"] == "error"
    assert [each["extensions"]["code"] for each in message["payload"]] == ["COST_TOO_HIGH"]


async def test_of_thousands_of_reasons_two_hundred_are_told(office: Office) -> None:
    draft = await a_draft(office, 1)
    bare = (await office.enterprise.saves({"id": draft}, goodsLines=[{}] * 500)).done()
    refused = (await office.enterprise.submits(bare)).user_errors
    assert len(refused) == REFUSALS_MAX
    assert (await office.enterprise.may(bare))["commissionSubmit"] == refused


@pytest.mark.parametrize("query", [LINES, ACTIONS])
async def test_the_fullest_record_alone_can_be_asked_for(office: Office, query: str) -> None:
    assert await office.enterprise.asks(query, id=await a_draft(office, 500))
