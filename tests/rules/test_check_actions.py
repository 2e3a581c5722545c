"""The rules of checks, one by one, where the grid cannot see whether the table itself is right."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from domain.attachment import Attachment, DetachForm
from domain.check.record import (
    CheckReview,
    CheckStatus,
    CheckSubmission,
    CheckType,
    CheckVisit,
    FailForm,
    FailVisitForm,
    OrderForm,
    PassForm,
    PassVisitForm,
    SubmissionForm,
)
from domain.check.workflow import WORKFLOW
from domain.due import MENDING_LASTS
from domain.institution import InstitutionStatus
from domain.notice import THREE_CHANNELS, Channel
from domain.party import THE_PRODUCT, Role
from domain.refusal import RefusalCode
from tests.rules import desk
from tests.rules.scene_check import VISIT, YESTERDAY, case_of, check, decides, facts, filled, form_for
from tests.rules.scene_quality_issue import a_file

S = CheckStatus
REVIEWER = desk.with_role(desk.CUSTOMS, Role.REVIEWER)


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("order_document", S.AWAITING_SUBMISSION, CheckType.DOCUMENT),
        ("order_on_site", S.AWAITING_VISIT, CheckType.ON_SITE),
    ],
)
def test_a_check_is_ordered_as_one_of_two_types(action: str, status: CheckStatus, kind: CheckType) -> None:
    ordered = desk.done(decides(action, None, desk.CUSTOMS)).after
    assert (ordered.status, ordered.type, ordered.due_on) == (status, kind, desk.TODAY)
    assert (ordered.number, ordered.ordered_by_id) == (desk.NUMBER, desk.CUSTOMS.organisation_id)
    assert (ordered.created_at, ordered.overdue) == (desk.NOW, False)


@pytest.mark.parametrize("action", ["order_document", "order_on_site"])
def test_a_check_needs_institution_content_and_day(action: str) -> None:
    assert desk.refused(decides(action, None, desk.CUSTOMS, OrderForm.of(content=""))) == [
        (RefusalCode.REQUIRED, ("institution_id",)),
        (RefusalCode.REQUIRED, ("content",)),
        (RefusalCode.REQUIRED, ("due_on",)),
    ]


def test_a_check_is_never_due_before_today() -> None:
    decision = decides("order_document", None, desk.CUSTOMS, filled(due_on=YESTERDAY))
    assert desk.refused(decision) == [(RefusalCode.DATE_IN_PAST, ("due_on",))]


def test_only_an_institution_in_the_registry_is_checked_also_under_a_disposition() -> None:
    unknown = decides("order_document", None, desk.CUSTOMS, named=None)
    assert desk.refused(unknown) == [(RefusalCode.UNKNOWN_REFERENCE, ("institution_id",))]
    revoked = desk.institution(desk.INSTITUTION, InstitutionStatus.REVOKED)
    decision = decides("order_document", None, desk.CUSTOMS, named=revoked)
    assert desk.refused(decision) == [(RefusalCode.INSTITUTION_NOT_REGISTERED, ("institution_id",))]
    rectifying = desk.institution(desk.INSTITUTION, InstitutionStatus.RECTIFICATION)
    desk.done(decides("order_document", None, desk.CUSTOMS, named=rectifying))


def test_nothing_is_submitted_to_a_check_on_site_that_has_not_failed() -> None:
    decision = decides("submit", check(S.AWAITING_VISIT), desk.INSTITUTION)
    assert desk.codes(decision) == [RefusalCode.WRONG_STATUS]
    failed = desk.done(decides("fail_visit", check(S.AWAITING_VISIT), desk.CUSTOMS)).after
    assert desk.done(decides("submit", failed, desk.INSTITUTION)).after.status is S.UNDER_REVIEW


def test_a_submission_takes_the_institutions_new_files_with_it() -> None:
    record = check()
    new, customs = a_file("check", record, desk.INSTITUTION), a_file("check", record, desk.CUSTOMS)
    decided = desk.done(decides("submit", record, desk.INSTITUTION, attachments=(new, customs)))
    (submission,) = decided.effect.adds
    assert isinstance(submission, CheckSubmission)
    kept = decided.effect.replaces[Attachment]
    assert [each.sent_with_id for each in kept if isinstance(each, Attachment)] == [submission.id, None]
    assert decided.after.submitted_at == desk.NOW


def test_a_submission_needs_an_explanation_and_a_failure_an_opinion() -> None:
    submission = decides("submit", check(), desk.INSTITUTION, SubmissionForm())
    assert desk.refused(submission) == [(RefusalCode.REQUIRED, ("explanation",))]
    failure = decides("fail", check(S.UNDER_REVIEW), REVIEWER, FailForm.of(opinion=" "))
    assert desk.refused(failure) == [(RefusalCode.REQUIRED, ("opinion",))]


def test_who_orders_checks_does_not_decide_on_what_was_submitted() -> None:
    for action in ("pass", "fail"):
        assert desk.codes(decides(action, check(S.UNDER_REVIEW), desk.CUSTOMS)) == [RefusalCode.NOT_YOUR_ROLE]
        desk.done(decides(action, check(S.UNDER_REVIEW), REVIEWER))
    for action in ("order_document", "order_on_site"):
        assert desk.codes(decides(action, None, REVIEWER)) == [RefusalCode.NOT_YOUR_ROLE]
    for action in ("pass_visit", "fail_visit"):
        for person in (desk.CUSTOMS, REVIEWER):
            desk.done(decides(action, check(S.AWAITING_VISIT), person))


def test_a_passed_check_says_when_and_may_say_why() -> None:
    decided = desk.done(decides("pass", check(S.UNDER_REVIEW), REVIEWER, PassForm.of(opinion="符合要求。")))
    (review,) = decided.effect.adds
    assert isinstance(review, CheckReview)
    assert (review.passed, review.opinion, decided.after.completed_at) == (True, "符合要求。", desk.NOW)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [(None, desk.TODAY + MENDING_LASTS), (desk.TODAY + timedelta(days=9), desk.TODAY + timedelta(days=9))],
)
def test_what_fails_has_time_to_be_mended(due_on: date | None, expected: date) -> None:
    late = check(S.UNDER_REVIEW, due_on=YESTERDAY, overdue=True)
    failed = desk.done(decides("fail", late, REVIEWER, FailForm.of(opinion="缺少记录。", due_on=due_on))).after
    assert (failed.status, failed.due_on, failed.overdue) == (S.SUPPLEMENT_REQUIRED, expected, False)


def test_a_new_day_too_lies_ahead() -> None:
    form = FailForm.of(opinion="缺少记录。", due_on=YESTERDAY)
    assert desk.refused(decides("fail", check(S.UNDER_REVIEW), REVIEWER, form)) == [
        (RefusalCode.DATE_IN_PAST, ("due_on",))
    ]
    visit = FailVisitForm.of(**VISIT, opinion="缺少记录。", due_on=YESTERDAY)
    assert desk.refused(decides("fail_visit", check(S.AWAITING_VISIT), REVIEWER, visit)) == [
        (RefusalCode.DATE_IN_PAST, ("due_on",))
    ]


def test_a_visit_is_recorded_whole_and_with_what_was_decided() -> None:
    decided = desk.done(decides("fail_visit", check(S.AWAITING_VISIT), desk.CUSTOMS))
    visit, review = decided.effect.adds
    assert isinstance(visit, CheckVisit)
    assert isinstance(review, CheckReview)
    assert {name: getattr(visit, name) for name in VISIT} == VISIT
    assert (review.passed, review.opinion) == (False, "请补充标定证书。")
    assert decided.after.completed_at is None
    needed = [(RefusalCode.REQUIRED, (name,)) for name in VISIT]
    assert desk.refused(decides("pass_visit", check(S.AWAITING_VISIT), desk.CUSTOMS, PassVisitForm())) == needed
    refused = desk.refused(decides("fail_visit", check(S.AWAITING_VISIT), desk.CUSTOMS, FailVisitForm()))
    assert sorted(refused, key=str) == sorted([*needed, (RefusalCode.REQUIRED, ("opinion",))], key=str)


@pytest.mark.parametrize(
    ("day", "code"),
    [(desk.TODAY + timedelta(days=1), RefusalCode.DATE_IN_FUTURE), (YESTERDAY, RefusalCode.DATES_OUT_OF_ORDER)],
)
def test_a_visit_lies_between_its_order_and_today(day: date, code: RefusalCode) -> None:
    form = PassVisitForm.of(**VISIT | {"visited_on": day})
    decision = decides("pass_visit", check(S.AWAITING_VISIT), desk.CUSTOMS, form)
    assert desk.refused(decision) == [(code, ("visited_on",))]


def test_a_check_is_overdue_from_the_day_after_its_last_and_is_noted_once() -> None:
    last_minute, midnight = datetime(2026, 11, 23, 15, 59, tzinfo=UTC), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert desk.codes(decides("mark_overdue", check(), THE_PRODUCT, now=last_minute)) == [RefusalCode.WRONG_STATUS]
    decided = desk.done(decides("mark_overdue", check(), THE_PRODUCT, now=midnight))
    assert (decided.after.overdue, decided.after.status) == (True, S.AWAITING_SUBMISSION)
    again = decides("mark_overdue", decided.after, THE_PRODUCT, now=midnight + timedelta(days=9))
    assert desk.codes(again) == [RefusalCode.WRONG_STATUS]
    submitted = desk.done(decides("submit", decided.after, desk.INSTITUTION)).after
    assert not submitted.overdue


@pytest.mark.parametrize("action", ["pass_visit", "fail_visit"])
def test_a_visit_is_overdue_until_it_is_recorded(action: str) -> None:
    planned = check(S.AWAITING_VISIT, due_on=YESTERDAY)
    late = desk.done(decides("mark_overdue", planned, THE_PRODUCT)).after
    assert (late.overdue, late.status) == (True, S.AWAITING_VISIT)
    assert not desk.done(decides(action, late, desk.CUSTOMS)).after.overdue


def test_a_file_that_was_submitted_stays() -> None:
    record = check(S.SUPPLEMENT_REQUIRED)
    sent = a_file("check", record, desk.INSTITUTION, sent_with_id=uuid4())
    decision = decides("detach", record, desk.INSTITUTION, DetachForm(attachment_id=sent.id), attachments=(sent,))
    assert desk.refused(decision) == [(RefusalCode.ALREADY_SENT, ("id",))]


@pytest.mark.parametrize(
    ("action", "status", "tells_office", "channels"),
    [
        ("order_document", S.AWAITING_SUBMISSION, False, THREE_CHANNELS),
        ("order_on_site", S.AWAITING_VISIT, False, THREE_CHANNELS),
        ("fail", S.SUPPLEMENT_REQUIRED, False, THREE_CHANNELS),
        ("fail_visit", S.SUPPLEMENT_REQUIRED, False, THREE_CHANNELS),
        ("pass", S.COMPLETED, False, (Channel.NOTICE,)),
        ("pass_visit", S.COMPLETED, False, (Channel.NOTICE,)),
        ("mark_overdue", S.AWAITING_SUBMISSION, False, (Channel.NOTICE,)),
        ("mark_overdue", S.SUPPLEMENT_REQUIRED, False, (Channel.NOTICE,)),
        ("mark_overdue", S.AWAITING_VISIT, True, (Channel.NOTICE,)),
        ("submit", S.UNDER_REVIEW, True, (Channel.NOTICE,)),
    ],
)
def test_who_is_told_and_how(
    action: str, status: CheckStatus, tells_office: bool, channels: tuple[Channel, ...]
) -> None:
    record = check(status)
    known = facts(record)
    case = case_of(record, desk.CUSTOMS, form_for(action, desk.CUSTOMS, known), known)
    (telling,) = [each for each in WORKFLOW[action].tells if each.to(case)]
    side = desk.CUSTOMS if tells_office else desk.INSTITUTION
    assert (telling.to(case), telling.channels) == ((side.organisation_id,), channels)
    assert record.number in telling.title_and_body(case)[0].zh


def test_a_failure_whose_day_has_passed_asks_for_the_supplement_soon() -> None:
    (telling,) = WORKFLOW["fail"].tells
    for due_on, words in ((desk.TODAY, "请于2026-11-23前（含当日）提交补充材料"), (YESTERDAY, "请尽快提交补充材料")):
        record = check(S.SUPPLEMENT_REQUIRED, due_on=due_on)
        known = facts(record)
        assert (
            words in telling.title_and_body(case_of(record, REVIEWER, form_for("fail", REVIEWER, known), known))[1].zh
        )
