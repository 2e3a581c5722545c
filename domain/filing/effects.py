"""What each action changes on a filing. Nothing here decides; every function is pure."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from domain.disposition.record import DispositionType
from domain.filing.lists import LISTS, Row, Rows
from domain.filing.record import Filing, FilingCase, FilingDraft, FilingFacts, FilingStatus, RejectForm, SupplementForm
from domain.institution import InstitutionStatus, RegistryEntry, RegistryUpdate
from domain.personal import salt
from domain.record import Form, fields_of
from domain.rows import merged
from domain.term import Term
from domain.workflow import Case, Effect, Wish


def rows_after(
    former: Rows, form: FilingDraft, filing_id: UUID, new_id: Callable[[], UUID]
) -> dict[str, tuple[Row, ...]]:
    """The rows of each list that was sent, as they will be kept."""

    def blank(kind: type[Row]) -> Callable[[], Row]:
        return lambda: kind(id=new_id(), line_number=0, filing_id=filing_id)

    return {
        name: merged(former.get(name, ()), getattr(form, name), blank(kind))
        for name, kind in LISTS.items()
        if name in form.given
    }


def as_saved(case: "Case[Filing, FilingFacts, FilingDraft]") -> Effect:
    """The fields and lists that were sent."""
    sent = {name: value for name, value in case.form.sent().items() if name in fields_of(Filing)}
    rows = rows_after(case.facts.rows, case.form, case.record.id, case.new_id)
    if sent.get("identity_card_number") and case.record.salt is None:
        sent["salt"] = salt(case.new_id)
    return Effect(changes=sent, replaces={LISTS[name]: some for name, some in rows.items()})


def as_submitted(case: FilingCase) -> Effect:
    number = revoked_number(case.facts)
    return Effect(
        changes={
            "submitted_at": case.now,
            "previous_filing_number": number,
            "decided_at": None,
            "review_opinion": None,
        }
    )


def as_withdrawn(case: FilingCase) -> Effect:
    return Effect(changes={"submitted_at": None})


def as_accepted(case: FilingCase) -> Effect:
    return Effect(changes={"certificate_number": case.fresh_number, "decided_at": case.now, "review_opinion": None})


def as_decided(case: "Case[Filing, FilingFacts, SupplementForm | RejectForm]") -> Effect:
    return Effect(changes={"decided_at": case.now, "review_opinion": case.form.reason})


def revoked_number(facts: FilingFacts) -> str | None:
    """The filing number that the organisation had until it was revoked."""
    institution = facts.institution
    if institution is None or institution.status is not InstitutionStatus.REVOKED:
        return None
    return institution.filing_number


def blank_filing(case: FilingCase, status: Term | None) -> Filing:
    assert case.actor.organisation_id is not None
    assert isinstance(status, FilingStatus)
    return Filing(
        id=case.new_id(),
        application_number=case.fresh_number,
        previous_filing_number=revoked_number(case.facts),
        status=status,
        created_at=case.now,
        organisation_id=case.actor.organisation_id,
    )


# ── What follows in the registry ───────────────────────────────────────────────────────────────────────────────────


def entering_the_registry(case: FilingCase, filing: Filing) -> Iterator[Wish]:
    """A row of its own; an organisation that was revoked has one and comes back to it."""
    institution = case.facts.institution
    assert filing.certificate_number is not None
    form = RegistryEntry.of(
        **_said_by(filing), filing_number=filing.certificate_number, organisation_id=filing.organisation_id
    )
    yield Wish(form=form, subject_id=institution.id if institution else None)


def ending_the_revocation(case: FilingCase, filing: Filing) -> Iterator[Wish]:
    """What took the institution out of the registry is over once it has come back; nothing else is lifted by that."""
    for each in case.facts.dispositions:
        if each.type is DispositionType.REVOCATION:
            yield Wish(form=Form(), subject_id=each.id)


def updating_the_registry(case: FilingCase, filing: Filing) -> Iterator[Wish]:
    institution = case.facts.institution
    assert institution is not None
    yield Wish(form=RegistryUpdate.of(**_said_by(filing)), subject_id=institution.id)


def _said_by(filing: Filing) -> dict[str, Any]:
    return {
        "name_zh": filing.name_zh,
        "name_en": filing.name_en,
        "registered_place": filing.registered_address,
        "country": filing.country,
        "contact_name": filing.contact_name,
        "contact_phone": filing.contact_phone,
        "contact_email": filing.contact_email,
    }
