"""The register in public: who sees which lines and how much of them, and that what is shown can be proved."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from domain import personal
from domain.party import Role
from graph.cli.main import app
from storage.account import ACCOUNT
from storage.register import REGISTER
from tests.accounts import account_id, does, grants, invites, signed_in
from tests.office import Office
from tests.papers import id_of
from tests.person import Person
from tests.signing_in import tries
from tests.supervision import Supervision
from tests.test_export import sheet, table
from tests.world import PASSWORD

FIELDS = """
id at subjectType subjectId subjectLabel subjectNumber version action actionLabel mutation statusBefore statusAfter
statusBeforeLabel statusAfterLabel actorAccountId actorName actorKind actorOrganisation onBehalfOfAccountId
onBehalfOfName changes changesDigest partsDigest recordDigest previousHash hash hashedText
"""
WINDOW = "$first: Int, $after: String, $last: Int, $before: String, $offset: Int"
LIST = f"""query L($filter: RegisterLineFilter, {WINDOW}) {{
  registerLines(filter: $filter, first: $first, after: $after, last: $last, before: $before, offset: $offset) {{
    totalCount nodes {{ {FIELDS} }} pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }}
  }}
}}"""
VERIFY = """query V($id: ID!) { registerVerify(subjectId: $id) {
  sound lineCount lastHash flaws { version message }
} }"""


async def lines(person: Person, **filter: Any) -> list[Any]:
    """All lines that a person sees, the earliest first."""
    found: list[Any] = []
    after = None
    while True:
        page = (await person.asks(LIST, filter=filter, first=100, after=after))["registerLines"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == page["totalCount"]
            return found[::-1]
        after = page["pageInfo"]["endCursor"]


async def actions(person: Person, **filter: Any) -> list[str]:
    return [each["action"] for each in await lines(person, **filter)]


def enterprise_admin(office: Office) -> Person:
    return office.user("pujiang.admin")


async def institution_admin(office: Office) -> Person:
    """The operator of I01, made an administrator by whoever writes to the database."""
    async with office.database.writing() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == "institution").values(role=Role.ADMIN))
    return office.institution


async def test_an_administrator_reads_what_was_done_to_its_commission_and_by_whom(office: Office) -> None:
    commission = await office.completed()
    found = await lines(enterprise_admin(office), subjectId=commission["id"])
    assert [each["action"] for each in found] == ["save_draft", "submit", "accept", "attach", "complete"]
    assert [each["version"] for each in found] == [1, 2, 3, 4, 5]
    first, second, third, attached, last = found
    assert second | dict.fromkeys(("id", "hash", "previousHash", "hashedText", "changes"), 0) == second | {
        "id": 0, "hash": 0, "previousHash": 0, "hashedText": 0, "changes": 0,
        "subjectType": "commission", "subjectId": commission["id"], "subjectLabel": "业务委托",
        "subjectNumber": commission["number"], "mutation": "commissionSubmit", "actionLabel": "提交",
        "statusBefore": "DRAFT", "statusBeforeLabel": "暂存", "statusAfter": "PENDING", "statusAfterLabel": "待受理",
        "actorName": "周海涛", "actorAccountId": account_id("enterprise"), "actorKind": "ENTERPRISE",
        "onBehalfOfName": None,
    }  # fmt: skip
    assert json.loads(first["changes"])["consignee_name"]
    # Who acted on the other side is named by the side alone.
    assert [third["actorName"], third["actorKind"], third["actorOrganisation"]] == [None, "INSTITUTION", None]
    assert attached["changes"] is None
    assert json.loads(last["changes"])["certificate"]
    english = await lines(enterprise_admin(office).in_english(), subjectId=commission["id"], action="submit")
    assert [(each["subjectLabel"], each["statusAfterLabel"]) for each in english] == [("Commission", "Pending")]


async def test_others_see_none(office: Office) -> None:
    commission = await office.in_progress()
    for person in (office.enterprise, office.enterprise_viewer, office.institution, office.customs):
        assert await lines(person) == []
        assert (await person.asks(VERIFY, id=commission["id"]))["registerVerify"] is None
        assert await table(person, "register-lines.csv") == []
    assert await office.anybody.is_told("{ registerLines { totalCount } }") == "UNAUTHENTICATED"
    assert await office.anybody.is_told(VERIFY, id=commission["id"]) == "UNAUTHENTICATED"
    (line, *_) = await lines(enterprise_admin(office), subjectId=commission["id"])
    node = "query N($id: ID!) { node(id: $id) { id } }"
    assert (await enterprise_admin(office).asks(node, id=line["id"]))["node"] == {"id": line["id"]}
    for person in (office.enterprise, office.user("yongjiang.admin"), office.anybody):
        assert (await person.asks(node, id=line["id"]))["node"] is None
    for forged in ("register_line_" + "0" * 32, "register_line_" + "f" * 32, f"register_line_{1:032x}"):
        assert (await office.user("customs.admin").asks(node, id=forged))["node"] is None


async def test_a_foreign_organisation_learns_nothing_of_it(office: Office) -> None:
    commission = await office.completed()
    stranger = office.user("yongjiang.admin")
    assert await lines(stranger, subjectId=commission["id"]) == []
    assert await lines(stranger, actorAccountId=account_id("enterprise")) == []
    assert (await stranger.asks(VERIFY, id=commission["id"]))["registerVerify"] is None
    own = await lines(stranger)
    assert {each["subjectType"] for each in own} <= {"account", "session"}
    assert own


async def test_customs_sees_all_but_not_what_is_only_being_written(office: Office) -> None:
    draft, submitted = await office.draft(consigneeName="未曾提交公司"), await office.pending()
    admin = office.user("customs.admin")
    found = await lines(admin)
    async with office.database.reading() as connection:
        assert len(found) == len((await connection.execute(select(REGISTER.c.id))).all())
    assert "未曾提交公司" not in json.dumps(found, ensure_ascii=False)
    (line,) = await lines(admin, subjectId=draft["id"])
    assert (line["action"], line["changes"], line["subjectNumber"]) == ("save_draft", None, None)
    assert (line["actorOrganisation"], line["actorKind"]) == ("上海浦江联合重工机械有限公司", "ENTERPRISE")
    saved, sent = await lines(admin, subjectId=submitted["id"])
    assert (saved["changes"], sent["subjectNumber"]) == (None, submitted["number"])
    assert json.loads(sent["changes"])["status"] == "PENDING"
    for each in await lines(admin, subjectType="session"):
        assert (each["changes"] is not None) == each["actorOrganisation"].startswith("上海海关旧机电")


async def test_an_institution_sees_a_commission_while_it_is_its_own_and_no_draft_of_it(office: Office) -> None:
    admin = await institution_admin(office)
    draft = await office.draft()
    assert await actions(admin, subjectId=draft["id"]) == []
    (await office.enterprise.submits(draft)).done()
    saved, submitted = await lines(admin, subjectId=draft["id"])
    assert (saved["changes"], json.loads(submitted["changes"])["status"]) == (None, "PENDING")
    (await office.enterprise.withdraws(draft)).done()
    assert await actions(admin, subjectId=draft["id"]) == []
    check = await Supervision(office).orders()
    (ordered,) = await lines(admin, subjectId=check["id"])
    assert (ordered["actorKind"], json.loads(ordered["changes"])["content"]) == ("CUSTOMS", "质量管理体系文件")
    assert "subjectNumber" in ordered
    assert ordered["subjectNumber"] == check["number"]


async def test_work_done_for_a_colleague_names_the_colleague(office: Office) -> None:
    (await grants(office.enterprise, "pujiang.viewer")).done()
    own = (await office.enterprise.saves()).done()
    (await office.enterprise_viewer.saves(own, remarks="代办")).done()
    admin = enterprise_admin(office)
    first, second = await lines(admin, subjectId=own["id"])
    assert (first["onBehalfOfName"], first["onBehalfOfAccountId"]) == (None, None)
    assert (second["actorName"], second["onBehalfOfName"], second["onBehalfOfAccountId"]) == (
        "Grace Gao", "周海涛", account_id("enterprise"),
    )  # fmt: skip
    assert await actions(admin, subjectType="delegation") == ["grant"]
    rows = await table(admin, "register-lines.csv", filter={"subjectId": own["id"]})
    assert [(row["操作人"], row["委托人"]) for row in rows] == [("Grace Gao", "周海涛"), ("周海涛", "")]


async def test_the_register_of_sign_ins_has_failures_successes_roles_and_the_product(office: Office) -> None:
    admin = enterprise_admin(office)
    await tries(office, password="wrong")
    await signed_in(office, "enterprise", PASSWORD)
    await office.attempts_are_told()
    invited = (await invites(admin)).done()
    (await does(admin, "accountChangeRole", "pujiang.viewer", role="OPERATOR")).done()
    attempts = await lines(admin, subjectType="sign_in_attempt")
    assert {(each["action"], each["actorName"], each["mutation"]) for each in attempts} == {
        ("fail", "系统", None),
        ("succeed", "系统", None),
    }
    assert "times" in json.loads(attempts[0]["changes"])
    assert (await actions(admin, action="sessionOpen"))[-1] == "open"
    assert (await actions(admin, subjectId=invited["id"])) == ["invite"]
    (changed,) = await lines(admin, action="accountChangeRole")
    assert (changed["action"], json.loads(changed["changes"])["role"]) == ("change_role", "OPERATOR")
    assert await lines(office.user("yongjiang.admin"), subjectType="sign_in_attempt") == []


async def test_no_line_shows_personal_data(open_office: Any) -> None:
    async with open_office(proxies_trusted=("127.0.0.1",)) as office:
        await tries(office, password="wrong", address="198.51.100.7")
        await tries(office, address="203.0.113.77")
        await office.attempts_are_told()
        await office.completed()
        for person in (enterprise_admin(office), office.user("customs.admin")):
            found = await lines(person)
            shown = "\n".join(each["changes"] or "" for each in found)
            for secret in ("198.51.100", "203.0.113", "_hash", "kept-token", '"address"', '"device"', "id_card"):
                assert secret not in shown, secret
            assert personal.NUMBER.search(shown) is None
            assert '"status"' in shown


async def test_lines_are_filtered_by_what_who_and_when(office: Office) -> None:
    await office.in_progress()
    office.clock.moves(days=1)
    second = await office.pending()
    admin = office.user("customs.admin")
    everything = await lines(admin, subjectType="commission")
    assert len(everything) == 5
    assert len(await lines(admin, subjectType="commission", atFrom="2026-06-02")) == 2
    assert len(await lines(admin, subjectType="commission", atTo="2026-06-01")) == 3
    assert len(await lines(admin, action="submit", subjectType="commission")) == 2
    assert await lines(admin, action="commissionSubmit") == await lines(admin, action="submit", atFrom="2026-06-01")
    assert await lines(admin, action="commissionSubmit", subjectType="session") == []
    assert await actions(admin, actorAccountId=account_id("institution"), subjectType="commission") == ["accept"]
    assert await actions(admin, subjectId=second["id"]) == ["save_draft", "submit"]
    for nonsense in ({"subjectType": "nothing"}, {"action": "x" * 500}, {"subjectId": "委托"}, {"actorAccountId": "x"}):
        assert await lines(admin, **nonsense) == []
        assert await lines(enterprise_admin(office), **nonsense) == []


@pytest.mark.parametrize("username", ["pujiang.admin", "customs.admin"])
async def test_pages_hold_together_forwards_backwards_and_by_number(busy_office: Office, username: str) -> None:
    person = busy_office.user(username)
    everything = [each["id"] for each in (await lines(person))[::-1]]
    assert len(everything) == len(set(everything)) > 100

    async def page(**window: Any) -> Any:
        return (await person.asks(LIST, **window))["registerLines"]

    for start in (0, 1, 37):
        assert [each["id"] for each in (await page(first=20, offset=start))["nodes"]] == everything[start : start + 20]
    last = await page(last=15)
    assert [each["id"] for each in last["nodes"]] == everything[-15:]
    before = await page(last=15, before=last["pageInfo"]["startCursor"])
    assert [each["id"] for each in before["nodes"]] == everything[-30:-15]
    assert before["pageInfo"]["hasPreviousPage"]
    first = await page(first=0)
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == ([], True)


@pytest.mark.parametrize("username", ["pujiang.admin", "customs.admin"])
async def test_a_page_costs_the_same_whatever_its_size(busy_office: Office, username: str) -> None:
    person, costs = busy_office.user(username), []
    for first in (3, 30, 100):
        await person.asks(LIST, first=first)
        with busy_office.statements() as sent:
            await person.asks(LIST, first=first)
        costs.append(len(sent))
    assert len(set(costs)) == 1, costs
    assert costs[0] <= 6


async def test_an_export_has_the_lines_of_the_list(busy_office: Office) -> None:
    for username in ("pujiang.admin", "customs.admin"):
        person = busy_office.user(username)
        expected = (await lines(person))[::-1]
        rows = await table(person, "register-lines.csv")
        assert [row["散列"] for row in rows] == [each["hash"] for each in expected]
        for row, each in zip(rows, expected, strict=True):
            assert (row["业务编号"], row["操作人"], row["变更内容"], row["散列原文"], row["前一散列"], row["版本"]) == (
                each["subjectNumber"] or "", each["actorName"] or "", each["changes"] or "", each["hashedText"],
                each["previousHash"], str(each["version"]),
            )  # fmt: skip
            assert hashlib.sha256(row["散列原文"].encode()).hexdigest() == row["散列"]
        assert len(await sheet(person, "register-lines.xlsx")) == len(rows)


async def test_whoever_sees_a_record_can_have_its_lines_verified(office: Office) -> None:
    commission = await office.completed()
    customs, admin = office.user("customs.admin"), enterprise_admin(office)
    last = (await lines(admin, subjectId=commission["id"]))[-1]
    for person in (customs, admin, await institution_admin(office)):
        found = (await person.asks(VERIFY, id=commission["id"]))["registerVerify"]
        assert found == {"sound": True, "lineCount": 5, "lastHash": last["hash"], "flaws": []}
    for other in ("commission_" + "0" * 32, commission["id"].replace("commission", "rule"), "", "委托"):
        assert (await customs.asks(VERIFY, id=other))["registerVerify"] is None
    digits = id_of(commission).rpartition("_")[2]
    async with office.database.writing() as connection:
        rows = await connection.execute(select(REGISTER.c.id, REGISTER.c.subject_id, REGISTER.c.version))
        (third,) = [row.id for row in rows if row.subject_id.hex == digits and row.version == 3]
        await connection.execute(update(REGISTER).where(REGISTER.c.id == third).values(status_after="CANCELLED"))
    found = (await admin.asks(VERIFY, id=commission["id"]))["registerVerify"]
    assert (found["sound"], found["flaws"]) == (False, [{"version": 3, "message": "已被改动：散列与内容不符"}])
    english = (await admin.in_english().asks(VERIFY, id=commission["id"]))["registerVerify"]["flaws"]
    assert english == [{"version": 3, "message": "was altered: its hash is not that of its content"}]


def _checked(path: Path, content: bytes) -> tuple[int, str]:
    path.write_bytes(content)
    result = CliRunner().invoke(app, ["register", "check", str(path)])
    return result.exit_code, result.output


async def test_a_copy_is_checked_without_the_product(office: Office, tmp_path: Path) -> None:
    commission = await office.completed()
    admin, file = enterprise_admin(office), tmp_path / "copy"
    for person in (admin, admin.in_english()):
        answer = await office.client.get("/exports/register-lines.csv", headers=person.headers)
        status, said = _checked(file, answer.content)
        assert (status, "The copy is sound" in said) == (0, True), said
    found = await lines(admin, subjectId=commission["id"])
    copy = "\n".join(json.dumps(each) for each in found)
    assert "0 处缺口" in _checked(file, copy.encode())[1]
    status, said = _checked(file, "\n".join(copy.splitlines()[::2]).encode())
    assert (status, "2 处缺口" in said) == (0, True), said
    last = found[-1]
    for forged in (
        last | {"changes": "{}"},
        last | {"statusAfter": "CANCELLED"},
        last | {"version": 4},
        last | {"hashedText": last["hashedText"].replace("COMPLETED", "CANCELLED")},
        last | {"hash": "0" * 64},
        last | {"hashedText": None},
        last | _rehashed(last["hashedText"].replace(found[3]["hash"], "1" * 64)),
    ):
        status, said = _checked(file, "\n".join(json.dumps(each) for each in [*found[:-1], forged]).encode())
        assert (status, "line 5" in said) == (1, True), said
    for nonsense in (b"", b"a,b\n1,2\n", b"{nonsense\n", b"\xff\xfe"):
        assert _checked(file, nonsense)[0] == 2


def _rehashed(text: str) -> dict[str, str]:
    return {
        "hashedText": text,
        "hash": hashlib.sha256(text.encode()).hexdigest(),
        "previousHash": "1" * 64,
    }
