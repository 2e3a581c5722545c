"""Drafts of filings: formats at every save, required fields at submission, lists whose rows come, change and go."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from storage.register import REGISTER
from tests.filings import ID_CARD, a_filing, acts, drafted, sees
from tests.office import Office
from tests.person import Person


def newcomer(office: Office) -> Person:
    return office.user("newcomer")


@pytest.mark.manual(51)
async def test_what_can_be_edited_is_in_the_form_and_what_the_system_sets_is_not(office: Office) -> None:
    asked = """{
      form: __type(name: "FilingSaveDraftInput") { inputFields { name description } }
      record: __type(name: "Filing") { fields { name } }
    }"""
    data = await office.institution.asks(asked)
    form = {each["name"]: each["description"] for each in data["form"]["inputFields"]}
    record = {each["name"] for each in data["record"]["fields"]}
    read_only = {
        "applicationNumber",
        "certificateNumber",
        "previousFilingNumber",
        "status",
        "reviewOpinion",
        "submittedAt",
    }
    assert read_only <= record
    assert not read_only & form.keys()
    assert a_filing().keys() <= form.keys() & record
    assert "提交时必填" in form["nameZh"]
    assert "提交时必填" not in form["contactFax"]


@pytest.mark.manual(53)
async def test_a_draft_keeps_whatever_was_filled_in(office: Office) -> None:
    person = newcomer(office)
    empty = (await acts(person, "filingSaveDraft")).done()
    assert (empty["status"], empty["nameZh"], empty["version"]) == ("DRAFT", None, 1)
    saved = (await acts(person, "filingSaveDraft", id=empty["id"], **a_filing())).done()
    assert saved["countryLabel"] == "西班牙"
    for name, value in a_filing().items():
        if not isinstance(value, list):
            assert saved[name] == value, name
    cleared = (await acts(person, "filingSaveDraft", id=empty["id"], contactFax=None)).done()
    assert (cleared["contactFax"], cleared["contactPhone"]) == (None, "+34 912 345 678")


@pytest.mark.manual(53)
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("contactPhone", "12345", "INVALID_FORMAT"),
        ("contactFax", "没有", "INVALID_FORMAT"),
        ("contactEmail", "l.ferrer@", "INVALID_FORMAT"),
        ("identityCardNumber", "110105194912310021", "INVALID_FORMAT"),
        ("identityCardNumber", "11010519491331002X", "INVALID_FORMAT"),
        ("identityCardNumber", "1101051949", "INVALID_FORMAT"),
        ("country", "XX", "UNKNOWN_CODE"),
        ("legalForm", "公司", "UNKNOWN_CODE"),
        ("nameZh", "长" * 201, "TOO_LONG"),
    ],
)
async def test_formats_are_checked_at_every_save(office: Office, field: str, value: str, code: str) -> None:
    draft = (await acts(newcomer(office), "filingSaveDraft", **a_filing())).done()
    async with office.unchanged():
        refused = await acts(newcomer(office), "filingSaveDraft", id=draft["id"], **{field: value})
    assert refused.refusals == [(code, field)]
    assert value not in refused.user_errors[0]["message"] or code == "UNKNOWN_CODE"


@pytest.mark.manual(54)
@pytest.mark.parametrize(
    ("field", "row", "refusal"),
    [
        ("departments", {"headcount": -1}, ("OUT_OF_RANGE", "departments.0.headcount")),
        ("departments", {"phone": "1"}, ("INVALID_FORMAT", "departments.0.phone")),
        ("equipment", {"quantity": "0"}, ("OUT_OF_RANGE", "equipment.0.quantity")),
        (
            "qualityCertificates",
            {"issuedOn": "2026-01-01", "validUntil": "2026-01-01"},
            ("DATES_OUT_OF_ORDER", "qualityCertificates.0.validUntil"),
        ),
        ("pastInspections", {"year": 2026}, ("OUT_OF_RANGE", "pastInspections.0.year")),
        ("pastInspections", {"year": 2022}, ("OUT_OF_RANGE", "pastInspections.0.year")),
        (
            "pastInspections",
            {"batches": 3, "nonConformingBatches": 4},
            ("OUT_OF_RANGE", "pastInspections.0.nonConformingBatches"),
        ),
        ("pastInspections", {"valueUsd": "0.001"}, ("TOO_PRECISE", "pastInspections.0.valueUsd")),
    ],
)
async def test_rows_are_checked_as_they_will_stand(
    office: Office, field: str, row: dict[str, Any], refusal: tuple[str, str]
) -> None:
    person = newcomer(office)
    draft = (await acts(person, "filingSaveDraft", **a_filing())).done()
    kept = {"id": draft[field][0]["id"]}
    async with office.unchanged():
        for sent in (row, kept | row):
            refused = await acts(person, "filingSaveDraft", id=draft["id"], **{field: [sent]})
            assert refused.refusals == [refusal]


async def test_each_year_is_given_once_and_three_at_most(office: Office) -> None:
    person = newcomer(office)
    twice = await acts(person, "filingSaveDraft", pastInspections=[{"year": 2024}, {"year": 2025}, {"year": 2024}])
    assert twice.refusals == [("DUPLICATE", "pastInspections.0.year"), ("DUPLICATE", "pastInspections.2.year")]
    many = await acts(person, "filingSaveDraft", pastInspections=[{"year": 2025}] * 4)
    assert many.refusals == [("TOO_MANY", "pastInspections")]
    saved = await acts(person, "filingSaveDraft", pastInspections=[{"year": year} for year in (2023, 2024, 2025)])
    assert [each["year"] for each in saved.done()["pastInspections"]] == [2023, 2024, 2025]


@pytest.mark.manual(54)
@pytest.mark.manual(56)
async def test_rows_come_change_and_go_with_the_draft(office: Office) -> None:
    person = newcomer(office)
    draft = (await acts(person, "filingSaveDraft", **a_filing())).done()
    for name in ("signatories", "departments", "equipment", "qualityCertificates", "pastInspections"):
        (row,) = draft[name]
        (sent,) = a_filing()[name]
        assert row["lineNumber"] == 1
        assert {field: row[field] for field in sent} == sent

    (first,) = draft["departments"]
    another = {"name": "质量部", "scale": "一个组", "headcount": 0, "head": "Ana Gil", "phone": "+34 912 345 681"}
    rows = [another, {"id": first["id"], "headcount": 13}]
    saved = (await acts(person, "filingSaveDraft", id=draft["id"], departments=rows)).done()
    assert [(each["lineNumber"], each["name"], each["headcount"]) for each in saved["departments"]] == [
        (1, "质量部", 0),
        (2, "检验部", 13),
    ]
    assert saved["departments"][1]["id"] == first["id"]
    assert saved["equipment"] == draft["equipment"]

    kept = [{"id": saved["departments"][0]["id"]}]
    fewer = (await acts(person, "filingSaveDraft", id=draft["id"], departments=kept, equipment=[])).done()
    assert [each["name"] for each in fewer["departments"]] == ["质量部"]
    assert fewer["equipment"] == []
    assert await sees(person, draft) == fewer


async def test_a_row_of_another_filing_cannot_be_changed_and_none_be_named_twice(office: Office) -> None:
    person = newcomer(office)
    other = (await acts(person, "filingSaveDraft", **a_filing())).done()
    draft = (await acts(person, "filingSaveDraft", **a_filing())).done()
    foreign = [{"id": other["signatories"][0]["id"], "name": "乙"}]
    refused = await acts(person, "filingSaveDraft", id=draft["id"], signatories=foreign)
    assert refused.refusals == [("UNKNOWN_REFERENCE", "signatories.0.id")]
    twice = [{"id": draft["signatories"][0]["id"]}] * 2
    refused = await acts(person, "filingSaveDraft", id=draft["id"], signatories=twice)
    assert refused.codes == ["DUPLICATE", "DUPLICATE"]


async def test_everything_that_a_submission_lacks_is_said_at_once(office: Office) -> None:
    person = newcomer(office)
    draft = (
        await acts(person, "filingSaveDraft", nameZh=" ", independenceDeclared=False, departments=[{"name": "检验部"}])
    ).done()
    async with office.unchanged():
        refused = await acts(person, "filingSubmit", id=draft["id"])
    required = {field for code, field in refused.refusals if code == "REQUIRED"}
    assert required == {
        *("nameZh", "nameEn", "country", "registeredAddress", "legalForm", "registrationNumber"),
        *("legalRepresentative", "contactName", "contactPhone", "contactEmail"),
        *(f"departments.0.{name}" for name in ("scale", "headcount", "head", "phone")),
    }
    assert [each for each in refused.refusals if each[0] != "REQUIRED"] == [
        ("MISSING_ROWS", "signatories"),
        ("MISSING_ROWS", "equipment"),
        ("NO_ATTACHMENT", "attachments"),
        ("NOT_DECLARED", "independenceDeclared"),
    ]


async def test_a_year_that_has_gone_by_since_the_draft_is_refused_at_submission(office: Office) -> None:
    person = newcomer(office)
    draft = await drafted(person, pastInspections=[{"year": 2023, "batches": 1}])
    office.clock.moves(days=365)
    refused = await acts(person, "filingSubmit", id=draft["id"])
    assert refused.refusals == [("OUT_OF_RANGE", "pastInspections.0.year")]


async def test_the_identity_card_is_for_those_who_review_the_filing_and_not_in_the_register(office: Office) -> None:
    draft = await drafted(newcomer(office))
    (await acts(newcomer(office), "filingSubmit", id=draft["id"])).done()
    assert (await sees(office.customs, draft))["identityCardNumber"] == ID_CARD
    async with office.database.reading() as connection:
        written = (await connection.execute(select(REGISTER.c.changes))).scalars().all()
    assert any("Lucia Ferrer" in json.loads(each).get("legal_representative", "") for each in written)
    assert not any(ID_CARD in each for each in written)


async def test_an_old_version_and_a_repeated_key_are_known(office: Office) -> None:
    person = newcomer(office)
    first = (await acts(person, "filingSaveDraft", nameZh="甲", idempotencyKey="k")).done()
    again = (await acts(person, "filingSaveDraft", nameZh="甲", idempotencyKey="k")).done()
    assert again["id"] == first["id"]
    other = await acts(person, "filingSaveDraft", nameZh="甲", identityCardNumber=ID_CARD, idempotencyKey="k")
    assert other.codes == ["IDEMPOTENCY_KEY_REUSED"]
    (await acts(person, "filingSaveDraft", id=first["id"], nameZh="乙")).done()
    stale = await acts(person, "filingSaveDraft", id=first["id"], nameZh="丙", expectedVersion=1)
    assert stale.codes == ["STALE_VERSION"]
