"""What the product holds of one person, found by the number of their identity card; and how it is erased.

The number is looked for in filings and their changes; then the person's texts in the rest of those filings, in all of
their changes, and in the registry. Files that were uploaded are not looked into.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.filing.lists import Row
from domain.filing.record import Filing
from domain.filing_change.erasure import held_by_change, texts_of_change
from domain.filing_change.record import ChangedField, FilingChange
from domain.institution import Institution
from domain.party import THE_PRODUCT
from domain.person import EraseForm, held, texts_of
from domain.record import Part
from domain.refusal import Refusal
from storage.filing import DESK as FILING_DESK
from storage.filing import FILING, FILINGS, all_rows_of
from storage.filing_change import CHANGED_FIELD, FILING_CHANGE, FILING_CHANGES, fields_changed_by
from storage.filing_change import DESK as CHANGE_DESK
from storage.institution import institutions_of
from storage.perform import Door, Request, Transaction, Undone
from storage.question import Together
from storage.register import erase_changes
from storage.sealed import holds_number, keys_of


@dataclass(frozen=True)
class Held:
    """One record, or part of one, with the fields that hold data of the person."""

    subject: str
    record_id: UUID
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Holdings:
    """All that is held of one person."""

    texts: frozenset[str] = frozenset()
    filings: Sequence[Filing] = ()
    rows: Mapping[UUID, Mapping[str, Sequence[Row]]] = field(default_factory=dict)
    changes: Sequence[FilingChange] = ()
    changed: Mapping[UUID, tuple[ChangedField, ...]] = field(default_factory=dict)
    institutions: Sequence[Institution] = ()

    def held(self) -> list[Held]:
        """Record by record; those without a word of the person are left out."""
        found = [_held("filing", each, self.texts) for each in self.filings]
        for lists in self.rows.values():
            found += [_held(name, row, self.texts) for name, some in lists.items() for row in some]
        for each in self.changes:
            for part in self.changed.get(each.id, ()):
                fields = held_by_change(part, self.texts)
                found.append(Held("filing_change", each.id, {f"{part.name}.{side}": fields[side] for side in fields}))
        found += [_held("institution", each, self.texts) for each in self.institutions]
        return [each for each in found if each.fields]


@dataclass(frozen=True)
class Erasure:
    """What became of it: how many records the data was erased from, or why it was not."""

    records: int = 0
    refused: tuple[tuple[str, Refusal], ...] = ()
    """The number or kind of the record, with the reason."""


def _held(subject: str, part: Part, texts: Iterable[str]) -> Held:
    return Held(subject, part.id, held(part, texts))


async def holdings(connection: AsyncConnection, number: str) -> Holdings:
    """All that is held of the person with this number, written with a capital X."""
    keys = keys_of(connection.dialect)
    fields = (CHANGED_FIELD.c.before, CHANGED_FIELD.c.after)
    in_changes = select(CHANGED_FIELD.c.filing_change_id).where(holds_number(fields, number, keys))
    of_filings = select(FILING_CHANGE.c.filing_id).where(FILING_CHANGE.c.id.in_(in_changes))
    holding = or_(holds_number([FILING.c.identity_card_number], number, keys), FILING.c.id.in_(of_filings))
    filings = await FILINGS.seen_by(THE_PRODUCT).where(holding).all(connection, FILING.c.id)
    if not filings:
        return Holdings()
    ids = [each.id for each in filings]
    of_them = FILING_CHANGES.seen_by(THE_PRODUCT).where(FILING_CHANGE.c.filing_id.in_(ids))
    changes = await of_them.all(connection, FILING_CHANGE.c.id)
    changed = await fields_changed_by(connection, [each.id for each in changes])
    institutions = await institutions_of(Together(connection), {each.organisation_id for each in filings})
    texts = {number, number.lower()}
    texts |= {text for each in filings for text in texts_of(each, number)}
    texts |= {text for some in changed.values() for text in texts_of_change(some, number)}
    return Holdings(
        texts=frozenset(texts),
        filings=filings,
        rows=await all_rows_of(connection, ids),
        changes=changes,
        changed=changed,
        institutions=list(institutions.values()),
    )


async def erase(door: Door, number: str, reason: str) -> Erasure:
    """Erases the person from every record, and from what the register shows of their past; all of it or nothing."""

    async def work(transaction: Transaction) -> Erasure:
        found = await holdings(transaction.connection, number)
        named = {each.record_id for each in found.held()}
        filings = [each for each in found.filings if each.id in named or _has_rows(found, each.id)]
        changes = [each for each in found.changes if each.id in named]
        form = EraseForm.of(texts=found.texts, reason=reason)
        refused = [
            *await _erased(transaction, FILING_DESK, filings, form, lambda each: each.application_number),
            *await _erased(transaction, CHANGE_DESK, changes, form, lambda each: f"filing_change {each.id}"),
        ]
        if refused:
            raise Undone(Erasure(refused=tuple(dict.fromkeys(refused))))
        subjects = [each.id for each in (*found.filings, *found.changes, *found.institutions)]
        await erase_changes(transaction.connection, subjects, found.texts)
        return Erasure(records=len(filings) + len(changes))

    return await door.together(work)


def _has_rows(found: Holdings, filing_id: UUID) -> bool:
    return any(held(row, found.texts) for some in found.rows.get(filing_id, {}).values() for row in some)


async def _erased(
    transaction: Transaction, desk: Any, records: Sequence[Any], form: EraseForm, name: Callable[[Any], str]
) -> list[tuple[str, Refusal]]:
    """Why it could not be done, record by record."""
    requests = [Request(form=form, subject_id=each.id) for each in records]
    outcomes = await transaction.perform_all(desk, "erase", requests, THE_PRODUCT) if requests else []
    return [
        (name(record), refusal)
        for record, outcome in zip(records, outcomes, strict=True)
        for refusal in outcome.refusals
    ]
