"""What each action changes on a filing change. Nothing here decides; every function is pure."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from domain.filing.effects import rows_after
from domain.filing.lists import LISTS, Rows
from domain.filing.record import Filing, FilingDraft, FilingForm
from domain.filing_change.record import (
    MATERIAL,
    ApproveForm,
    ChangedField,
    FilingChange,
    FilingChangeCase,
    FilingChangeDraft,
    FilingChangeFacts,
    FilingChangeStatus,
    RefuseForm,
)
from domain.filing_change.written import as_form, as_text, rows_as_text
from domain.personal import salt
from domain.record import changed, fields_of
from domain.term import Term
from domain.workflow import Case, Effect, Wish

Requested = Case[FilingChange, FilingChangeFacts, FilingChangeDraft]


def wished_for(case: Requested) -> tuple[Filing, Rows]:
    """The filing and its rows as they would be."""
    filing = case.facts.filing
    assert filing is not None
    sent = {name: value for name, value in case.form.sent().items() if name in fields_of(FilingForm)}
    rows = rows_after(case.facts.rows, case.form, filing.id, case.new_id)
    return changed(filing, **sent), {**case.facts.rows, **rows}


def differences(case: Requested) -> Iterator[tuple[str, str | None, str | None]]:
    """Every field that would differ, as it is and as it would be. An empty text is no text."""
    filing = case.facts.filing
    assert filing is not None
    after, rows_then = wished_for(case)
    for name, field in fields_of(FilingDraft).items():
        if name not in case.form.given:
            continue
        if name in LISTS:
            assert field.item is not None
            former = case.facts.rows.get(name, ())
            known = frozenset(row.id for row in former)
            was: str | None = rows_as_text(former, field.item, known)
            will_be: str | None = rows_as_text(rows_then.get(name, ()), field.item, known)
        else:
            was, will_be = as_text(getattr(filing, name)) or None, as_text(getattr(after, name)) or None
        if was != will_be:
            yield name, was, will_be


def as_requested(case: Requested) -> Effect:
    """What differs is kept, not what was sent."""
    found = tuple(
        ChangedField(
            id=case.new_id(),
            line_number=number,
            name=name,
            before=was,
            after=will_be,
            is_material=name in MATERIAL,
            filing_change_id=case.record.id,
        )
        for number, (name, was, will_be) in enumerate(differences(case), start=1)
    )
    changes = {"requires_refiling": any(each.is_material for each in found), "salt": salt(case.new_id)}
    return Effect(changes=changes, adds=found)


def as_decided(case: "Case[FilingChange, FilingChangeFacts, ApproveForm | RefuseForm]") -> Effect:
    return Effect(changes={"opinion": case.form.opinion, "decided_at": case.now})


def changing_the_filing(case: FilingChangeCase, change: FilingChange) -> Iterator[Wish]:
    yield Wish(form=as_form((each.name, each.after) for each in case.facts.changes), subject_id=change.filing_id)


def blank_change(case: "Case[Any, FilingChangeFacts, FilingChangeDraft]", status: Term | None) -> FilingChange:
    assert case.actor.organisation_id is not None
    assert isinstance(status, FilingChangeStatus)
    filing_id: UUID = case.form.filing_id
    return FilingChange(
        id=case.new_id(),
        status=status,
        requested_at=case.now,
        filing_id=filing_id,
        organisation_id=case.actor.organisation_id,
    )
