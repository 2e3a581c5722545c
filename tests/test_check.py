"""Supervision checks through HTTP: of documents and on site, submitted, reviewed, supplemented, and overdue."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from tests.office import Office
from tests.papers import institution_id
from tests.supervision import VISIT, Supervision, acts, lists, may, notices, sees

TOEI = "东瀛海港机械检验株式会社"


@pytest.fixture
def supervision(office: Office) -> Supervision:
    return Supervision(office)


@pytest.mark.manual(20)
@pytest.mark.manual(72)
@pytest.mark.manual(97)
async def test_a_check_of_documents_is_submitted_supplemented_and_passed(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders()
    assert (check["type"], check["status"], check["dueOn"]) == ("DOCUMENT", "AWAITING_SUBMISSION", "2026-06-30")
    assert len(check["number"]) == 18
    assert await sees(supervision.institution, "check", number=check["number"]) == check
    assert (await supervision.submits(check, "第一次"))["status"] == "UNDER_REVIEW"
    office.clock.moves(minutes=1)
    failed = await acts(supervision.reviewer, "checkFail", id=check["id"], opinion="缺少内审记录。")
    assert failed.done()["status"] == "SUPPLEMENT_REQUIRED"
    office.clock.moves(minutes=1)
    await supervision.submits(check, "第二次")
    office.clock.moves(minutes=1)
    (await acts(supervision.reviewer, "checkPass", id=check["id"])).done()
    seen = await sees(supervision.institution, "check", id=check["id"])
    assert (seen["status"], seen["submittedAt"], seen["completedAt"]) == (
        "COMPLETED",
        "2026-06-01T02:02:00Z",
        "2026-06-01T02:03:00Z",
    )
    assert [each["explanation"] for each in seen["submissions"]] == ["第一次", "第二次"]
    assert [(each["passed"], each["opinion"]) for each in seen["reviews"]] == [(False, "缺少内审记录。"), (True, None)]
    assert {each["reviewedBy"] for each in seen["reviews"]} == {"上海海关旧机电产品检验监管处（演示）"}
    assert seen["visit"] is None


@pytest.mark.manual(22)
@pytest.mark.manual(72)
async def test_files_go_with_an_explanation_and_stay(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders()
    asked = (await supervision.officer.uploads(check, name="检查清单.pdf")).done()
    office.clock.moves(minutes=1)
    first = (await supervision.institution.uploads(check, name="体系文件.pdf", kind="EXPLANATION")).done()
    await supervision.submits(check)
    async with office.unchanged():
        assert (await supervision.institution.uploads(check)).codes == ["WRONG_STATUS"]
        assert (await supervision.institution.removes(first)).codes == ["WRONG_STATUS"]
    (await acts(supervision.reviewer, "checkFail", id=check["id"], opinion="缺少内审记录。")).done()
    office.clock.moves(minutes=1)
    second = (await supervision.institution.uploads(check, name="内审记录.pdf", kind="EXPLANATION")).done()
    async with office.unchanged():
        assert (await supervision.institution.removes(first)).refusals == [("ALREADY_SENT", "id")]
        assert (await supervision.institution.removes(asked)).codes == ["UNKNOWN_REFERENCE"]
    await supervision.submits(check)
    seen = await sees(supervision.reviewer, "check", id=check["id"])
    sent = [[file["id"] for file in each["attachments"]] for each in seen["submissions"]]
    assert sent == [[first["id"]], [second["id"]]]
    assert [each["id"] for each in seen["attachments"]] == [asked["id"], first["id"], second["id"]]
    assert (await supervision.reviewer.downloads(first["url"])).status_code == 200


@pytest.mark.manual(21)
@pytest.mark.manual(73)
@pytest.mark.manual(97)
async def test_an_institution_that_passes_a_visit_submits_nothing(supervision: Supervision) -> None:
    check = await supervision.orders("OnSite")
    assert (check["type"], check["status"]) == ("ON_SITE", "AWAITING_VISIT")
    async with supervision.office.unchanged():
        refused = await acts(supervision.institution, "checkSubmit", id=check["id"], explanation="材料")
        assert refused.codes == ["WRONG_STATUS"]
        assert (await supervision.institution.uploads(check)).codes == ["WRONG_STATUS"]
    assert await may(supervision.institution, "check", check) == set()
    passed = (await acts(supervision.officer, "checkPassVisit", id=check["id"], **VISIT)).done()
    assert (passed["status"], passed["visit"], passed["submissions"]) == ("COMPLETED", VISIT, [])


@pytest.mark.manual(21)
@pytest.mark.manual(73)
async def test_a_visit_that_failed_asks_for_a_supplement_which_is_reviewed(supervision: Supervision) -> None:
    check = await supervision.orders("OnSite")
    failed = await supervision.fails_visit(check, dueOn="2026-07-15")
    assert (failed["status"], failed["visit"], failed["dueOn"]) == ("SUPPLEMENT_REQUIRED", VISIT, "2026-07-15")
    assert [(each["passed"], each["opinion"]) for each in failed["reviews"]] == [(False, "请补充原始记录。")]
    (await supervision.institution.uploads(check)).done()
    submitted = await supervision.submits(check, "补充原始记录")
    assert (submitted["status"], len(submitted["submissions"][0]["attachments"])) == ("UNDER_REVIEW", 1)
    again = await acts(supervision.reviewer, "checkFailVisit", id=check["id"], opinion="再看", **VISIT)
    assert again.codes == ["WRONG_STATUS"]
    passed = await acts(supervision.reviewer, "checkPass", id=check["id"], opinion="符合要求。")
    assert passed.done()["status"] == "COMPLETED"


@pytest.mark.manual(71)
async def test_ordering_and_failing_are_told_by_three_channels(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders()
    number = check["number"]
    assert (await notices(supervision.institution))[0] == (
        "CHECK",
        f"文件检查通知，（检查编号：{number}），请尽快提交",
        f"海关对贵机构开展文件检查（检查编号：{number}）：质量管理体系文件。请于2026-06-30前（含当日）提交文件和反馈说明。",
    )
    office.clock.moves(minutes=1)
    await supervision.submits(check)
    assert (await notices(supervision.officer))[0] == (
        "CHECK",
        f"监督检查（检查编号：{number}）已提交，请审核",
        f"{TOEI}已就检查编号为{number}的文件检查提交材料，请审核。",
    )
    (await acts(supervision.reviewer, "checkFail", id=check["id"], opinion="缺少内审记录")).done()
    office.clock.moves(minutes=1)
    await supervision.submits(check)
    (await acts(supervision.reviewer, "checkPass", id=check["id"])).done()
    office.clock.moves(minutes=1)
    await supervision.fails_visit(await supervision.orders("OnSite"))
    assert await _channels(office) == [
        ("文件检查通知", True, True),
        ("监督检查已提交", False, False),
        ("监督检查未通过", True, True),
        ("监督检查已提交", False, False),
        ("监督检查已通过", False, False),
        ("实地检查通知", True, True),
        ("监督检查未通过", True, True),
    ]


async def _channels(office: Office) -> list[tuple[str, bool, bool]]:
    """The notices about checks in the order of telling: how each begins, by e-mail, by SMS."""
    statement = "select title_zh, by_email, by_sms from notice where type = 'CHECK' order by line_id"
    async with office.database.reading() as connection:
        rows = (await connection.execute(text(statement))).all()
    return [(_kind(row[0]), bool(row[1]), bool(row[2])) for row in rows]


def _kind(title: str) -> str:
    before, _, after = title.partition("（")
    return (before.rstrip("，") + after.partition("）")[2]).split("，")[0]


@pytest.mark.manual(71)
async def test_checks_are_found_by_each_filter(supervision: Supervision) -> None:
    office = supervision.office
    first = await supervision.orders(content="体系文件", dueOn="2026-06-01")
    office.clock.moves(days=1)
    await supervision.time_is_kept()
    await supervision.orders("OnSite", content="现场 ABC")
    office.clock.moves(days=1)
    other = await supervision.orders(content="人员资质", institutionId=institution_id("I02"))
    every = ["人员资质", "现场 ABC", "体系文件"]
    for wanted, found in [
        ({}, every),
        ({"number": first["number"]}, ["体系文件"]),
        ({"content": "abc"}, ["现场 ABC"]),
        ({"content": "_"}, []),
        ({"type": "DOCUMENT"}, ["人员资质", "体系文件"]),
        ({"status": ["AWAITING_VISIT"]}, ["现场 ABC"]),
        ({"status": ["AWAITING_VISIT", "AWAITING_SUBMISSION"]}, every),
        ({"institutionId": institution_id("I02")}, ["人员资质"]),
        ({"createdFrom": "2026-06-02"}, ["人员资质", "现场 ABC"]),
        ({"createdTo": "2026-06-02"}, ["现场 ABC", "体系文件"]),
        ({"overdue": True}, ["体系文件"]),
        ({"overdue": False}, ["人员资质", "现场 ABC"]),
        ({"overdue": True, "type": "ON_SITE"}, []),
    ]:
        assert await lists(supervision.reviewer, "check", **wanted) == found, wanted
    assert await lists(supervision.institution, "check") == ["现场 ABC", "体系文件"]
    assert await lists(office.other_institution, "check", number=other["number"]) == ["人员资质"]
    by_number = await supervision.reviewer.asks(
        "{ checks(orderBy: {field: NUMBER, direction: ASC}) { nodes { content } } }"
    )
    assert [each["content"] for each in by_number["checks"]["nodes"]] == every[::-1]


@pytest.mark.manual(97)
async def test_a_check_that_is_late_is_noted_once_and_told(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders(dueOn="2026-06-01")
    office.clock.moves(hours=13, minutes=59)
    await supervision.time_is_kept()
    assert not (await sees(supervision.institution, "check", id=check["id"]))["overdue"]
    office.clock.moves(minutes=1)  # midnight in China
    for _ in range(3):
        await supervision.time_is_kept()
        office.clock.moves(days=1)
    seen = await sees(supervision.institution, "check", id=check["id"])
    assert (seen["overdue"], seen["status"], seen["version"]) == (True, "AWAITING_SUBMISSION", 2)
    told = [title for _, title, _ in await notices(supervision.institution) if "逾期" in title]
    assert told == [f"监督检查（检查编号：{check['number']}）已逾期，请尽快提交"]

    submitted = await supervision.submits(check)
    assert (submitted["overdue"], submitted["submittedAt"][:10] > submitted["dueOn"]) == (False, True)
    assert await lists(supervision.officer, "check", overdue=True) == []
    failed = await acts(supervision.reviewer, "checkFail", id=check["id"], opinion="缺少记录。", dueOn="2026-06-10")
    assert (failed.done()["overdue"], failed.done()["dueOn"]) == (False, "2026-06-10")
    await supervision.time_is_kept()
    assert not (await sees(supervision.institution, "check", id=check["id"]))["overdue"]
    office.clock.moves(days=9)
    await supervision.time_is_kept()
    assert (await sees(supervision.institution, "check", id=check["id"]))["overdue"]


async def test_what_waits_for_a_review_is_never_overdue(supervision: Supervision) -> None:
    submitted = await supervision.submits(await supervision.orders(dueOn="2026-06-01"))
    supervision.office.clock.moves(days=30)
    await supervision.time_is_kept()
    assert not (await sees(supervision.officer, "check", id=submitted["id"]))["overdue"]
    assert await lists(supervision.officer, "check", overdue=True) == []


@pytest.mark.manual(97)
async def test_a_visit_that_was_not_made_in_time_is_overdue_until_it_is_recorded_and_its_office_is_told(
    supervision: Supervision,
) -> None:
    office = supervision.office
    passes, fails = [await supervision.orders("OnSite", dueOn="2026-06-01", content=name) for name in ("甲", "乙")]
    office.clock.moves(days=1)
    await supervision.time_is_kept()
    await supervision.time_is_kept()
    assert sorted(await lists(supervision.officer, "check", overdue=True)) == ["乙", "甲"]
    told = [title for _, title, _ in await notices(supervision.officer) if "已过期限" in title]
    assert sorted(told) == sorted(
        f"实地检查（检查编号：{each['number']}）已过期限，请尽快检查" for each in (passes, fails)
    )
    assert [title for _, title, _ in await notices(supervision.institution) if "逾期" in title] == []
    visited = await acts(supervision.officer, "checkPassVisit", id=passes["id"], **VISIT | {"visitedOn": "2026-06-02"})
    assert not visited.done()["overdue"]
    assert not (await supervision.fails_visit(fails, visitedOn="2026-06-02"))["overdue"]
    assert await lists(supervision.officer, "check", overdue=True) == []


async def test_nobody_but_customs_and_the_institution_checked_learns_of_a_check(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders()
    file = (await supervision.institution.uploads(check)).done()
    for person in (office.other_institution, office.enterprise):
        assert await sees(person, "check", id=check["id"]) is None
        assert await sees(person, "check", number=check["number"]) is None
        assert await lists(person, "check") == []
        assert (await person.asks("query N($id: ID!) { node(id: $id) { id } }", id=check["id"]))["node"] is None
        assert (await person.downloads(file["url"])).status_code == 404
        async with office.unchanged():
            for mutation, form in [
                ("checkSubmit", {"explanation": "我们"}),
                ("checkPass", {}),
                ("checkFail", {"opinion": "不符"}),
                ("checkPassVisit", VISIT),
                ("checkFailVisit", VISIT | {"opinion": "不符"}),
            ]:
                payload = await acts(person, mutation, id=check["id"], **form)
                assert (payload.subject, payload.codes) == (None, ["NOT_FOUND"]), mutation
            assert (await person.uploads(check)).codes == ["NOT_FOUND"]
    assert await office.anybody.is_told("{ checks { totalCount } }") == "UNAUTHENTICATED"
    assert await sees(office.institution_viewer, "check", id=check["id"]) is not None


async def test_a_revoked_institution_keeps_seeing_its_own_checks_and_gets_no_new_ones(
    supervision: Supervision,
) -> None:
    check = await supervision.orders()
    await supervision.office.disposes("I01", "REVOKED")
    assert await lists(supervision.institution, "check") == ["质量管理体系文件"]
    assert (await supervision.submits(check))["status"] == "UNDER_REVIEW"
    form = {"institutionId": institution_id("I01"), "content": "再查", "dueOn": "2026-06-30"}
    refused = await acts(supervision.officer, "checkOrderDocument", **form)
    assert refused.refusals == [("INSTITUTION_NOT_REGISTERED", "institutionId")]


async def test_each_at_customs_does_what_the_role_says(supervision: Supervision) -> None:
    office, check = supervision.office, await supervision.orders()
    form = {"institutionId": institution_id("I01"), "content": "体系文件", "dueOn": "2026-06-30"}
    await supervision.submits(check)
    async with office.unchanged():
        for person in (supervision.reviewer, office.user("customs.viewer"), supervision.institution, office.enterprise):
            for mutation in ("checkOrderDocument", "checkOrderOnSite"):
                assert (await acts(person, mutation, **form)).codes == ["NOT_YOUR_ROLE"]
        for person in (supervision.officer, office.user("customs.viewer"), supervision.institution):
            assert (await acts(person, "checkPass", id=check["id"])).codes == ["NOT_YOUR_ROLE"]
    assert await may(supervision.reviewer, "check", check) == {"checkPass", "checkFail"}
    assert await may(supervision.officer, "check", check) == set()
    assert await may(office.user("customs.admin"), "check", check) == {"checkPass", "checkFail"}


@pytest.mark.parametrize(
    ("mutation", "form", "refusals"),
    [
        (
            "checkOrderDocument",
            {"dueOn": "2026-05-31"},
            [("REQUIRED", "institutionId"), ("REQUIRED", "content"), ("DATE_IN_PAST", "dueOn")],
        ),
        ("checkOrderOnSite", {"institutionId": "institution_of_nobody", "content": "查", "dueOn": "2026-06-01"}, [
            ("UNKNOWN_REFERENCE", "institutionId")
        ]),
    ],
)  # fmt: skip
async def test_everything_wrong_with_an_order_is_said_at_once(
    supervision: Supervision, mutation: str, form: dict[str, Any], refusals: list[tuple[str, str]]
) -> None:
    async with supervision.office.unchanged():
        assert (await acts(supervision.officer, mutation, **form)).refusals == refusals


async def test_a_visit_is_not_recorded_for_a_day_to_come_or_before_its_order(supervision: Supervision) -> None:
    check = await supervision.orders("OnSite")
    async with supervision.office.unchanged():
        for day, code in (("2026-06-02", "DATE_IN_FUTURE"), ("2026-05-31", "DATES_OUT_OF_ORDER")):
            form = VISIT | {"visitedOn": day}
            payload = await acts(supervision.officer, "checkPassVisit", id=check["id"], **form)
            assert payload.refusals == [(code, "visitedOn")]
        lacking = await acts(supervision.officer, "checkFailVisit", id=check["id"], visitedOn="2026-06-01")
        assert {field for _, field in lacking.refusals} == {"inspectors", "place", "findings", "opinion"}


async def test_a_decision_on_what_has_changed_since_is_refused(supervision: Supervision) -> None:
    check = await supervision.orders()
    await supervision.submits(check)
    stale = await acts(supervision.reviewer, "checkPass", id=check["id"], expectedVersion=check["version"])
    assert stale.refusals == [("STALE_VERSION", "expectedVersion")]


async def test_of_two_decisions_at_once_one_wins(supervision: Supervision) -> None:
    check = await supervision.orders()
    await supervision.submits(check)
    passed, failed = await asyncio.gather(
        acts(supervision.reviewer, "checkPass", id=check["id"]),
        acts(supervision.office.user("customs.admin"), "checkFail", id=check["id"], opinion="不符"),
    )
    assert sorted([passed.codes, failed.codes]) == [[], ["WRONG_STATUS"]]
    assert len((await sees(supervision.officer, "check", id=check["id"]))["reviews"]) == 1


async def test_a_page_of_checks_costs_the_same_whatever_its_size(supervision: Supervision) -> None:
    query = """query P($first: Int) { checks(first: $first) { nodes {
      number institution { name } orderedBy submissions { explanation attachments { name } }
      reviews { passed reviewedBy } visit { place } attachments { name } availableActions { action allowed }
    } } }"""
    for _ in range(6):
        check = await supervision.orders("OnSite")
        await supervision.fails_visit(check)
        (await supervision.institution.uploads(check)).done()
        await supervision.submits(check)
    costs = []
    for first in (1, 2, 6):
        await supervision.officer.asks(query, first=first)
        with supervision.office.statements() as sent:
            await supervision.officer.asks(query, first=first)
        costs.append(len(sent))
    assert len(set(costs)) == 1
