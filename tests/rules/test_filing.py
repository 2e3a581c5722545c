"""Filings and their changes, decided without a database: conditions, effects, what follows, and who is told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from domain.disposition.record import Disposition, DispositionStatus, DispositionType
from domain.filing.effects import entering_the_registry, updating_the_registry
from domain.filing.lists import EquipmentDraft, QualityCertificateDraft
from domain.filing.record import Filing, FilingDraft, FilingFacts, FilingStatus
from domain.filing_change.record import ChangedField, FilingChange, FilingChangeStatus
from domain.filing_change.written import as_form, as_text, rows_as_text
from domain.institution import InstitutionStatus, RegistryUpdate
from domain.party import THE_PRODUCT
from domain.record import Form, changed, fields_of
from domain.refusal import RefusalCode
from domain.workflow import Case
from tests.rules import desk, scene_filing_change
from tests.rules.scene_disposition import disposition
from tests.rules.scene_filing import (
    FILING_NUMBER,
    REVIEWER,
    WORKFLOW,
    decides,
    facts,
    filing,
    filled_form,
    on_desk,
    rows_of,
    stands_in_the_way,
)

S = FilingStatus


def in_registry(status: InstitutionStatus) -> Any:
    return desk.institution(desk.INSTITUTION, status)


def test_a_filled_filing_may_be_submitted() -> None:
    done = desk.done(decides("submit", filing(), desk.INSTITUTION))
    assert (done.after.submitted_at, done.after.previous_filing_number) == (desk.NOW, None)


@pytest.mark.parametrize("status", [S.DRAFT, S.SUPPLEMENT_REQUIRED])
@pytest.mark.parametrize("missing", ["signatories", "departments", "equipment"])
def test_a_list_that_needs_a_row_is_named(status: FilingStatus, missing: str) -> None:
    record = filing(status)
    rows = {**rows_of(record.id), missing: ()}
    assert desk.refused(decides("submit", record, desk.INSTITUTION, rows=rows)) == [
        (RefusalCode.MISSING_ROWS, (missing,))
    ]


@pytest.mark.parametrize("optional", ["quality_certificates", "past_inspections"])
def test_other_lists_may_be_empty(optional: str) -> None:
    record = filing()
    desk.done(decides("submit", record, desk.INSTITUTION, rows={**rows_of(record.id), optional: ()}))


def test_independence_that_was_never_declared_is_asked_for_once() -> None:
    for declared, code in ((None, RefusalCode.REQUIRED), (False, RefusalCode.NOT_DECLARED)):
        record = filing(independence_declared=declared)
        found = desk.refused(decides("submit", record, desk.INSTITUTION))
        assert found == [(code, ("independence_declared",))]


def test_a_code_that_was_withdrawn_since_the_draft_is_refused() -> None:
    found = desk.refused(decides("submit", filing(country="SU"), desk.INSTITUTION))
    assert found == [(RefusalCode.UNKNOWN_CODE, ("country",))]


WITHHELD = disposition(DispositionType.NON_RECOGNITION, DispositionStatus.IN_FORCE)
MENDING = disposition(DispositionType.RECTIFICATION, DispositionStatus.AWAITING_RECTIFICATION)
REVOCATION = disposition(DispositionType.REVOCATION, DispositionStatus.IN_FORCE)
BARRED = {WITHHELD.type: "不予认可处置期间不予重新备案", MENDING.type: "请完成限期整改后重新备案"}


@pytest.mark.parametrize(
    ("status", "running"),
    [
        (InstitutionStatus.NON_RECOGNITION, [WITHHELD]),
        (InstitutionStatus.RECTIFICATION, [MENDING]),
        (InstitutionStatus.NON_RECOGNITION, [WITHHELD, MENDING]),
        # Being revoked as well makes nothing easier.
        (InstitutionStatus.REVOKED, [REVOCATION, WITHHELD]),
        (InstitutionStatus.REVOKED, [REVOCATION, WITHHELD, MENDING]),
    ],
)
@pytest.mark.parametrize("action", ["submit", "accept"])
def test_every_disposition_bars_a_new_filing_in_the_words_of_the_manual(
    action: str, status: InstitutionStatus, running: list[Disposition]
) -> None:
    record = filing(S.DRAFT if action == "submit" else S.SUBMITTED)
    actor = desk.INSTITUTION if action == "submit" else REVIEWER
    found = stands_in_the_way(action, record, actor, institution=in_registry(status), dispositions=tuple(running))
    assert [(each.code, each.words.zh) for each in found] == [
        (RefusalCode.REFILING_BARRED, BARRED[each.type]) for each in running if each is not REVOCATION
    ]


def test_accepting_a_revoked_institution_ends_its_revocations_and_nothing_else() -> None:
    revoked = in_registry(InstitutionStatus.REVOKED)
    known = FilingFacts(institution=revoked, dispositions=(REVOCATION,))
    case: Any = Case(record=filing(S.SUBMITTED), facts=known, actor=REVIEWER, form=Form(), now=desk.NOW, new_id=uuid4)
    ends = next(each for each in WORKFLOW["accept"].leads_to if each.subject == "disposition")
    assert (ends.action, [wish.subject_id for wish in ends.wishes(case, case.record)]) == ("supersede", [REVOCATION.id])


def test_a_revoked_institution_files_with_its_old_number() -> None:
    revoked = in_registry(InstitutionStatus.REVOKED)
    made = desk.done(decides("save_draft", None, desk.INSTITUTION, filled_form(), institution=revoked))
    assert made.after.previous_filing_number == revoked.filing_number
    sent = desk.done(decides("submit", filing(), desk.INSTITUTION, institution=revoked))
    assert sent.after.previous_filing_number == revoked.filing_number


def test_a_new_draft_has_its_number_and_all_that_was_sent() -> None:
    done = desk.done(decides("save_draft", None, desk.INSTITUTION, filled_form()))
    assert done.after.application_number == desk.NUMBER
    assert done.after.certificate_number is None
    assert {kind.__name__: len(rows) for kind, rows in done.effect.replaces.items()} == {
        "Signatory": 1,
        "Department": 1,
        "Equipment": 1,
        "QualityCertificate": 1,
        "PastInspection": 1,
    }
    owners = {getattr(row, "filing_id", None) for rows in done.effect.replaces.values() for row in rows}
    assert owners == {done.after.id}


def test_dates_are_weighed_together_with_those_that_are_kept() -> None:
    record = filing()
    (kept,) = rows_of(record.id)["quality_certificates"]
    known = facts(record)
    known = replace(known, rows={**known.rows, "quality_certificates": (kept,)})
    form = FilingDraft.of(
        quality_certificates=(QualityCertificateDraft.of(id=kept.id, valid_until=date(2023, 12, 31)),)
    )
    refused = decides("save_draft", record, desk.INSTITUTION, form, rows=known.rows)
    assert desk.refused(refused) == [(RefusalCode.DATES_OUT_OF_ORDER, ("quality_certificates", 0, "valid_until"))]


def accepting(institution: Any) -> Any:
    """The wish that an acceptance leads to."""
    record = filing(S.SUBMITTED)
    done = desk.done(decides("accept", record, REVIEWER, institution=institution))
    case = on_desk(record, REVIEWER, Form(), facts(record, institution=institution))
    (wish,) = entering_the_registry(case, done.after)
    return wish


def test_an_acceptance_gives_the_number_and_enters_the_registry() -> None:
    done = desk.done(decides("accept", filing(S.SUBMITTED, review_opinion="缺少章程"), REVIEWER))
    assert (done.after.certificate_number, done.after.decided_at, done.after.review_opinion) == (
        FILING_NUMBER,
        desk.NOW,
        None,
    )
    wish = accepting(None)
    assert wish.subject_id is None
    assert (wish.form.filing_number, wish.form.registered_place) == (FILING_NUMBER, "日本横滨")
    assert wish.form.organisation_id == desk.INSTITUTION.organisation_id


def test_a_revoked_institution_comes_back_to_its_own_place() -> None:
    revoked = in_registry(InstitutionStatus.REVOKED)
    assert accepting(revoked).subject_id == revoked.id


def test_a_change_that_is_applied_shows_in_the_registry() -> None:
    record = filing(S.ACCEPTED)
    institution = in_registry(InstitutionStatus.NORMAL)
    done = desk.done(decides("apply_change", record, THE_PRODUCT, FilingDraft.of(name_zh="乙")))
    case = on_desk(record, THE_PRODUCT, Form(), facts(record, institution=institution))
    (wish,) = updating_the_registry(case, done.after)
    assert isinstance(wish.form, RegistryUpdate)
    assert (wish.subject_id, wish.form.name_zh, wish.form.country) == (institution.id, "乙", "JP")


@pytest.mark.parametrize(
    ("action", "title"),
    [
        ("accept", f"您的备案申请（备案申请号：{desk.NUMBER}）已受理"),
        ("request_supplement", f"补充材料通知，（备案申请号：{desk.NUMBER}），请补充后再次申请"),
        ("reject", f"您的备案申请（备案申请号：{desk.NUMBER}）不予受理"),
    ],
)
def test_the_institution_is_told_of_every_outcome(action: str, title: str) -> None:
    record = filing(S.SUBMITTED)
    case = on_desk(record, REVIEWER, Form(), facts(record))
    (telling,) = WORKFLOW[action].tells
    assert (telling.to(case), telling.title_and_body(case)[0].zh) == ((desk.INSTITUTION.organisation_id,), title)


# ── Changes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_request_keeps_what_differs_and_not_what_was_sent() -> None:
    form = scene_filing_change.wished(name_zh="横滨检验", contact_phone="+81 45 765 4321", investor="")
    done = desk.done(scene_filing_change.decides("request", None, desk.INSTITUTION, form))
    (found,) = done.effect.adds
    assert isinstance(done.after, FilingChange)
    assert isinstance(found, ChangedField)
    assert (found.name, found.before, found.after) == ("contact_phone", "+81 45 123 4567", "+81 45 765 4321")
    assert done.after.requires_refiling is False


@pytest.mark.parametrize("status", [each for each in FilingStatus if each is not FilingStatus.ACCEPTED])
def test_only_an_accepted_filing_is_changed(status: FilingStatus) -> None:
    on_file = changed(scene_filing_change.ON_FILE, status=status)
    found = desk.refused(scene_filing_change.decides("request", None, desk.INSTITUTION, filing=on_file))
    assert found == [(RefusalCode.NOT_CHANGEABLE, ("filing_id",))]


def test_an_approval_is_read_back_as_it_was_wished() -> None:
    record = scene_filing_change.change(FilingChangeStatus.PENDING)
    on_file = scene_filing_change.ON_FILE
    rows = rows_of(on_file.id)
    added = changed(rows["equipment"][0], id=uuid4(), quantity=Decimal("0.5"), calibration_valid_until=date(2027, 1, 2))
    item = fields_of(FilingDraft)["equipment"].item
    assert item is not None
    text = rows_as_text((*rows["equipment"], added), item, frozenset({rows["equipment"][0].id}))
    form = as_form(
        [
            ("equipment", text),
            ("independence_declared", as_text(True)),
            ("accreditation_valid_until", as_text(date(2028, 2, 29))),
            ("investor", None),
        ]
    )
    assert form.given == {"equipment", "independence_declared", "accreditation_valid_until", "investor"}
    assert (form.independence_declared, form.accreditation_valid_until, form.investor) == (
        True,
        date(2028, 2, 29),
        None,
    )
    kept, new = form.equipment
    assert isinstance(new, EquipmentDraft)
    assert (kept.id, kept.quantity) == (rows["equipment"][0].id, Decimal(3))
    assert (new.id, new.quantity, new.calibration_valid_until) == (None, Decimal("0.5"), date(2027, 1, 2))
    assert isinstance(record, FilingChange)


def test_the_fields_of_a_filing_can_all_be_written_and_read_again() -> None:
    record: Filing = filing(
        S.ACCEPTED,
        accreditation_valid_until=date(2028, 2, 29),
        identity_card_number="11010519491231002X",
    )
    for name, field in fields_of(FilingDraft).items():
        if field.item is None:
            value = getattr(record, name)
            assert getattr(as_form([(name, as_text(value))]), name) == value, name
        else:
            rows = rows_of(record.id)[name]
            form = as_form([(name, rows_as_text(rows, field.item, frozenset(each.id for each in rows)))])
            (read,), (row,) = getattr(form, name), rows
            assert {each: getattr(read, each) for each in fields_of(field.item)} == {
                each: getattr(row, each) for each in fields_of(field.item)
            }
