"""A commission on its way from draft to certificate: each action, what stands in its way, what it leaves behind."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.office import Office
from tests.papers import Payload, a_form, a_line, institution_id
from tests.world import PASSWORD

PROHIBITED = "8528721100"


@pytest.mark.manual(2)
@pytest.mark.manual(16)
@pytest.mark.manual(17)
@pytest.mark.manual(93)
async def test_a_commission_travels_from_draft_to_certificate(office: Office) -> None:
    draft = (await office.enterprise.saves(**a_form())).done()
    pending = (await office.enterprise.submits(draft)).done()
    assert (pending["status"], pending["submittedAt"]) == ("PENDING", "2026-06-01T02:00:00Z")
    office.clock.moves(hours=1)
    accepted = (await office.institution.accepts(pending)).done()
    assert (accepted["status"], accepted["acceptedAt"]) == ("IN_PROGRESS", "2026-06-01T03:00:00Z")
    assert (await office.enterprise.sees(draft))["status"] == "IN_PROGRESS"
    (await office.institution.uploads(draft, kind="INSPECTION_REPORT")).done()
    completed = (await office.institution.completes(draft, signatory="佐藤健一", conclusion="合格")).done()
    assert (completed["status"], completed["version"]) == ("COMPLETED", 5)
    assert {name: value for name, value in completed["certificate"].items() if name != "id"} == {
        "number": "PSI-2026-0001",
        "issuedOn": "2026-06-01",
        "validUntil": "2027-05-31",
        "signatory": "佐藤健一",
        "conclusion": "合格",
        "status": "VALID",
    }
    assert await office.enterprise.sees(draft) == completed
    assert await office.customs.sees(draft) == completed


# ── The enterprise ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(92)
async def test_a_submission_names_every_required_field_that_is_empty(office: Office) -> None:
    draft = (await office.enterprise.saves(enterpriseName=None, goodsLines=[{}], contactAddress="  ")).done()
    async with office.unchanged():
        payload = await office.enterprise.submits(draft)
    assert set(payload.codes) == {"REQUIRED"}
    form = ["enterpriseName", "contactPhone", "contactEmail", "contactAddress", "consigneeName", "productUse"]
    form += ["goodsLocation", "domesticDestination", "destinationPort", "destinationCustoms", "entryCustoms"]
    line = ["productName", "model", "hsCode", "manufacturedOn", "quantity", "unit", "amount"]
    assert {path for _, path in payload.refusals} == {
        *form,
        "institutionId",
        *(f"goodsLines.0.{each}" for each in line),
    }


async def test_a_submission_needs_at_least_one_goods_line(office: Office) -> None:
    draft = await office.draft(goodsLines=[])
    async with office.unchanged():
        assert (await office.enterprise.submits(draft)).refusals == [("NO_GOODS_LINES", "goodsLines")]


async def test_prohibited_goods_are_refused_by_line_and_with_the_legal_basis(office: Office) -> None:
    draft = await office.draft(goodsLines=[a_line(), a_line(hsCode=PROHIBITED, productName="旧彩电")])
    async with office.unchanged():
        payload = await office.enterprise.submits(draft)
        english = await office.enterprise.in_english().submits(draft)
    assert payload.refusals == [("IMPORT_PROHIBITED", "goodsLines.1.hsCode")]
    message = payload.user_errors[0]["message"]
    assert "第2行“旧彩电”" in message
    assert "2018年第106号" in message
    assert english.user_errors[0]["message"].startswith("Line 2, 旧彩电 (HS code 8528721100), may not be imported.")


@pytest.mark.manual(15)
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("I12", "INSTITUTION_UNDER_DISPOSITION"),
        ("I09", "INSTITUTION_UNDER_DISPOSITION"),
        ("I17", "INSTITUTION_NOT_REGISTERED"),
    ],
    ids=["not recognised", "to rectify", "revoked"],
)
async def test_an_institution_under_a_disposition_is_not_commissioned(office: Office, key: str, code: str) -> None:
    draft = await office.draft(institutionId=institution_id(key))
    async with office.unchanged():
        payload = await office.enterprise.submits(draft)
        refusals = (await office.enterprise.may(draft))["commissionSubmit"]
    assert payload.refusals == [(code, "institutionId")]
    assert refusals == payload.user_errors


@pytest.mark.manual(92)
async def test_the_institution_sees_a_commission_from_its_submission_to_its_withdrawal(office: Office) -> None:
    draft = await office.draft()
    assert await office.institution.sees(draft) is None
    pending = (await office.enterprise.submits(draft)).done()
    assert await office.institution.sees(draft) == pending
    withdrawn = (await office.enterprise.withdraws(draft)).done()
    assert (withdrawn["status"], withdrawn["submittedAt"]) == ("DRAFT", None)
    assert await office.institution.sees(draft) is None
    assert (await office.institution.accepts(draft)).refusals == [("NOT_FOUND", "id")]


async def test_what_was_submitted_can_no_longer_be_edited(office: Office) -> None:
    pending = await office.pending()
    async with office.unchanged():
        assert (await office.enterprise.saves(pending, remarks="?")).codes == ["WRONG_STATUS"]
        assert (await office.enterprise.submits(pending)).codes == ["WRONG_STATUS"]
        assert (await office.enterprise.cancels(pending)).codes == ["WRONG_STATUS"]


async def test_a_cancelled_commission_is_over(office: Office) -> None:
    cancelled = await office.cancelled()
    assert cancelled["status"] == "CANCELLED"
    async with office.unchanged():
        assert (await office.enterprise.submits(cancelled)).codes == ["WRONG_STATUS"]
        assert (await office.enterprise.saves(cancelled, remarks="?")).codes == ["WRONG_STATUS"]


@pytest.mark.manual(94)
async def test_a_returned_commission_is_mended_and_submitted_again(office: Office) -> None:
    returned = await office.returned()
    mended = (await office.enterprise.saves(returned, remarks="已补充照片")).done()
    assert (mended["status"], mended["returnReason"]) == ("SUPPLEMENT_REQUIRED", "请补充设备铭牌照片。")
    again = (await office.enterprise.submits(returned)).done()
    assert (again["status"], again["returnReason"], again["number"]) == ("PENDING", None, returned["number"])
    assert (await office.institution.accepts(again)).done()["status"] == "IN_PROGRESS"


async def test_a_returned_commission_may_go_to_another_institution(office: Office) -> None:
    returned = await office.returned()
    (await office.enterprise.saves(returned, institutionId=institution_id("I02"))).done()
    (await office.enterprise.submits(returned)).done()
    assert await office.institution.sees(returned) is None
    assert (await office.other_institution.accepts(returned)).done()["status"] == "IN_PROGRESS"


async def test_only_the_work_of_a_revoked_institution_is_moved_to_another(office: Office) -> None:
    for commission in (await office.pending(), await office.in_progress()):
        async with office.unchanged():
            refused = await office.enterprise.moves(commission, institution_id("I02"))
        assert refused.codes == ["INSTITUTION_NOT_REVOKED"]
    await office.disposes("I01", "REVOKED")
    async with office.unchanged():
        assert (await office.enterprise.moves(commission, None)).refusals == [("REQUIRED", "institutionId")]
        revoked = await office.enterprise.moves(commission, institution_id("I17"))
        assert revoked.refusals == [("INSTITUTION_NOT_REGISTERED", "institutionId")]
        under = await office.enterprise.moves(commission, institution_id("I12"))
        assert under.refusals == [("INSTITUTION_UNDER_DISPOSITION", "institutionId")]
    moved = (await office.enterprise.moves(commission, institution_id("I02"))).done()
    assert (moved["status"], moved["acceptedAt"]) == ("PENDING", None)
    assert moved["institutionId"] == institution_id("I02")
    assert await office.institution.sees(commission) is None
    assert (await office.other_institution.accepts(commission)).done()["status"] == "IN_PROGRESS"


# ── The institution ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.manual(66)
@pytest.mark.manual(69)
async def test_accepting_puts_a_commission_in_progress_and_says_so(office: Office) -> None:
    payload = await office.institution.accepts(await office.pending())
    assert payload.user_errors == []
    assert payload.subject["status"] == "IN_PROGRESS"
    data = await office.institution.asks('{ codeTable(name: "COMMISSION_STATUS") { items { code label } } }')
    labels = {item["code"]: item["label"] for item in data["codeTable"]["items"]}
    assert labels["IN_PROGRESS"] == "受理中"


@pytest.mark.manual(68)
async def test_a_commission_is_returned_with_a_reason(office: Office) -> None:
    pending = await office.pending()
    for nothing in (None, "", "   "):
        async with office.unchanged():
            assert (await office.institution.returns(pending, nothing)).refusals == [("REQUIRED", "reason")]
    async with office.unchanged():
        assert (await office.institution.returns(pending, "长" * 1001)).refusals == [("TOO_LONG", "reason")]
    returned = (await office.institution.returns(pending, "缺少合同")).done()
    assert (returned["status"], returned["returnReason"]) == ("SUPPLEMENT_REQUIRED", "缺少合同")
    assert (await office.enterprise.sees(pending))["returnReason"] == "缺少合同"


@pytest.mark.manual(67)
async def test_a_result_needs_an_attachment_a_certificate_number_and_its_last_day(office: Office) -> None:
    commission = await office.in_progress()
    async with office.unchanged():
        payload = await office.institution.completes(commission, certificateNumber=None, validUntil=None)
    assert set(payload.refusals) == {
        ("NO_ATTACHMENT", "attachments"),
        ("REQUIRED", "certificateNumber"),
        ("REQUIRED", "validUntil"),
    }
    (await office.institution.uploads(commission)).done()
    assert (await office.institution.completes(commission)).done()["status"] == "COMPLETED"


async def test_a_certificate_is_valid_beyond_today(office: Office) -> None:
    commission = await office.in_progress()
    (await office.institution.uploads(commission)).done()
    for day in ("2026-05-31", "2026-06-01"):
        async with office.unchanged():
            payload = await office.institution.completes(commission, validUntil=day)
        assert payload.refusals == [("DATE_NOT_IN_FUTURE", "validUntil")]
    assert (await office.institution.completes(commission, validUntil="2026-06-02")).done()["certificate"]


async def test_an_institution_uses_a_certificate_number_once(office: Office) -> None:
    await office.completed("PSI-1")
    second = await office.in_progress()
    (await office.institution.uploads(second)).done()
    async with office.unchanged():
        payload = await office.institution.completes(second, certificateNumber="PSI-1")
    assert payload.refusals == [("DUPLICATE", "certificateNumber")]

    other = await office.pending(institutionId=institution_id("I02"))
    (await office.other_institution.accepts(other)).done()
    (await office.other_institution.uploads(other)).done()
    completed = (await office.other_institution.completes(other, certificateNumber="PSI-1")).done()
    assert completed["certificate"]["number"] == "PSI-1"


@pytest.mark.parametrize("status", ["NON_RECOGNITION", "RECTIFICATION"])
async def test_under_a_disposition_nothing_is_accepted_and_nothing_completed(office: Office, status: str) -> None:
    pending, in_progress = await office.pending(), await office.in_progress()
    (await office.institution.uploads(in_progress)).done()
    await office.disposes("I01", status)
    async with office.unchanged():
        assert (await office.institution.accepts(pending)).codes == ["INSTITUTION_UNDER_DISPOSITION"]
        assert (await office.institution.completes(in_progress)).codes == ["INSTITUTION_UNDER_DISPOSITION"]
    assert (await office.institution.returns(pending)).done()["status"] == "SUPPLEMENT_REQUIRED"


# ── Not everybody, not at any time, not twice ──────────────────────────────────────────────────────────────────────


async def test_whoever_only_reads_and_the_other_side_may_not_act(office: Office) -> None:
    pending = await office.pending()
    async with office.unchanged():
        assert (await office.institution_viewer.accepts(pending)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.enterprise.accepts(pending)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.customs.accepts(pending)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.institution.withdraws(pending)).codes == ["NOT_YOUR_ROLE"]
        assert (await office.enterprise_viewer.withdraws(pending)).codes == ["NOT_YOUR_ROLE"]
        for nobody in (office.institution, office.customs, office.enterprise_viewer):
            payload = await nobody.saves(remarks="?")
            assert (payload.subject, payload.codes) == (None, ["NOT_YOUR_ROLE"])


async def test_a_stale_version_is_refused(office: Office) -> None:
    draft = await office.draft()
    (await office.enterprise.saves(draft, remarks="新", expectedVersion=draft["version"])).done()
    async with office.unchanged():
        payload = await office.enterprise.saves(draft, remarks="旧", expectedVersion=draft["version"])
    assert payload.refusals == [("STALE_VERSION", "expectedVersion")]
    assert payload.subject["remarks"] == "新"
    assert (await office.enterprise.submits(draft, expectedVersion=2)).done()["version"] == 3


async def test_of_two_simultaneous_answers_exactly_one_wins(office: Office) -> None:
    for _ in range(4):
        pending = await office.pending()
        colleague = office.user("shangjian")
        both = await asyncio.gather(office.institution.accepts(pending), colleague.returns(pending))
        assert sorted(map(str, (each.codes for each in both))) == ["['WRONG_STATUS']", "[]"]
        (won,) = [each.subject["status"] for each in both if not each.codes]
        assert (await office.enterprise.sees(pending))["status"] == won
        assert {each.subject["status"] for each in both} == {won}


async def test_a_request_repeated_with_its_key_is_done_once_and_answered_alike(office: Office) -> None:
    form = a_form(idempotencyKey="0001")
    first = (await office.enterprise.saves(**form)).done()
    async with office.unchanged():
        assert (await office.enterprise.saves(**form)).done() == first
    submitted = (await office.enterprise.submits(first, idempotencyKey="0002")).done()
    async with office.unchanged():
        assert (await office.enterprise.submits(first, idempotencyKey="0002")).done() == submitted


async def test_twins_with_one_key_make_one_commission(office: Office) -> None:
    form = a_form(idempotencyKey="0001")
    twins = await asyncio.gather(*(office.enterprise.saves(**form) for _ in range(4)))
    assert len({each.done()["id"] for each in twins}) == 1
    assert (await office.enterprise.asks("{ commissions { totalCount } }"))["commissions"]["totalCount"] == 1


async def test_a_key_stands_for_one_request_of_one_user(office: Office) -> None:
    first = (await office.enterprise.saves(remarks="一", idempotencyKey="0001")).done()
    async with office.unchanged():
        other = await office.enterprise.saves(remarks="二", idempotencyKey="0001")
        assert other.refusals == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]
    second = (await office.other_enterprise.saves(remarks="二", idempotencyKey="0001")).done()
    assert second["id"] != first["id"]


async def test_a_refused_request_does_not_use_up_its_key(office: Office) -> None:
    draft = await office.draft(goodsLines=[])
    async with office.unchanged():
        assert (await office.enterprise.submits(draft, idempotencyKey="0001")).codes == ["NO_GOODS_LINES"]
    (await office.enterprise.saves(draft, goodsLines=[a_line()])).done()
    assert (await office.enterprise.submits(draft, idempotencyKey="0001")).done()["status"] == "PENDING"


async def test_a_key_that_is_too_long_is_refused(office: Office) -> None:
    async with office.unchanged():
        payload = await office.enterprise.saves(idempotencyKey="k" * 129)
    assert payload.refusals == [("TOO_LONG", "idempotencyKey")]


# ── What may be done next ──────────────────────────────────────────────────────────────────────────────────────────


async def _tries(office: Office, person: Any, action: str, commission: Any) -> Payload:
    """An action with everything filled in, so that only the record can stand in its way."""
    match action:
        case "commissionSaveDraft":
            return await person.saves(commission)  # type: ignore[no-any-return]
        case "commissionReturn":
            return await person.returns(commission)  # type: ignore[no-any-return]
        case "commissionComplete":
            return await person.completes(commission, certificateNumber="PSI-grid")  # type: ignore[no-any-return]
        case "commissionMove":
            return await person.moves(commission, institution_id("I02"))  # type: ignore[no-any-return]
        case "attachmentUpload":
            return await person.uploads(commission)  # type: ignore[no-any-return]
        case "attachmentRemove":
            (attachment, *_) = (await office.enterprise.sees(commission))["attachments"][::-1]
            return await person.removes(attachment)  # type: ignore[no-any-return]
    return await person.acts(action, id=commission["id"])  # type: ignore[no-any-return]


async def _with_files(office: Office, status: str) -> Any:
    """A commission in a status with a file of each side that may have one by then."""
    draft = await office.draft()
    (await office.enterprise.uploads(draft)).done()
    if status == "CANCELLED":
        return (await office.enterprise.cancels(draft)).done()
    if status == "DRAFT":
        return draft
    (await office.enterprise.submits(draft)).done()
    if status == "SUPPLEMENT_REQUIRED":
        (await office.institution.returns(draft)).done()
    if status in ("IN_PROGRESS", "COMPLETED"):
        (await office.institution.accepts(draft)).done()
        (await office.institution.uploads(draft)).done()
    if status == "COMPLETED":
        (await office.institution.completes(draft)).done()
    return draft


@pytest.mark.parametrize("status", ["DRAFT", "PENDING", "SUPPLEMENT_REQUIRED", "IN_PROGRESS", "COMPLETED", "CANCELLED"])
async def test_the_actions_available_are_answered_as_the_actions_themselves_answer(office: Office, status: str) -> None:
    commission = await _with_files(office, status)
    people = [office.enterprise, office.enterprise_viewer, office.institution, office.institution_viewer]
    for person in [*people, office.customs]:
        if await person.sees(commission) is None:
            continue
        may = await person.may(commission)
        assert len(may) == 10
        async with office.unchanged():
            for action, refusals in may.items():
                if refusals:
                    assert (await _tries(office, person, action, commission)).user_errors == refusals, action
        for action in (action for action, refusals in may.items() if not refusals):
            assert (await _tries(office, person, action, await _with_files(office, status))).codes == [], action


async def test_a_certificate_expires_by_itself(office: Office) -> None:
    done = await office.completed()
    query = "query Of($id: ID!) { commission(by: {id: $id}) { certificate { status } } }"
    assert (await office.enterprise.asks(query, id=done["id"]))["commission"]["certificate"]["status"] == "VALID"
    office.clock.moves(days=400)
    opening = (
        'mutation In($p: String!) { sessionOpen(input: {username: "enterprise", password: $p}) { session { token } } }'
    )
    opened = (await office.anybody.asks(opening, p=PASSWORD))["sessionOpen"]["session"]
    later = replace(office.enterprise, token=opened["token"])
    assert (await later.asks(query, id=done["id"]))["commission"]["certificate"]["status"] == "EXPIRED"
