"""What the institution and the enterprise do with a commission once it is submitted, and with its files."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from domain.attachment import ATTACHMENTS_MAX, Attachment, AttachmentKind, DetachForm
from domain.certificate import Certificate, CertificateStatus
from domain.commission.record import CommissionStatus, CompleteForm, MoveForm, ReturnForm
from domain.commission.workflow import WORKFLOW
from domain.institution import InstitutionStatus
from domain.party import THE_PRODUCT, Role
from domain.refusal import RefusalCode
from tests.rules import desk
from tests.rules.desk import (
    ENTERPRISE,
    INSTITUTION,
    OTHER_INSTITUTION,
    codes,
    commission,
    decides,
    done,
    refused,
    told,
)

S = CommissionStatus
REVOKED = desk.institution(INSTITUTION, InstitutionStatus.REVOKED)
UNDER_DISPOSITION = [
    desk.institution(INSTITUTION, InstitutionStatus.NON_RECOGNITION, ends_on=date(2027, 1, 31)),
    desk.institution(INSTITUTION, InstitutionStatus.RECTIFICATION),
]


BEING_WRITTEN: set[CommissionStatus | None] = {S.DRAFT, S.SUPPLEMENT_REQUIRED}
SPECIFIED: dict[str, tuple[set[CommissionStatus | None], CommissionStatus | None, list[str]]] = {
    "save_draft": ({None, *BEING_WRITTEN}, None, ["委托企业"]),
    "submit": (BEING_WRITTEN, S.PENDING, ["委托企业"]),
    "withdraw": ({S.PENDING}, S.DRAFT, ["委托企业"]),
    "accept": ({S.PENDING}, S.IN_PROGRESS, ["受委托的检验机构"]),
    "return": ({S.PENDING}, S.SUPPLEMENT_REQUIRED, ["受委托的检验机构"]),
    "complete": ({S.IN_PROGRESS}, S.COMPLETED, ["受委托的检验机构"]),
    "move": ({S.PENDING, S.IN_PROGRESS}, S.PENDING, ["委托企业"]),
    "cancel": (BEING_WRITTEN, S.CANCELLED, ["委托企业"]),
    "expire_certificate": ({S.COMPLETED}, None, ["到期自动"]),
    "attach": ({*BEING_WRITTEN, S.IN_PROGRESS}, None, ["委托企业", "受委托的检验机构"]),
    "detach": ({*BEING_WRITTEN, S.IN_PROGRESS}, None, ["委托企业", "受委托的检验机构"]),
}
"""From where, to where and by whom, written again by hand: a grid made from the table cannot see a wrong table."""


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    table = {
        action.name: (
            {*action.start, *([None] if action.creates is not None else [])},
            action.to,
            [party.words.zh for party in action.by],
        )
        for action in WORKFLOW.actions
    }
    assert table == SPECIFIED
    assert WORKFLOW["save_draft"].creates is S.DRAFT


def test_the_statuses_bear_the_words_of_the_manual() -> None:
    assert [status.words.zh for status in S] == ["暂存", "待受理", "补充材料", "受理中", "检验完成", "已取消"]


def completes(now: datetime = desk.NOW, facts: Any = None, **changed: Any) -> Any:
    """What becomes of a result that lacks nothing but what is changed."""
    filled: dict[str, Any] = {"certificate_number": "YI-2026-1", "valid_until": date(2027, 5, 23)}
    form = CompleteForm.of(**filled | changed)
    return decides("complete", commission(S.IN_PROGRESS), INSTITUTION, form, now=now, **(facts or {}))


def test_a_withdrawn_commission_is_a_draft_again_and_the_institution_hears_of_it() -> None:
    record = commission(S.PENDING)
    after = done(decides("withdraw", record, ENTERPRISE)).after
    assert (after.status, after.submitted_to_id, after.submitted_at) == (S.DRAFT, None, None)
    assert told("withdraw", record, ENTERPRISE) == [
        (INSTITUTION.organisation_id, f"业务委托（委托号：{desk.NUMBER}）已被企业撤回")
    ]


def test_only_the_institution_commissioned_may_accept() -> None:
    record = commission(S.PENDING)
    assert done(decides("accept", record, INSTITUTION)).after.accepted_at == desk.NOW
    assert codes(decides("accept", record, OTHER_INSTITUTION)) == [RefusalCode.NOT_YOUR_ROLE]
    assert codes(decides("accept", record, ENTERPRISE)) == [RefusalCode.NOT_YOUR_ROLE]
    assert codes(decides("accept", record, desk.CUSTOMS)) == [RefusalCode.NOT_YOUR_ROLE]


def test_the_institution_chosen_in_a_draft_is_not_yet_the_one_commissioned() -> None:
    record = commission(S.PENDING, institution_id=OTHER_INSTITUTION.institution_id)
    assert codes(decides("accept", record, OTHER_INSTITUTION)) == [RefusalCode.NOT_YOUR_ROLE]


def test_who_only_reads_may_not_act() -> None:
    reader = desk.with_role(INSTITUTION, Role.VIEWER)
    assert codes(decides("accept", commission(S.PENDING), reader)) == [RefusalCode.NOT_YOUR_ROLE]


def test_somebody_without_the_role_hears_who_has_it() -> None:
    decision: Any = decides("accept", commission(S.PENDING), ENTERPRISE)
    assert decision[0].words.zh == "“接受委托”只能由受委托的检验机构办理。"
    assert decision[0].words.en == "Only the institution commissioned may do this."


def test_a_certificate_expires_once_and_only_after_its_last_day() -> None:
    record = commission(S.COMPLETED)
    ended = desk.certificate(record, valid_until=date(2026, 11, 22))
    decided = done(decides("expire_certificate", record, THE_PRODUCT, certificates=(ended,)))
    (after,) = decided.effect.replaces[Certificate]
    assert (after.id, after.status) == (ended.id, CertificateStatus.EXPIRED)  # type: ignore[attr-defined]
    assert decided.after.status is S.COMPLETED
    for others in (
        (after,),
        (),
        (desk.certificate(record, valid_until=desk.TODAY),),
        (desk.certificate(record, valid_until=date(2026, 1, 1), status=CertificateStatus.WITHDRAWN),),
    ):
        refusal = decides("expire_certificate", record, THE_PRODUCT, certificates=others)
        assert codes(refusal) == [RefusalCode.NOTHING_CHANGED]


@pytest.mark.parametrize("action", ["accept", "complete"])
@pytest.mark.parametrize("under", UNDER_DISPOSITION, ids=lambda each: each.status.name)
def test_an_institution_under_a_disposition_neither_accepts_nor_completes(action: str, under: Any) -> None:
    status = S.PENDING if action == "accept" else S.IN_PROGRESS
    assert refused(decides(action, commission(status), INSTITUTION, commissioned=under)) == [
        (RefusalCode.INSTITUTION_UNDER_DISPOSITION, None)
    ]
    assert [
        each.code for each in desk.stands_in_the_way(action, commission(status), INSTITUTION, commissioned=under)
    ] == [RefusalCode.INSTITUTION_UNDER_DISPOSITION]


@pytest.mark.parametrize("action", ["accept", "complete"])
def test_a_revoked_institution_neither_accepts_nor_completes(action: str) -> None:
    status = S.PENDING if action == "accept" else S.IN_PROGRESS
    assert codes(decides(action, commission(status), INSTITUTION, commissioned=REVOKED)) == [
        RefusalCode.INSTITUTION_NOT_REGISTERED
    ]


def test_an_acceptance_tells_the_enterprise() -> None:
    assert told("accept", commission(S.PENDING), INSTITUTION) == [
        (ENTERPRISE.organisation_id, f"您的业务委托（委托号：{desk.NUMBER}）已被接受")
    ]


def test_a_commission_is_returned_with_a_reason_that_the_enterprise_hears() -> None:
    record, form = commission(S.PENDING), ReturnForm.of(reason="缺少合同")
    after = done(decides("return", record, INSTITUTION, form)).after
    assert (after.status, after.return_reason) == (S.SUPPLEMENT_REQUIRED, "缺少合同")
    assert told("return", record, INSTITUTION) == [
        (ENTERPRISE.organisation_id, f"您的业务委托（委托号：{desk.NUMBER}）需补充材料")
    ]
    (telling,) = WORKFLOW["return"].tells
    _, body = telling.title_and_body(desk.on_desk(record, INSTITUTION, form, desk.facts(record)))
    assert "退回原因：缺少合同" in body.zh
    assert "Reason: 缺少合同" in body.en


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_return_without_a_reason_is_refused(reason: str | None) -> None:
    assert refused(decides("return", commission(S.PENDING), INSTITUTION, ReturnForm.of(reason=reason))) == [
        (RefusalCode.REQUIRED, ("reason",))
    ]


def test_an_institution_under_a_disposition_may_still_return() -> None:
    done(decides("return", commission(S.PENDING), INSTITUTION, commissioned=UNDER_DISPOSITION[0]))


def test_a_result_issues_the_certificate_of_the_institution_commissioned() -> None:
    record = commission(S.IN_PROGRESS, institution_id=OTHER_INSTITUTION.institution_id)
    form = CompleteForm.of(certificate_number="YI-2026-1", valid_until=date(2027, 5, 23), signatory="Sato")
    decided = done(decides("complete", record, INSTITUTION, form))
    assert (decided.after.status, decided.after.completed_at) == (S.COMPLETED, desk.NOW)
    (certificate,) = decided.effect.adds
    assert isinstance(certificate, Certificate)
    assert (certificate.number, certificate.signatory) == ("YI-2026-1", "Sato")
    assert (certificate.issued_on, certificate.valid_until) == (desk.TODAY, date(2027, 5, 23))
    assert (certificate.commission_id, certificate.institution_id) == (record.id, INSTITUTION.institution_id)
    assert certificate.status is CertificateStatus.VALID


def test_a_certificate_is_issued_on_the_day_that_it_is_in_china() -> None:
    (certificate,) = done(completes(now=datetime(2026, 11, 23, 17, 0, tzinfo=UTC))).effect.adds
    assert isinstance(certificate, Certificate)
    assert certificate.issued_on == date(2026, 11, 24)


@pytest.mark.parametrize("number", [None, "", " "])
def test_a_result_without_certificate_number_is_refused(number: str | None) -> None:
    assert refused(completes(certificate_number=number)) == [(RefusalCode.REQUIRED, ("certificate_number",))]


def test_a_result_without_validity_is_refused() -> None:
    assert refused(completes(valid_until=None)) == [(RefusalCode.REQUIRED, ("valid_until",))]


def test_a_certificate_must_be_valid_beyond_today_in_china() -> None:
    evening, night = datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    done(completes(valid_until=date(2026, 11, 24), now=evening))
    assert refused(completes(valid_until=date(2026, 11, 24), now=night)) == [
        (RefusalCode.DATE_NOT_IN_FUTURE, ("valid_until",))
    ]


def test_a_certificate_number_is_used_once() -> None:
    assert refused(completes(facts={"certificate_is_taken": True})) == [
        (RefusalCode.DUPLICATE, ("certificate_number",))
    ]


def test_a_result_needs_an_attachment() -> None:
    assert refused(completes(facts={"attachments": ()})) == [(RefusalCode.NO_ATTACHMENT, ("attachments",))]


def test_a_result_tells_the_enterprise_in_the_words_of_the_manual() -> None:
    record = commission(S.IN_PROGRESS)
    assert told("complete", record, INSTITUTION) == [
        (ENTERPRISE.organisation_id, f"您的业务委托（委托号：{desk.NUMBER}）已受理完成")
    ]
    (telling,) = WORKFLOW["complete"].tells
    known = desk.facts(record)
    case = desk.on_desk(record, INSTITUTION, desk.form_for("complete", INSTITUTION, known), known)
    assert telling.title_and_body(case)[1].zh == "横滨检验已完成检验，证书编号：YI-2026-1，证书有效期至2027-05-23。"


def moves(record: Any, form: Any = None, **changed: Any) -> Any:
    """What becomes of moving a commission whose institution was revoked."""
    return decides("move", record, ENTERPRISE, form, **{"commissioned": REVOKED} | changed)


@pytest.mark.parametrize("status", [S.PENDING, S.IN_PROGRESS])
def test_the_work_of_a_revoked_institution_is_moved_to_another_and_starts_anew(status: CommissionStatus) -> None:
    after = done(moves(commission(status, accepted_at=desk.NOW))).after
    assert after.status is S.PENDING
    assert after.institution_id == after.submitted_to_id == OTHER_INSTITUTION.institution_id
    assert (after.submitted_at, after.accepted_at) == (desk.NOW, None)


@pytest.mark.parametrize(
    "standing", [desk.institution(INSTITUTION), *UNDER_DISPOSITION], ids=lambda each: each.status.name
)
def test_the_work_of_an_institution_that_was_not_revoked_stays_with_it(standing: Any) -> None:
    assert codes(moves(commission(S.PENDING), commissioned=standing)) == [RefusalCode.INSTITUTION_NOT_REVOKED]


def test_a_move_names_an_institution_that_may_be_commissioned() -> None:
    record = commission(S.PENDING)
    assert refused(moves(record, MoveForm.of(institution_id=None), named=None)) == [
        (RefusalCode.REQUIRED, ("institution_id",))
    ]
    assert refused(moves(record, named=None)) == [(RefusalCode.UNKNOWN_REFERENCE, ("institution_id",))]
    assert refused(moves(record, named=REVOKED)) == [(RefusalCode.INSTITUTION_NOT_REGISTERED, ("institution_id",))]
    assert refused(moves(record, named=UNDER_DISPOSITION[0])) == [
        (RefusalCode.INSTITUTION_UNDER_DISPOSITION, ("institution_id",))
    ]


def test_a_move_tells_the_institution_that_takes_over() -> None:
    assert told("move", commission(S.PENDING), ENTERPRISE, commissioned=REVOKED) == [
        (OTHER_INSTITUTION.organisation_id, f"您有新的业务委托（委托号：{desk.NUMBER}），请及时受理")
    ]


def test_a_cancelled_commission_is_told_to_the_institution_that_returned_it_and_else_to_nobody() -> None:
    returned, draft = commission(S.SUPPLEMENT_REQUIRED), commission(S.DRAFT)
    assert done(decides("cancel", returned, ENTERPRISE)).status_after is S.CANCELLED
    assert told("cancel", returned, ENTERPRISE) == [
        (INSTITUTION.organisation_id, f"业务委托（委托号：{desk.NUMBER}）已被企业取消")
    ]
    assert told("cancel", draft, ENTERPRISE, commissioned=None) == []


def test_nothing_more_is_done_to_a_completed_or_cancelled_commission() -> None:
    for status in (S.COMPLETED, S.CANCELLED):
        record = commission(status, submitted_to_id=INSTITUTION.institution_id)
        for action in WORKFLOW.actions:
            for person in (ENTERPRISE, INSTITUTION):
                assert desk.stands_in_the_way(action.name, record, person) != (), (action.name, status)


def test_the_enterprise_adds_files_only_while_it_writes() -> None:
    for status in S:
        decision = decides("attach", commission(status), ENTERPRISE)
        if status in {S.DRAFT, S.SUPPLEMENT_REQUIRED}:
            assert done(decision).status_after is status
        else:
            assert codes(decision) == [RefusalCode.WRONG_STATUS]


def test_the_institution_adds_files_only_while_it_inspects() -> None:
    for status in S:
        record = commission(status, submitted_to_id=INSTITUTION.institution_id)
        decision = decides("attach", record, INSTITUTION)
        if status is S.IN_PROGRESS:
            assert done(decision).status_after is status
        else:
            assert codes(decision) == [RefusalCode.WRONG_STATUS]


def test_a_file_is_kept_with_what_was_found_in_it_and_who_brought_it() -> None:
    record = commission()
    form = replace(desk.A_FILE, name="合同.pdf", sha256="a" * 64, kind=AttachmentKind.CONTRACT)
    (kept,) = done(decides("attach", record, ENTERPRISE, form)).effect.adds
    assert isinstance(kept, Attachment)
    assert (kept.name, kept.kind, kept.media_type) == ("合同.pdf", AttachmentKind.CONTRACT, "application/pdf")
    assert (kept.size_bytes, kept.sha256, kept.uploaded_at) == (9, "a" * 64, desk.NOW)
    assert kept.file_id == form.file_id
    assert (kept.subject_type, kept.subject_id, kept.organisation_id) == (
        "commission", record.id, ENTERPRISE.organisation_id,
    )  # fmt: skip


def test_an_empty_file_and_one_of_no_allowed_type_are_refused() -> None:
    empty = replace(desk.A_FILE, size_bytes=0, media_type=None)
    strange = replace(desk.A_FILE, media_type=None)
    assert refused(decides("attach", commission(), ENTERPRISE, empty)) == [(RefusalCode.FILE_EMPTY, ("file",))]
    assert refused(decides("attach", commission(), ENTERPRISE, strange)) == [
        (RefusalCode.FILE_TYPE_NOT_ALLOWED, ("file",))
    ]


def test_a_commission_holds_so_many_files_and_no_more() -> None:
    record = commission()
    files = tuple(desk.attachment(record, ENTERPRISE) for _ in range(ATTACHMENTS_MAX))
    assert codes(decides("attach", record, ENTERPRISE, attachments=files)) == [RefusalCode.TOO_MANY_ATTACHMENTS]
    done(decides("attach", record, ENTERPRISE, attachments=files[1:]))


@pytest.mark.parametrize(("status", "person"), [(S.DRAFT, ENTERPRISE), (S.IN_PROGRESS, INSTITUTION)])
def test_each_side_removes_its_own_files_and_not_the_others(status: CommissionStatus, person: Any) -> None:
    record = commission(status)
    mine = desk.attachment(record, person)
    theirs = desk.attachment(record, INSTITUTION if person is ENTERPRISE else ENTERPRISE)

    def removes(attachment_id: Any) -> Any:
        form = DetachForm(attachment_id=attachment_id)
        return decides("detach", record, person, form, attachments=(mine, theirs))

    assert done(removes(mine.id)).effect.removes == (mine,)
    assert refused(removes(theirs.id)) == [(RefusalCode.UNKNOWN_REFERENCE, ("id",))]
    assert refused(removes(uuid4())) == [(RefusalCode.UNKNOWN_REFERENCE, ("id",))]


def test_a_colleague_may_remove_what_the_organisation_added() -> None:
    record = commission()
    file = desk.attachment(record, ENTERPRISE)
    colleague = desk.with_role(ENTERPRISE, Role.ADMIN)
    form = DetachForm(attachment_id=file.id)
    assert done(decides("detach", record, colleague, form, attachments=(file,))).effect.removes == (file,)
