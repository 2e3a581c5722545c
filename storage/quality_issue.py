"""Quality issues at rest, with questions and replies: customs sees all, an institution its own, nobody else any."""

from asyncio import gather
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.certificate import Certificate
from domain.commission.record import Commission
from domain.party import THE_PRODUCT, Viewer
from domain.quality_issue.record import (
    QualityIssue,
    QualityIssueFacts,
    QualityIssueFilter,
    QualityQuestion,
    QualityReply,
    RaiseForm,
)
from domain.quality_issue.workflow import WORKFLOW
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.columns import table_of
from storage.commission import CERTIFICATE, CERTIFICATES, COMMISSION, COMMISSIONS
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.institution import institutions_by_id
from storage.question import Asks
from storage.relation import many, one
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.supervision import between_days, of_its_record, supervised

QUALITY_ISSUE = table_of(
    QualityIssue,
    "quality_issue",
    UniqueConstraint("number"),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    ForeignKeyConstraint(["commission_id"], ["commission.id"]),
    ForeignKeyConstraint(["raised_by_id"], ["organisation.id"]),
    Index(None, "created_at", "id"),
    Index(None, "institution_id", "created_at", "id"),
    Index(None, "institution_id", "status", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "severity", "created_at", "id"),
    Index(None, "commission_id"),
)
QUALITY_ISSUES = Shelf(QualityIssue, QUALITY_ISSUE, supervised(QUALITY_ISSUE.c.institution_id))
may_be_attached_to("quality_issue", QUALITY_ISSUES)

QUALITY_REPLY = table_of(
    QualityReply,
    "quality_reply",
    ForeignKeyConstraint(["quality_issue_id"], ["quality_issue.id"]),
    Index(None, "quality_issue_id", "replied_at", "id"),
)
QUALITY_REPLIES = Shelf(QualityReply, QUALITY_REPLY, of_its_record(QUALITY_REPLY.c.quality_issue_id, QUALITY_ISSUES))

QUALITY_QUESTION = table_of(
    QualityQuestion,
    "quality_question",
    ForeignKeyConstraint(["quality_issue_id"], ["quality_issue.id"]),
    Index(None, "quality_issue_id", "asked_at", "id"),
)
QUALITY_QUESTIONS = Shelf(
    QualityQuestion, QUALITY_QUESTION, of_its_record(QUALITY_QUESTION.c.quality_issue_id, QUALITY_ISSUES)
)


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def quality_issues(viewer: Viewer, wanted: QualityIssueFilter) -> Seen[QualityIssue]:
    """The quality issues of a viewer, by the manual's filters (1.5) and those of customs, alone or together."""
    c = QUALITY_ISSUE.c
    seen = QUALITY_ISSUES.seen_by(viewer)
    if wanted.number:
        seen = seen.where(begins(c.number, wanted.number.strip()))
    if wanted.content:
        seen = seen.where(contains(c.content, wanted.content))
    if wanted.reply_text:
        replied_so = select(QUALITY_REPLY.c.id).where(
            QUALITY_REPLY.c.quality_issue_id == c.id, contains(QUALITY_REPLY.c.text, wanted.reply_text)
        )
        seen = seen.where(replied_so.exists())
    if wanted.institution_id is not None:
        seen = seen.where(c.institution_id == wanted.institution_id)
    if wanted.severity is not None:
        seen = seen.where(c.severity.in_(set(wanted.severity)))
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    return seen.where(*between_days(c.created_at, wanted.created_from, wanted.created_to))


REPLIED = many(QUALITY_REPLIES, QUALITY_REPLY.c.quality_issue_id, order=(QUALITY_REPLY.c.replied_at,), is_part=True)
ASKED = many(QUALITY_QUESTIONS, QUALITY_QUESTION.c.quality_issue_id, order=(QUALITY_QUESTION.c.asked_at,), is_part=True)
CERTIFICATE_NUMBERED = one(CERTIFICATES, CERTIFICATE.c.institution_id, CERTIFICATE.c.number)
"""The certificate of an institution's number; each numbers its own."""


async def replies_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[QualityReply, ...]]:
    """The replies to some issues, in order; whoever asks has seen the issues already."""
    return await REPLIED.parts(connection, ids)


async def questions_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[QualityQuestion, ...]]:
    """The further questions about some issues, in order; whoever asks has seen the issues already."""
    return await ASKED.parts(connection, ids)


async def certificates_by_number(
    connection: AsyncConnection, viewer: Viewer, pairs: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], Certificate]:
    """The certificates that a viewer may see, by institution and number."""
    if not pairs:
        return {}
    named = tuple_(CERTIFICATE.c.institution_id, CERTIFICATE.c.number).in_(pairs)
    found = await CERTIFICATES.seen_by(viewer).where(named).all(connection)
    return {(each.institution_id, each.number): each for each in found}


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[QualityIssue]]) -> list[QualityIssueFacts]:
    connection, together = gathering.connection, gathering.together
    ids = [ask.record.id for ask in asks if ask.record is not None]
    named = {ask.record.institution_id if ask.record else getattr(ask.form, "institution_id", None) for ask in asks}
    replies, questions, attachments, institutions, commissions = await gather(
        replies_of(together, ids),
        questions_of(together, ids),
        attachments_of(together, ids),
        institutions_by_id(together, named),
        _commissions(gathering, asks),
    )
    forms = [ask.form for ask in asks if isinstance(ask.form, RaiseForm)]
    certificates = await certificates_by_number(
        connection, THE_PRODUCT, {pair for form in forms if (pair := _certificate(form))}
    )

    def facts(ask: Ask[QualityIssue]) -> QualityIssueFacts:
        if ask.record is not None:
            return QualityIssueFacts(
                replies=replies.get(ask.record.id, ()),
                questions=questions.get(ask.record.id, ()),
                attachments=attachments.get(ask.record.id, ()),
                institution=institutions.get(ask.record.institution_id),
            )
        form = ask.form
        if not isinstance(form, RaiseForm):
            return QualityIssueFacts()
        pair = _certificate(form)
        return QualityIssueFacts(
            named=institutions.get(form.institution_id) if form.institution_id else None,
            commission=commissions.get(form.commission_id) if form.commission_id else None,
            certificate=certificates.get(pair) if pair else None,
        )

    return [facts(ask) for ask in asks]


def _certificate(form: RaiseForm) -> tuple[UUID, str] | None:
    number = (form.certificate_number or "").strip()
    return (form.institution_id, number) if form.institution_id is not None and number else None


async def _commissions(gathering: Gathering, asks: Sequence[Ask[QualityIssue]]) -> Mapping[UUID, Commission]:
    """The commissions named, where the actor may see them, as they are until the transaction ends: none is withdrawn
    while an issue about it is raised."""
    found: dict[UUID, Commission] = {}
    for actor in {ask.actor for ask in asks}:
        ids = {_commission(ask) for ask in asks if ask.actor == actor} - {None}
        if not ids:
            continue
        seen = COMMISSIONS.seen_by(actor).where(COMMISSION.c.id.in_(ids))
        statement = seen.select().order_by(COMMISSION.c.id)
        if gathering.lock:
            statement = statement.with_for_update(read=True)
        found |= {row.id: COMMISSIONS.made_of(row) for row in await gathering.together.rows(statement)}
    return found


def _commission(ask: Ask[QualityIssue]) -> UUID | None:
    return ask.form.commission_id if isinstance(ask.form, RaiseForm) else None


DESK = Desk(
    WORKFLOW,
    QUALITY_ISSUES,
    _gather,
    parts=(
        PartsOf(REPLIED, lambda facts: facts.replies),
        PartsOf(ASKED, lambda facts: facts.questions),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    counter="quality_issue",
)
