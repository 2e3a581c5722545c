"""Dispositions at rest, with submissions and reviews: who sees them, the questions, and the facts that rules weigh.

Customs sees all and an institution its own; everybody else knows no more of them than the registry shows.
"""

from asyncio import gather
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_, select
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
from domain.marks import today_in_china
from domain.party import Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.columns import table_of
from storage.commission import COMMISSION
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.institution import DESK as INSTITUTION_DESK
from storage.institution import institutions_by_id
from storage.question import Asks, Together
from storage.register import REGISTER
from storage.relation import many
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.supervision import between_days, of_its_record, parts_by_owner, supervised

DISPOSITION = table_of(
    Disposition,
    "disposition",
    UniqueConstraint("number"),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    ForeignKeyConstraint(["imposed_by_id"], ["organisation.id"]),
    Index(None, "imposed_at", "id"),
    Index(None, "institution_id", "imposed_at", "id"),
    Index(None, "institution_id", "status", "imposed_at", "id"),
    Index(None, "status", "imposed_at", "id"),
    # What the clock looks for.
    Index(None, "status", "ends_on"),
    Index(None, "status", "due_on"),
)


DISPOSITIONS = Shelf(Disposition, DISPOSITION, supervised(DISPOSITION.c.institution_id))
may_be_attached_to("disposition", DISPOSITIONS)


SUBMISSION = table_of(
    DispositionSubmission,
    "disposition_submission",
    ForeignKeyConstraint(["disposition_id"], ["disposition.id"]),
    Index(None, "disposition_id", "submitted_at", "id"),
)
SUBMISSIONS = Shelf(DispositionSubmission, SUBMISSION, of_its_record(SUBMISSION.c.disposition_id, DISPOSITIONS))

REVIEW = table_of(
    DispositionReview,
    "disposition_review",
    ForeignKeyConstraint(["disposition_id"], ["disposition.id"]),
    Index(None, "disposition_id", "reviewed_at", "id"),
)
REVIEWS = Shelf(DispositionReview, REVIEW, of_its_record(REVIEW.c.disposition_id, DISPOSITIONS))


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
    return seen.where(*between_days(c.imposed_at, wanted.imposed_from, wanted.imposed_to))


SUBMITTED = many(SUBMISSIONS, SUBMISSION.c.disposition_id, order=(SUBMISSION.c.submitted_at,), is_part=True)
REVIEWED = many(REVIEWS, REVIEW.c.disposition_id, order=(REVIEW.c.reviewed_at,), is_part=True)


async def submissions_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[DispositionSubmission, ...]]:
    """What was submitted under some dispositions, in order; whoever asks has seen the dispositions already."""
    return await SUBMITTED.parts(connection, ids)


async def reviews_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[DispositionReview, ...]]:
    """How customs reviewed some dispositions, in order; whoever asks has seen the dispositions already."""
    return await REVIEWED.parts(connection, ids)


async def dispositions_of_institutions(
    connection: AsyncConnection, ids: Sequence[UUID]
) -> dict[UUID, tuple[Disposition, ...]]:
    """All dispositions of some institutions in order, whoever asks: type and days are public where recognition is."""
    c = DISPOSITION.c
    return await parts_by_owner(Together(connection), DISPOSITIONS, c.institution_id, c.imposed_at, ids)


async def dispositions_seen_of(
    connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]
) -> dict[UUID, tuple[Disposition, ...]]:
    """Those dispositions of some institutions that a viewer may see, the latest first."""
    c = DISPOSITION.c
    seen = DISPOSITIONS.seen_by(viewer).where(c.institution_id.in_(ids))
    found: dict[UUID, tuple[Disposition, ...]] = {}
    for each in await seen.all(connection, c.imposed_at.desc(), c.id.desc()):
        found[each.institution_id] = (*found.get(each.institution_id, ()), each)
    return found


async def running_against(together: Together, ids: Collection[UUID]) -> dict[UUID, tuple[Disposition, ...]]:
    """The dispositions that restrict some institutions, the earliest first."""
    c = DISPOSITION.c
    return await parts_by_owner(
        together, DISPOSITIONS, c.institution_id, c.imposed_at, ids, where=c.status.in_(RUNNING)
    )


async def entries_of(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """When some institutions were entered in the registry, each time, by the register."""
    statement = select(REGISTER.c.subject_id, REGISTER.c.at).where(
        REGISTER.c.subject_id.in_(ids), REGISTER.c.action == "enter"
    )
    found: dict[UUID, tuple[datetime, ...]] = {}
    for row in await connection.execute(statement):
        found[row.subject_id] = (*found.get(row.subject_id, ()), row.at)
    return found


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[Disposition]]) -> list[DispositionFacts]:
    together = gathering.together
    ids = [ask.record.id for ask in asks if ask.record is not None]
    disciplined = [each for ask in asks if (each := _institution_of(ask)) is not None]
    # Whoever would begin or end another of its dispositions at the same time waits here, and then sees this one.
    institutions = await institutions_by_id(together, disciplined, lock=gathering.lock, to_change=True)
    being_imposed = [each for ask in asks if ask.record is None and (each := _institution_of(ask)) is not None]
    submissions, reviews, attachments, running, enterprises = await gather(
        submissions_of(together, ids),
        reviews_of(together, ids),
        attachments_of(together, ids),
        running_against(together, institutions),
        _enterprises_waiting(together, being_imposed),
    )
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


async def _enterprises_waiting(together: Together, institution_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, ...]]:
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
    for row in await together.rows(statement) if institution_ids else ():
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
    return and_(is_awaited, c.due_on < today_in_china(now), c.overdue.is_(False))


DESK = Desk(
    WORKFLOW,
    DISPOSITIONS,
    _gather,
    parts=(
        PartsOf(SUBMITTED, lambda facts: facts.submissions),
        PartsOf(REVIEWED, lambda facts: facts.reviews),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    counter="disposition",
    neighbours=(INSTITUTION_DESK,),
    due={"expire": _terms_over, "mark_overdue": _deadlines_passed},
)
