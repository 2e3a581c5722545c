"""Code tables: what stands in every drop-down, and the labels of codes in both languages."""

import re

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from graph.enumerations import ENUMERATIONS as LISTED
from graph.schema.schema import SCHEMA
from tests.office import Office
from tests.papers import a_line

TABLE = "query Table($name: String!) { codeTable(name: $name) { name items { code label parent } } }"
KEPT = ("CUSTOMS_DISTRICT", "UNIT", "PRODUCT_USE", "COUNTRY", "CURRENCY", "DESTINATION", "PORT")
ENUMERATIONS = {
    "COMMISSION_STATUS": "CommissionStatus",
    "ATTACHMENT_KIND": "AttachmentKind",
    "CERTIFICATE_STATUS": "CertificateStatus",
    "CODE_STATUS": "CodeStatus",
    "INSTITUTION_STATUS": "InstitutionStatus",
    "NOTICE_AUDIENCE": "NoticeAudience",
    "NOTICE_STATUS": "NoticeStatus",
    "REGULATION_STATUS": "RegulationStatus",
    "NOTICE_TYPE": "NoticeType",
    "ORGANISATION_KIND": "OrganisationKind",
    "ROLE": "Role",
    "RULE_STATUS": "RuleStatus",
}


async def labels(office: Office, name: str, *, english: bool = False) -> dict[str, str]:
    person = office.anybody.in_english() if english else office.anybody
    items = (await person.asks(TABLE, name=name))["codeTable"]["items"]
    found = {item["code"]: item["label"] for item in items}
    assert len(found) == len(items)
    return found


@pytest.mark.manual(87)
@pytest.mark.parametrize("name", [*KEPT, *ENUMERATIONS])
async def test_every_drop_down_has_a_table_with_labels_in_both_languages(office: Office, name: str) -> None:
    chinese, english = await labels(office, name), await labels(office, name, english=True)
    assert list(chinese) == list(english) != []
    assert all(chinese.values())
    assert all(english.values())
    assert chinese != english


async def test_the_tables_hold_the_codes_that_customs_uses(office: Office) -> None:
    assert (await labels(office, "UNIT"))["001"] == "台"
    assert (await labels(office, "CUSTOMS_DISTRICT"))["2248"] == "洋山港区"
    assert (await labels(office, "COUNTRY"))["JP"] == "日本"
    assert (await labels(office, "CURRENCY"))["USD"] == "美元"
    assert set((await labels(office, "PRODUCT_USE")).values()) >= {"销售", "企业自用"}


async def test_an_enumeration_is_a_table_of_all_its_members(office: Office) -> None:
    for table, kind in ENUMERATIONS.items():
        data = await office.enterprise.asks(
            "query Kind($name: String!) { __type(name: $name) { enumValues { name } } }", name=kind
        )
        assert [each["name"] for each in data["__type"]["enumValues"]] == list(await labels(office, table))


def test_every_enumeration_that_is_answered_is_a_table() -> None:
    types = SCHEMA._schema.type_map.values()
    answered = {
        get_named_type(field.type).name
        for each in types
        if isinstance(each, GraphQLObjectType) and not each.name.startswith("__")
        for field in each.fields.values()
        if isinstance(get_named_type(field.type), GraphQLEnumType)
    }
    assert answered > {"CommissionStatus", "PairingStatus", "SessionStatus", "RefusalCode"}
    tables = {each.kind.__name__: name for name, each in LISTED.items()}
    assert {kind: tables.get(kind) for kind in answered} == {
        kind: re.sub(r"(?<!^)(?=[A-Z])", "_", kind).upper() for kind in answered
    }


@pytest.mark.manual(87)
async def test_every_table_is_listed_with_what_it_is_and_who_keeps_it(office: Office) -> None:
    query = "{ codeTables { name label isKeptByCustoms items { code } } }"
    chinese = (await office.anybody.asks(query))["codeTables"]
    english = (await office.anybody.in_english().asks(query))["codeTables"]
    names = [each["name"] for each in chinese]
    assert len(set(names)) == len(names)
    assert {*KEPT, *ENUMERATIONS, "LEGAL_FORM", "CHECK_STATUS", "DISPOSITION_GROUND"} <= set(names)
    assert {each["name"] for each in chinese if each["isKeptByCustoms"]} == {*KEPT, "LEGAL_FORM"}
    for zh, en in zip(chinese, english, strict=True):
        assert (zh["name"], zh["items"]) == (en["name"], en["items"])
        assert zh["items"], zh["name"]
        assert not zh["label"].isascii()
        assert en["label"].isascii()
    assert chinese[1]["label"] == "计量单位"
    one = '{ codeTable(name: "ROLE") { label isKeptByCustoms } }'
    assert (await office.anybody.asks(one))["codeTable"] == {"label": "用户角色", "isKeptByCustoms": False}


async def test_there_is_no_table_of_an_unknown_name(office: Office) -> None:
    for name in ("", "unit", "NOTHING", "UNIT "):
        assert (await office.anybody.asks(TABLE, name=name))["codeTable"] is None


async def test_a_record_shows_the_label_beside_its_code_in_the_language_of_the_viewer(office: Office) -> None:
    draft = await office.draft(goodsLines=[a_line(unit="006"), a_line(unit=None)])
    query = """query Labels($id: ID!) { commission(by: {id: $id}) {
      productUse productUseLabel destinationCustomsLabel goodsLines { unit unitLabel }
    } }"""
    shown = (await office.enterprise.asks(query, id=draft["id"]))["commission"]
    assert shown == {
        "productUse": "OWN_USE",
        "productUseLabel": "企业自用",
        "destinationCustomsLabel": "洋山港区",
        "goodsLines": [{"unit": "006", "unitLabel": "套"}, {"unit": None, "unitLabel": None}],
    }
    english = (await office.enterprise.in_english().asks(query, id=draft["id"]))["commission"]
    assert english["goodsLines"][0]["unitLabel"] == "set"
