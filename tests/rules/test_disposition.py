"""Dispositions: the table that was agreed on, terms and caps, and what several of them come to together."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.attachment import Attachment
from domain.disposition.record import (
    Disposition,
    DispositionGround,
    DispositionReview,
    DispositionStatus,
    DispositionSubmission,
    DispositionType,
    NonRecognitionForm,
    RefusalForm,
    years_after,
)
from domain.disposition.standing import recognition, standing
from domain.disposition.workflow import WORKFLOW
from domain.due import MENDING_LASTS
from domain.institution import InstitutionStatus
from domain.party import THE_PRODUCT, Role, Viewer
from domain.record import Form, changed
from domain.refusal import RefusalCode
from domain.workflow import Case, Decision, decide
from tests.rules import desk
from tests.rules.desk import INSTITUTION, NOW, TODAY, codes, done, refused
from tests.rules.scene_disposition import disposition, facts, form_for

S, T, G = DispositionStatus, DispositionType, DispositionGround
REVIEWER = desk.with_role(desk.CUSTOMS, Role.REVIEWER)
DAY = timedelta(days=1)

OPEN: set[DispositionStatus | None] = {S.AWAITING_RECTIFICATION, S.SUPPLEMENT_REQUIRED}
SPECIFIED: dict[str, tuple[set[DispositionStatus | None], DispositionStatus | None, list[str]]] = {
    "impose_non_recognition": ({None}, S.IN_FORCE, ["海关审核人员"]),
    "order_rectification": ({None}, S.AWAITING_RECTIFICATION, ["海关审核人员"]),
    "revoke": ({None}, S.IN_FORCE, ["海关审核人员"]),
    "submit": (OPEN, S.UNDER_REVIEW, ["所涉检验机构"]),
    "approve": ({S.UNDER_REVIEW}, S.LIFTED, ["海关审核人员"]),
    "refuse": ({S.UNDER_REVIEW}, S.SUPPLEMENT_REQUIRED, ["海关审核人员"]),
    "lift": ({S.IN_FORCE, *OPEN, S.UNDER_REVIEW}, S.LIFTED, ["海关审核人员"]),
    "supersede": ({S.IN_FORCE}, S.SUPERSEDED, ["系统"]),
    "expire": ({S.IN_FORCE}, S.EXPIRED, ["到期自动"]),
    "mark_overdue": (OPEN, None, ["到期自动"]),
    "attach": (OPEN, None, ["所涉检验机构"]),
    "detach": (OPEN, None, ["所涉检验机构"]),
}
"""From where, to where and by whom, written again by hand: a grid made from the table cannot see a wrong table."""


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    table = {
        action.name: (
            {*action.start, *([None] if action.creates is not None else [])},
            action.creates or action.to,
            [party.words.zh for party in action.by],
        )
        for action in WORKFLOW.actions
    }
    assert table == SPECIFIED


def test_types_and_statuses_bear_the_words_of_the_manual() -> None:
    assert [each.words.zh for each in T] == ["不予认可装运前检验结果", "限期整改", "撤销备案"]
    assert [each.words.zh for each in S] == [
        "处置中",
        "待整改",
        "待审核",
        "补充材料",
        "已撤销处置",
        "已到期",
        "已重新备案",
    ]


def decides(
    action: str,
    record: Disposition | None,
    actor: Viewer,
    form: Form | None = None,
    *,
    now: datetime = NOW,
    **changed_facts: Any,
) -> Decision:
    known = facts(record, **changed_facts)
    laid: Any = record
    case: Case[Any, Any, Any] = Case(
        record=laid,
        facts=known,
        actor=actor,
        form=form or form_for(action, known),
        now=now,
        new_id=uuid4,
        fresh_number=desk.NUMBER,
    )
    return decide(WORKFLOW, WORKFLOW[action], case, record=record)


def imposes(**changes: Any) -> Decision:
    """What becomes of a non-recognition that lacks nothing but what is changed."""
    filled: Any = form_for("impose_non_recognition", facts(None))
    form = NonRecognitionForm.of(**filled.sent() | changes)
    return decides("impose_non_recognition", None, REVIEWER, form)


# ── Terms ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("action", "type_"),
    [
        ("impose_non_recognition", T.NON_RECOGNITION),
        ("order_rectification", T.RECTIFICATION),
        ("revoke", T.REVOCATION),
    ],
)
def test_the_type_follows_from_what_customs_does(action: str, type_: DispositionType) -> None:
    after = done(decides(action, None, REVIEWER)).after
    assert (after.type, after.number, after.starts_on, after.imposed_at) == (type_, desk.NUMBER, TODAY, NOW)
    assert (after.ends_on is not None) is (type_ is T.NON_RECOGNITION)
    assert (after.due_on is not None) is (type_ is T.RECTIFICATION)


@pytest.mark.parametrize(
    ("ground", "years"),
    [(G.CERTIFICATE_DEFECTIVE, 1), (G.RESULT_UNTRUE, 2), (G.MISCONDUCT, 3), (G.REPEATED, 3)],
)
def test_the_ground_caps_the_term(ground: DispositionGround, years: int) -> None:
    last = date(TODAY.year + years, TODAY.month, TODAY.day)
    assert done(imposes(ground=ground, ends_on=last)).after.ends_on == last
    assert refused(imposes(ground=ground, ends_on=last + DAY)) == [(RefusalCode.TERM_TOO_LONG, ("ends_on",))]


def test_the_cap_counts_from_the_first_day() -> None:
    first = TODAY - 10 * DAY
    last = date(first.year + 1, first.month, first.day)
    backdated = {"ground": G.CERTIFICATE_DEFECTIVE, "starts_on": first}
    assert done(imposes(**backdated, ends_on=last)).after.ends_on == last
    assert codes(imposes(**backdated, ends_on=last + DAY)) == [RefusalCode.TERM_TOO_LONG]


def test_a_year_from_the_29th_of_february_ends_with_the_month() -> None:
    assert years_after(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert years_after(date(2026, 11, 23), 3) == date(2029, 11, 23)
    assert years_after(date.max, 3) == date.max


def test_a_term_ends_after_it_began_and_after_today() -> None:
    assert refused(imposes(ends_on=TODAY)) == [(RefusalCode.DATES_OUT_OF_ORDER, ("ends_on",))]
    assert refused(imposes(ends_on=TODAY - DAY)) == [(RefusalCode.DATES_OUT_OF_ORDER, ("ends_on",))]
    begun = {"starts_on": TODAY - 10 * DAY}
    assert refused(imposes(**begun, ends_on=TODAY)) == [(RefusalCode.DATE_NOT_IN_FUTURE, ("ends_on",))]
    assert done(imposes(**begun, ends_on=TODAY + DAY)).after.ends_on == TODAY + DAY


def test_a_disposition_begins_today_or_at_most_thirty_days_ago() -> None:
    assert refused(imposes(starts_on=TODAY + DAY, ends_on=TODAY + 9 * DAY)) == [
        (RefusalCode.DATE_IN_FUTURE, ("starts_on",))
    ]
    assert done(imposes(starts_on=TODAY - 30 * DAY)).after.starts_on == TODAY - 30 * DAY
    assert refused(imposes(starts_on=TODAY - 31 * DAY)) == [(RefusalCode.DATES_OUT_OF_ORDER, ("starts_on",))]


def test_another_ground_is_none_of_non_recognition() -> None:
    assert refused(imposes(ground=G.OTHER)) == [(RefusalCode.UNKNOWN_CODE, ("ground",))]


def test_whatever_is_left_empty_is_named_at_once() -> None:
    decision = decides("impose_non_recognition", None, REVIEWER, NonRecognitionForm.of())
    assert refused(decision) == [
        (RefusalCode.REQUIRED, (name,)) for name in ("institution_id", "ground", "content", "legal_ground", "ends_on")
    ]


@pytest.mark.parametrize("action", ["impose_non_recognition", "order_rectification", "revoke"])
def test_a_revoked_institution_is_disciplined_no_more(action: str) -> None:
    revoked = desk.institution(INSTITUTION, InstitutionStatus.REVOKED)
    assert refused(decides(action, None, REVIEWER, institution=revoked)) == [
        (RefusalCode.INSTITUTION_NOT_REGISTERED, ("institution_id",))
    ]
    assert refused(decides(action, None, REVIEWER, institution=None)) == [
        (RefusalCode.UNKNOWN_REFERENCE, ("institution_id",))
    ]


# ── Submission and review ──────────────────────────────────────────────────────────────────────────────────────────


def test_files_uploaded_since_go_with_the_submission() -> None:
    record = disposition(T.RECTIFICATION, S.AWAITING_RECTIFICATION)
    decided = done(decides("submit", record, INSTITUTION))
    (submission,) = decided.effect.adds
    assert isinstance(submission, DispositionSubmission)
    assert (submission.explanation, submission.submitted_at) == ("已重新校准", NOW)
    files: Any = decided.effect.replaces[Attachment]
    assert [each.sent_with_id for each in files] == [submission.id]


def test_a_file_that_was_sent_stays() -> None:
    record = disposition(T.RECTIFICATION, S.SUPPLEMENT_REQUIRED)
    sent = replace(facts(record).attachments[0], sent_with_id=uuid4())
    assert codes(decides("detach", record, INSTITUTION, attachments=(sent,))) == [RefusalCode.ALREADY_SENT]


def test_a_refusal_says_why_and_gives_time_to_mend() -> None:
    record = disposition(T.RECTIFICATION, S.UNDER_REVIEW, overdue=True)
    plain = done(decides("refuse", record, REVIEWER))
    (review,) = plain.effect.adds
    assert isinstance(review, DispositionReview)
    assert (review.passed, review.opinion) == (False, "缺少校准证书")
    assert (plain.after.due_on, plain.after.overdue) == (TODAY + MENDING_LASTS, False)
    far = disposition(T.RECTIFICATION, S.UNDER_REVIEW, due_on=TODAY + 90 * DAY)
    assert done(decides("refuse", far, REVIEWER)).after.due_on == far.due_on
    later = done(decides("refuse", record, REVIEWER, RefusalForm.of(opinion="?", due_on=TODAY + DAY))).after
    assert (later.due_on, later.overdue) == (TODAY + DAY, False)
    assert refused(decides("refuse", record, REVIEWER, RefusalForm.of(due_on=TODAY))) == [
        (RefusalCode.REQUIRED, ("opinion",)),
        (RefusalCode.DATE_NOT_IN_FUTURE, ("due_on",)),
    ]


def test_a_revocation_cannot_be_lifted() -> None:
    revocation = disposition(T.REVOCATION, S.IN_FORCE)
    assert codes(decides("lift", revocation, REVIEWER)) == [RefusalCode.NOT_CHANGEABLE]
    for each in (disposition(T.NON_RECOGNITION, S.IN_FORCE), disposition(T.RECTIFICATION, S.UNDER_REVIEW)):
        after = done(decides("lift", each, REVIEWER)).after
        assert (after.status, after.lifted_at, after.lift_reason) == (S.LIFTED, NOW, "复核后撤销")


# ── The clock ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_non_recognition_ends_the_day_after_its_last_in_china() -> None:
    record = disposition(T.NON_RECOGNITION, S.IN_FORCE, ends_on=TODAY)
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, 16, 0, tzinfo=UTC)
    late = midnight - timedelta(seconds=1)
    assert codes(decides("expire", record, THE_PRODUCT, now=late)) == [RefusalCode.WRONG_STATUS]
    assert done(decides("expire", record, THE_PRODUCT, now=midnight)).after.status is S.EXPIRED


def test_a_revocation_never_ends() -> None:
    revocation = disposition(T.REVOCATION, S.IN_FORCE)
    assert codes(decides("expire", revocation, THE_PRODUCT)) == [RefusalCode.WRONG_STATUS]


def test_a_missed_deadline_is_marked_once_and_changes_nothing_else() -> None:
    record = disposition(T.RECTIFICATION, S.AWAITING_RECTIFICATION)
    decided = done(decides("mark_overdue", record, THE_PRODUCT))
    assert decided.effect.changes == {"overdue": True}
    assert codes(decides("mark_overdue", decided.after, THE_PRODUCT)) == [RefusalCode.NOTHING_CHANGED]
    today = disposition(T.RECTIFICATION, S.AWAITING_RECTIFICATION, due_on=TODAY)
    assert codes(decides("mark_overdue", today, THE_PRODUCT)) == [RefusalCode.WRONG_STATUS]
    assert done(decides("submit", decided.after, INSTITUTION)).after.status is S.UNDER_REVIEW


# ── What several come to ───────────────────────────────────────────────────────────────────────────────────────────

SHORT = disposition(T.NON_RECOGNITION, S.IN_FORCE, ends_on=TODAY + 5 * DAY)
LONG = disposition(T.NON_RECOGNITION, S.IN_FORCE, ends_on=TODAY + 9 * DAY)
RECTIFYING = disposition(T.RECTIFICATION, S.UNDER_REVIEW)
REVOCATION = disposition(T.REVOCATION, S.IN_FORCE)
LIFTED = disposition(T.NON_RECOGNITION, S.LIFTED, ends_on=TODAY + 99 * DAY)


@pytest.mark.parametrize(
    ("in_force", "status", "ends_on"),
    [
        ((), InstitutionStatus.NORMAL, None),
        ((LIFTED,), InstitutionStatus.NORMAL, None),
        ((RECTIFYING, LIFTED), InstitutionStatus.RECTIFICATION, None),
        ((RECTIFYING, SHORT), InstitutionStatus.NON_RECOGNITION, SHORT.ends_on),
        ((LONG, SHORT, RECTIFYING), InstitutionStatus.NON_RECOGNITION, LONG.ends_on),
        ((LONG, REVOCATION, RECTIFYING), InstitutionStatus.REVOKED, None),
    ],
)
def test_the_gravest_is_shown_with_the_latest_end(
    in_force: tuple[Disposition, ...], status: InstitutionStatus, ends_on: date | None
) -> None:
    assert standing(in_force) == (status, ends_on)


def wished(action: str, record: Disposition | None, actor: Viewer, **changed_facts: Any) -> list[tuple[str, Any]]:
    """Which actions on the registry an action leads to, with the end that it will show."""
    known = facts(record, **changed_facts)
    after = done(decides(action, record, actor, **changed_facts)).after
    laid: Any = record
    case: Case[Any, Any, Any] = Case(
        record=laid, facts=known, actor=actor, form=form_for(action, known), now=NOW, new_id=uuid4
    )
    found = []
    for leads_to in WORKFLOW[action].leads_to:
        for wish in leads_to.wishes(case, after):
            assert wish.subject_id == INSTITUTION.institution_id
            found.append((leads_to.action, getattr(wish.form, "disposition_ends_on", None)))
    return found


def test_the_registry_follows_the_union_and_is_left_alone_where_it_shows_it_already() -> None:
    withheld = desk.institution(INSTITUTION, InstitutionStatus.NON_RECOGNITION, ends_on=LONG.ends_on)
    assert wished("impose_non_recognition", None, REVIEWER) == [("suspend_recognition", TODAY + DAY)]
    assert wished("impose_non_recognition", None, REVIEWER, institution=withheld, others=(LONG,)) == []
    assert wished("order_rectification", None, REVIEWER, institution=withheld, others=(LONG,)) == []
    assert wished("revoke", None, REVIEWER, institution=withheld, others=(LONG,)) == [("strike_off", None)]
    assert wished("lift", LONG, REVIEWER, institution=withheld) == [("restore", None)]
    assert wished("lift", LONG, REVIEWER, institution=withheld, others=(SHORT,)) == [
        ("suspend_recognition", SHORT.ends_on)
    ]
    assert wished("lift", LONG, REVIEWER, institution=withheld, others=(RECTIFYING,)) == [("await_rectification", None)]


def test_only_a_new_filing_brings_a_revoked_institution_back() -> None:
    revoked = desk.institution(INSTITUTION, InstitutionStatus.REVOKED)
    assert wished("lift", LONG, REVIEWER, institution=revoked, others=(REVOCATION,)) == []


def test_a_revocation_ends_with_a_new_filing_and_the_rest_runs_on() -> None:
    ended = done(decides("supersede", REVOCATION, THE_PRODUCT)).after
    assert (ended.status, ended.lifted_at) == (S.SUPERSEDED, NOW)
    assert standing((ended,)) == (InstitutionStatus.NORMAL, None)
    assert standing((ended, RECTIFYING)) == (InstitutionStatus.RECTIFICATION, None)


# ── On a day ───────────────────────────────────────────────────────────────────────────────────────────────────────

ENTERED = NOW - 100 * DAY


def test_an_institution_is_recognised_from_its_filing_on_but_for_the_days_of_a_non_recognition() -> None:
    term = disposition(
        T.NON_RECOGNITION, S.EXPIRED, starts_on=TODAY - 40 * DAY, ends_on=TODAY - 20 * DAY, imposed_at=NOW - 40 * DAY
    )
    verdicts = {
        days: recognition(TODAY - days * DAY, [ENTERED], [term]).recognised for days in (101, 100, 41, 40, 20, 19)
    }
    assert verdicts == {101: False, 100: True, 41: True, 40: False, 20: False, 19: True}
    assert recognition(TODAY - 30 * DAY, [ENTERED], [term]).against == (term,)
    assert not recognition(TODAY - 101 * DAY, [ENTERED], [term]).was_registered


def test_a_lifted_disposition_counts_until_the_day_on_which_it_was_lifted() -> None:
    lifted = changed(LIFTED, imposed_at=NOW - 10 * DAY, lifted_at=NOW - 5 * DAY)
    assert not recognition(TODAY - 6 * DAY, [ENTERED], [lifted]).recognised
    assert recognition(TODAY - 5 * DAY, [ENTERED], [lifted]).recognised


def test_a_rectification_bars_from_commissions_and_casts_no_doubt_on_results() -> None:
    found = recognition(TODAY, [ENTERED], [RECTIFYING])
    assert (found.recognised, found.may_be_commissioned) == (True, False)


def test_a_revocation_counts_until_the_institution_is_entered_again() -> None:
    revoked = changed(REVOCATION, starts_on=TODAY - 10 * DAY, imposed_at=NOW - 10 * DAY, lifted_at=NOW - 5 * DAY)
    entered = [ENTERED, NOW - 5 * DAY]
    verdicts = [recognition(TODAY - days * DAY, entered, [revoked]).recognised for days in (11, 10, 6, 5)]
    assert verdicts == [True, False, False, True]
