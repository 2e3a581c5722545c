"""The rules of quality issues, one by one, where the grid cannot see whether the table itself is right."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.attachment import Attachment, DetachForm
from domain.commission.record import CommissionStatus
from domain.institution import InstitutionStatus
from domain.quality_issue.record import AskAgainForm, CloseForm, QualityIssueStatus, QualityReply, RaiseForm, ReplyForm
from domain.refusal import RefusalCode
from tests.rules import desk
from tests.rules.scene_quality_issue import COMMISSION, a_file, decides, facts, filled, quality_issue, told

S = QualityIssueStatus


def test_what_is_raised_is_what_customs_wrote_and_waits_for_a_reply() -> None:
    raised = desk.done(decides("raise", None, desk.CUSTOMS, filled(certificate_number="  YI-2026-1 "))).after
    assert (raised.status, raised.number, raised.raised_by_id) == (
        S.AWAITING_REPLY,
        desk.NUMBER,
        desk.CUSTOMS.organisation_id,
    )
    assert (raised.institution_id, raised.commission_id) == (desk.INSTITUTION.institution_id, COMMISSION.id)
    assert (raised.certificate_number, raised.due_on, raised.created_at) == ("YI-2026-1", desk.TODAY, desk.NOW)


def test_an_issue_needs_institution_content_and_severity() -> None:
    assert desk.refused(decides("raise", None, desk.CUSTOMS, RaiseForm.of(content=" "))) == [
        (RefusalCode.REQUIRED, ("institution_id",)),
        (RefusalCode.REQUIRED, ("content",)),
        (RefusalCode.REQUIRED, ("severity",)),
    ]


def test_commission_certificate_and_day_may_be_left_out() -> None:
    form = filled(commission_id=None, certificate_number=None, due_on=None)
    raised = desk.done(decides("raise", None, desk.CUSTOMS, form, commission=None, certificate=None)).after
    assert (raised.commission_id, raised.certificate_number, raised.due_on) == (None, None, None)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"named": None}, "institution_id"),
        ({"commission": None}, "commission_id"),
        (
            {"commission": desk.commission(CommissionStatus.COMPLETED, submitted_to_id=uuid4())},
            "commission_id",
        ),
        ({"commission": desk.commission(CommissionStatus.DRAFT)}, "commission_id"),
        ({"certificate": None}, "certificate_number"),
    ],
)
def test_what_an_issue_names_must_be_the_institutions(changed: dict[str, Any], field: str) -> None:
    decision = decides("raise", None, desk.CUSTOMS, **changed)
    assert desk.refused(decision) == [(RefusalCode.UNKNOWN_REFERENCE, (field,))]


def test_a_certificate_of_another_commission_than_the_one_named_is_refused() -> None:
    other = desk.commission(CommissionStatus.COMPLETED)
    decision = decides("raise", None, desk.CUSTOMS, filled(commission_id=other.id), commission=other)
    assert desk.refused(decision) == [(RefusalCode.UNKNOWN_REFERENCE, ("certificate_number",))]


@pytest.mark.parametrize(("day", "is_refused"), [(date(2026, 11, 22), True), (desk.TODAY, False)])
def test_a_reply_may_be_due_today_and_never_yesterday(day: date, is_refused: bool) -> None:
    refusals = [(RefusalCode.DATE_IN_PAST, ("due_on",))]
    raising = decides("raise", None, desk.CUSTOMS, filled(due_on=day))
    asking = decides(
        "ask_again", quality_issue(S.REPLIED), desk.CUSTOMS, AskAgainForm.of(question="请说明。", due_on=day)
    )
    for decision in (raising, asking):
        if is_refused:
            assert desk.refused(decision) == refusals
        else:
            assert desk.done(decision).after.due_on == day


def test_an_issue_may_be_raised_about_an_institution_that_was_revoked() -> None:
    revoked = desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED)
    desk.done(decides("raise", None, desk.CUSTOMS, named=revoked))


def test_a_reply_takes_the_institutions_new_files_with_it_and_no_others() -> None:
    issue = quality_issue()
    new, customs = a_file("quality_issue", issue, desk.INSTITUTION), a_file("quality_issue", issue, desk.CUSTOMS)
    sent = a_file("quality_issue", issue, desk.INSTITUTION, sent_with_id=uuid4())
    decided = desk.done(decides("reply", issue, desk.INSTITUTION, attachments=(new, customs, sent)))
    (reply,) = decided.effect.adds
    assert isinstance(reply, QualityReply)
    kept = decided.effect.replaces[Attachment]
    assert [each.sent_with_id for each in kept if isinstance(each, Attachment)] == [
        reply.id,
        None,
        sent.sent_with_id,
    ]
    assert (reply.organisation_id, decided.after.replied_at) == (desk.INSTITUTION.organisation_id, desk.NOW)


def test_a_reply_and_a_question_need_words() -> None:
    reply = decides("reply", quality_issue(), desk.INSTITUTION, ReplyForm.of(text="\n "))
    assert desk.refused(reply) == [(RefusalCode.REQUIRED, ("text",))]
    question = decides("ask_again", quality_issue(S.REPLIED), desk.CUSTOMS, AskAgainForm())
    assert desk.refused(question) == [(RefusalCode.REQUIRED, ("question",))]


def test_asking_again_keeps_the_day_unless_one_is_given_and_null_takes_it_away() -> None:
    issue = quality_issue(S.REPLIED, due_on=date(2026, 11, 1))
    kept = desk.done(decides("ask_again", issue, desk.CUSTOMS, AskAgainForm.of(question="请说明。"))).after
    gone = desk.done(decides("ask_again", issue, desk.CUSTOMS, AskAgainForm.of(question="请说明。", due_on=None))).after
    assert (kept.due_on, gone.due_on) == (date(2026, 11, 1), None)


def test_an_issue_is_closed_once_it_was_replied_to_and_needs_no_remark() -> None:
    assert desk.codes(decides("close", quality_issue(), desk.CUSTOMS, CloseForm())) == [RefusalCode.WRONG_STATUS]
    closed = desk.done(decides("close", quality_issue(S.REPLIED), desk.CUSTOMS, CloseForm())).after
    assert (closed.status, closed.closed_at, closed.closing_remark) == (S.CLOSED, desk.NOW, None)


def test_a_file_that_was_sent_with_a_reply_stays() -> None:
    issue = quality_issue(S.REPLIED)
    sent = a_file("quality_issue", issue, desk.INSTITUTION, sent_with_id=uuid4())
    decision = decides("detach", issue, desk.INSTITUTION, DetachForm(attachment_id=sent.id), attachments=(sent,))
    assert desk.refused(decision) == [(RefusalCode.ALREADY_SENT, ("id",))]


def test_nobody_removes_the_files_of_the_other_side() -> None:
    issue = quality_issue()
    theirs = next(e for e in facts(issue).attachments if e.organisation_id == desk.CUSTOMS.organisation_id)
    form = DetachForm(attachment_id=theirs.id)
    decision = decides("detach", issue, desk.INSTITUTION, form, attachments=(theirs,))
    assert desk.refused(decision) == [(RefusalCode.UNKNOWN_REFERENCE, ("id",))]


def test_each_side_is_told_of_what_the_other_does() -> None:
    institution, office = desk.INSTITUTION.organisation_id, desk.CUSTOMS.organisation_id
    assert told("raise", quality_issue(), desk.CUSTOMS) == [institution]
    assert told("reply", quality_issue(), desk.INSTITUTION) == [office]
    assert told("ask_again", quality_issue(S.REPLIED), desk.CUSTOMS) == [institution]
    assert told("close", quality_issue(S.REPLIED), desk.CUSTOMS) == [institution]
