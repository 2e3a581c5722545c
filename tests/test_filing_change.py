"""Changes of what is on file: requested field by field, approved into filing and registry, or refused."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from storage.register import REGISTER
from storage.verify import verify
from tests.filings import CHANGE, ID_CARD, accepted, acts, drafted, filing_of, requested, sees
from tests.office import Office
from tests.person import Person

NOTICES = "{ notices { nodes { title body type subject { __typename id } } } }"
OF_FILING = "query Of($id: ID!) { filing(by: {id: $id}) { changes { ...change } } }" + CHANGE
LIST = (
    """query List($filter: FilingChangeFilter) {
  filingChanges(filter: $filter) { totalCount nodes { ...change } }
}"""
    + CHANGE
)


async def listed(person: Person, **filter: Any) -> list[str]:
    return [each["id"] for each in (await person.asks(LIST, filter=filter))["filingChanges"]["nodes"]]


async def registry(office: Office, number: str) -> Any:
    query = """query R($number: String) { institutions(filter: {filingNumber: $number}) { nodes {
      nameZh registeredPlace contactPhone
    } } }"""
    (row,) = (await office.enterprise.asks(query, number=number))["institutions"]["nodes"]
    return row


@pytest.mark.manual(13)
@pytest.mark.manual(61)
@pytest.mark.manual(95)
async def test_an_institution_asks_for_a_change_and_the_reviewer_sees_what_differs(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    change = await requested(
        person,
        filing,
        nameZh="大中华检验（香港）有限公司",
        contactPhone="+852 2123 9999",
        contactEmail=filing["contactEmail"],
        independenceDeclared=True,
        accreditationValidUntil="2030-12-31",
    )
    assert (change["status"], change["requiresRefiling"], change["filing"]["id"]) == ("PENDING", True, filing["id"])
    assert change["changes"] == [
        {
            "lineNumber": 1,
            "field": "nameZh",
            "label": "装运前检验机构名称",
            "before": "大中华检验认证（香港）有限公司",
            "after": "大中华检验（香港）有限公司",
            "isMaterial": True,
        },
        {
            "lineNumber": 2,
            "field": "contactPhone",
            "label": "联系电话",
            "before": "+852 2123 4567",
            "after": "+852 2123 9999",
            "isMaterial": False,
        },
        {
            "lineNumber": 3,
            "field": "accreditationValidUntil",
            "label": "认可有效期",
            "before": "2022-12-31",
            "after": "2030-12-31",
            "isMaterial": False,
        },
    ]
    (seen,) = (await office.customs.asks(OF_FILING, id=filing["id"]))["filing"]["changes"]
    assert seen["id"] == change["id"]
    assert await filing_of(office, "I02") == filing
    assert await listed(office.customs, filingId=filing["id"]) == [change["id"]]
    assert await listed(office.customs, requiresRefiling=False, status=["PENDING"], filingId=filing["id"]) == []
    assert await listed(office.institution) == []


@pytest.mark.manual(62)
async def test_what_is_approved_takes_the_place_of_the_old_in_filing_and_registry(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    (head, *_) = filing["departments"]
    change = await requested(
        person,
        filing,
        nameZh="大中华检验",
        registeredAddress="香港九龙",
        contactPhone="+852 2123 9999",
        contactFax="+852 2123 9998",
        accreditationNumber=None,
        departments=[
            {"id": head["id"], "headcount": 30},
            {"name": "海外部", "scale": "一个组", "headcount": 2, "head": "何俊贤", "phone": "+852 2123 9997"},
        ],
        equipment=[*({"id": each["id"]} for each in filing["equipment"]), {"name": "测振仪", "quantity": "1.5"}],
        qualityCertificates=[],
    )
    done = (await acts(office.customs, "filingChangeApprove", id=change["id"], opinion="材料齐全")).done()
    assert (done["status"], done["opinion"], done["decidedAt"]) == ("APPROVED", "材料齐全", "2026-06-01T02:00:00Z")

    now = await filing_of(office, "I02")
    assert (now["nameZh"], now["registeredAddress"], now["accreditationNumber"]) == ("大中华检验", "香港九龙", None)
    assert (now["status"], now["certificateNumber"], now["version"]) == (
        "ACCEPTED",
        "JJD2019002",
        filing["version"] + 1,
    )
    first, second = now["departments"]
    assert first == head | {"headcount": 30}
    assert (second["name"], second["lineNumber"]) == ("海外部", 2)
    assert now["equipment"][:-1] == filing["equipment"]
    assert (now["equipment"][-1]["name"], now["equipment"][-1]["quantity"]) == ("测振仪", "1.5000")
    assert now["qualityCertificates"] == []
    assert now["pastInspections"] == filing["pastInspections"]
    assert await registry(office, "JJD2019002") == {
        "nameZh": "大中华检验",
        "registeredPlace": "香港九龙",
        "contactPhone": "+852 2123 9999",
    }
    notice = (await person.asks(NOTICES))["notices"]["nodes"][0]
    assert (notice["title"], notice["type"]) == ("您的备案变更（备案证书编号：JJD2019002）已通过", "FILING")
    assert notice["subject"] == {"__typename": "FilingChange", "id": change["id"]}
    assert "材料齐全" in notice["body"]
    async for flaw in verify(office.database):
        raise AssertionError(flaw)


@pytest.mark.manual(62)
async def test_what_is_refused_leaves_the_filing_as_it_was(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    shown = await registry(office, "JJD2019002")
    change = await requested(person, filing, nameZh="大中华检验", departments=filing_rows(filing["departments"])[:1])
    for empty in ({}, {"opinion": " "}):
        refused = await acts(office.customs, "filingChangeRefuse", id=change["id"], **empty)
        assert refused.refusals == [("REQUIRED", "opinion")]
    done = (await acts(office.customs, "filingChangeRefuse", id=change["id"], opinion="证明材料不足")).done()
    assert (done["status"], done["opinion"]) == ("REFUSED", "证明材料不足")
    assert await filing_of(office, "I02") == filing
    assert await registry(office, "JJD2019002") == shown
    notice = (await person.asks(NOTICES))["notices"]["nodes"][0]
    assert notice["title"] == "您的备案变更（备案证书编号：JJD2019002）未通过"
    assert "证明材料不足" in notice["body"]
    for mutation in ("filingChangeApprove", "filingChangeRefuse"):
        assert (await acts(office.customs, mutation, id=change["id"], opinion="再议")).codes == ["WRONG_STATUS"]
    await requested(person, filing, nameZh="大中华检验")


def filing_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are sent back, every one with its id."""
    return [{name: value for name, value in row.items() if name != "lineNumber"} for row in rows]


async def test_contacts_equipment_and_departments_never_require_a_new_filing(office: Office) -> None:
    filing = await filing_of(office, "I02")
    equipment = [*filing_rows(filing["equipment"]), {"name": "测振仪", "quantity": "2"}]
    change = await requested(office.other_institution, filing, contactName="何俊贤", equipment=equipment)
    assert change["requiresRefiling"] is False
    after = json.loads(change["changes"][1]["after"])
    assert [row["name"] for row in after] == [*(each["name"] for each in filing["equipment"]), "测振仪"]
    assert "id" not in after[-1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nameZh", "乙"),
        ("nameEn", "B"),
        ("registeredAddress", "九龙"),
        ("legalRepresentative", "何俊贤"),
        ("investor", "新投资方"),
        ("ownership", "51% 新股东"),
        ("signatories", [{"name": "何俊贤", "title": "总检验师"}]),
    ],
)
async def test_what_it_was_filed_for_is_flagged(office: Office, field: str, value: Any) -> None:
    filing = await filing_of(office, "I02")
    change = await requested(office.other_institution, filing, **{field: value})
    assert change["requiresRefiling"] is True
    assert [(each["field"], each["isMaterial"]) for each in change["changes"]] == [(field, True)]


async def test_a_change_that_changes_nothing_is_refused(office: Office) -> None:
    filing = await filing_of(office, "I02")
    same = {"nameZh": filing["nameZh"], "contactFax": "", "departments": filing_rows(filing["departments"])}
    async with office.unchanged():
        for sent in ({}, same):
            refused = await acts(office.other_institution, "filingChangeRequest", filingId=filing["id"], **sent)
            assert refused.codes == ["NOTHING_CHANGED"]
    turned = filing_rows(filing["departments"])[::-1]
    assert (await requested(office.other_institution, filing, departments=turned))["status"] == "PENDING"


async def test_the_filing_stays_whole(office: Office) -> None:
    filing = await filing_of(office, "I02")
    async with office.unchanged():
        refused = await acts(
            office.other_institution,
            "filingChangeRequest",
            filingId=filing["id"],
            nameZh=None,
            contactPhone="1",
            country="XX",
            independenceDeclared=False,
            equipment=[],
            departments=[{"name": "海外部"}],
            pastInspections=[{"year": 2026, "batches": 1}],
        )
    assert set(refused.refusals) == {
        ("INVALID_FORMAT", "contactPhone"),
        ("UNKNOWN_CODE", "country"),
        ("REQUIRED", "nameZh"),
        *(("REQUIRED", f"departments.0.{name}") for name in ("scale", "headcount", "head", "phone")),
        ("MISSING_ROWS", "equipment"),
        ("NOT_DECLARED", "independenceDeclared"),
        ("OUT_OF_RANGE", "pastInspections.0.year"),
    }


async def test_one_change_is_open_at_a_time_and_may_be_taken_back(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    first = await requested(person, filing, contactName="何俊贤")
    second = await acts(person, "filingChangeRequest", filingId=filing["id"], contactName="何先生")
    assert second.refusals == [("ALREADY_OPEN", "filingId")]
    assert (await acts(office.institution, "filingChangeWithdraw", id=first["id"])).codes == ["NOT_FOUND"]
    assert (await acts(person, "filingChangeWithdraw", id=first["id"])).done()["status"] == "WITHDRAWN"
    await requested(person, filing, contactName="何先生")


async def test_of_two_changes_requested_at_once_one_is_refused(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    names = ("何俊贤", "陈淑仪女士")
    done = await asyncio.gather(
        *(acts(person, "filingChangeRequest", filingId=filing["id"], contactName=each) for each in names)
    )
    assert sorted(each.codes for each in done) == [[], ["ALREADY_OPEN"]]


async def test_only_the_filing_in_force_of_ones_own_can_be_changed(office: Office) -> None:
    person = office.other_institution
    foreign, own = await filing_of(office, "I03"), await filing_of(office, "I02")
    draft = await drafted(person)
    nowhere = f"filing_{7:032x}"
    for named, refusal in (
        (foreign["id"], ("UNKNOWN_REFERENCE", "filingId")),
        (nowhere, ("UNKNOWN_REFERENCE", "filingId")),
        (draft["id"], ("NOT_CHANGEABLE", "filingId")),
    ):
        refused = await acts(person, "filingChangeRequest", filingId=named, nameZh="乙")
        assert refused.refusals == [refusal]
    assert (await acts(office.enterprise, "filingChangeRequest", filingId=own["id"], nameZh="乙")).codes == [
        "NOT_YOUR_ROLE"
    ]
    await office.disposes("I02", "RECTIFICATION")
    await requested(person, own, contactName="何俊贤")
    await office.disposes("I02", "REVOKED")
    refused = await acts(person, "filingChangeRequest", filingId=own["id"], nameZh="乙")
    assert ("REFILING_REQUIRED", "filingId") in refused.refusals


async def test_a_change_of_a_filing_that_was_revoked_meanwhile_cannot_be_approved(office: Office) -> None:
    person, filing = office.other_institution, await filing_of(office, "I02")
    change = await requested(person, filing, contactName="何俊贤")
    await office.disposes("I02", "REVOKED")
    async with office.unchanged():
        assert (await acts(office.customs, "filingChangeApprove", id=change["id"])).codes == ["REFILING_REQUIRED"]
    (await acts(office.customs, "filingChangeRefuse", id=change["id"], opinion="已撤销备案")).done()


async def test_only_reviewers_of_customs_decide(office: Office) -> None:
    change = await requested(office.other_institution, await filing_of(office, "I02"), contactName="何俊贤")
    for person, code in (
        (office.other_institution, "NOT_YOUR_ROLE"),
        (office.user("customs.operator"), "NOT_YOUR_ROLE"),
        (office.institution, "NOT_FOUND"),
        (office.enterprise, "NOT_FOUND"),
    ):
        assert (await acts(person, "filingChangeApprove", id=change["id"])).codes == [code]
    node = "query Node($id: ID!) { node(id: $id) { id } }"
    assert (await office.institution.asks(node, id=change["id"]))["node"] is None
    assert (await office.customs.asks(node, id=change["id"]))["node"] is not None
    assert (await acts(office.customs, "filingChangeApprove", id=change["id"], expectedVersion=7)).codes == [
        "STALE_VERSION"
    ]
    (await acts(office.user("customs.admin"), "filingChangeApprove", id=change["id"])).done()


async def test_proof_is_attached_while_the_change_waits(office: Office) -> None:
    person = office.other_institution
    change = await requested(person, await filing_of(office, "I02"), nameZh="乙")
    (await person.uploads(change, kind="QUALIFICATION")).done()
    shown = "query Of($id: ID!) { filingChange(by: {id: $id}) { attachments { kind } availableActions { action } } }"
    seen = (await office.customs.asks(shown, id=change["id"]))["filingChange"]
    assert seen["attachments"] == [{"kind": "QUALIFICATION"}]
    assert {each["action"] for each in seen["availableActions"]} >= {"filingChangeApprove", "filingChangeRefuse"}
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    assert (await person.uploads(change)).codes == ["WRONG_STATUS"]


async def test_an_identity_card_that_changes_is_not_in_the_register(office: Office) -> None:
    person = office.user("newcomer")
    filing = await accepted(office, person, identityCardNumber=None)
    change = await requested(person, filing, identityCardNumber=ID_CARD)
    assert change["changes"][0]["after"] == ID_CARD
    (await acts(office.customs, "filingChangeApprove", id=change["id"])).done()
    assert (await sees(person, filing))["identityCardNumber"] == ID_CARD
    async with office.database.reading() as connection:
        written = (await connection.execute(select(REGISTER.c.changes))).scalars().all()
    assert not any(ID_CARD in each for each in written)
