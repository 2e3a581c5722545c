"""What an operation turns out to cost: lists that are longer than expected are counted as they are found, records as
they are read, and whoever asked pays for all of it."""

from typing import Any

import pytest

from domain.workflow import REFUSALS_MAX
from tests.office import Office
from tests.papers import a_form, id_of

LINES = "query($id: ID!) { commission(by: {id: $id}) { goodsLines { lineNumber } } }"
ACTIONS = "query($id: ID!) { commission(by: {id: $id}) { availableActions { action allowed } } }"
SAVE = """mutation($input: CommissionSaveDraftInput!) { commissionSaveDraft(input: $input) {
  commission { id goodsLines { lineNumber } } userErrors { code }
} }"""
CHANGED = (
    'subscription($id: ID!) { commissionChanged(id: $id, after: "v0") { commission { goodsLines { lineNumber } } } }'
)
# Thirty lines or so are within such a limit, and five records for each line.
COST_MAX = 25


def many_lines(count: int) -> list[dict[str, Any]]:
    (line,) = a_form()["goodsLines"]
    return [line] * count


async def a_draft(office: Office, lines: int) -> str:
    answer = await office.enterprise.sends(
        "mutation($input: CommissionSaveDraftInput!) { commissionSaveDraft(input: $input) { commission { id } } }",
        input=a_form(goodsLines=many_lines(lines)),
    )
    return str(id_of(answer["data"]["commissionSaveDraft"]["commission"]))


async def test_a_list_that_is_longer_than_an_operation_may_cost_ends_it(open_office: Any) -> None:
    # The lists of a plan are written by the database, and are not counted.
    async with open_office(cost_max=COST_MAX, plans="off") as office:
        short, long = await a_draft(office, 10), await a_draft(office, 500)
        assert len((await office.enterprise.asks(LINES, id=short))["commission"]["goodsLines"]) == 10
        answer = await office.enterprise.in_english().sends(LINES, id=long)
        (error,) = answer["errors"]
        assert "data" not in answer
        assert error["extensions"] == {"code": "COST_TOO_HIGH", "cost": {"limit": COST_MAX}}
        assert "PRESHIP_COST_MAX" in error["message"]


async def test_what_was_found_beyond_expectation_is_paid_for(open_office: Any) -> None:
    async with open_office(plans="off") as office:
        long = await a_draft(office, 500)
        first = (await office.enterprise.sends(LINES, id=long))["extensions"]["cost"]
        second = (await office.enterprise.sends("{ version }"))["extensions"]["cost"]
    assert first["remaining"] - second["remaining"] > 10 + second["requested"]


async def test_records_that_are_only_weighed_are_counted_too(open_office: Any) -> None:
    async with open_office(cost_max=COST_MAX) as office:
        short, long = await a_draft(office, 10), await a_draft(office, 500)
        await office.enterprise.asks(ACTIONS, id=short)
        assert await office.enterprise.is_told(ACTIONS, id=long) == "COST_TOO_HIGH"
        assert await office.enterprise.asks("{ version }")


async def test_what_a_mutation_has_done_is_told_where_its_lists_are_too_long(open_office: Any) -> None:
    async with open_office(cost_max=COST_MAX + 10) as office:
        answer = await office.enterprise.sends(SAVE, input=a_form(goodsLines=many_lines(500)))
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "COST_TOO_HIGH"
        assert error["path"] == ["commissionSaveDraft", "commission", "goodsLines"]
        assert answer["data"]["commissionSaveDraft"] == {"commission": None, "userErrors": []}
        assert (await office.enterprise.asks("{ commissions { totalCount } }"))["commissions"]["totalCount"] == 1


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
