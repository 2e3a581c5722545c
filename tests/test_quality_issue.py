"""Quality issues through HTTP: customs raises them, the institution replies with files and again, customs closes."""

import asyncio
from typing import Any

import pytest

from tests.office import Office
from tests.papers import institution_id
from tests.supervision import Supervision, acts, lists, may, notices, sees

TOEI = "东瀛海港机械检验株式会社"
CUSTOMS_OFFICE = "上海海关旧机电产品检验监管处（演示）"


@pytest.fixture
def supervision(office: Office) -> Supervision:
    return Supervision(office)


@pytest.mark.manual(18)
@pytest.mark.manual(96)
async def test_an_institution_reads_what_customs_has_raised(supervision: Supervision) -> None:
    raised = await supervision.raises(dueOn="2026-06-01")
    assert len(raised["number"]) == 18
    assert raised["number"].startswith("2026")
    seen = await sees(supervision.institution, "qualityIssue", number=raised["number"])
    assert seen == raised
    assert {name: seen[name] for name in ("status", "severity", "content", "dueOn", "createdAt", "raisedBy")} == {
        "status": "AWAITING_REPLY",
        "severity": "CRITICAL",
        "content": "证书照片与实物不符。",
        "dueOn": "2026-06-01",
        "createdAt": "2026-06-01T02:00:00Z",
        "raisedBy": CUSTOMS_OFFICE,
    }
    assert (seen["institution"]["name"], seen["replies"], seen["questions"]) == (TOEI, [], [])
    english = await sees(supervision.institution.in_english(), "qualityIssue", id=raised["id"])
    assert english["raisedBy"] == "Used Machinery Inspection Division, Shanghai Customs (demo)"


@pytest.mark.manual(19)
@pytest.mark.manual(70)
async def test_an_institution_replies_and_replies_again_with_further_files(supervision: Supervision) -> None:
    office, issue = supervision.office, await supervision.raises()
    first_file = (await supervision.institution.uploads(issue, name="说明一.pdf", kind="EXPLANATION")).done()
    office.clock.moves(minutes=1)
    await supervision.replies(issue, "第一次回复")
    office.clock.moves(minutes=1)
    second_file = (await supervision.institution.uploads(issue, name="说明二.pdf", kind="EXPLANATION")).done()
    office.clock.moves(minutes=1)
    await supervision.replies(issue, "第二次回复")
    office.clock.moves(minutes=1)
    await supervision.replies(issue, "第三次回复")
    seen = await sees(supervision.officer, "qualityIssue", id=issue["id"])
    assert (seen["status"], seen["repliedAt"]) == ("REPLIED", "2026-06-01T02:04:00Z")
    assert [(each["text"], [file["id"] for file in each["attachments"]]) for each in seen["replies"]] == [
        ("第一次回复", [first_file["id"]]),
        ("第二次回复", [second_file["id"]]),
        ("第三次回复", []),
    ]
    assert {each["repliedBy"] for each in seen["replies"]} == {TOEI}
    assert [each["id"] for each in seen["attachments"]] == [first_file["id"], second_file["id"]]
    assert (await supervision.officer.downloads(second_file["url"])).status_code == 200


@pytest.mark.manual(19)
async def test_what_was_sent_with_a_reply_stays_and_what_was_not_may_go(supervision: Supervision) -> None:
    issue = await supervision.raises()
    wrong = (await supervision.institution.uploads(issue)).done()
    (await supervision.institution.removes(wrong)).done()
    sent = (await supervision.institution.uploads(issue)).done()
    await supervision.replies(issue)
    async with supervision.office.unchanged():
        assert (await supervision.institution.removes(sent)).refusals == [("ALREADY_SENT", "id")]


@pytest.mark.manual(70)
@pytest.mark.manual(96)
async def test_customs_asks_again_and_closes(supervision: Supervision) -> None:
    office, issue = supervision.office, await supervision.raises(dueOn="2026-06-05")
    await supervision.replies(issue)
    asked = await acts(
        supervision.officer, "qualityIssueAskAgain", id=issue["id"], question="请补充原始照片。", dueOn="2026-06-09"
    )
    assert (asked.done()["status"], asked.done()["dueOn"]) == ("AWAITING_REPLY", "2026-06-09")
    (question,) = asked.done()["questions"]
    assert question == {
        "question": "请补充原始照片。",
        "askedAt": "2026-06-01T02:00:00Z",
        "askedBy": CUSTOMS_OFFICE,
    }
    office.clock.moves(days=1)
    await supervision.replies(issue, "已补充。")
    closed = (await acts(supervision.reviewer, "qualityIssueClose", id=issue["id"], closingRemark="已改正。")).done()
    assert (closed["status"], closed["closingRemark"], closed["closedAt"]) == (
        "CLOSED",
        "已改正。",
        "2026-06-02T02:00:00Z",
    )
    async with office.unchanged():
        late = await acts(supervision.institution, "qualityIssueReply", id=issue["id"], text="还有")
        assert late.codes == ["WRONG_STATUS"]
        assert (await supervision.institution.uploads(issue)).codes == ["WRONG_STATUS"]
        again = await acts(supervision.officer, "qualityIssueAskAgain", id=issue["id"], question="还有")
        assert again.codes == ["WRONG_STATUS"]


@pytest.mark.manual(18)
@pytest.mark.manual(70)
async def test_each_side_is_told_of_what_the_other_does(supervision: Supervision) -> None:
    office, issue = supervision.office, await supervision.raises(dueOn="2026-06-05")
    number = issue["number"]
    told = (await notices(supervision.institution))[0]
    assert told == (
        "QUALITY",
        f"质量问题反馈通知（问题编号：{number}），请及时回复",
        f"海关提出质量问题（问题编号：{number}，严重程度：重大）：证书照片与实物不符。请于2026-06-05前（含当日）回复。",
    )
    await supervision.replies(issue)
    assert (await notices(supervision.officer))[0] == (
        "QUALITY",
        f"质量问题（问题编号：{number}）已有回复",
        f"{TOEI}已回复问题编号为{number}的质量问题，请查看。",
    )
    office.clock.moves(minutes=1)
    (await acts(supervision.officer, "qualityIssueAskAgain", id=issue["id"], question="为何？", dueOn=None)).done()
    assert (await notices(supervision.institution))[0][2] == (
        f"海关就问题编号为{number}的质量问题追问：为何？请及时回复。"
    )
    await supervision.replies(issue, "因误附照片。")
    office.clock.moves(minutes=1)
    (await acts(supervision.officer, "qualityIssueClose", id=issue["id"], closingRemark="已改正")).done()
    assert (await notices(supervision.institution))[0][2] == (
        f"问题编号为{number}的质量问题已由海关办结，办结意见：已改正。"
    )
    assert [each for each in await notices(office.other_institution) if each[0] == "QUALITY"] == []
    subject = (await supervision.institution.asks("{ notices(first: 1) { nodes { subject { __typename id } } } }"))[
        "notices"
    ]["nodes"][0]["subject"]
    assert subject == {"__typename": "QualityIssue", "id": issue["id"]}


@pytest.mark.manual(70)
async def test_issues_are_found_by_each_filter(supervision: Supervision) -> None:
    office = supervision.office
    first = await supervision.raises(content="照片100%不符", severity="MINOR")
    await supervision.replies(first, "照片已更正 ABC")
    office.clock.moves(days=1)
    second = await supervision.raises(content="记录缺失", severity="SERIOUS")
    office.clock.moves(days=1)
    other = await supervision.raises(content="证书涂改", institutionId=institution_id("I02"))
    every = ["证书涂改", "记录缺失", "照片100%不符"]
    for wanted, found in [
        ({}, every),
        ({"number": second["number"]}, ["记录缺失"]),
        ({"number": "2026"}, every),
        ({"content": "100%"}, ["照片100%不符"]),
        ({"content": "%"}, ["照片100%不符"]),
        ({"replyText": "已更正 abc"}, ["照片100%不符"]),
        ({"replyText": "记录"}, []),
        ({"institutionId": institution_id("I02")}, ["证书涂改"]),
        ({"severity": ["MINOR", "SERIOUS"]}, ["记录缺失", "照片100%不符"]),
        ({"status": ["REPLIED"]}, ["照片100%不符"]),
        ({"status": []}, []),
        ({"createdFrom": "2026-06-02"}, ["证书涂改", "记录缺失"]),
        ({"createdTo": "2026-06-02"}, ["记录缺失", "照片100%不符"]),
        ({"createdFrom": "2026-06-02", "createdTo": "2026-06-02"}, ["记录缺失"]),
        ({"content": "记录", "status": ["REPLIED"]}, []),
    ]:
        assert await lists(supervision.reviewer, "qualityIssue", **wanted) == found, wanted
    assert await lists(supervision.institution, "qualityIssue") == ["记录缺失", "照片100%不符"]
    assert await lists(office.other_institution, "qualityIssue", number=other["number"]) == ["证书涂改"]
    by_number = await supervision.reviewer.asks(
        "{ qualityIssues(orderBy: {field: NUMBER, direction: ASC}) { nodes { content } } }"
    )
    assert [each["content"] for each in by_number["qualityIssues"]["nodes"]] == every[::-1]


async def test_nobody_but_customs_and_the_institution_concerned_learns_of_an_issue(supervision: Supervision) -> None:
    office, issue = supervision.office, await supervision.raises()
    file = (await supervision.institution.uploads(issue)).done()
    await supervision.replies(issue)
    for person in (office.other_institution, office.enterprise):
        assert await sees(person, "qualityIssue", id=issue["id"]) is None
        assert await sees(person, "qualityIssue", number=issue["number"]) is None
        assert await lists(person, "qualityIssue") == []
        assert (await person.asks("query N($id: ID!) { node(id: $id) { id } }", id=issue["id"]))["node"] is None
        assert (await person.downloads(file["url"])).status_code == 404
        async with office.unchanged():
            for mutation, form in [
                ("qualityIssueReply", {"text": "我们"}),
                ("qualityIssueAskAgain", {"question": "为何"}),
                ("qualityIssueClose", {}),
            ]:
                payload = await acts(person, mutation, id=issue["id"], **form)
                assert (payload.subject, payload.codes) == (None, ["NOT_FOUND"])
            assert (await person.uploads(issue)).codes == ["NOT_FOUND"]
    assert await office.anybody.is_told("{ qualityIssues { totalCount } }") == "UNAUTHENTICATED"
    assert await sees(office.institution_viewer, "qualityIssue", id=issue["id"]) is not None


async def test_a_revoked_institution_keeps_seeing_its_own_issues_and_may_answer(supervision: Supervision) -> None:
    issue = await supervision.raises()
    await supervision.office.disposes("I01", "REVOKED")
    assert await lists(supervision.institution, "qualityIssue") == ["证书照片与实物不符。"]
    assert (await supervision.replies(issue))["status"] == "REPLIED"
    await supervision.raises(content="撤销前签发的证书")
    assert len(await lists(supervision.institution, "qualityIssue")) == 2


async def test_only_who_works_at_customs_raises_and_only_who_works_at_the_institution_replies(
    supervision: Supervision,
) -> None:
    office, issue = supervision.office, await supervision.raises()
    form = {"institutionId": institution_id("I01"), "content": "问题", "severity": "MINOR"}
    async with office.unchanged():
        for person in (supervision.reviewer, office.user("customs.viewer"), supervision.institution, office.enterprise):
            assert (await acts(person, "qualityIssueRaise", **form)).codes == ["NOT_YOUR_ROLE"]
        for person in (supervision.officer, office.institution_viewer):
            assert (await acts(person, "qualityIssueReply", id=issue["id"], text="答")).codes == ["NOT_YOUR_ROLE"]
    await supervision.replies(issue)
    own = {"qualityIssueReply", "attachmentUpload", "attachmentRemove"}
    assert await may(supervision.institution, "qualityIssue", issue) == own
    assert await may(supervision.reviewer, "qualityIssue", issue) == {"qualityIssueAskAgain", "qualityIssueClose"}


@pytest.mark.manual(96)
async def test_an_issue_names_a_commission_and_certificate_of_its_institution(supervision: Supervision) -> None:
    commission = await supervision.office.completed()
    raised = await supervision.raises(commissionId=commission["id"], certificateNumber="PSI-2026-0001")
    assert raised["commission"] == {"number": commission["number"]}
    assert raised["certificate"] == {"number": "PSI-2026-0001"}
    assert await sees(supervision.institution, "qualityIssue", id=raised["id"]) == raised


async def test_what_belongs_to_another_institution_may_not_be_named(supervision: Supervision) -> None:
    office = supervision.office
    commission, draft = await office.completed(), await office.draft()
    form: dict[str, Any] = {"institutionId": institution_id("I02"), "content": "问题", "severity": "MINOR"}
    async with office.unchanged():
        for named, field in [
            ({"commissionId": commission["id"]}, "commissionId"),
            ({"certificateNumber": "PSI-2026-0001"}, "certificateNumber"),
            ({"institutionId": institution_id("I01"), "commissionId": draft["id"]}, "commissionId"),
            ({"institutionId": "institution_of_nobody"}, "institutionId"),
        ]:
            payload = await acts(supervision.officer, "qualityIssueRaise", **form | named)
            assert payload.refusals == [("UNKNOWN_REFERENCE", field)], named


async def test_a_draft_that_an_issue_names_is_as_if_it_did_not_exist(supervision: Supervision) -> None:
    draft = await supervision.office.draft(institutionId=None)
    for institution in ({}, {"institutionId": institution_id("I01")}):
        there, nowhere = [
            await acts(supervision.officer, "qualityIssueRaise", content="问题", commissionId=named, **institution)
            for named in (draft["id"], f"commission_{7:032x}")
        ]
        assert there == nowhere
        assert ("UNKNOWN_REFERENCE", "commissionId") in there.refusals


async def test_everything_wrong_with_an_issue_is_said_at_once(supervision: Supervision) -> None:
    async with supervision.office.unchanged():
        payload = await acts(supervision.officer, "qualityIssueRaise", content="问" * 4001, dueOn="2026-05-31")
    assert payload.refusals == [
        ("TOO_LONG", "content"),
        ("REQUIRED", "institutionId"),
        ("REQUIRED", "severity"),
        ("DATE_IN_PAST", "dueOn"),
    ]


async def test_a_reply_to_an_issue_that_has_changed_since_is_refused(supervision: Supervision) -> None:
    issue = await supervision.raises()
    (await supervision.institution.uploads(issue)).done()
    form = {"id": issue["id"], "text": "答", "expectedVersion": issue["version"]}
    assert (await acts(supervision.institution, "qualityIssueReply", **form)).codes == ["STALE_VERSION"]


async def test_a_reply_and_a_closing_at_once_leave_one_whole_history(supervision: Supervision) -> None:
    issue = await supervision.replies(await supervision.raises())
    replied, closed = await asyncio.gather(
        acts(supervision.institution, "qualityIssueReply", id=issue["id"], text="答"),
        acts(supervision.officer, "qualityIssueClose", id=issue["id"]),
    )
    assert closed.codes == []
    assert replied.codes in ([], ["WRONG_STATUS"])
    seen = await sees(supervision.officer, "qualityIssue", id=issue["id"])
    assert (seen["status"], len(seen["replies"])) == ("CLOSED", 1 if replied.codes else 2)


@pytest.mark.manual(96)
async def test_customs_does_not_close_what_waits_for_a_reply(supervision: Supervision) -> None:
    issue = await supervision.raises()
    async with supervision.office.unchanged():
        closed = await acts(supervision.officer, "qualityIssueClose", id=issue["id"], closingRemark="作罢")
        assert closed.codes == ["WRONG_STATUS"]
    await supervision.replies(issue)
    (await acts(supervision.officer, "qualityIssueAskAgain", id=issue["id"], question="为何？")).done()
    assert (await acts(supervision.officer, "qualityIssueClose", id=issue["id"])).codes == ["WRONG_STATUS"]
    assert "qualityIssueClose" not in await may(supervision.officer, "qualityIssue", issue)


async def test_a_page_of_issues_costs_the_same_whatever_its_size(supervision: Supervision) -> None:
    query = """query P($first: Int) { qualityIssues(first: $first) { nodes {
      number institution { name } commission { number } certificate { number } raisedBy questions { question askedBy }
      replies { text repliedBy attachments { name } } attachments { name } availableActions { action allowed }
    } } }"""
    for position in range(6):
        issue = await supervision.raises()
        (await supervision.institution.uploads(issue)).done()
        await supervision.replies(issue, f"回复{position}")
        (await acts(supervision.officer, "qualityIssueAskAgain", id=issue["id"], question="为何？")).done()
    costs = []
    for first in (1, 2, 6):
        await supervision.officer.asks(query, first=first)
        with supervision.office.statements() as sent:
            await supervision.officer.asks(query, first=first)
        costs.append(len(sent))
    assert len(set(costs)) == 1
