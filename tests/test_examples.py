"""The example operations of the explorer: each runs in the demo world as the role that its file is for."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse

from tests.disciplining import imposes
from tests.office import Office
from tests.papers import institution_id
from tests.partners import a_program
from tests.person import Person, Subscription

FOLDER = Path(__file__).parents[1] / "examples" / "operations"


def _operations() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.graphql")):
        for each in parse(path.read_text(encoding="utf-8")).definitions:
            assert isinstance(each, OperationDefinitionNode)
            assert each.name is not None
            found.append(pytest.param(path.stem, each, id=each.name.value))
    return found


async def _subject(office: Office, operation: str) -> Any:
    """A commission that the operation can be done to."""
    match operation:
        case "EnterpriseNamesInstitution" | "EnterpriseSubmits":
            return await office.draft()
        case "InstitutionCompletes":
            commission = await office.in_progress()
            (await office.institution.uploads(commission)).done()
            return commission
    return await office.pending()


async def _runs(office: Office, person: Person, role: str, operation: OperationDefinitionNode, **known: Any) -> Any:
    variables = json.loads((FOLDER / f"{role}.variables.json").read_text(encoding="utf-8")) | known
    document = (FOLDER / f"{role}.graphql").read_text(encoding="utf-8")
    assert operation.name is not None
    named = {each.variable.name.value for each in operation.variable_definitions or ()}
    request = {
        "query": document,
        "operationName": operation.name.value,
        "variables": {name: value for name, value in variables.items() if name in named},
    }
    if operation.operation is OperationType.SUBSCRIPTION:
        async with person.connects() as talk:
            await talk.says("subscribe", id="1", payload=request)
            heard = Subscription(talk, [])
            await heard.is_settled()
            (await office.institution.accepts(known["id"])).done()
            (await imposes(office.customs, "I05")).done()
            await office.pending()
            return await heard.next()
    answer = (await office.client.post("/graphql", json=request, headers=person.headers)).json()
    assert "errors" not in answer, answer["errors"]
    for payload in answer["data"].values():
        assert not (isinstance(payload, dict) and payload.get("userErrors")), payload
        assert payload is not None
    return answer["data"]


@pytest.mark.parametrize(("role", "operation"), _operations())
async def test_an_example_runs_as_the_role_that_it_is_for(
    office: Office, role: str, operation: OperationDefinitionNode
) -> None:
    people = {
        "anonymous": office.anybody,
        "customs": office.customs,
        "enterprise": office.enterprise,
        "institution": office.institution,
    }
    if role == "partner":
        people["partner"] = await a_program(office)
    assert operation.name is not None
    commission = await _subject(office, operation.name.value)
    known = {"id": commission["id"], "number": commission["number"], "institutionId": institution_id("I01")}
    await _runs(office, people[role], role, operation, **known)


async def test_the_examples_of_an_enterprise_lead_from_a_draft_to_its_submission(office: Office) -> None:
    steps = {each.id: each.values[1] for each in _operations()}
    saved = await _runs(office, office.enterprise, "enterprise", steps["EnterpriseSavesDraft"])
    known = {"id": saved["commissionSaveDraft"]["commission"]["id"], "institutionId": institution_id("I01")}
    await _runs(office, office.enterprise, "enterprise", steps["EnterpriseNamesInstitution"], **known)
    submitted = await _runs(office, office.enterprise, "enterprise", steps["EnterpriseSubmits"], **known)
    assert submitted["commissionSubmit"]["commission"]["status"] == "PENDING"


def test_every_variable_of_an_example_has_a_value_to_start_from() -> None:
    for each in _operations():
        role, operation = each.values
        given = json.loads((FOLDER / f"{role}.variables.json").read_text(encoding="utf-8"))
        named = {variable.variable.name.value for variable in operation.variable_definitions or ()}
        assert named <= given.keys(), each.id
