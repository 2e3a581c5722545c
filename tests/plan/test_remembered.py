"""What plans have in common: a question is written once for viewers of one kind, and serves those of whom its guards
hold, whatever their documents select."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.later import Later
from graph.plan.remembered import ARGUMENTS_MAX, NotToBeTold, told
from graph.plan.shape import Slot
from graph.plan.statement import Asked
from tests.office import Office

NAMED = "query Named($name: String!) { institutions(filter: {name: $name}) { nodes { %s } } }"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The questions that SQLAlchemy was asked to write."""
    questions: list[Any] = []
    by: Callable[..., Asked] = Asked.by

    def counting(question: Any, dialect: Any) -> Asked:
        questions.append(question)
        return by(question, dialect)

    monkeypatch.setattr(Asked, "by", counting)
    return questions


async def test_a_document_that_selects_something_else_has_no_question_written_anew(
    office: Office, written: list[Any]
) -> None:
    query = "query($id: ID!) { commission(by: {id: $id}) { %s goodsLines { %s } institution { %s } } }"
    draft = await office.draft()
    await office.enterprise.asks(query % ("number", "unit", "id"), id=draft["id"])
    written.clear()
    found = await office.enterprise.asks(
        query % ("status version", "lineNumber hsCode", "filingNumber"), id=draft["id"]
    )
    assert (found["commission"]["status"], written) == ("DRAFT", [])


async def test_what_is_sealed_or_veiled_is_fetched_beside_what_stands_as_it_is(office: Office) -> None:
    draft = await office.draft()
    query = "query($id: ID!) { commission(by: {id: $id}) { %s } }"
    plain, apart = "number productUse", "contactPhone contactAddress"
    both = (await office.enterprise.asks(query % f"{plain} {apart}", id=draft["id"]))["commission"]
    for some in (plain, apart):
        found = (await office.enterprise.asks(query % some, id=draft["id"]))["commission"]
        assert found == {key: both[key] for key in some.split()}


async def test_a_question_serves_nobody_for_whom_it_would_be_another(office: Office) -> None:
    everybody = len((await office.enterprise.asks(NAMED % "id", name=""))["institutions"]["nodes"])
    none = (await office.enterprise.asks(NAMED % "name", name="there is none of this name"))["institutions"]["nodes"]
    again = (await office.enterprise.asks(NAMED % "filingNumber", name=""))["institutions"]["nodes"]
    assert (none, len(again)) == ([], everybody)


async def test_what_a_page_wants_to_know_of_a_request_is_asked_when_it_is_planned(office: Office) -> None:
    query = "query Skips($offset: Int) { rules(offset: $offset) { pageInfo { hasPreviousPage } } }"
    asked = set()
    for _ in range(3):
        found = await office.enterprise.asks(query, offset=2)
        assert found["rules"]["pageInfo"]["hasPreviousPage"]
        ((plan,),) = office.app.state.plans._plans.values()
        asked.add(len(plan._guards))
    assert len(asked) == 1


@pytest.mark.parametrize("list_", ["notices", "commissions", "institutions"])
async def test_whoever_brings_a_cursor_that_is_none_is_refused_and_no_hindrance_to_others(
    office: Office, list_: str
) -> None:
    query = f"query Page($after: String) {{ {list_}(first: 1, after: $after) {{ nodes {{ %s }} }} }}"
    await office.pending()
    await office.pending()
    person, plans = office.customs, office.app.state.plans
    first = await person.asks(f"{{ {list_}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
    good = first[list_]["pageInfo"]["endCursor"]
    for selected in ("id", "id version", "__typename id"):
        assert await person.is_told(query % selected, after="none") == "BAD_USER_INPUT"
        answered = plans.counts.answered
        await person.asks(query % selected, after=good)
        assert plans.counts.answered > answered


async def test_a_cursor_that_is_none_is_refused_where_there_is_nothing_to_see(office: Office) -> None:
    query = "query Page($after: String) { registerLines(first: 1, after: $after) { nodes { %s } } }"
    draft = await office.draft()
    asked = "query($id: ID!) { registerLines(first: 1, filter: {subjectId: $id}) { pageInfo { endCursor } } }"
    good = (await office.customs.asks(asked, id=draft["id"]))["registerLines"]["pageInfo"]["endCursor"]
    person = office.institution_viewer
    assert (await person.asks(query % "id", after=good))["registerLines"]["nodes"] == []
    for selected in ("id", "version"):
        assert await person.is_told(query % selected, after="none") == "BAD_USER_INPUT"


def test_arguments_are_told_apart_by_where_they_come_and_by_their_kind() -> None:
    guards: list[Any] = []
    assert told({"first": Slot(10, 5, guards)}) == told({"first": Slot(10, 6, guards)})
    assert told({"first": Slot(10, 5, guards)}) != told({"first": Slot(11, 5, guards)})
    assert told({"of": [1]}) != told({"of": [True]})
    assert told({"filter": None}) != told({})
    for not_to_be_told in (Later(lambda slots: slots[10], 5, guards), "a" * ARGUMENTS_MAX, [1] * ARGUMENTS_MAX):
        with pytest.raises(NotToBeTold):
            told({"of": not_to_be_told})
