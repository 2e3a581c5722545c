"""What a screen asks for before it draws a form: fields, labels, what is required and what may be edited now."""

from typing import Any

import pytest

from tests.office import Office
from tests.papers import a_form
from tests.person import Person

FIELDS = """query Fields($id: ID!) { commission(by: {id: $id}) { fields {
  name label hint required editable codeTable lengthMax decimalPlacesMax
  fields { name label required editable } } } }"""
FORM = "query Form($action: String!) { actionForm(action: $action) { action label fields { name label required } } }"


async def fields_of(person: Person, commission: Any) -> dict[str, Any]:
    found = (await person.asks(FIELDS, id=commission["id"]))["commission"]["fields"]
    return {each["name"]: each for each in found}


@pytest.mark.manual(27)
async def test_required_and_editable_fields_of_a_draft_are_told(office: Office) -> None:
    draft = (await office.enterprise.saves(**a_form())).done()
    fields = await fields_of(office.enterprise.in_chinese(), draft)
    assert fields["contactPhone"] | {"lengthMax": None} == {
        "name": "contactPhone", "label": "联系人电话", "hint": fields["contactPhone"]["hint"], "required": True,
        "editable": True, "codeTable": None, "lengthMax": None, "decimalPlacesMax": None, "fields": [],
    }  # fmt: skip
    assert (fields["remarks"]["required"], fields["remarks"]["editable"]) == (False, True)
    assert (fields["remarks"]["hint"], fields["remarks"]["lengthMax"]) == ("最多2000个字符", 2000)
    assert fields["entryCustoms"]["codeTable"] == "CUSTOMS_DISTRICT"
    for greyed_out in ("number", "status", "totalQuantity", "totalAmount", "returnReason", "commissionedAt"):
        assert not fields[greyed_out]["editable"], greyed_out
    lines = {each["name"]: each for each in fields["goodsLines"]["fields"]}
    assert (lines["hsCode"]["label"], lines["hsCode"]["required"], lines["hsCode"]["editable"]) == (
        "HS编码",
        True,
        True,
    )
    assert not lines["brand"]["required"]


async def test_what_may_be_edited_depends_on_who_asks_and_on_the_status(office: Office) -> None:
    draft = (await office.enterprise.saves(**a_form())).done()
    assert not any(each["editable"] for each in (await fields_of(office.enterprise_viewer, draft)).values())
    (await office.enterprise.submits(draft)).done()
    for person in (office.enterprise, office.institution, office.customs):
        assert not any(each["editable"] for each in (await fields_of(person, draft)).values())
    (await office.institution.returns(draft)).done()
    assert (await fields_of(office.enterprise, draft))["consigneeName"]["editable"]


@pytest.mark.manual(28)
async def test_an_actions_form_can_be_asked_for_in_either_language(office: Office) -> None:
    form = (await office.institution.in_chinese().asks(FORM, action="commissionComplete"))["actionForm"]
    assert form["label"] == "提交检验结果"
    assert form["fields"] == [
        {"name": "certificateNumber", "label": "检验机构证书编号", "required": True},
        {"name": "validUntil", "label": "证书有效期", "required": True},
        {"name": "signatory", "label": "签发人", "required": False},
        {"name": "conclusion", "label": "检验结论", "required": False},
    ]
    english = (await office.institution.in_english().asks(FORM, action="commissionComplete"))["actionForm"]
    assert [each["label"] for each in english["fields"]] == [
        "Certificate number", "Valid until", "Signatory", "Conclusion",
    ]  # fmt: skip


async def test_what_is_no_action_or_nobodys_has_no_form(office: Office) -> None:
    for action in ("commissionFly", "", "institutionEnter"):
        assert (await office.enterprise.asks(FORM, action=action))["actionForm"] is None
