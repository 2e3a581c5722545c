"""Mutations answered by plans: as the ordinary executor answers, and nothing is done twice where a plan gives up."""

from typing import Any

import pytest

from graph.plan.filling import Run
from storage.desk import Desk
from storage.perform import Door
from tests.office import Office
from tests.papers import a_form, id_of

SAVE = """mutation Saves($input: CommissionSaveDraftInput!, $lines: Boolean!) {
  __typename
  first: commissionSaveDraft(input: $input) { ...saved }
  second: commissionSaveDraft(input: $input) { ...saved }
}
fragment saved on CommissionPayload {
  userErrors { code field message } __typename
  commission {
    version productUseLabel status ...lines @include(if: $lines) institution { name countryLabel }
    actions: availableActions { action allowed }
  }
}
fragment lines on Commission { goodsLines { hsCode unitLabel rule { legalBasis } } }"""

SAVE_AND_FAIL = """mutation Fails($input: CommissionSaveDraftInput!, $id: ID!) {
  first: commissionSaveDraft(input: $input) { commission { id goodsLines { hsCode } } }
  wrong: commissionSubmit(input: {id: $id}) { commission { id } }
  last: commissionSaveDraft(input: $input) { commission { id } }
}"""


async def count_of(office: Office) -> int:
    total: int = (await office.enterprise.asks("{ commissions { totalCount } }"))["commissions"]["totalCount"]
    return total


@pytest.mark.parametrize("lines", [True, False])
async def test_a_plan_answers_a_mutation_as_the_ordinary_executor_does(open_office: Any, lines: bool) -> None:
    told = {}
    for plans in ("on", "off"):
        async with open_office(plans=plans) as office:
            answer = await office.enterprise.sends(SAVE, input=a_form(), lines=lines)
            told[plans] = list(answer["data"].items())
            assert await count_of(office) == 2
            assert office.app.state.plans.counts.answered == (2 if plans == "on" else 0)
    assert told["on"] == told["off"]
    assert ("goodsLines" in told["on"][1][1]["commission"]) is lines


@pytest.mark.parametrize(
    "variables", [{}, {"id": None}, {"id": 7}, {"id": "?"}, {"id": ["?"]}, {"id": "?", "more": 1}], ids=str
)
async def test_whatever_stands_for_a_text_is_read_as_the_ordinary_executor_does(
    open_office: Any, variables: dict[str, Any]
) -> None:
    told = []
    for plans in ("on", "off"):
        async with open_office(plans=plans) as office:
            told.append(await office.enterprise.sends(SUBMIT, **variables))
    assert told[0] == told[1]


SUBMIT = "mutation Submits($id: ID!) { commissionSubmit(input: {id: $id}) { commission { id } userErrors { code } } }"


async def test_what_is_refused_is_told_by_the_same_plan(office: Office) -> None:
    bare = (await office.enterprise.saves()).done()
    before = office.app.state.plans.counts.answered
    refused = await office.enterprise.submits(bare)
    assert len(refused.refusals) > 5
    assert office.app.state.plans.counts.answered == before + 1


async def test_where_one_field_fails_the_others_are_done_and_told_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform = Door.perform

    async def performs(self: Door, desk: Desk[Any], action: str, *rest: Any) -> Any:
        if action == "submit":
            raise RuntimeError
        return await perform(self, desk, action, *rest)

    monkeypatch.setattr(Door, "perform", performs)
    answer = await office.enterprise.sends(SAVE_AND_FAIL, input=a_form(), id=id_of(await office.draft()))
    assert [error["path"] for error in answer["errors"]] == [["wrong"]]
    assert list(answer["data"]) == ["first", "wrong", "last"]
    assert answer["data"]["wrong"] is None
    assert answer["data"]["first"]["commission"]["goodsLines"]
    assert answer["data"]["first"]["commission"]["id"] != answer["data"]["last"]["commission"]["id"]
    assert await count_of(office) == 3


async def test_what_is_done_is_not_done_again_where_a_plan_cannot_tell_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(run: Run) -> None:
        raise RuntimeError

    monkeypatch.setattr(Run, "settled", fails)
    saved = (await office.enterprise.saves(**a_form())).done()
    monkeypatch.undo()
    assert saved["goodsLines"]
    assert await count_of(office) == 1
    assert id_of(saved)


async def test_variables_that_do_not_fit_do_nothing(office: Office) -> None:
    async with office.unchanged():
        assert await office.enterprise.is_told(SAVE, input={"nonsense": 1}, lines=True) == "BAD_USER_INPUT"
        assert await office.enterprise.is_told(SAVE, input=a_form(), lines="yes") == "BAD_USER_INPUT"
