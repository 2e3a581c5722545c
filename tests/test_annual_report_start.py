"""Customs starts annual reports: for one institution, several or all, every one of them or none."""

import asyncio
from typing import Any

import pytest

from storage.verify import verify
from tests.annual_reports import (
    GREATER_CHINA,
    NOTICES,
    TOEI,
    draft,
    found,
    officer,
    starts,
)
from tests.office import Office
from tests.papers import institution_id
from tests.registry import add_institutions


@pytest.mark.manual(79)
@pytest.mark.manual(99)
async def test_customs_starts_a_report_for_one_institution_with_a_day_to_submit_it(office: Office) -> None:
    (report,) = (await starts(officer(office), "I01", dueOn="2026-09-01")).done()
    assert (report["year"], report["status"], report["dueOn"], report["overdue"]) == (
        2025,
        "DRAFT",
        "2026-09-01",
        False,
    )
    assert report["institution"] == {"nameZh": TOEI, "status": "NORMAL"}
    assert report["number"] == "202600000000000001"
    assert (report["contactName"], report["contactPhone"], report["submittedAt"]) == (None, None, None)
    assert report["createdAt"] == "2026-06-01T02:00:00Z"
    (second,) = (await starts(officer(office), "I02")).done()
    assert (second["number"], second["dueOn"]) == ("202600000000000002", "2026-07-31")


@pytest.mark.manual(45)
@pytest.mark.manual(79)
async def test_each_institution_is_told_in_the_words_of_the_manual_with_the_number_of_its_report(
    office: Office,
) -> None:
    reports = (await starts(officer(office), "I01", "I02")).done()
    for person, report in zip((office.institution, office.other_institution), reports, strict=True):
        notices = (await person.asks(NOTICES))["notices"]
        (notice,) = notices["nodes"]
        assert notice["title"] == f"年度报告填写通知，（报告编号：{report['number']}），请尽快完成提交确认"
        assert notice["type"] == "ANNUAL_REPORT"
        assert notice["subject"] == {"__typename": "AnnualReport", "id": report["id"]}
        assert "并于2026-07-31前（含当日）提交" in notice["body"]


@pytest.mark.manual(99)
async def test_customs_starts_reports_for_all_institutions_of_the_registry_and_for_no_revoked_one(
    office: Office,
) -> None:
    registry = "{ institutions(first: 100) { nodes { id status } } }"
    listed = (await office.anybody.asks(registry))["institutions"]["nodes"]
    assert {"NON_RECOGNITION", "RECTIFICATION"} <= {each["status"] for each in listed}
    reports = (await starts(officer(office))).done()
    assert {each["institutionId"] for each in reports} == {each["id"] for each in listed}
    assert len({each["number"] for each in reports}) == len(reports) == len(listed)
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_year_is_not_started_twice_and_the_refusal_names_the_institution(office: Office) -> None:
    await draft(office)
    async with office.unchanged():
        refused = await starts(officer(office), "I01")
    assert refused.refusals == [("DUPLICATE", "institutionIds.0")]
    assert refused.user_errors[0]["message"] == f"机构“{TOEI}”已有2025年的年度报告。"
    assert len((await starts(officer(office), "I01", year=2024)).done()) == 1


async def test_where_one_of_several_has_its_report_none_is_started_at_all(office: Office) -> None:
    await draft(office, "I02")
    async with office.unchanged():
        refused = await starts(officer(office), "I01", "I02", "I03")
    assert refused.refusals == [("DUPLICATE", "institutionIds.1")]
    assert GREATER_CHINA in refused.user_errors[0]["message"]


@pytest.mark.manual(99)
async def test_all_institutions_are_those_that_have_no_report_of_the_year_yet(office: Office) -> None:
    own = await draft(office, "I02")
    await draft(office, "I03", year=2024)
    registry = (await office.anybody.asks("{ institutions(first: 1) { totalCount } }"))["institutions"]["totalCount"]
    started = (await starts(officer(office))).done()
    assert len(started) == registry - 1
    assert own["institutionId"] not in {each["institutionId"] for each in started}
    async with office.unchanged():
        nobody = await starts(officer(office))
    assert nobody.refusals == [("DUPLICATE", "allInstitutions")]
    assert nobody.user_errors[0]["message"] == "备案名录内的全部机构均已有2025年的年度报告，没有可发起的机构。"
    english = await starts(officer(office).in_english())
    assert english.user_errors[0]["message"].startswith("Every institution of the registry has an annual report")


async def test_what_is_wrong_with_a_start_is_said_once_or_beside_the_institution(office: Office) -> None:
    await office.disposes("I03", "REVOKED")
    async with office.unchanged():
        refused = await starts(officer(office), "I01", "I03", year=2027, dueOn="2026-05-31")
        assert refused.refusals == [
            ("OUT_OF_RANGE", "year"),
            ("DATE_IN_PAST", "dueOn"),
            ("INSTITUTION_NOT_REGISTERED", "institutionIds.1"),
        ]
        assert (await starts(officer(office), year=2009)).refusals == [("OUT_OF_RANGE", "year")]
        unclear: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
            ({"allInstitutions": False}, [("REQUIRED", "institutionIds")]),
            ({"allInstitutions": True, "institutionIds": [institution_id("I01")]}, [("REQUIRED", "institutionIds")]),
            ({"allInstitutions": False, "institutionIds": []}, [("REQUIRED", "institutionIds")]),
            (
                {"allInstitutions": False, "institutionIds": [institution_id("I01")] * 2},
                [("DUPLICATE", "institutionIds.0"), ("DUPLICATE", "institutionIds.1")],
            ),
            (
                {"allInstitutions": False, "institutionIds": ["institution_of_nobody"]},
                [("UNKNOWN_REFERENCE", "institutionIds.0")],
            ),
        ]
        for whom, refusals in unclear:
            assert (await starts(officer(office), **whom)).refusals == refusals, whom


IDS = "{ institutions(first: 100) { nodes { id } } }"


async def test_only_officers_of_customs_start_reports(office: Office) -> None:
    async with office.unchanged():
        for person in (
            office.customs,  # a reviewer
            office.user("customs.viewer"),
            office.institution,
            office.enterprise,
        ):
            assert (await starts(person)).codes == ["NOT_YOUR_ROLE"]
            assert (await starts(person, "I01", "I99")).codes == ["NOT_YOUR_ROLE"]
    assert len((await starts(office.user("customs.admin"), "I01")).done()) == 1
    query = "mutation { annualReportStart(input: {allInstitutions: true, year: 2025}) { started } }"
    assert await office.anybody.is_told(query) == "UNAUTHENTICATED"


async def test_of_two_officers_at_once_one_starts_the_reports(office: Office) -> None:
    both = await asyncio.gather(*(starts(office.user(f"customs.{name}")) for name in ("operator", "admin")))
    assert sorted(bool(each.codes) for each in both) == [False, True]
    assert len(await found(office.customs)) == next(len(each.subject) for each in both if not each.codes)


@pytest.mark.manual(79)
async def test_six_hundred_institutions_are_asked_at_once_or_none_of_them(office: Office) -> None:
    await add_institutions(office.database, 600)
    registry = (await office.anybody.asks("{ institutions(first: 1) { totalCount } }"))["institutions"]["totalCount"]
    query = """mutation Starts($year: Int!) { annualReportStart(input: {allInstitutions: true, year: $year}) {
      started annualReports { number } userErrors { code field }
    } }"""
    payload = (await officer(office).asks(query, year=2025))["annualReportStart"]
    assert payload["started"] == registry > 600
    numbers = [each["number"] for each in payload["annualReports"]]
    assert numbers == [f"2026{n:014}" for n in range(1, 101)]
    total = "{ annualReports(filter: {year: 2025, status: [DRAFT]}) { totalCount } }"
    assert (await office.customs.asks(total))["annualReports"]["totalCount"] == registry
    notices = (await office.other_institution.asks(NOTICES))["notices"]
    assert notices["totalCount"] == 1
    assert [flaw async for flaw in verify(office.database)] == []
    (await starts(officer(office), "I12", year=2024)).done()
    async with office.unchanged():
        again = (await officer(office).asks(query, year=2025))["annualReportStart"]
        refusal = {"code": "DUPLICATE", "field": ["allInstitutions"]}
        assert again == {"started": 0, "annualReports": [], "userErrors": [refusal]}
        named = [each["id"] for each in (await office.anybody.asks(IDS))["institutions"]["nodes"]]
        everyone = await starts(officer(office), institutionIds=named * 2, allInstitutions=False)
        assert len(everyone.user_errors) == 100  # no more are shown
    rest = (await officer(office).asks(query, year=2024))["annualReportStart"]
    assert rest["started"] == registry - 1
