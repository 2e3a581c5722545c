"""Filings through the public API: from the draft with its lists to the registry, and every way back."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from domain.institution import InstitutionStatus
from storage.institution import INSTITUTION
from tests.disciplining import imposes, lifts, revokes, shown
from tests.disciplining import sees as disposition_seen
from tests.filings import FILING, a_filing, accepted, acts, drafted, sees, submitted
from tests.office import Office
from tests.person import Person

NOTICES = "{ notices { nodes { title body type subject { __typename ... on Filing { applicationNumber } } } } }"
REGISTRY = """
query Registry($number: String) { institutions(filter: {filingNumber: $number}) { nodes {
  filingNumber nameZh nameEn registeredPlace country status contactName filing { applicationNumber }
} } }
"""


def newcomer(office: Office) -> Person:
    """An institution that is not in the registry."""
    return office.user("newcomer")


async def latest(person: Person) -> Any:
    return (await person.asks(NOTICES))["notices"]["nodes"][0]


async def titles(person: Person) -> list[str]:
    """What the notices about filings are headed with, the latest first."""
    nodes = (await person.asks(NOTICES))["notices"]["nodes"]
    return [each["title"] for each in nodes if each["type"] == "FILING"]


async def entry(person: Person, number: str) -> Any:
    (found,) = (await person.asks(REGISTRY, number=number))["institutions"]["nodes"]
    return found


@pytest.mark.manual(1)
@pytest.mark.manual(11)
@pytest.mark.manual(57)
@pytest.mark.manual(95)
async def test_an_institution_files_itself_and_is_in_the_registry_once_customs_accepts(office: Office) -> None:
    filing = await submitted(newcomer(office))
    assert filing["status"] == "SUBMITTED"
    assert filing["submittedAt"] == "2026-06-01T02:00:00Z"
    assert filing["certificateNumber"] is None

    done = (await acts(office.customs, "filingAccept", id=filing["id"])).done()

    assert (done["status"], done["certificateNumber"], done["decidedAt"]) == (
        "ACCEPTED",
        "JJD2026002",
        "2026-06-01T02:00:00Z",
    )
    assert await entry(office.anybody, "JJD2026002") == {
        "filingNumber": "JJD2026002",
        "nameZh": "西班牙伊比利亚设备检验有限公司",
        "nameEn": "Inspecciones Ibericas de Maquinaria S.L.",
        "registeredPlace": "西班牙马德里",
        "country": "ES",
        "status": "NORMAL",
        "contactName": None,
        "filing": None,
    }
    assert (await entry(newcomer(office), "JJD2026002"))["filing"] == {"applicationNumber": filing["applicationNumber"]}
    assert (await entry(office.customs, "JJD2026002"))["filing"] is not None
    assert (await entry(office.other_institution, "JJD2026002"))["filing"] is None
    assert (await entry(office.enterprise, "JJD2026002"))["filing"] is None


async def test_the_very_next_request_of_its_people_is_that_of_a_registered_institution(office: Office) -> None:
    await accepted(office, newcomer(office))
    found = await entry(office.enterprise, "JJD2026002")
    shown = (await office.enterprise.asks("{ institutions(first: 1) { nodes { id filingNumber } } }"))["institutions"]
    (row,) = [each for each in shown["nodes"] if each["filingNumber"] == found["filingNumber"]]
    pending = await office.pending(institutionId=row["id"])
    assert (await newcomer(office).accepts(pending)).done()["status"] == "IN_PROGRESS"


@pytest.mark.manual(52)
async def test_the_certificate_number_is_filled_in_by_the_acceptance_and_never_by_hand(office: Office) -> None:
    draft = (await acts(newcomer(office), "filingSaveDraft", nameZh="甲")).done()
    assert draft["certificateNumber"] is None
    assert draft["applicationNumber"].startswith("2026")
    assert len(draft["applicationNumber"]) == 18
    query = 'mutation { filingSaveDraft(input: {certificateNumber: "JJD2026999"}) { filing { id } } }'
    assert await newcomer(office).is_told(query) == "GRAPHQL_VALIDATION_FAILED"


async def test_two_acceptances_at_once_neither_share_a_number_nor_skip_one(office: Office) -> None:
    people = [newcomer(office), office.user("southerncross")]
    await office.disposes("I03", "REVOKED")
    filings = [await submitted(each) for each in people]

    done = await asyncio.gather(*(acts(office.customs, "filingAccept", id=each["id"]) for each in filings))

    assert sorted(each.done()["certificateNumber"] for each in done) == ["JJD2026002", "JJD2026003"]


async def test_an_acceptance_that_comes_to_nothing_leaves_no_gap(office: Office) -> None:
    filing = await submitted(newcomer(office))
    await office.disposes("I03", "REVOKED")
    other = await submitted(office.user("southerncross"))
    async with office.database.writing() as connection:  # no action leads here: what is drawn then must go back too
        registered = INSTITUTION.c.filing_number == "JJD2020001"
        await connection.execute(update(INSTITUTION).where(registered).values(status=InstitutionStatus.NORMAL))
    async with office.unchanged():
        refused = await acts(office.customs, "filingAccept", id=other["id"])
    assert refused.codes == ["NOT_CHANGEABLE"]
    async with office.unchanged():
        stale = await acts(office.customs, "filingAccept", id=filing["id"], expectedVersion=1)
    assert stale.codes == ["STALE_VERSION"]
    assert (await acts(office.customs, "filingAccept", id=filing["id"])).done()["certificateNumber"] == "JJD2026002"


async def test_numbers_begin_anew_with_the_year_of_china(office: Office) -> None:
    filing = await submitted(newcomer(office))
    office.clock.moves(days=213, hours=14)  # 2026-12-31 16:00 UTC is the new year in China
    assert (await acts(office.customs, "filingAccept", id=filing["id"])).done()["certificateNumber"] == "JJD2027001"


@pytest.mark.manual(58)
@pytest.mark.manual(59)
@pytest.mark.manual(60)
async def test_what_lacks_something_is_sent_back_mended_and_applied_for_again(office: Office) -> None:
    person = newcomer(office)
    filing = await submitted(person)
    number = filing["applicationNumber"]
    asked = (await acts(office.customs, "filingRequestSupplement", id=filing["id"], reason="缺少章程")).done()
    assert (asked["status"], asked["reviewOpinion"]) == ("SUPPLEMENT_REQUIRED", "缺少章程")
    notice = await latest(person)
    assert (notice["title"], notice["type"]) == (f"补充材料通知，（备案申请号：{number}），请补充后再次申请", "FILING")
    assert "缺少章程" in notice["body"]
    assert notice["subject"] == {"__typename": "Filing", "applicationNumber": number}
    assert (await sees(office.customs, filing))["status"] == "SUPPLEMENT_REQUIRED"
    (await acts(person, "filingSaveDraft", id=filing["id"], officeAddress="Madrid 2")).done()
    (await person.uploads(filing, name="章程.pdf")).done()
    again = (await acts(person, "filingSubmit", id=filing["id"])).done()
    assert (again["status"], again["applicationNumber"]) == ("SUBMITTED", number)


@pytest.mark.manual(58)
async def test_a_rejected_institution_may_file_anew(office: Office) -> None:
    person = newcomer(office)
    filing = await submitted(person)
    rejected = (await acts(office.customs, "filingReject", id=filing["id"], reason="不具备条件")).done()
    assert (rejected["status"], rejected["reviewOpinion"]) == ("REJECTED", "不具备条件")
    notice = await latest(person)
    assert notice["title"] == f"您的备案申请（备案申请号：{filing['applicationNumber']}）不予受理"
    assert "不具备条件" in notice["body"]
    assert (await acts(person, "filingSubmit", id=filing["id"])).codes == ["WRONG_STATUS"]
    office.clock.moves(minutes=1)
    assert (await accepted(office, person))["status"] == "ACCEPTED"
    assert (await latest(person))["title"].endswith("）已受理")


@pytest.mark.parametrize("mutation", ["filingRequestSupplement", "filingReject"])
async def test_sending_back_and_rejecting_need_a_reason(office: Office, mutation: str) -> None:
    filing = await submitted(newcomer(office))
    async with office.unchanged():
        for empty in ({}, {"reason": None}, {"reason": "  "}):
            assert (await acts(office.customs, mutation, id=filing["id"], **empty)).refusals == [("REQUIRED", "reason")]
        long = await acts(office.customs, mutation, id=filing["id"], reason="长" * 1001)
        assert long.refusals == [("TOO_LONG", "reason")]


async def test_a_withdrawn_filing_is_a_draft_that_customs_does_not_see(office: Office) -> None:
    person = newcomer(office)
    draft = await drafted(person)
    assert await sees(office.customs, draft) is None
    filing = (await acts(person, "filingSubmit", id=draft["id"])).done()
    assert await sees(office.customs, filing) is not None
    withdrawn = (await acts(person, "filingWithdraw", id=filing["id"])).done()
    assert (withdrawn["status"], withdrawn["submittedAt"]) == ("DRAFT", None)
    assert await sees(office.customs, filing) is None
    assert (await acts(office.customs, "filingAccept", id=filing["id"])).codes == ["NOT_FOUND"]
    assert (await acts(person, "filingCancel", id=filing["id"])).done()["status"] == "CANCELLED"
    assert (await acts(person, "filingSaveDraft", id=filing["id"], nameZh="乙")).codes == ["WRONG_STATUS"]


async def test_a_second_filing_waits_until_the_first_is_decided(office: Office) -> None:
    person = newcomer(office)
    first, second = await drafted(person), await drafted(person)
    (await acts(person, "filingSubmit", id=first["id"])).done()
    refused = await acts(person, "filingSubmit", id=second["id"])
    assert refused.codes == ["ALREADY_OPEN"]
    assert first["applicationNumber"] in refused.user_errors[0]["message"]
    (await acts(office.customs, "filingRequestSupplement", id=first["id"], reason="缺少章程")).done()
    assert (await acts(person, "filingSubmit", id=second["id"])).codes == ["ALREADY_OPEN"]
    (await acts(person, "filingCancel", id=first["id"])).done()
    (await acts(person, "filingSubmit", id=second["id"])).done()


async def test_of_two_drafts_submitted_at_once_one_is_refused(office: Office) -> None:
    person = newcomer(office)
    drafts = [await drafted(person), await drafted(person)]
    done = await asyncio.gather(*(acts(person, "filingSubmit", id=each["id"]) for each in drafts))
    assert sorted(each.codes for each in done) == [[], ["ALREADY_OPEN"]]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        ("NORMAL", "NOT_CHANGEABLE", "贵机构已备案（备案编号：JJD2019002），如需修改请办理备案变更。"),
        ("NON_RECOGNITION", "REFILING_BARRED", "不予认可处置期间不予重新备案"),
        ("RECTIFICATION", "REFILING_BARRED", "请完成限期整改后重新备案"),
    ],
)
async def test_a_registered_institution_may_not_file_anew_whatever_its_disposition(
    office: Office, status: str, code: str, message: str
) -> None:
    person = office.other_institution
    draft = await drafted(person)
    if status != "NORMAL":
        await office.disposes("I02", status)
    refused = await acts(person, "filingSubmit", id=draft["id"])
    assert [(each["code"], each["message"]) for each in refused.user_errors] == [(code, message)]
    query = "query May($id: ID!) { filing(by: {id: $id}) { availableActions { action allowed refusals { message } } } }"
    actions = (await person.asks(query, id=draft["id"]))["filing"]["availableActions"]
    (submit,) = [each for each in actions if each["action"] == "filingSubmit"]
    assert submit == {"action": "filingSubmit", "allowed": False, "refusals": [{"message": message}]}
    assert "filingApplyChange" not in {each["action"] for each in actions}


async def test_a_revoked_institution_files_anew_and_its_place_in_the_registry_comes_back(office: Office) -> None:
    person = office.other_institution
    await office.disposes("I02", "REVOKED")
    filing = await submitted(person, nameZh="大中华检验", nameEn="GCI", registeredAddress="香港")
    assert filing["previousFilingNumber"] == "JJD2019002"
    done = (await acts(office.customs, "filingAccept", id=filing["id"])).done()
    assert (done["certificateNumber"], done["previousFilingNumber"]) == ("JJD2026002", "JJD2019002")
    found = await entry(person, "JJD2026002")
    assert (found["status"], found["nameZh"], found["registeredPlace"]) == ("NORMAL", "大中华检验", "香港")
    assert (await office.anybody.asks(REGISTRY, number="JJD2019002"))["institutions"]["nodes"] == []


async def test_a_revocation_shortens_no_other_disposition_and_ends_with_the_new_filing(office: Office) -> None:
    person, customs = office.other_institution, office.customs
    withheld = (await imposes(customs, "I02")).done()
    revocation = (await revokes(customs, "I02")).done()
    draft = await drafted(person)
    refused = await acts(person, "filingSubmit", id=draft["id"])
    assert [(each["code"], each["message"]) for each in refused.user_errors] == [
        ("REFILING_BARRED", "不予认可处置期间不予重新备案")
    ]
    (await lifts(customs, withheld)).done()
    assert await shown(person, "I02") == ("REVOKED", None)
    (await acts(person, "filingSubmit", id=draft["id"])).done()
    (await acts(customs, "filingAccept", id=draft["id"])).done()
    assert await shown(person, "I02") == ("NORMAL", None)
    assert (await disposition_seen(person, revocation))["status"] == "SUPERSEDED"
    assert (await disposition_seen(person, withheld))["status"] == "LIFTED"


async def test_customs_is_told_of_what_comes_in_and_of_what_is_taken_back(office: Office) -> None:
    person = newcomer(office)
    filing = await submitted(person)
    number = filing["applicationNumber"]
    assert await titles(office.customs) == [f"收到备案申请（备案申请号：{number}），请审核"]
    (await acts(person, "filingWithdraw", id=filing["id"])).done()
    assert (await titles(office.customs))[0] == f"备案申请（备案申请号：{number}）已撤回"


async def test_nobody_learns_of_a_filing_that_is_not_theirs_to_see(office: Office) -> None:
    filing = await submitted(newcomer(office))
    for stranger in (office.other_institution, office.enterprise):
        assert await sees(stranger, filing) is None
        for mutation in ("filingSubmit", "filingWithdraw", "filingAccept", "filingSaveDraft"):
            assert (await acts(stranger, mutation, id=filing["id"])).codes == ["NOT_FOUND"]
        assert (await stranger.uploads(filing)).codes == ["NOT_FOUND"]
        node = "query Node($id: ID!) { node(id: $id) { id } }"
        for row in (filing, filing["departments"][0], filing["equipment"][0]):
            assert (await stranger.asks(node, id=row["id"]))["node"] is None
    assert await office.anybody.is_told("{ filings { totalCount } }") == "UNAUTHENTICATED"
    for officer, codes in ((office.user("customs.operator"), ["NOT_YOUR_ROLE"]), (office.customs, [])):
        assert (await acts(officer, "filingAccept", id=filing["id"])).codes == codes
    assert (await acts(office.enterprise, "filingSaveDraft", **a_filing())).codes == ["NOT_YOUR_ROLE"]
    assert (await acts(office.institution_viewer, "filingSaveDraft", **a_filing())).codes == ["NOT_YOUR_ROLE"]


@pytest.mark.manual(12)
async def test_files_are_uploaded_while_the_filing_is_written_and_not_afterwards(office: Office) -> None:
    person = newcomer(office)
    draft = (await acts(person, "filingSaveDraft", **a_filing())).done()
    assert (await acts(person, "filingSubmit", id=draft["id"])).refusals == [("NO_ATTACHMENT", "attachments")]
    file = (await person.uploads(draft, name="营业执照.pdf", kind="QUALIFICATION")).done()
    (await person.removes(file)).done()
    (await person.uploads(draft, name="营业执照.pdf", kind="QUALIFICATION")).done()
    (await acts(person, "filingSubmit", id=draft["id"])).done()
    (seen,) = (await sees(office.customs, draft))["attachments"]
    assert (seen["name"], seen["kind"]) == ("营业执照.pdf", "QUALIFICATION")
    assert (await person.uploads(draft)).codes == ["WRONG_STATUS"]
    assert (await office.customs.uploads(draft)).codes == ["NOT_YOUR_ROLE"]


async def test_a_filing_is_found_by_its_application_number(office: Office) -> None:
    filing = await submitted(newcomer(office))
    query = "query By($number: String!) { filing(by: {applicationNumber: $number}) { ...filing } }" + FILING
    found = await office.customs.asks(query, number=filing["applicationNumber"])
    assert found["filing"]["id"] == filing["id"]
    assert (await office.other_institution.asks(query, number=filing["applicationNumber"]))["filing"] is None
