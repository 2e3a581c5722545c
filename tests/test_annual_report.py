"""Annual reports through HTTP: institutions fill them in and submit, customs reads and returns, the clock marks."""

from datetime import UTC, datetime

import pytest

from storage.desks import DESKS
from storage.timekeeper import keep_time
from storage.verify import verify
from tests.annual_reports import FILLED, GREATER_CHINA, NOTICES, TOEI, acts, draft, found, officer, sees, submitted
from tests.office import Office


@pytest.mark.manual(26)
@pytest.mark.manual(80)
async def test_an_institution_fills_a_report_in_submits_it_and_customs_reads_it(office: Office) -> None:
    report = await draft(office)
    saved = (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    rows = saved.pop("byCountry")
    assert {name: saved[name] for name in FILLED if name != "byCountry"} == {
        name: value for name, value in FILLED.items() if name != "byCountry"
    }
    assert [(row["lineNumber"], row["country"], row["countryLabel"], row["valueUsd"]) for row in rows] == [
        (1, "JP", "日本", "1000000.50"),
        (2, "DE", "德国", "0.00"),
    ]
    (await office.institution.uploads(report)).done()
    office.clock.moves(days=3)
    done = (await acts(office.institution, "Submit", report)).done()
    assert (done["status"], done["submittedAt"]) == ("SUBMITTED", "2026-06-04T02:00:00Z")
    read = await sees(office.customs, report)
    assert read == done
    assert (await office.customs.downloads(read["attachments"][0]["url"])).status_code == 200
    (notice,) = (await officer(office).asks(NOTICES))["notices"]["nodes"]
    assert notice["title"] == f"年度报告（报告编号：{report['number']}）已提交"
    assert TOEI in notice["body"]
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_report_is_not_submitted_while_something_required_is_missing(office: Office) -> None:
    report = await draft(office)
    row = {"country": "JP"}
    (await acts(office.institution, "SaveDraft", report, contactName=" ", byCountry=[row])).done()
    async with office.unchanged():
        refused = await acts(office.institution, "Submit", report)
    required = ("contactName", "contactPhone", "certificatesIssued", "certificatesWithdrawn", "nonConformingBatches")
    assert refused.refusals == [
        *(("REQUIRED", name) for name in (*required, "nextYearPlan")),
        ("REQUIRED", "byCountry.0.batches"),
        ("REQUIRED", "byCountry.0.valueUsd"),
    ]
    query = (
        "query May($id: ID!) { annualReport(by: {id: $id}) { availableActions { action allowed refusals { field } } } }"
    )
    shown = (await office.institution.asks(query, id=report["id"]))["annualReport"]["availableActions"]
    by_name = {each["action"]: each for each in shown}
    assert set(by_name) == {
        "annualReportSaveDraft", "annualReportSubmit", "annualReportReturn", "attachmentUpload", "attachmentRemove",
    }  # fmt: skip
    assert len(by_name["annualReportSubmit"]["refusals"]) == len(refused.codes)
    assert by_name["annualReportSaveDraft"]["allowed"]


async def test_bad_input_is_refused_at_every_save_beside_its_field(office: Office) -> None:
    report = await draft(office)
    async with office.unchanged():
        bad = {
            "contactPhone": "12",
            "certificatesIssued": -1,
            "byCountry": [{"country": "XX"}, {"country": "JP", "valueUsd": "1.005"}],
        }
        assert (await acts(office.institution, "SaveDraft", report, **bad)).refusals == [
            ("INVALID_FORMAT", "contactPhone"),
            ("OUT_OF_RANGE", "certificatesIssued"),
            ("TOO_PRECISE", "byCountry.1.valueUsd"),
            ("UNKNOWN_CODE", "byCountry.0.country"),
        ]
        twice = [{"country": "JP"}, {"country": "DE"}, {"country": "JP"}]
        assert (await acts(office.institution, "SaveDraft", report, byCountry=twice)).refusals == [
            ("DUPLICATE", "byCountry.0.country"),
            ("DUPLICATE", "byCountry.2.country"),
        ]
        many = [{"country": "JP"}] * 301
        assert (await acts(office.institution, "SaveDraft", report, byCountry=many)).codes == ["TOO_MANY"]
        stale = await acts(office.institution, "SaveDraft", report, training="培训", expectedVersion=7)
        assert stale.refusals == [("STALE_VERSION", "expectedVersion")]


async def test_rows_are_changed_added_and_removed_with_the_draft(office: Office) -> None:
    report = await draft(office)
    japan, germany = (await acts(office.institution, "SaveDraft", report, **FILLED)).done()["byCountry"]
    rows = [{"id": germany["id"], "batches": 21}, {"country": "FR"}]
    kept = (await acts(office.institution, "SaveDraft", report, byCountry=rows)).done()["byCountry"]
    assert [(row["country"], row["batches"], row["lineNumber"]) for row in kept] == [("DE", 21, 1), ("FR", None, 2)]
    assert kept[0]["id"] == germany["id"]
    gone = await acts(office.institution, "SaveDraft", report, byCountry=[{"id": japan["id"]}])
    assert gone.refusals == [("UNKNOWN_REFERENCE", "byCountry.0.id")]
    assert (await acts(office.institution, "SaveDraft", report, byCountry=None)).done()["byCountry"] == []


async def test_nobody_but_its_institution_writes_a_report_and_nobody_after_submission(office: Office) -> None:
    report = await draft(office)
    for person, code in [
        (office.other_institution, "NOT_FOUND"),
        (office.enterprise, "NOT_FOUND"),
        (office.institution_viewer, "NOT_YOUR_ROLE"),
        (officer(office), "NOT_YOUR_ROLE"),
    ]:
        async with office.unchanged():
            assert (await acts(person, "SaveDraft", report, training="培训")).codes == [code]
            assert (await acts(person, "Submit", report)).codes == [code]
            assert (await person.uploads(report)).codes == [code]
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    (await acts(office.institution, "Submit", report)).done()
    async with office.unchanged():
        assert (await acts(office.institution, "SaveDraft", report, training="培训")).codes == ["WRONG_STATUS"]
        assert (await acts(office.institution, "Submit", report)).codes == ["WRONG_STATUS"]
        assert (await office.institution.uploads(report)).codes == ["WRONG_STATUS"]


# ── Returning, and being late ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(99)
async def test_customs_returns_a_report_with_a_reason_and_it_is_submitted_again(office: Office) -> None:
    report = await submitted(office)
    async with office.unchanged():
        assert (await acts(office.customs, "Return", report)).refusals == [("REQUIRED", "reason")]
        late = await acts(office.customs, "Return", report, reason="请补充", dueOn="2026-05-31")
        assert late.refusals == [("DATE_IN_PAST", "dueOn")]
        assert (await acts(office.institution, "Return", report, reason="请补充")).codes == ["NOT_YOUR_ROLE"]
        assert (await acts(office.other_institution, "Return", report, reason="请补充")).codes == ["NOT_FOUND"]
    returned = (await acts(office.customs, "Return", report, reason="请补充培训情况。", dueOn="2026-06-20")).done()
    assert (returned["status"], returned["returnReason"], returned["dueOn"]) == (
        "DRAFT",
        "请补充培训情况。",
        "2026-06-20",
    )
    assert returned["submittedAt"] is None
    notice = (await office.institution.asks(NOTICES))["notices"]["nodes"][0]
    assert notice["title"] == f"您的年度报告（报告编号：{report['number']}）被退回，请修改后重新提交"
    assert "退回原因：请补充培训情况。" in notice["body"]
    async with office.unchanged():
        assert (await acts(office.customs, "Return", report, reason="再次")).codes == ["WRONG_STATUS"]
    again = (await acts(office.institution, "Submit", report)).done()
    assert (again["status"], again["returnReason"]) == ("SUBMITTED", None)
    (await acts(officer(office), "Return", report, reason="经办人员也可退回")).done()


async def test_the_clock_marks_a_report_once_after_its_last_day_and_tells_the_institution(office: Office) -> None:
    report, other = await draft(office), await draft(office, "I02")
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    door, desk = office.app.state.house.door, DESKS["annual_report"]
    office.clock.now = datetime(2026, 7, 31, 15, 59, tzinfo=UTC)  # the last minute of that day in China
    assert await keep_time(door, [desk]) == {}
    (await acts(office.institution, "Submit", report)).done()
    office.clock.moves(minutes=1)
    assert await keep_time(door, [desk]) == {"annualReportMarkOverdue": 1}
    assert await keep_time(door, [desk]) == {}
    assert (await sees(office.customs, other))["overdue"]
    assert not (await sees(office.customs, report))["overdue"]
    assert await found(office.customs, overdue=True) == [(2025, GREATER_CHINA)]
    assert await found(office.customs, overdue=False) == [(2025, TOEI)]
    titles = [each["title"] for each in (await office.other_institution.asks(NOTICES))["notices"]["nodes"]]
    assert f"您的年度报告（报告编号：{other['number']}）已逾期，请立即提交" in titles


async def test_a_report_submitted_late_is_listed_as_overdue_no_longer(office: Office) -> None:
    report = await draft(office)
    (await acts(office.institution, "SaveDraft", report, **FILLED)).done()
    office.clock.moves(days=90)
    await office.time_is_kept()
    assert await found(office.customs, overdue=True) == [(2025, TOEI)]
    late = (await acts(office.institution, "Submit", report)).done()
    assert (late["overdue"], late["submittedAt"][:10] > late["dueOn"]) == (False, True)
    await office.time_is_kept()
    assert await found(office.customs, overdue=True) == []
