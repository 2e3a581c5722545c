"""Dispositions at rest, with submissions and reviews: who sees them, the questions, and the facts that rules weigh.

Customs sees all and an institution its own; everybody else knows no more of them than the registry shows.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_, exists, false, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commission.record import CommissionStatus
from domain.disposition.record import (
    RUNNING,
    Disposition,
    DispositionFacts,
    DispositionFilter,
    DispositionReview,
    DispositionStatus,
    DispositionSubmission,
    DispositionType,
)
from domain.disposition.workflow import WORKFLOW
from domain.marks import start_of_day, today_in_china
from domain.party import OrganisationKind, Viewer
from storage.attachment import ATTACHMENTS, attachments_of, may_be_attached_to
from storage.columns import table_of
from storage.commission import COMMISSION
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.institution import DESK as INSTITUTION_DESK
from storage.institution import INSTITUTION, institutions_by_id
from storage.register import REGISTER
from storage.shelf import Seen, Shelf, begins, contains

DISPOSITION = table_of(
    Disposition,
    "disposition",
    UniqueConstraint("number"),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    Index(None, "imposed_at", "id"),
    Index(None, "institution_id", "imposed_at", "id"),
    Index(None, "institution_id", "status", "imposed_at", "id"),
    Index(None, "status", "imposed_at", "id"),
    # What the clock looks for.
    Index(None, "status", "ends_on"),
    Index(None, "status", "due_on"),
)


def _concerned(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product or viewer.kind is OrganisationKind.CUSTOMS:
        return true()
    if viewer.kind is OrganisationKind.INSTITUTION and viewer.institution_id is not None:
        return DISPOSITION.c.institution_id == viewer.institution_id
    return false()


DISPOSITIONS = Shelf(Disposition, DISPOSITION, _concerned)
may_be_attached_to("disposition", DISPOSITIONS)


def _of_a_disposition(column: ColumnElement[UUID]) -> Any:
    def visible(viewer: Viewer) -> ColumnElement[bool]:
        return column.in_(select(DISPOSITION.c.id).where(_concerned(viewer)))

    return visible


SUBMISSION = table_of(
    DispositionSubmission,
    "disposition_submission",
    ForeignKeyConstraint(["disposition_id"], ["disposition.id"]),
    Index(None, "disposition_id", "submitted_at", "id"),
)
SUBMISSIONS = Shelf(DispositionSubmission, SUBMISSION, _of_a_disposition(SUBMISSION.c.disposition_id))

REVIEW = table_of(
    DispositionReview,
    "disposition_review",
    ForeignKeyConstraint(["disposition_id"], ["disposition.id"]),
    Index(None, "disposition_id", "reviewed_at", "id"),
)
REVIEWS = Shelf(DispositionReview, REVIEW, _of_a_disposition(REVIEW.c.disposition_id))


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def dispositions(viewer: Viewer, wanted: DispositionFilter) -> Seen[Disposition]:
    """The dispositions of a viewer, by content and time as in the manual (1.7) and by more, alone or together."""
    c = DISPOSITION.c
    seen = DISPOSITIONS.seen_by(viewer)
    if wanted.number:
        seen = seen.where(begins(c.number, wanted.number.strip()))
    if wanted.content:
        seen = seen.where(contains(c.content, wanted.content))
    if wanted.type is not None:
        seen = seen.where(c.type == wanted.type)
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    if wanted.institution_id is not None:
        seen = seen.where(c.institution_id == wanted.institution_id)
    if wanted.overdue is not None:
        seen = seen.where(c.overdue.is_(wanted.overdue))
    # Before the first and after the last day that can be written there is nothing to leave out.
    if wanted.imposed_from is not None and wanted.imposed_from > date.min:
        seen = seen.where(c.imposed_at >= start_of_day(wanted.imposed_from))
    if wanted.imposed_to is not None and wanted.imposed_to < date.max:
        seen = seen.where(c.imposed_at < start_of_day(wanted.imposed_to + timedelta(days=1)))
    return seen


async def submissions_of(
    connection: AsyncConnection, ids: Sequence[UUID]
) -> dict[UUID, tuple[DispositionSubmission, ...]]:
    """What was submitted under some dispositions, in order; whoever asks has seen the dispositions already."""
    statement = (
        select(*SUBMISSIONS.columns)
        .where(SUBMISSION.c.disposition_id.in_(ids))
        .order_by(SUBMISSION.c.submitted_at, SUBMISSION.c.id)
    )
    return _by(await connection.execute(statement), SUBMISSIONS, lambda each: each.disposition_id)


async def reviews_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, tuple[DispositionReview, ...]]:
    """How customs reviewed some dispositions, in order; whoever asks has seen the dispositions already."""
    statement = (
        select(*REVIEWS.columns).where(REVIEW.c.disposition_id.in_(ids)).order_by(REVIEW.c.reviewed_at, REVIEW.c.id)
    )
    return _by(await connection.execute(statement), REVIEWS, lambda each: each.disposition_id)


async def dispositions_of_institutions(
    connection: AsyncConnection, ids: Sequence[UUID]
) -> dict[UUID, tuple[Disposition, ...]]:
    """All dispositions of some institutions, the latest first, whoever may see them."""
    statement = (
        select(*DISPOSITIONS.columns)
        .where(DISPOSITION.c.institution_id.in_(ids))
        .order_by(DISPOSITION.c.imposed_at.desc(), DISPOSITION.c.id.desc())
    )
    return _by(await connection.execute(statement), DISPOSITIONS, lambda each: each.institution_id)


async def entries_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """When some institutions were entered in the registry, each time, by the register."""
    statement = select(REGISTER.c.subject_id, REGISTER.c.at).where(
        REGISTER.c.subject_id.in_(ids), REGISTER.c.action == "enter"
    )
    found: dict[UUID, tuple[datetime, ...]] = {}
    for row in await connection.execute(statement):
        found[row.subject_id] = (*found.get(row.subject_id, ()), row.at)
    return found


def _by(rows: Iterable[Any], shelf: Shelf[Any], owner: Any) -> dict[UUID, tuple[Any, ...]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        part = shelf.made_of(row)
        found.setdefault(owner(part), []).append(part)
    return {key: tuple(some) for key, some in found.items()}


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[Disposition]]) -> list[DispositionFacts]:
    connection = gathering.connection
    ids = [ask.record.id for ask in asks if ask.record is not None]
    disciplined = [each for ask in asks if (each := _institution_of(ask)) is not None]
    # Whoever would begin or end another of its dispositions at the same time waits here, and then sees this one.
    institutions = await institutions_by_id(connection, disciplined, lock=gathering.lock, to_change=True)
    running = await _running(connection, institutions)
    submissions = await submissions_of(connection, ids) if ids else {}
    reviews = await reviews_of(connection, ids) if ids else {}
    attachments = await attachments_of(connection, ids) if ids else {}
    being_imposed = [each for ask in asks if ask.record is None and (each := _institution_of(ask)) is not None]
    enterprises = await _enterprises_waiting(connection, being_imposed) if being_imposed else {}
    found = []
    for ask in asks:
        institution_id, record_id = _institution_of(ask), ask.record.id if ask.record else None
        others = running.get(institution_id, ()) if institution_id else ()
        found.append(
            DispositionFacts(
                institution=institutions.get(institution_id) if institution_id else None,
                others=tuple(each for each in others if each.id != record_id),
                submissions=submissions.get(record_id, ()) if record_id else (),
                reviews=reviews.get(record_id, ()) if record_id else (),
                attachments=attachments.get(record_id, ()) if record_id else (),
                enterprises=enterprises.get(institution_id, ()) if institution_id else (),
            )
        )
    return found


def _institution_of(ask: Ask[Disposition]) -> UUID | None:
    return getattr(ask.form, "institution_id", None) if ask.record is None else ask.record.institution_id


async def _running(connection: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, tuple[Disposition, ...]]:
    statement = (
        select(*DISPOSITIONS.columns)
        .where(DISPOSITION.c.institution_id.in_(list(ids)), DISPOSITION.c.status.in_(RUNNING))
        .order_by(DISPOSITION.c.imposed_at, DISPOSITION.c.id)
    )
    return _by(await connection.execute(statement), DISPOSITIONS, lambda each: each.institution_id)


async def _enterprises_waiting(
    connection: AsyncConnection, institution_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """The enterprises whose commissions lie undecided or unfinished with some institutions."""
    c = COMMISSION.c
    statement = (
        select(c.submitted_to_id, c.enterprise_id)
        .where(
            c.submitted_to_id.in_(institution_ids),
            c.status.in_((CommissionStatus.PENDING, CommissionStatus.IN_PROGRESS)),
        )
        .distinct()
        .order_by(c.submitted_to_id, c.enterprise_id)
    )
    found: dict[UUID, tuple[UUID, ...]] = {}
    for row in await connection.execute(statement):
        found[row.submitted_to_id] = (*found.get(row.submitted_to_id, ()), row.enterprise_id)
    return found


# ── What falls due ─────────────────────────────────────────────────────────────────────────────────────────────────


def _terms_over(now: datetime) -> ColumnElement[bool]:
    c = DISPOSITION.c
    is_withheld = and_(c.status == DispositionStatus.IN_FORCE, c.type == DispositionType.NON_RECOGNITION)
    return and_(is_withheld, c.ends_on < today_in_china(now))


def _deadlines_passed(now: datetime) -> ColumnElement[bool]:
    c = DISPOSITION.c
    is_awaited = c.status.in_((DispositionStatus.AWAITING_RECTIFICATION, DispositionStatus.SUPPLEMENT_REQUIRED))
    # What was imposed before its institution filed anew binds it no more.
    still_binds = exists().where(INSTITUTION.c.id == c.institution_id, INSTITUTION.c.filed_at <= c.imposed_at)
    return and_(is_awaited, still_binds, c.due_on < today_in_china(now), c.overdue.is_(False))


DESK = Desk(
    WORKFLOW,
    DISPOSITIONS,
    _gather,
    parts=(
        PartsOf(SUBMISSIONS, SUBMISSION.c.disposition_id, lambda facts: facts.submissions),
        PartsOf(REVIEWS, REVIEW.c.disposition_id, lambda facts: facts.reviews),
        PartsOf(ATTACHMENTS, ATTACHMENTS.table.c.subject_id, lambda facts: facts.attachments),
    ),
    counter="disposition",
    neighbours=(INSTITUTION_DESK,),
    due={"expire": _terms_over, "mark_overdue": _deadlines_passed},
)
