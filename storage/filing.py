"""Filings at rest, with their lists: who sees them, the questions, and the facts that rules weigh.

An institution sees its own; customs sees a filing from its submission on, and no longer when it was withdrawn.
"""

from asyncio import gather
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import codes_in
from domain.filing.lists import LISTS, Row
from domain.filing.record import OPEN, Filing, FilingFacts, FilingFilter
from domain.filing.workflow import WORKFLOW
from domain.institution import Institution, InstitutionStatus
from domain.marks import today_in_china
from domain.party import OrganisationKind, Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.code import known_codes
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.disposition import DESK as DISPOSITION_DESK
from storage.disposition import running_against
from storage.institution import DESK as INSTITUTION_DESK
from storage.institution import INSTITUTION, INSTITUTIONS, institutions_of
from storage.numbers import FILING_NUMBERS
from storage.organisation import customs_offices
from storage.question import Asks, Together
from storage.relation import Relation, many, one
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.sight import sight
from storage.supervision import between_days, of_its_record

FILING = table_of(
    Filing,
    "filing",
    UniqueConstraint("application_number"),
    UniqueConstraint("certificate_number"),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "created_at", "id"),
    Index(None, "submitted_at", "id"),
    Index(None, "organisation_id", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
)
_IS_OPEN = FILING.c.status.in_(OPEN)
# Two drafts submitted at once do not see each other; the second one meets this and is refused with a reason.
Index(
    "uq_filing_open",
    FILING.c.organisation_id,
    unique=True,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)


@sight(
    zh="提出备案申请的机构；海关自首次提交起可见",
    en="the institution that files; customs sees it from its first submission on",
)
def _concerned(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    match viewer.kind:
        case OrganisationKind.INSTITUTION:
            return FILING.c.organisation_id == viewer.organisation_id
        case OrganisationKind.CUSTOMS:
            return FILING.c.submitted_at.is_not(None)
    return false()


FILINGS = Shelf(Filing, FILING, _concerned)
may_be_attached_to("filing", FILINGS)


def _list(name: str, record: type[Row]) -> Shelf[Row]:
    table: Table = table_of(
        record, name, ForeignKeyConstraint(["filing_id"], ["filing.id"]), Index(None, "filing_id", "line_number", "id")
    )

    return Shelf(record, table, of_its_record(table.c.filing_id, FILINGS))


ROWS: dict[str, Shelf[Row]] = {
    "signatories": _list("signatory", LISTS["signatories"]),
    "departments": _list("department", LISTS["departments"]),
    "equipment": _list("equipment", LISTS["equipment"]),
    "quality_certificates": _list("quality_certificate", LISTS["quality_certificates"]),
    "past_inspections": _list("past_inspection", LISTS["past_inspections"]),
}
"""Where the rows of each list rest, by the list's field."""


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def filings(viewer: Viewer, wanted: FilingFilter) -> Seen[Filing]:
    """The filings of a viewer, by the manual's filter and those of customs, alone or together."""
    c = FILING.c
    seen = FILINGS.seen_by(viewer)
    if wanted.application_number:
        seen = seen.where(begins(c.application_number, wanted.application_number.strip()))
    if wanted.certificate_number:
        seen = seen.where(begins(c.certificate_number, wanted.certificate_number.strip().upper()))
    if wanted.name:
        seen = seen.where(or_(contains(c.name_zh, wanted.name), contains(c.name_en, wanted.name)))
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    return seen.where(*between_days(c.submitted_at, wanted.submitted_from, wanted.submitted_to))


async def filings_seen_by_id(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Filing]:
    """Those of some filings that a viewer may see, by id."""
    seen = await FILINGS.seen_by(viewer).where(FILING.c.id.in_(ids)).all(connection)
    return {each.id: each for each in seen}


INSTITUTION_NUMBERED = one(INSTITUTIONS, INSTITUTION.c.filing_number)
FILING_NUMBERED = one(FILINGS, FILING.c.certificate_number)
ROWS_OF: dict[str, Relation[Row]] = {
    name: many(shelf, shelf.table.c.filing_id, order=(shelf.table.c.line_number,), is_part=True)
    for name, shelf in ROWS.items()
}
"""The rows of some filings, in order, list by list; whoever asks has seen the filings already."""


async def all_rows_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, dict[str, tuple[Row, ...]]]:
    """Every list of some filings."""
    together = Together.over(connection)
    lists = await gather(*(rows_of.parts(together, ids) for rows_of in ROWS_OF.values()))
    found: dict[UUID, dict[str, tuple[Row, ...]]] = {}
    for name, rows_by_filing in zip(ROWS_OF, lists, strict=True):
        for filing_id, rows in rows_by_filing.items():
            found.setdefault(filing_id, {})[name] = rows
    return found


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[Filing]]) -> list[FilingFacts]:
    together = gathering.together
    ids = [ask.record.id for ask in asks if ask.record is not None]
    organisations = {owner for ask in asks if (owner := _owner(ask)) is not None}
    institutions: dict[UUID, Institution] = await institutions_of(together, organisations, lock=gathering.lock)
    coded = {(table, code) for ask in asks for part in (ask.form, ask.record) for _, table, code in _codes_in(part)}
    restricted = [each.id for each in institutions.values() if each.status is not InstitutionStatus.NORMAL]
    rows, attachments, opened, running, codes, offices = await gather(
        all_rows_of(together, ids),
        attachments_of(together, ids),
        _open_filings(together, organisations),
        running_against(together, restricted),
        known_codes(together, coded, today_in_china(gathering.now)),
        customs_offices(gathering),
    )
    found = []
    for ask in asks:
        record_id = ask.record.id if ask.record is not None else None
        institution = institutions.get(owner) if (owner := _owner(ask)) else None
        others = [number for filing_id, number in opened.get(_owner(ask), ()) if filing_id != record_id]
        found.append(
            FilingFacts(
                rows=rows.get(record_id, {}) if record_id else {},
                attachments=attachments.get(record_id, ()) if record_id else (),
                institution=institution,
                dispositions=running.get(institution.id, ()) if institution else (),
                customs_offices=offices,
                open_elsewhere=others[0] if others else None,
                known_codes=frozenset(codes),
            )
        )
    return found


def _owner(ask: Ask[Filing]) -> UUID | None:
    return ask.actor.organisation_id if ask.record is None else ask.record.organisation_id


def _codes_in(written: object | None) -> Any:
    return () if written is None else codes_in(written)


async def _open_filings(together: Together, organisations: set[UUID]) -> dict[UUID | None, list[tuple[UUID, str]]]:
    """The open filings of each organisation: id and number."""
    c = FILING.c
    statement = select(c.organisation_id, c.id, c.application_number).where(
        c.organisation_id.in_(organisations), c.status.in_(OPEN)
    )
    found: dict[UUID | None, list[tuple[UUID, str]]] = {}
    for row in await together.rows(statement):
        found.setdefault(row.organisation_id, []).append((row.id, row.application_number))
    return found


def _held_in(name: str) -> Callable[[Any], Sequence[Row]]:
    def held(facts: FilingFacts) -> Sequence[Row]:
        return facts.rows.get(name, ())

    return held


DESK = Desk(
    WORKFLOW,
    FILINGS,
    _gather,
    parts=(
        *(PartsOf(rows, _held_in(name)) for name, rows in ROWS_OF.items()),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    counter="filing",
    number="application_number",
    draws={"accept": FILING_NUMBERS},
    neighbours=(INSTITUTION_DESK, DISPOSITION_DESK),
)
