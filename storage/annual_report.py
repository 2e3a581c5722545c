"""Annual reports at rest: who sees them, the questions, the facts that rules weigh, and which the clock marks.

Customs sees all from the start, but nothing of what the institution writes before that is submitted for the first time;
an institution its own, even when it was struck from the registry since.
"""

from asyncio import gather
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, and_, false, or_, select

from domain.annual_report.record import (
    AnnualReport,
    AnnualReportCountry,
    AnnualReportFacts,
    AnnualReportFilter,
    AnnualReportForm,
    AnnualReportStatus,
    StartForm,
)
from domain.annual_report.workflow import WORKFLOW
from domain.code import codes_in
from domain.marks import today_in_china
from domain.party import Viewer
from domain.record import fields_of
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.code import known_codes
from storage.columns import table_of
from storage.desk import Ask, Desk, Gathering, PartsOf
from storage.institution import INSTITUTION, institutions_by_id
from storage.question import Together
from storage.relation import many
from storage.search import begins, contains
from storage.shelf import Seen, Shelf, Veil
from storage.sight import sight
from storage.supervision import of_its_record, supervised

ANNUAL_REPORT = table_of(
    AnnualReport,
    "annual_report",
    UniqueConstraint("number"),
    # Two officers at once cannot start the same report twice.
    UniqueConstraint("institution_id", "year"),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    ForeignKeyConstraint(["started_by_id"], ["organisation.id"]),
    Index(None, "created_at", "id"),
    Index(None, "institution_id", "created_at", "id"),
    Index(None, "year", "created_at", "id"),
    Index(None, "status", "created_at", "id"),
    Index(None, "year", "id"),
    Index(None, "due_on", "id"),
    Index(None, "status", "overdue", "due_on"),
)


@sight(
    zh="该机构以外的人，在首次提交前",
    en="from everybody but the institution that writes it, until it has submitted it once",
)
def _is_being_written(viewer: Viewer) -> ColumnElement[bool]:
    """Those that somebody else is writing and has never submitted: from its first return on, a draft says why."""
    if viewer.is_the_product:
        return false()
    c = ANNUAL_REPORT.c
    unread = and_(c.status == AnnualReportStatus.DRAFT, c.return_reason.is_(None))
    return unread if viewer.institution_id is None else and_(unread, c.institution_id != viewer.institution_id)


WRITTEN = frozenset(fields_of(AnnualReportForm))
"""What the institution fills in."""

ANNUAL_REPORTS = Shelf(
    AnnualReport, ANNUAL_REPORT, supervised(ANNUAL_REPORT.c.institution_id), Veil(_is_being_written, WRITTEN)
)
may_be_attached_to("annual_report", ANNUAL_REPORTS)

ANNUAL_REPORT_COUNTRY = table_of(
    AnnualReportCountry,
    "annual_report_country",
    ForeignKeyConstraint(["annual_report_id"], ["annual_report.id"]),
    Index(None, "annual_report_id", "line_number", "id"),
)


ANNUAL_REPORT_COUNTRIES = Shelf(
    AnnualReportCountry,
    ANNUAL_REPORT_COUNTRY,
    of_its_record(ANNUAL_REPORT_COUNTRY.c.annual_report_id, ANNUAL_REPORTS),
)


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def annual_reports(viewer: Viewer, wanted: AnnualReportFilter) -> Seen[AnnualReport]:
    """The annual reports of a viewer, by year (1.8) and whatever else customs looks for, alone or together."""
    c = ANNUAL_REPORT.c
    seen = ANNUAL_REPORTS.seen_by(viewer)
    if wanted.number:
        seen = seen.where(begins(c.number, wanted.number.strip()))
    if wanted.year is not None:
        seen = seen.where(c.year == wanted.year)
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    if wanted.institution_id is not None:
        seen = seen.where(c.institution_id == wanted.institution_id)
    if wanted.institution_name:
        named = or_(
            contains(INSTITUTION.c.name_zh, wanted.institution_name),
            contains(INSTITUTION.c.name_en, wanted.institution_name),
        )
        seen = seen.where(c.institution_id.in_(select(INSTITUTION.c.id).where(named)))
    if wanted.overdue is not None:
        seen = seen.where(c.overdue.is_(wanted.overdue))
    return seen


COUNTRIES = many(
    ANNUAL_REPORT_COUNTRIES,
    ANNUAL_REPORT_COUNTRY.c.annual_report_id,
    order=(ANNUAL_REPORT_COUNTRY.c.line_number,),
)


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _gather(gathering: Gathering, asks: Sequence[Ask[AnnualReport]]) -> list[AnnualReportFacts]:
    together = gathering.together
    ids = [ask.record.id for ask in asks if ask.record is not None]
    rows, attachments = await gather(COUNTRIES.parts(together, ids), attachments_of(together, ids))
    written = [part for some in rows.values() for part in some] + [ask.form for ask in asks]
    coded = {(table, code) for part in written for _, table, code in codes_in(part)}
    institutions, started, codes = await gather(
        institutions_by_id(together, map(_institution_of, asks), lock=gathering.lock),
        _started(together, [ask.form for ask in asks if isinstance(ask.form, StartForm)]),
        known_codes(together, coded, today_in_china(gathering.now)),
    )
    return [
        AnnualReportFacts(
            rows=rows.get(ask.record.id, ()) if ask.record else (),
            attachments=attachments.get(ask.record.id, ()) if ask.record else (),
            institution=institutions.get(named) if (named := _institution_of(ask)) else None,
            is_started=isinstance(ask.form, StartForm) and (ask.form.institution_id, ask.form.year) in started,
            known_codes=frozenset(codes),
        )
        for ask in asks
    ]


def _institution_of(ask: Ask[AnnualReport]) -> UUID | None:
    if ask.record is not None:
        return ask.record.institution_id
    return ask.form.institution_id if isinstance(ask.form, StartForm) else None


async def _started(together: Together, forms: Sequence[StartForm]) -> set[tuple[UUID, int]]:
    """Those institutions and years of some forms that have a report already."""
    if not forms:
        return set()
    c = ANNUAL_REPORT.c
    statement = select(c.institution_id, c.year).where(
        c.year.in_({form.year for form in forms}), c.institution_id.in_({form.institution_id for form in forms})
    )
    return {(row.institution_id, row.year) for row in await together.rows(statement)}


def _due_date_has_passed(now: datetime) -> ColumnElement[bool]:
    c = ANNUAL_REPORT.c
    return and_(c.status == AnnualReportStatus.DRAFT, c.overdue.is_(False), c.due_on < today_in_china(now))


DESK = Desk(
    WORKFLOW,
    ANNUAL_REPORTS,
    _gather,
    parts=(
        PartsOf(COUNTRIES, lambda facts: facts.rows),
        PartsOf(FILES, lambda facts: facts.attachments),
    ),
    counter="annual_report",
    due={"mark_overdue": _due_date_has_passed},
)
