"""Rules as customs keeps them: announced, ended, followed by the next version, imported from a file; their history."""

import json
from typing import Any

import pytest

from storage.verify import verify
from tests.office import Office
from tests.papers import PREFLIGHT
from tests.person import Person
from tests.publishing import acts, officer

LOADER, NEW = "8429510000", "8429521200"
RULE = (
    "query R($hsCode: String!, $on: Date) { rule(hsCode: $hsCode, on: $on) { id hsCode importProhibited legalBasis } }"
)
HISTORY = """query H($hsCode: String!) { rule(hsCode: $hsCode) {
  history { nameZh measure validFrom validTo status differences { field before after } }
} }"""
IMPORT = """mutation I($input: RulesImportInput!) { rulesImport(input: $input) {
  report { rows announced superseded unchanged ignoredColumns rejected { line column message } }
  userErrors { code field }
} }"""
HEADINGS = "hs_code,name_zh,inspection_required,inspection_exempt,import_prohibited,measure,legal_basis,valid_from"


def a_rule(**changes: Any) -> dict[str, Any]:
    return {
        "hsCode": NEW,
        "nameZh": "360度旋转挖掘机",
        "inspectionRequired": True,
        "measure": "装运前检验",
        "legalBasis": "海关总署公告2018年第106号",
        "validFrom": "2026-01-01",
    } | changes


async def in_force(office: Office, hs_code: str, on: str | None = None) -> Any:
    return (await office.anybody.asks(RULE, hsCode=hs_code, on=on))["rule"]


async def imports(person: Person, content: bytes, **more: Any) -> Any:
    operations = {"query": IMPORT, "variables": {"input": {"file": None} | more}}
    answer = await person.office.client.post(
        "/graphql",
        data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
        files={"0": ("rules.csv", content, "text/csv")},
        headers=person.headers | PREFLIGHT,
    )
    return answer.json()["data"]["rulesImport"]


@pytest.mark.manual(100)
async def test_a_rule_that_customs_announces_applies_from_its_first_day(office: Office) -> None:
    rule = (await acts(officer(office), "ruleAnnounce", **a_rule(validFrom="2026-07-01"))).done()
    assert (rule["status"], rule["validTo"]) == ("OPEN", None)
    assert await in_force(office, NEW) is None
    assert (await in_force(office, NEW, "2026-07-01"))["id"] == rule["id"]
    async with office.unchanged():
        twice = await acts(officer(office), "ruleAnnounce", **a_rule())
        assert twice.refusals == [("DUPLICATE", "hsCode")]
        bad = await acts(
            officer(office), "ruleAnnounce", **a_rule(hsCode="842952", importProhibited=True, measure=None)
        )
        assert set(bad.refusals) == {
            ("INVALID_FORMAT", "hsCode"),
            ("REQUIRED", "measure"),
            ("INVALID_FORMAT", "inspectionRequired"),
        }


async def test_a_rule_that_customs_ends_applies_to_its_last_day(office: Office) -> None:
    rule = await in_force(office, LOADER)
    (await acts(officer(office), "ruleEnd", id=rule["id"], validTo="2026-06-30")).done()
    assert await in_force(office, LOADER, "2026-06-30") is not None
    assert await in_force(office, LOADER, "2026-07-01") is None


@pytest.mark.manual(100)
async def test_the_next_version_follows_a_rule_without_a_gap(office: Office) -> None:
    rule = await in_force(office, LOADER)
    replaced = await acts(
        officer(office),
        "ruleReplace",
        id=rule["id"],
        importProhibited=True,
        legalBasis="海关总署公告2026年第1号",
        validFrom="2026-09-01",
    )
    assert (replaced.done()["status"], replaced.done()["validTo"]) == ("ENDED", "2026-08-31")
    assert (await in_force(office, LOADER, "2026-08-31"))["importProhibited"] is False
    assert (await in_force(office, LOADER, "2026-09-01"))["importProhibited"] is True
    first, second = (await office.anybody.asks(HISTORY, hsCode=LOADER))["rule"]["history"]
    assert (first["differences"], first["validTo"], second["validFrom"]) == ([], "2026-08-31", "2026-09-01")
    assert {each["field"]: each["after"] for each in second["differences"]} == {
        "inspection_required": "false",
        "import_prohibited": "true",
        "legal_basis": "海关总署公告2026年第1号",
    }
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_version_that_cannot_be_announced_leaves_the_former_one_open(office: Office) -> None:
    rule = await in_force(office, LOADER)

    async def refused(**fields: Any) -> list[tuple[str, str | None]]:
        return (await acts(officer(office), "ruleReplace", id=rule["id"], **fields)).refusals

    async with office.unchanged():
        assert await refused(measure="免检") == [("REQUIRED", "validFrom")]
        assert await refused(validFrom="2026-09-01") == [("NOTHING_CHANGED", None)]
        assert await refused(validFrom="2000-01-01", measure="免检") == [("DATES_OUT_OF_ORDER", "validFrom")]
        assert await refused(validFrom="2026-09-01", measure=None) == [("REQUIRED", "measure")]
        both = {"inspectionRequired": True, "importProhibited": True}
        assert await refused(validFrom="2026-09-01", **both) == [("INVALID_FORMAT", "inspectionRequired")]


async def test_only_those_who_do_customs_daily_work_keep_rules(office: Office) -> None:
    rule = await in_force(office, LOADER)
    async with office.unchanged():
        for person in (office.enterprise, office.institution, office.customs, office.user("customs.viewer")):
            assert (await acts(person, "ruleAnnounce", **a_rule())).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "ruleEnd", id=rule["id"], validTo="2026-06-30")).codes == ["NOT_YOUR_ROLE"]
            replaced = await acts(person, "ruleReplace", id=rule["id"], measure="免检", validFrom="2026-09-01")
            assert replaced.codes == ["NOT_YOUR_ROLE"]
            assert (await imports(person, b""))["userErrors"] == [{"code": "NOT_YOUR_ROLE", "field": None}]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_file_of_rules_is_imported_whole_with_a_report(office: Office, encoding: str) -> None:
    rows = [
        HEADINGS,
        f"{NEW},挖掘机,1,0,0,装运前检验,海关公告,2026-01-01",
        f"{LOADER},装载机,0,0,1,禁止,海关公告,2026-06-01",
    ]
    content = "\n".join(rows).encode(encoding)
    report = (await imports(officer(office), content))["report"]
    assert report == {
        "rows": 2, "announced": 2, "superseded": 1, "unchanged": 0, "ignoredColumns": [], "rejected": [],
    }  # fmt: skip
    assert (await in_force(office, LOADER))["importProhibited"] is True
    async with office.unchanged():
        assert (await imports(officer(office), content))["report"]["unchanged"] == 2
    assert [flaw async for flaw in verify(office.database)] == []


async def test_a_row_that_is_rejected_is_named_and_nothing_is_written(office: Office) -> None:
    rows = [HEADINGS, f"{NEW},挖掘机,1,0,0,装运前检验,海关公告,2026-01-01", "84,装载机,0,0,1,禁止,海关公告,2026-06-01"]
    content = "\n".join(rows).encode()
    async with office.unchanged():
        report = (await imports(officer(office), content))["report"]
        assert (report["announced"], [(each["line"], each["column"]) for each in report["rejected"]]) == (
            0,
            [(3, "hs_code")],
        )
        assert (await imports(officer(office), b"\xff\xfe"))["report"]["rejected"][0]["line"] == 1
    partial = (await imports(officer(office), content, partial=True))["report"]
    assert (partial["announced"], len(partial["rejected"])) == (1, 1)


async def test_a_file_too_large_for_a_request_is_refused(office: Office) -> None:
    async with office.unchanged():
        answer = await imports(officer(office), b"hs_code\n" * 300_000)
        assert answer["userErrors"] == [{"code": "TOO_LONG", "field": ["file"]}]
