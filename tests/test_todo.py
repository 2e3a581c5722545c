"""What waits for whom: to-dos follow from statuses, and go when it is somebody else's turn."""

from typing import Any

import pytest

from tests.disciplining import orders_rectification
from tests.disciplining import submits as submits_rectification
from tests.office import Office
from tests.papers import a_form
from tests.person import Person

TODOS = """query Todos($first: Int, $offset: Int) { viewer { todos {
  totalCount counts { subjectType status label count overdue }
  nodes(first: $first, offset: $offset) {
    subjectType number status label since dueOn isOverdue subject { id } } } } }"""


async def todos_of(person: Person, **page: Any) -> Any:
    return (await person.asks(TODOS, **page))["viewer"]["todos"]


@pytest.mark.manual(6)
async def test_what_waits_moves_from_one_side_to_the_other(office: Office) -> None:
    enterprise, institution = office.enterprise.in_chinese(), office.institution.in_english()
    assert (await todos_of(enterprise))["totalCount"] == 0
    draft = (await office.enterprise.saves(**a_form())).done()
    office.clock.moves(hours=1)

    waiting = await todos_of(enterprise)
    assert waiting["counts"] == [
        {"subjectType": "commission", "status": "DRAFT", "label": "业务委托 · 暂存", "count": 1, "overdue": 0}
    ]
    assert waiting["nodes"] == [
        {
            "subjectType": "commission", "number": draft["number"], "status": "DRAFT", "label": "业务委托 · 暂存",
            "since": "2026-06-01T02:00:00Z", "dueOn": None, "isOverdue": False, "subject": {"id": draft["id"]},
        }
    ]  # fmt: skip

    (await office.enterprise.submits(draft)).done()
    assert (await todos_of(enterprise))["totalCount"] == 0
    (found,) = (await todos_of(institution))["nodes"]
    assert (found["number"], found["label"]) == (draft["number"], "Commission · Pending")
    assert found["since"] == "2026-06-01T03:00:00Z"

    (await office.institution.returns(draft)).done()
    assert (await todos_of(institution))["totalCount"] == 0
    assert [each["status"] for each in (await todos_of(enterprise))["counts"]] == ["SUPPLEMENT_REQUIRED"]


async def test_a_deadline_binds_the_one_whose_turn_it_is_and_nobody_else(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01", dueOn="2026-06-10")).done()
    (todo,) = (await todos_of(office.institution))["nodes"]
    assert (todo["subjectType"], todo["dueOn"], todo["isOverdue"]) == ("disposition", "2026-06-10", False)

    office.clock.moves(days=20)
    (todo,) = (await todos_of(office.institution))["nodes"]
    assert todo["isOverdue"]
    assert [each["overdue"] for each in (await todos_of(office.institution))["counts"]] == [1]

    (await submits_rectification(office.institution, order)).done()
    same = ("disposition", order["number"])
    seen_by_customs = (await todos_of(office.customs, first=100))["nodes"]
    waiting = [each for each in seen_by_customs if (each["subjectType"], each["number"]) == same]
    assert [(each["dueOn"], each["isOverdue"]) for each in waiting] == [(None, False)]


async def test_nothing_waits_for_strangers_nor_for_those_who_only_read(office: Office) -> None:
    draft = (await office.enterprise.saves(**a_form())).done()
    (await office.enterprise.submits(draft)).done()
    for person in (office.other_institution, office.institution_viewer, office.other_enterprise):
        assert (await todos_of(person))["totalCount"] == 0
    assert (await office.anybody.asks("{ viewer { kind } }"))["viewer"] is None


async def test_what_has_waited_longest_comes_first_and_pages_follow_on(office: Office) -> None:
    drafts = []
    for _ in range(3):
        drafts.append((await office.enterprise.saves(**a_form())).done())
        office.clock.moves(hours=1)
    (await office.enterprise.saves(drafts[0], remarks="again")).done()
    numbers = [each["number"] for each in (await todos_of(office.enterprise))["nodes"]]
    assert numbers == [drafts[1]["number"], drafts[2]["number"], drafts[0]["number"]]
    page = await todos_of(office.enterprise, first=1, offset=1)
    assert [each["number"] for each in page["nodes"]] == [drafts[2]["number"]]
    assert page["totalCount"] == 3
