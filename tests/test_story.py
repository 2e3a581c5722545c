"""The whole story once: an unknown institution files, works, errs, mends, reports, is revoked and files anew."""

from typing import Any

import pytest

from storage.verify import verify
from tests.annual_reports import FILLED
from tests.filings import a_filing
from tests.office import Office
from tests.papers import USER_ERRORS, a_form
from tests.person import Person

REGISTRY = """query Registry($number: String!) {
  institutions(filter: {filingNumber: $number}) { nodes { id nameZh status hint { allowed refusals { code } } } } }"""
TODOS = "{ viewer { todos { counts { subjectType status count } } } }"


async def does(person: Person, mutation: str, shown: str = "id status", **input: Any) -> Any:
    """One action that nothing stands in the way of; the subject after it."""
    subject, refused = await tries(person, mutation, shown, **input)
    assert refused == [], (mutation, refused)
    return subject


async def tries(person: Person, mutation: str, shown: str = "id status", **input: Any) -> tuple[Any, list[str]]:
    """The subject after an action, and the codes of what stood in its way."""
    nouns = ("filingChange", "qualityIssue", "annualReport", "commission", "disposition", "filing", "check")
    noun = next(each for each in nouns if mutation.startswith(each))
    query = f"""mutation Does($input: {mutation[0].upper() + mutation[1:]}Input!) {{
      payload: {mutation}(input: $input) {{ {noun} {{ {shown} }} {USER_ERRORS} }} }}"""
    payload = (await person.asks(query, input=input))["payload"]
    return payload[noun], [each["code"] for each in payload["userErrors"]]


async def registered(office: Office, number: str) -> list[Any]:
    """What anybody finds in the registry under a filing number."""
    nodes: list[Any] = (await office.anybody.asks(REGISTRY, number=number))["institutions"]["nodes"]
    return nodes


async def waiting(person: Person) -> set[tuple[str, str]]:
    counts = (await person.asks(TODOS))["viewer"]["todos"]["counts"]
    return {(each["subjectType"], each["status"]) for each in counts}


async def filed(office: Office, person: Person) -> Any:
    """A filing from draft to acceptance."""
    draft = await does(person, "filingSaveDraft", **a_filing())
    (await person.uploads(draft, kind="QUALIFICATION")).done()
    await does(person, "filingSubmit", id=draft["id"])
    return await does(
        office.customs, "filingAccept", "id status certificateNumber previousFilingNumber", id=draft["id"]
    )


@pytest.mark.manual(1)
@pytest.mark.manual(2)
async def test_the_life_of_an_institution(office: Office) -> None:
    newcomer, customs, officer = office.user("newcomer"), office.customs, office.user("customs.operator")

    # Files, is asked for a supplement, is accepted.
    draft = await does(newcomer, "filingSaveDraft", **a_filing(investor=None))
    (await newcomer.uploads(draft, kind="QUALIFICATION")).done()
    await does(newcomer, "filingSubmit", id=draft["id"])
    assert ("filing", "SUBMITTED") in await waiting(customs)
    await does(customs, "filingRequestSupplement", id=draft["id"], reason="请补充投资方信息。")
    assert ("filing", "SUPPLEMENT_REQUIRED") in await waiting(newcomer)
    await does(newcomer, "filingSaveDraft", id=draft["id"], investor="Ferrer Hermanos")
    await does(newcomer, "filingSubmit", id=draft["id"])
    accepted = await does(customs, "filingAccept", "certificateNumber previousFilingNumber", id=draft["id"])
    number = accepted["certificateNumber"]
    (institution,) = await registered(office, number)
    assert (institution["status"], institution["hint"]["allowed"]) == ("NORMAL", True)

    # Is commissioned, completes.
    commission = (await office.enterprise.saves(**a_form(institutionId=institution["id"]))).done()
    (await office.enterprise.submits(commission)).done()
    assert ("commission", "PENDING") in await waiting(newcomer)
    (await newcomer.accepts(commission)).done()
    (await newcomer.uploads(commission, kind="INSPECTION_REPORT")).done()
    (await newcomer.completes(commission, certificateNumber="IB-2026-1")).done()

    # Gets a quality issue.
    issue = await does(
        officer, "qualityIssueRaise", institutionId=institution["id"], content="证书与货物不符。", severity="SERIOUS",
        commissionId=commission["id"], certificateNumber="IB-2026-1",
    )  # fmt: skip
    (await newcomer.uploads(issue, kind="EXPLANATION")).done()
    assert (await does(newcomer, "qualityIssueReply", id=issue["id"], text="已复核，系笔误。"))["status"] == "REPLIED"
    assert (await does(officer, "qualityIssueClose", id=issue["id"]))["status"] == "CLOSED"

    # Fails an on-site check.
    check = await does(
        officer, "checkOrderOnSite", institutionId=institution["id"], content="检查实验室。", dueOn="2026-07-01"
    )
    assert (await tries(newcomer, "checkSubmit", id=check["id"], explanation="先交材料"))[1] == ["WRONG_STATUS"]
    visit = {"visitedOn": "2026-06-01", "inspectors": "钱志远", "place": "Madrid", "findings": "设备未校准。"}
    await does(customs, "checkFailVisit", id=check["id"], opinion="请校准设备。", **visit)
    await does(newcomer, "checkSubmit", id=check["id"], explanation="已校准。")
    assert (await does(customs, "checkPass", id=check["id"], opinion="合格"))["status"] == "COMPLETED"

    # Is put under rectification: the enterprise sees it and cannot choose it. Rectifies.
    named = {"institutionId": institution["id"], "ground": "MISCONDUCT", "content": "设备未校准。"}
    order = await does(
        customs, "dispositionOrderRectification", **named, legalGround="2014年第145号公告", dueOn="2026-07-01"
    )
    (shown,) = await registered(office, number)
    assert (shown["status"], shown["hint"]["allowed"]) == ("RECTIFICATION", False)
    second = (await office.enterprise.saves(**a_form(institutionId=institution["id"]))).done()
    assert (await office.enterprise.submits(second)).codes == ["INSTITUTION_UNDER_DISPOSITION"]
    anew = await does(newcomer, "filingSaveDraft", **a_filing())
    (await newcomer.uploads(anew, kind="QUALIFICATION")).done()
    assert "REFILING_BARRED" in (await tries(newcomer, "filingSubmit", id=anew["id"]))[1]
    await does(newcomer, "filingCancel", id=anew["id"])
    (await newcomer.uploads(order, kind="RECTIFICATION")).done()
    await does(newcomer, "dispositionSubmit", id=order["id"], explanation="已全部重新校准。")
    assert (await does(customs, "dispositionApprove", id=order["id"]))["status"] == "LIFTED"
    (shown,) = await registered(office, number)
    assert shown["status"] == "NORMAL"
    (await office.enterprise.submits(second)).done()

    # Reports for the year.
    started = await officer.asks(
        """mutation Start($id: ID!) { annualReportStart(input: {institutionIds: [$id], year: 2025}) {
          started annualReports { id number } userErrors { code } } }""",
        id=institution["id"],
    )
    (report,) = started["annualReportStart"]["annualReports"]
    assert ("annual_report", "DRAFT") in await waiting(newcomer)
    await does(newcomer, "annualReportSaveDraft", id=report["id"], **FILLED)
    assert (await does(newcomer, "annualReportSubmit", id=report["id"]))["status"] == "SUBMITTED"

    # Is revoked: nobody finds it, the enterprise moves its work; it files anew and comes back under a new number.
    await does(customs, "dispositionRevoke", **named, legalGround="2014年第145号公告")
    assert await registered(office, number) == []
    (await office.enterprise.moves(second, to=a_form()["institutionId"])).done()
    again = await filed(office, newcomer)
    assert again["previousFilingNumber"] == number
    assert again["certificateNumber"] > number
    (back,) = await registered(office, again["certificateNumber"])
    assert (back["id"], back["status"], back["hint"]["allowed"]) == (institution["id"], "NORMAL", True)

    assert [flaw async for flaw in verify(office.database)] == []
