"""Dispositions as customs, the institution and everybody else live through them: terms, effects, answers, ends."""

import asyncio
from typing import Any

import pytest

from tests.disciplining import (
    acts,
    approves,
    imposes,
    lifts,
    lists,
    orders_rectification,
    refuses,
    revokes,
    sees,
    shown,
    submits,
)
from tests.office import Office
from tests.papers import institution_id
from tests.person import Person


async def notices(person: Person) -> list[dict[str, Any]]:
    """The notices about dispositions that a person's organisation got, the latest first."""
    query = """{ notices(filter: {type: DISPOSITION}, first: 100) { nodes { title body subject { id } } } }"""
    nodes: list[dict[str, Any]] = (await person.asks(query))["notices"]["nodes"]
    return nodes


# ── Customs ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(98)
@pytest.mark.manual(75)
async def test_customs_withholds_recognition_until_a_day(office: Office) -> None:
    disposition = (await imposes(office.customs, "I01", endsOn="2027-06-01", ground="CERTIFICATE_DEFECTIVE")).done()
    assert (disposition["type"], disposition["status"]) == ("NON_RECOGNITION", "IN_FORCE")
    assert (disposition["startsOn"], disposition["endsOn"], disposition["dueOn"]) == ("2026-06-01", "2027-06-01", None)
    assert len(disposition["number"]) == 18
    assert disposition["institution"] == {"status": "NON_RECOGNITION", "dispositionEndsOn": "2027-06-01"}
    for person in (office.anybody, office.enterprise, office.institution):
        assert await shown(person, "I01") == ("NON_RECOGNITION", "2027-06-01")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"ground": "CERTIFICATE_DEFECTIVE", "endsOn": "2027-06-02"}, ("TERM_TOO_LONG", "endsOn")),
        ({"ground": "RESULT_UNTRUE", "endsOn": "2028-06-02"}, ("TERM_TOO_LONG", "endsOn")),
        ({"ground": "MISCONDUCT", "endsOn": "2029-06-02"}, ("TERM_TOO_LONG", "endsOn")),
        ({"ground": "REPEATED", "endsOn": "2100-12-31"}, ("TERM_TOO_LONG", "endsOn")),
        ({"ground": "OTHER"}, ("UNKNOWN_CODE", "ground")),
        ({"endsOn": "2026-06-01"}, ("DATES_OUT_OF_ORDER", "endsOn")),
        ({"endsOn": "1900-01-01"}, ("DATES_OUT_OF_ORDER", "endsOn")),
        ({"startsOn": "2026-05-20", "endsOn": "2026-05-31"}, ("DATE_NOT_IN_FUTURE", "endsOn")),
        ({"startsOn": "2026-06-02"}, ("DATE_IN_FUTURE", "startsOn")),
        ({"startsOn": "2026-05-01"}, ("DATES_OUT_OF_ORDER", "startsOn")),
        ({"content": "  "}, ("REQUIRED", "content")),
        ({"content": "长" * 4001}, ("TOO_LONG", "content")),
        ({"legalGround": None}, ("REQUIRED", "legalGround")),
        ({"institutionId": "institution_0"}, ("UNKNOWN_REFERENCE", "institutionId")),
        ({"institutionId": institution_id("I17")}, ("INSTITUTION_NOT_REGISTERED", "institutionId")),
    ],
)
@pytest.mark.manual(98)
async def test_what_does_not_fit_is_refused_and_changes_nothing(
    office: Office, fields: dict[str, Any], refusal: tuple[str, str]
) -> None:
    async with office.unchanged():
        assert (await imposes(office.customs, "I01", **fields)).refusals == [refusal]


@pytest.mark.manual(98)
async def test_only_a_reviewer_of_customs_disciplines(office: Office) -> None:
    people = ("customs.operator", "customs.viewer", "institution", "enterprise")
    async with office.unchanged():
        for person in map(office.user, people):
            for does in (imposes, orders_rectification, revokes):
                payload = await does(person, "I01")
                assert (payload.subject, payload.codes) == (None, ["NOT_YOUR_ROLE"])
    assert (await imposes(office.user("customs.admin"), "I01")).done()["status"] == "IN_FORCE"


async def test_nobody_disciplines_without_signing_in(office: Office) -> None:
    query = 'mutation { dispositionLift(input: {id: "x"}) { userErrors { code } } }'
    assert await office.anybody.is_told(query) == "UNAUTHENTICATED"


# ── In sight ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(23)
@pytest.mark.manual(74)
async def test_an_institution_finds_its_own_dispositions_and_customs_finds_all(office: Office) -> None:
    rectification = (await orders_rectification(office.customs, "I01", content="校准记录不全")).done()
    office.clock.moves(days=1)
    withheld = (await imposes(office.customs, "I01")).done()
    (await imposes(office.customs, "I02")).done()

    async def found(person: Person, **wanted: Any) -> list[str]:
        return [each["number"] for each in await lists(person, **wanted)]

    own = [withheld["number"], rectification["number"]]
    assert await found(office.institution) == own
    assert await found(office.customs, institutionId=institution_id("I01")) == own
    assert len(await found(office.customs)) == 6
    assert await found(office.institution, content="校准") == own[1:]
    assert await found(office.institution, type="NON_RECOGNITION") == own[:1]
    assert await found(office.institution, status=["AWAITING_RECTIFICATION"]) == own[1:]
    assert await found(office.institution, number=own[0][:18]) == own[:1]
    assert await found(office.institution, imposedFrom="2026-06-02", imposedTo="2026-06-02") == own[:1]
    assert await found(office.institution, imposedTo="2026-06-01") == own[1:]
    assert await found(office.institution, overdue=True) == []
    by_number = "query D($n: String!) { disposition(by: {number: $n}) { institution { filingNumber } } }"
    assert (await office.customs.asks(by_number, n=own[0]))["disposition"]["institution"]["filingNumber"]


@pytest.mark.manual(74)
async def test_to_everybody_else_a_disposition_does_not_exist(office: Office) -> None:
    disposition = (await orders_rectification(office.customs, "I01")).done()
    node = "query N($id: ID!) { node(id: $id) { id } }"
    for stranger in (office.enterprise, office.other_institution):
        assert await sees(stranger, disposition) is None
        assert (await stranger.asks(node, id=disposition["id"]))["node"] is None
        async with office.unchanged():
            assert (await submits(stranger, disposition)).refusals == [("NOT_FOUND", "id")]
            assert (await lifts(stranger, disposition)).refusals == [("NOT_FOUND", "id")]
    assert await lists(office.enterprise) == []
    assert await office.anybody.is_told("{ dispositions { totalCount } }") == "UNAUTHENTICATED"
    own = "query Own($id: ID!) { node(id: $id) { ... on Institution { dispositions { number } } } }"
    for person, numbers in (
        (office.customs, [{"number": disposition["number"]}]),
        (office.institution, [{"number": disposition["number"]}]),
        (office.other_institution, None),
        (office.enterprise, None),
        (office.anybody, None),
    ):
        assert (await person.asks(own, id=institution_id("I01")))["node"]["dispositions"] == numbers


@pytest.mark.manual(74)
async def test_institution_and_enterprises_are_told_by_three_channels(office: Office) -> None:
    await office.pending()
    await office.in_progress()
    disposition = (await imposes(office.customs, "I01")).done()
    (told,) = await notices(office.institution)
    assert told["title"] == f"不予认可装运前检验结果通知（处置编号：{disposition['number']}）"
    assert disposition["content"] in told["body"]
    assert told["subject"] == {"id": disposition["id"]}
    (heard,) = await notices(office.enterprise)
    assert "待受理的委托可撤回" in heard["body"]
    assert heard["subject"] is None
    assert disposition["content"] not in heard["body"]
    assert await notices(office.other_enterprise) == []
    tables, _ = await office.everything()
    sent = [row for row in tables["notice"] if disposition["number"] in row or "待受理的委托可撤回" in row]
    assert len(sent) == 2
    assert all(("True, True" in row) or ("1, 1" in row) for row in sent)


# ── Effects on work ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(75)
async def test_while_not_recognised_an_institution_is_not_commissioned_and_afterwards_it_is(office: Office) -> None:
    in_progress = await office.in_progress()
    (await office.institution.uploads(in_progress)).done()
    draft = await office.draft()
    disposition = (await imposes(office.customs, "I01")).done()
    async with office.unchanged():
        assert (await office.enterprise.submits(draft)).refusals == [("INSTITUTION_UNDER_DISPOSITION", "institutionId")]
        assert (await office.institution.completes(in_progress)).codes == ["INSTITUTION_UNDER_DISPOSITION"]
        assert (await office.enterprise.moves(in_progress, institution_id("I02"))).codes == ["INSTITUTION_NOT_REVOKED"]
    lifted = (await lifts(office.customs, disposition)).done()
    assert (lifted["status"], lifted["liftReason"]) == ("LIFTED", "复核后予以撤销。")
    assert lifted["institution"] == {"status": "NORMAL", "dispositionEndsOn": None}
    (await office.enterprise.submits(draft)).done()
    assert (await office.institution.completes(in_progress)).done()["status"] == "COMPLETED"
    assert (await notices(office.institution))[0]["title"] == f"处置已撤销（处置编号：{disposition['number']}）"


@pytest.mark.manual(76)
async def test_a_revoked_institution_vanishes_and_its_work_moves_on(office: Office) -> None:
    pending, in_progress, draft = await office.pending(), await office.in_progress(), await office.draft()
    revocation = (await revokes(office.customs, "I01", ground="OTHER")).done()
    assert (revocation["type"], revocation["status"], revocation["endsOn"]) == ("REVOCATION", "IN_FORCE", None)
    found = "query F($f: InstitutionFilter) { institutions(filter: $f) { nodes { id } } }"
    for person in (office.anybody, office.enterprise, office.institution):
        assert (await person.asks(found, f={"name": "东瀛"}))["institutions"]["nodes"] == []
    assert await shown(office.anybody, "I01") is None
    assert await shown(office.customs, "I01") == ("REVOKED", None)
    assert (await office.enterprise.submits(draft)).codes == ["INSTITUTION_NOT_REGISTERED"]
    assert (await office.institution.accepts(pending)).codes == ["INSTITUTION_NOT_REGISTERED"]
    (heard,) = await notices(office.enterprise)
    assert "改委托" in heard["body"]
    for commission in (pending, in_progress):
        assert (await office.enterprise.moves(commission, institution_id("I02"))).done()["status"] == "PENDING"
    async with office.unchanged():
        assert (await lifts(office.customs, revocation)).codes == ["NOT_CHANGEABLE"]
        assert (await imposes(office.customs, "I01")).refusals == [("INSTITUTION_NOT_REGISTERED", "institutionId")]
    assert await sees(office.institution, revocation) is not None


@pytest.mark.manual(77)
@pytest.mark.manual(24)
async def test_a_rectification_is_lifted_when_customs_approves_what_was_submitted(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01")).done()
    assert (order["status"], order["dueOn"]) == ("AWAITING_RECTIFICATION", "2026-06-30")
    assert await shown(office.anybody, "I01") == ("RECTIFICATION", None)
    (await office.institution.uploads(order, name="校准证书.pdf", kind="RECTIFICATION")).done()
    async with office.unchanged():
        assert (await submits(office.institution, order, "  ")).refusals == [("REQUIRED", "explanation")]
        assert (await submits(office.institution_viewer, order)).codes == ["NOT_YOUR_ROLE"]
        assert (await approves(office.customs, order)).codes == ["WRONG_STATUS"]
    (await submits(office.institution, order, "已校准一台。")).done()
    async with office.unchanged():
        assert (await submits(office.institution, order)).codes == ["WRONG_STATUS"]
        assert (await refuses(office.customs, order, " ")).refusals == [("REQUIRED", "opinion")]
        assert (await refuses(office.customs, order, dueOn="2026-06-01")).refusals == [("DATE_NOT_IN_FUTURE", "dueOn")]
        assert (await approves(office.user("customs.operator"), order)).codes == ["NOT_YOUR_ROLE"]
    refused = (await refuses(office.customs, order, dueOn="2026-07-15")).done()
    assert (refused["status"], refused["dueOn"]) == ("SUPPLEMENT_REQUIRED", "2026-07-15")
    assert refused["reviews"][0]["opinion"] in (await notices(office.institution))[0]["body"]
    (await office.institution.uploads(order, name="全部证书.pdf")).done()
    (await submits(office.institution, order, "已全部校准。")).done()
    assert await shown(office.anybody, "I01") == ("RECTIFICATION", None)
    approved = (await approves(office.customs, order, opinion="同意")).done()
    assert (approved["status"], approved["liftedAt"]) == ("LIFTED", "2026-06-01T02:00:00Z")
    assert [each["passed"] for each in approved["reviews"]] == [False, True]
    assert {each["explanation"]: each["attachments"] for each in approved["submissions"]} == {
        "已校准一台。": [{"name": "校准证书.pdf"}],
        "已全部校准。": [{"name": "全部证书.pdf"}],
    }
    assert await shown(office.anybody, "I01") == ("NORMAL", None)
    assert (await office.pending())["status"] == "PENDING"


async def test_a_file_that_was_sent_is_not_taken_back(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01")).done()
    file = (await office.institution.uploads(order)).done()
    (await submits(office.institution, order)).done()
    (await refuses(office.customs, order)).done()
    async with office.unchanged():
        assert (await office.institution.removes(file)).codes == ["ALREADY_SENT"]
    assert (await office.customs.downloads(file["url"])).status_code == 200
    assert (await office.other_institution.downloads(file["url"])).status_code == 404


async def test_a_stale_version_and_a_repeated_key_are_seen_through(office: Office) -> None:
    first = (await imposes(office.customs, "I01", idempotencyKey="d-1")).done()
    async with office.unchanged():
        assert (await imposes(office.customs, "I01", idempotencyKey="d-1")).done() == first
        stale = await lifts(office.customs, first, expectedVersion=7)
        assert stale.refusals == [("STALE_VERSION", "expectedVersion")]
        assert (await lifts(office.customs, first, " ")).refusals == [("REQUIRED", "reason")]


# ── Several at once ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(98)
async def test_what_several_dispositions_come_to_is_shown_and_lifting_one_leaves_the_others(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01")).done()
    short = (await imposes(office.customs, "I01", endsOn="2026-07-01")).done()
    long = (await imposes(office.customs, "I01", endsOn="2026-09-01")).done()
    assert await shown(office.anybody, "I01") == ("NON_RECOGNITION", "2026-09-01")
    (await lifts(office.customs, long)).done()
    assert await shown(office.anybody, "I01") == ("NON_RECOGNITION", "2026-07-01")
    (await lifts(office.customs, short)).done()
    assert await shown(office.anybody, "I01") == ("RECTIFICATION", None)
    (await lifts(office.customs, order)).done()
    assert await shown(office.anybody, "I01") == ("NORMAL", None)
    withheld = (await imposes(office.customs, "I01")).done()
    (await revokes(office.customs, "I01")).done()
    (await lifts(office.customs, withheld)).done()
    assert await shown(office.customs, "I01") == ("REVOKED", None)


async def test_dispositions_lifted_at_the_same_moment_do_not_miss_each_other(office: Office) -> None:
    for _ in range(4):
        some = [(await imposes(office.customs, "I01", endsOn=f"2026-0{month}-01")).done() for month in (7, 8, 9)]
        colleagues = (office.customs, office.user("customs.admin"), office.customs)
        payloads = await asyncio.gather(*(lifts(who, each) for who, each in zip(colleagues, some, strict=True)))
        assert [payload.done()["status"] for payload in payloads] == ["LIFTED"] * 3
        assert await shown(office.anybody, "I01") == ("NORMAL", None)


async def test_of_dispositions_imposed_at_the_same_moment_the_gravest_is_shown(office: Office) -> None:
    for key in ("I01", "I02", "I03", "I04"):
        both = await asyncio.gather(
            imposes(office.customs, key, endsOn="2026-08-01"),
            orders_rectification(office.user("customs.admin"), key),
            imposes(office.customs, key, endsOn="2026-07-01"),
        )
        assert all(not payload.codes for payload in both)
        assert await shown(office.anybody, key) == ("NON_RECOGNITION", "2026-08-01")
    revoking = await asyncio.gather(revokes(office.customs, "I05"), imposes(office.customs, "I05"))
    assert revoking[0].codes == []
    assert await shown(office.customs, "I05") == ("REVOKED", None)


async def test_available_actions_say_what_each_side_may_do(office: Office) -> None:
    order = (await orders_rectification(office.customs, "I01")).done()
    query = """query May($id: ID!) { disposition(by: {id: $id}) {
      availableActions { action allowed refusals { code } } } }"""

    async def allowed(person: Person) -> set[str]:
        found = (await person.asks(query, id=order["id"]))["disposition"]["availableActions"]
        return {each["action"] for each in found if each["allowed"]}

    assert await allowed(office.institution) == {"dispositionSubmit", "attachmentUpload", "attachmentRemove"}
    assert await allowed(office.customs) == {"dispositionLift"}
    (await submits(office.institution, order)).done()
    assert await allowed(office.customs) == {"dispositionApprove", "dispositionRefuse", "dispositionLift"}
    assert await allowed(office.institution) == set()
    with pytest.raises(AssertionError, match="dispositionExpire"):
        await acts(office.customs, "dispositionExpire", id=order["id"])


LISTED = """{ dispositions { totalCount nodes { number institution { name recognition { recognised reasons { type } }
  dispositions { number } } attachments { name } submissions { attachments { name } } reviews { passed }
  availableActions { allowed } } } }"""


async def test_a_list_of_dispositions_costs_the_same_however_long_it_is(office: Office) -> None:
    costs: list[tuple[int, int]] = []
    for keys in (("I01",), ("I02", "I03", "I04", "I05", "I06")):
        for key in keys:
            (await orders_rectification(office.customs, key)).done()
        await office.customs.asks(LISTED)  # a connection that is new asks the server who it is
        with office.statements() as sent:
            data = await office.customs.asks(LISTED)
        costs.append((data["dispositions"]["totalCount"], len(sent)))
    assert [count for count, _ in costs] == [4, 9]
    assert len({statements for _, statements in costs}) == 1


RECOGNITION = """query R($id: ID!, $on: Date) { node(id: $id) { ... on Institution {
  recognition(on: $on) { on wasRegistered recognised mayBeCommissioned reasons { type startsOn endsOn } }
} } }"""


async def test_anybody_may_ask_whether_an_institution_was_recognised_on_a_day(office: Office) -> None:
    disposition = (await imposes(office.customs, "I01", startsOn="2026-05-25", endsOn="2026-06-30")).done()
    office.clock.moves(days=9)
    (await lifts(office.customs, disposition)).done()

    async def asked(on: str | None) -> Any:
        return (await office.anybody.asks(RECOGNITION, id=institution_id("I01"), on=on))["node"]["recognition"]

    reason = {"type": "NON_RECOGNITION", "startsOn": "2026-05-25", "endsOn": "2026-06-30"}
    for day, recognised in {"2026-05-24": True, "2026-05-25": False, "2026-06-09": False, "2026-06-10": True}.items():
        assert await asked(day) == {
            "on": day,
            "wasRegistered": True,
            "recognised": recognised,
            "mayBeCommissioned": recognised,
            "reasons": [] if recognised else [reason],
        }
    assert (await asked(None))["on"] == "2026-06-10"
    before = await asked("2019-03-11")
    assert (before["wasRegistered"], before["recognised"], before["reasons"]) == (False, False, [])
    assert (await asked("2019-03-12"))["recognised"]
