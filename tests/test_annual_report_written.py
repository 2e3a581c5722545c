"""What an institution writes in an annual report is its own until it submits it; that there is a report is not."""

import csv
import io
from typing import Any

import pytest

from domain.annual_report.record import AnnualReport, AnnualReportForm
from domain.record import MisspeltRecord, fields_of
from storage.annual_report import ANNUAL_REPORT, ANNUAL_REPORTS
from storage.search import contains
from storage.session_token import holder_of
from storage.shelf import Shelf, Veil, everybody
from tests.annual_reports import FILLED, REPORT, acts, draft, officer, sees
from tests.office import Office
from tests.person import Person

WRITTEN = {
    **{name: value for name, value in FILLED.items() if name != "byCountry"},
    "training": "两次内部培训",
    "complaints": "无",
}
BY_ID = "query ById($id: ID!) { node(id: $id) { ...report } }" + REPORT
LISTED = "{ annualReports { nodes { ...report } } }" + REPORT


async def being_written(office: Office) -> tuple[Any, Any]:
    """A report that its institution has filled in, and a file of it."""
    report = await draft(office)
    (await acts(office.institution, "SaveDraft", report, **FILLED, training="两次内部培训", complaints="无")).done()
    return report, (await office.institution.uploads(report, name="附表.pdf")).done()


async def every_way(person: Person, report: Any) -> list[Any]:
    """The report as this person reads it, one way after another."""
    (listed,) = (await person.asks(LISTED))["annualReports"]["nodes"]
    return [await sees(person, report), (await person.asks(BY_ID, id=report["id"]))["node"], listed]


def written_in(seen: Any) -> set[Any]:
    return {str(seen[name]) for name in WRITTEN}


async def test_customs_sees_that_there_is_a_report_and_nothing_of_what_is_being_written(office: Office) -> None:
    report, file = await being_written(office)
    (row, _) = (await sees(office.institution, report))["byCountry"]
    for person in (office.customs, officer(office), office.user("customs.viewer")):
        for seen in await every_way(person, report):
            assert written_in(seen) == {"None"}
            assert (seen["byCountry"], seen["attachments"]) == ([], [])
            for name in ("number", "year", "status", "institutionId", "createdAt", "dueOn", "overdue"):
                assert seen[name] == report[name], name
        for part in (row, file):
            found = await person.asks("query Finds($id: ID!) { node(id: $id) { id } }", id=part["id"])
            assert found["node"] is None
        assert (await person.downloads(file["url"])).status_code == 404
    for person in (office.institution, office.institution_viewer):
        for seen in await every_way(person, report):
            assert {name: seen[name] for name in WRITTEN} == WRITTEN
            assert (len(seen["byCountry"]), len(seen["attachments"])) == (2, 1)


async def test_an_answer_to_an_action_shows_no_more_than_a_question(office: Office) -> None:
    report, _ = await being_written(office)
    for person in (office.customs, officer(office)):
        refused = await acts(person, "Return", report, reason="请补充")
        assert refused.codes == ["WRONG_STATUS"]
        assert (refused.subject["number"], written_in(refused.subject)) == (report["number"], {"None"})
        assert (refused.subject["byCountry"], refused.subject["attachments"]) == ([], [])


async def test_a_report_is_read_once_it_was_submitted_and_while_it_is_mended(office: Office) -> None:
    report, file = await being_written(office)
    (await acts(office.institution, "Submit", report)).done()
    for seen in await every_way(office.customs, report):
        assert {name: seen[name] for name in WRITTEN} == WRITTEN
    returned = (await acts(office.customs, "Return", report, reason="请补充")).done()
    assert {name: returned[name] for name in WRITTEN} == WRITTEN
    (await acts(office.institution, "SaveDraft", report, training="三次内部培训")).done()
    for seen in await every_way(office.customs, report):
        assert (seen["training"], len(seen["byCountry"]), len(seen["attachments"])) == ("三次内部培训", 2, 1)
    assert (await office.customs.downloads(file["url"])).status_code == 200


async def test_an_export_shows_no_more_than_the_list(office: Office) -> None:
    await being_written(office)

    async def row(person: Person) -> dict[str, str]:
        answer = await office.client.get("/exports/annual-reports.csv", headers=person.headers)
        (found,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        return found

    own, customs = await row(office.institution), await row(office.customs)
    said = {each.says.zh for each in fields_of(AnnualReportForm).values() if each.says is not None}
    assert said < own.keys() == customs.keys()
    assert {customs[name] for name in said} == {""}
    assert own["培训情况"] == "两次内部培训"
    assert {name: value for name, value in own.items() if name not in said} == {
        name: value for name, value in customs.items() if name not in said
    }


async def test_what_is_veiled_is_not_found_by_what_it_says(office: Office) -> None:
    report, _ = await being_written(office)
    training = ANNUAL_REPORT.c.training
    finds = [contains(training, "培训"), training == "两次内部培训", training.is_not(None)]

    async def counts(person: Person) -> list[int]:
        async with office.database.reading() as connection:
            known = await holder_of(connection, str(person.token), office.clock())
            assert known is not None
            seen = ANNUAL_REPORTS.seen_by(known.viewer)
            return [await seen.where(each).count(connection) for each in (*finds, training.is_(None))]

    assert await counts(office.institution) == [1, 1, 1, 0]
    assert await counts(office.customs) == [0, 0, 0, 1]
    (await acts(office.institution, "Submit", report)).done()
    assert await counts(office.customs) == [1, 1, 1, 0]


def test_what_is_veiled_must_be_nullable() -> None:
    with pytest.raises(MisspeltRecord, match="number"):
        Shelf(AnnualReport, ANNUAL_REPORT, everybody, Veil(everybody, frozenset({"number", "training"})))
