"""Supervision checks at rest, with submissions, reviews and visits: customs sees all, an institution its own."""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_

from domain.check.record import (
    Check,
    CheckFacts,
    CheckFilter,
    CheckReview,
    CheckSubmission,
    CheckVisit,
)
from domain.check.workflow import WORKFLOW
from domain.marks import today_in_china
from domain.party import Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.institution import institutions_by_id
from storage.question import Asks
from storage.relation import many, one
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.supervision import between_days, of_its_record, supervised

CHECK = table_of(
    Check,
    # `check` by itself is a word of SQL.
    "supervision_check",
    UniqueConstraint("number"),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    ForeignKeyConstraint(["ordered_by_id"], ["organisation.id"]),
    Index(None, "created_at", "id"),
    Index(None, "institution_id", "created_at", "id"),
    Index(None, "institution_id", "status", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "status", "due_on", "id"),
)
CHECKS = Shelf(Check, CHECK, supervised(CHECK.c.institution_id))
may_be_attached_to("check", CHECKS)

CHECK_SUBMISSION = table_of(
    CheckSubmission,
    "check_submission",
    ForeignKeyConstraint(["check_id"], ["supervision_check.id"]),
    Index(None, "check_id", "submitted_at", "id"),
)
CHECK_SUBMISSIONS = Shelf(CheckSubmission, CHECK_SUBMISSION, of_its_record(CHECK_SUBMISSION.c.check_id, CHECKS))

CHECK_REVIEW = table_of(
    CheckReview,
    "check_review",
    ForeignKeyConstraint(["check_id"], ["supervision_check.id"]),
    Index(None, "check_id", "reviewed_at", "id"),
)
CHECK_REVIEWS = Shelf(CheckReview, CHECK_REVIEW, of_its_record(CHECK_REVIEW.c.check_id, CHECKS))

CHECK_VISIT = table_of(
    CheckVisit,
    "check_visit",
    ForeignKeyConstraint(["check_id"], ["supervision_check.id"]),
    UniqueConstraint("check_id"),
)
CHECK_VISITS = Shelf(CheckVisit, CHECK_VISIT, of_its_record(CHECK_VISIT.c.check_id, CHECKS))


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def checks(viewer: Viewer, wanted: CheckFilter) -> Seen[Check]:
    """The checks of a viewer, by the manual's filters (1.6) and those of customs, alone or together."""
    c = CHECK.c
    seen = CHECKS.seen_by(viewer)
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
    return seen.where(*between_days(c.created_at, wanted.created_from, wanted.created_to))


SUBMITTED = many(CHECK_SUBMISSIONS, CHECK_SUBMISSION.c.check_id, order=(CHECK_SUBMISSION.c.submitted_at,), is_part=True)
REVIEWED = many(CHECK_REVIEWS, CHECK_REVIEW.c.check_id, order=(CHECK_REVIEW.c.reviewed_at,), is_part=True)
VISITED = one(CHECK_VISITS, CHECK_VISIT.c.check_id, is_part=True)
"""A check on site has at most one visit, the others none."""


async def submissions_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[CheckSubmission, ...]]:
    """What was submitted to some checks, in order; whoever asks has seen the checks already."""
    return await SUBMITTED.parts(connection, ids)


async def reviews_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[CheckReview, ...]]:
    """What customs decided about some checks, in order."""
    return await REVIEWED.parts(connection, ids)


async def visits_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, CheckVisit]:
    """The visits of some checks; a check on site has at most one, the others none."""
    return await VISITED.parts(connection, ids)


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[Check]]) -> list[CheckFacts]:
    together = gathering.together
    ids = [ask.record.id for ask in asks if ask.record is not None]
    submissions, reviews, visits, attachments, institutions = await gather(
        submissions_of(together, ids),
        reviews_of(together, ids),
        visits_of(together, ids),
        attachments_of(together, ids),
        institutions_by_id(together, {_institution(ask) for ask in asks}, lock=gathering.lock),
    )

    def facts(ask: Ask[Check]) -> CheckFacts:
        named = _institution(ask)
        institution = institutions.get(named) if named is not None else None
        if ask.record is None:
            return CheckFacts(named=institution)
        return CheckFacts(
            submissions=submissions.get(ask.record.id, ()),
            reviews=reviews.get(ask.record.id, ()),
            visits=(visits[ask.record.id],) if ask.record.id in visits else (),
            attachments=attachments.get(ask.record.id, ()),
            institution=institution,
        )

    return [facts(ask) for ask in asks]


def _institution(ask: Ask[Check]) -> UUID | None:
    return ask.record.institution_id if ask.record is not None else getattr(ask.form, "institution_id", None)


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    waiting = CHECK.c.status.in_(WORKFLOW.due_in)
    return and_(waiting, CHECK.c.due_on < today_in_china(now), CHECK.c.overdue.is_(False))


DESK = Desk(
    WORKFLOW,
    CHECKS,
    _gather,
    parts=(
        PartsOf(SUBMITTED, lambda facts: facts.submissions),
        PartsOf(REVIEWED, lambda facts: facts.reviews),
        PartsOf(VISITED, lambda facts: facts.visits),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    counter="check",
    due={"mark_overdue": _is_overdue},
)
