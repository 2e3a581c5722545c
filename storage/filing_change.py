"""Filing changes at rest: seen by the institution that is on file and by customs, with what changes field by field."""

from asyncio import gather
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.code import codes_in
from domain.filing.record import Filing
from domain.filing_change.record import (
    ChangedField,
    FilingChange,
    FilingChangeDraft,
    FilingChangeFacts,
    FilingChangeFilter,
    FilingChangeStatus,
)
from domain.filing_change.workflow import WORKFLOW
from domain.marks import today_in_china
from domain.party import OrganisationKind, Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.code import known_codes
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.filing import DESK as FILING_DESK
from storage.filing import FILING, FILINGS, all_rows_of
from storage.institution import institutions_of
from storage.organisation import customs_offices
from storage.question import Asks, Together
from storage.relation import many
from storage.shelf import Seen, Shelf
from storage.sight import sight
from storage.supervision import of_its_record

CHANGES_SHOWN_MAX = 50
"""How many changes are shown with their filing, the latest first; all stand in the list of changes."""

FILING_CHANGE = table_of(
    FilingChange,
    "filing_change",
    ForeignKeyConstraint(["filing_id"], ["filing.id"]),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "requested_at", "id"),
    Index(None, "organisation_id", "requested_at", "id"),
    Index(None, "status", "requested_at", "id"),
    Index(None, "filing_id", "requested_at", "id"),
)
_IS_OPEN = FILING_CHANGE.c.status == FilingChangeStatus.PENDING
# Two requested at once do not see each other; the second one meets this and is refused with a reason.
Index(
    "uq_filing_change_open",
    FILING_CHANGE.c.filing_id,
    unique=True,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)


@sight(zh="备案机构和海关", en="the institution on file, and customs")
def _concerned(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    if viewer.kind is OrganisationKind.INSTITUTION:
        return FILING_CHANGE.c.organisation_id == viewer.organisation_id
    return false()


FILING_CHANGES = Shelf(FilingChange, FILING_CHANGE, _concerned)
may_be_attached_to("filing_change", FILING_CHANGES)

CHANGED_FIELD = table_of(
    ChangedField,
    "changed_field",
    ForeignKeyConstraint(["filing_change_id"], ["filing_change.id"]),
    Index(None, "filing_change_id", "line_number", "id"),
)


CHANGED_FIELDS = Shelf(ChangedField, CHANGED_FIELD, of_its_record(CHANGED_FIELD.c.filing_change_id, FILING_CHANGES))


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def filing_changes(viewer: Viewer, wanted: FilingChangeFilter) -> Seen[FilingChange]:
    """The changes that a viewer may see, by filing, status and weight."""
    c = FILING_CHANGE.c
    seen = FILING_CHANGES.seen_by(viewer)
    if wanted.filing_id is not None:
        seen = seen.where(c.filing_id == wanted.filing_id)
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    if wanted.requires_refiling is not None:
        seen = seen.where(c.requires_refiling == wanted.requires_refiling)
    return seen


async def filing_changes_seen_by_id(
    connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]
) -> dict[UUID, FilingChange]:
    """Those of some changes that a viewer may see, by id."""
    seen = await FILING_CHANGES.seen_by(viewer).where(FILING_CHANGE.c.id.in_(ids)).all(connection)
    return {each.id: each for each in seen}


async def changes_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, tuple[FilingChange, ...]]:
    """The latest changes of some filings, latest first; whoever asks has seen the filings already."""
    c = FILING_CHANGE.c
    place = func.row_number().over(partition_by=c.filing_id, order_by=(c.requested_at.desc(), c.id.desc()))
    placed = select(*FILING_CHANGES.columns, place.label("place")).where(c.filing_id.in_(ids)).subquery()
    statement = select(placed).where(placed.c.place <= CHANGES_SHOWN_MAX).order_by(placed.c.filing_id, placed.c.place)
    found: dict[UUID, list[FilingChange]] = {}
    for row in await connection.execute(statement):
        change = FILING_CHANGES.made_of(row)
        found.setdefault(change.filing_id, []).append(change)
    return {filing_id: tuple(some) for filing_id, some in found.items()}


FIELDS_CHANGED = many(
    CHANGED_FIELDS, CHANGED_FIELD.c.filing_change_id, order=(CHANGED_FIELD.c.line_number,), is_part=True
)


async def fields_changed_by(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[ChangedField, ...]]:
    """What some changes change, in order; whoever asks has seen the changes already."""
    return await FIELDS_CHANGED.parts(connection, ids)


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[FilingChange]]) -> list[FilingChangeFacts]:
    together = gathering.together
    filings = await _filings(gathering, asks)
    institutions = await institutions_of(
        together, {each.organisation_id for each in filings.values()}, lock=gathering.lock
    )
    new = [ask.form.filing_id for ask in asks if isinstance(ask.form, FilingChangeDraft)]
    ids = [ask.record.id for ask in asks if ask.record is not None]
    coded = {(table, code) for ask in asks for _, table, code in codes_in(ask.form)}
    rows, fields, attachments, opened, codes, offices = await gather(
        all_rows_of(together, new),
        fields_changed_by(together, ids),
        attachments_of(together, ids),
        _filings_with_an_open_change(together, new),
        known_codes(together, coded, today_in_china(gathering.now)),
        customs_offices(gathering),
    )
    found = []
    for ask in asks:
        filing = filings.get(_filing_named(ask))
        is_new = ask.record is None and filing is not None
        found.append(
            FilingChangeFacts(
                filing=filing,
                rows=rows.get(filing.id, {}) if is_new and filing else {},
                institution=institutions.get(filing.organisation_id) if filing else None,
                is_open=is_new and filing is not None and filing.id in opened,
                changes=fields.get(ask.record.id, ()) if ask.record else (),
                attachments=attachments.get(ask.record.id, ()) if ask.record else (),
                customs_offices=offices,
                known_codes=frozenset(codes),
            )
        )
    return found


def _filing_named(ask: Ask[FilingChange]) -> UUID | None:
    return ask.record.filing_id if ask.record is not None else getattr(ask.form, "filing_id", None)


async def _filings(gathering: Gathering, asks: Sequence[Ask[FilingChange]]) -> dict[UUID | None, Filing]:
    """The filings that change, where the actor may see them; the same actor asks for all."""
    found: dict[UUID | None, Filing] = {}
    for actor in {ask.actor for ask in asks}:
        ids = {_filing_named(ask) for ask in asks if ask.actor == actor}
        statement = FILINGS.seen_by(actor).where(FILING.c.id.in_(ids - {None})).select().order_by(FILING.c.id)
        if gathering.lock:
            statement = statement.with_for_update(read=True)
        for row in await gathering.together.rows(statement):
            filing = FILINGS.made_of(row)
            found[filing.id] = filing
    return found


async def _filings_with_an_open_change(together: Together, ids: Sequence[UUID]) -> set[UUID]:
    statement = select(FILING_CHANGE.c.filing_id).where(FILING_CHANGE.c.filing_id.in_(ids), _IS_OPEN)
    return {row.filing_id for row in await together.rows(statement)} if ids else set()


DESK = Desk(
    WORKFLOW,
    FILING_CHANGES,
    _gather,
    parts=(
        PartsOf(FIELDS_CHANGED, lambda facts: facts.changes),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    neighbours=(FILING_DESK,),
    number=None,
)
