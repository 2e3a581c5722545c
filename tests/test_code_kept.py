"""Code tables as customs keeps them: added to, amended, ended, imported; no code vanishes, no enumeration changes."""

import json
from typing import Any

import pytest

from storage.verify import verify
from tests.office import Office
from tests.papers import PREFLIGHT, a_line
from tests.person import Person
from tests.publishing import acts, officer

TABLE = """query T($name: String!, $ended: Boolean! = true) { codeTable(name: $name) {
  items(includeEnded: $ended) { id code labelZh labelEn parent validFrom validTo position status version }
} }"""
IMPORT = """mutation I($input: CodesImportInput!) { codesImport(input: $input) {
  report { rows added amended ended unchanged ignoredColumns rejected { line column message } }
  userErrors { code field }
} }"""


def a_unit(**changes: Any) -> dict[str, Any]:
    return {"tableName": "UNIT", "code": "U99", "labelZh": "副", "labelEn": "pair (of machines)"} | changes


async def table(office: Office, name: str = "UNIT", *, ended: bool = True) -> dict[str, Any]:
    found = (await office.anybody.asks(TABLE, name=name, ended=ended))["codeTable"]["items"]
    return {each["code"]: each for each in found}


async def imports(person: Person, content: str | bytes, table_name: str = "UNIT") -> Any:
    operations = {"query": IMPORT, "variables": {"input": {"file": None, "tableName": table_name}}}
    answer = await person.office.client.post(
        "/graphql",
        data={"operations": json.dumps(operations), "map": json.dumps({"0": ["variables.input.file"]})},
        files={"0": ("codes.csv", content.encode() if isinstance(content, str) else content, "text/csv")},
        headers=person.headers | PREFLIGHT,
    )
    return answer.json()["data"]["codesImport"]


@pytest.mark.manual(87)
@pytest.mark.manual(100)
async def test_a_code_that_customs_adds_can_be_chosen_at_once_and_stands_last(office: Office) -> None:
    before = await table(office)
    added = (await acts(officer(office), "codeAdd", **a_unit())).done()
    assert (added["status"], added["version"]) == ("OPEN", 1)
    assert list(await table(office)) == [*before, "U99"]
    draft = await office.draft(goodsLines=[a_line(unit="U99")])
    (await office.enterprise.submits(draft)).done()


@pytest.mark.manual(87)
async def test_a_code_that_has_ended_is_in_the_table_but_not_in_the_drop_down(office: Office) -> None:
    draft = await office.draft()
    unit = (await table(office))["001"]
    (await acts(officer(office), "codeEnd", id=unit["id"], validTo="2026-05-31")).done()
    assert (await table(office))["001"]["validTo"] == "2026-05-31"
    assert "001" not in await table(office, ended=False)
    assert (await office.enterprise.submits(draft)).refusals == [("UNKNOWN_CODE", "goodsLines.0.unit")]
    (await acts(officer(office), "codeResume", id=unit["id"])).done()
    assert (await table(office, ended=False))["001"]["status"] == "OPEN"
    (await office.enterprise.submits(draft)).done()
    ahead = (await acts(officer(office), "codeAdd", **a_unit(validFrom="2026-06-02"))).done()
    assert ahead["code"] not in await table(office, ended=False)


async def test_labels_parent_and_place_change_and_the_code_never_does(office: Office) -> None:
    unit = (await table(office))["001"]
    amended = (await acts(officer(office), "codeAmend", id=unit["id"], labelZh="台（套）", position=5)).done()
    assert (amended["code"], amended["labelZh"], amended["labelEn"], amended["position"]) == (
        "001",
        "台（套）",
        unit["labelEn"],
        5,
    )
    answer = await officer(office).sends(
        'mutation { codeAmend(input: {id: "x", code: "002"}) { userErrors { code } } }'
    )
    assert "code" in answer["errors"][0]["message"]
    async with office.unchanged():
        assert (await acts(officer(office), "codeAmend", id=unit["id"], labelZh="台（套）")).codes == [
            "NOTHING_CHANGED"
        ]
        assert (await acts(officer(office), "codeAmend", id=unit["id"], labelEn=" ")).codes == ["REQUIRED"]


async def test_a_parent_is_a_code_of_the_same_table_and_not_below_its_child(office: Office) -> None:
    districts = await table(office, "CUSTOMS_DISTRICT")
    parent, child = districts["2200"], districts["2248"]
    async with office.unchanged():
        for wrong in ("001", "2248", "2200"):
            refused = await acts(officer(office), "codeAmend", id=parent["id"], parent=wrong)
            assert refused.refusals == [("UNKNOWN_CODE", "parent")], wrong
    (await acts(officer(office), "codeAmend", id=child["id"], parent=None)).done()
    (await acts(officer(office), "codeAmend", id=parent["id"], parent="2248")).done()


async def test_what_is_written_badly_or_stands_already_is_not_added(office: Office) -> None:
    async with office.unchanged():
        assert (await acts(officer(office), "codeAdd", **a_unit(code="001"))).refusals == [("DUPLICATE", "code")]
        assert (await acts(officer(office), "codeAdd", **a_unit(code="台 1"))).refusals == [("INVALID_FORMAT", "code")]
        assert (await acts(officer(office), "codeAdd", tableName="UNIT")).refusals == [
            ("REQUIRED", "labelZh"),
            ("REQUIRED", "labelEn"),
            ("REQUIRED", "code"),
        ]
        unit = (await table(office))["001"]
        assert (await acts(officer(office), "codeEnd", id=unit["id"])).refusals == [("REQUIRED", "validTo")]
    (await acts(officer(office), "codeAmend", id=unit["id"], validFrom="2026-01-01")).done()
    early = await acts(officer(office), "codeEnd", id=unit["id"], validTo="2025-12-31")
    assert early.refusals == [("DATES_OUT_OF_ORDER", "validTo")]


@pytest.mark.parametrize("name", ["COMMISSION_STATUS", "ROLE", "NOTHING", "unit", ""])
async def test_an_enumeration_or_an_unknown_table_takes_no_codes(office: Office, name: str) -> None:
    async with office.unchanged():
        refused = await acts(officer(office), "codeAdd", **a_unit(tableName=name))
        assert refused.refusals == [("NOT_CHANGEABLE" if name else "REQUIRED", "tableName")]
        answer = await imports(officer(office), "code,label_zh,label_en\n1,一,one\n", name)
        assert answer["userErrors"] == [{"code": "NOT_CHANGEABLE", "field": ["tableName"]}]


async def test_only_those_who_do_customs_daily_work_keep_codes(office: Office) -> None:
    unit = (await table(office))["001"]
    async with office.unchanged():
        for person in (office.enterprise, office.institution, office.customs, office.user("customs.viewer")):
            assert (await acts(person, "codeAdd", **a_unit())).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "codeAmend", id=unit["id"], labelZh="新")).codes == ["NOT_YOUR_ROLE"]
            assert (await acts(person, "codeEnd", id=unit["id"], validTo="2026-12-31")).codes == ["NOT_YOUR_ROLE"]
            for name in ("UNIT", "COMMISSION_STATUS", ""):  # whoever may not act hears nothing of the table
                refused = (await imports(person, "code\n", name))["userErrors"]
                assert refused == [{"code": "NOT_YOUR_ROLE", "field": None}]


async def test_planted_codes_have_their_lines_in_the_register(office: Office) -> None:
    assert all(each["version"] > 0 for each in (await table(office, "CUSTOMS_DISTRICT")).values())
    (await acts(officer(office), "codeAdd", **a_unit())).done()
    assert [flaw async for flaw in verify(office.database)] == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_file_adds_amends_and_ends_and_a_second_time_changes_nothing(office: Office, encoding: str) -> None:
    content = (
        "代码,中文名称,英文名称,上级代码,失效日期,备注\n"
        "Z11,子项,child,Z10,,\n"
        "Z10,上级,parent of all,,,\n"
        f"001,台（改）,{(await table(office))['001']['labelEn']},,,\n"
        f"003,辆,{(await table(office))['003']['labelEn']},,2026-12-31,x\n"
    ).encode(encoding)
    report = (await imports(officer(office), content))["report"]
    assert report == {
        "rows": 4, "added": 2, "amended": 1, "ended": 1, "unchanged": 0, "ignoredColumns": ["备注"], "rejected": [],
    }  # fmt: skip
    units = await table(office)
    assert list(units)[-2:] == ["Z11", "Z10"]
    assert (units["Z11"]["parent"], units["001"]["labelZh"], units["003"]["validTo"]) == (
        "Z10",
        "台（改）",
        "2026-12-31",
    )
    async with office.unchanged():
        assert (await imports(officer(office), content))["report"]["unchanged"] == 4
    assert [flaw async for flaw in verify(office.database)] == []


async def test_one_rejected_row_leaves_the_table_as_it_was_and_every_reason_is_told(office: Office) -> None:
    content = (
        "code,label_zh,label_en,parent,valid_from,valid_to,position\n"
        "Z1,好,good,,,,\n"
        "Z2,,no label,,,,\n"
        "Z1,又,again,,,,\n"
        "Z3,父,parent,ZZ,,,\n"
        "Z4,甲,one,Z5,,,\n"
        "Z5,乙,two,Z4,,,\n"
        "Z6,日,day,,2026-02-30,,\n"
        "Z7,序,place,,,2026-01-01,first\n"
        "Z8,先后,order,,2026-02-01,2026-01-01,\n"
        "Z9,少\n"
    )
    async with office.unchanged():
        report = (await imports(officer(office), content))["report"]
    assert (report["rows"], report["added"]) == (10, 0)
    assert [(each["line"], each["column"]) for each in report["rejected"]] == [
        (3, "label_zh"),
        (4, "code"),
        (5, "parent"),
        (6, "parent"),
        (7, "parent"),
        (8, "valid_from"),
        (9, "position"),
        (10, "valid_to"),
        (11, None),
    ]
