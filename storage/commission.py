"""Commissions at rest, with goods lines and certificates: who sees them, the questions, and the facts that rules weigh.

An institution sees a commission from its submission on, as long as it is with it; drafts are the enterprise's own.
"""

from asyncio import gather
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    case,
    false,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.api_key.scope import ApiKeyScope
from domain.certificate import Certificate, CertificateFacts, CertificateFilter, CertificateStatus
from domain.code import codes_in
from domain.commission.record import (
    Commission,
    CommissionFacts,
    CommissionFilter,
    CommissionStatus,
    CompleteForm,
    GoodsLine,
)
from domain.commission.workflow import WORKFLOW
from domain.marks import start_of_day, today_in_china
from domain.party import OrganisationKind, Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.beside import OfTheDay
from storage.code import known_codes
from storage.columns import table_of
from storage.desk import UNFETCHED, Ask, Desk, Gathering, PartsOf
from storage.export import PartRows
from storage.institution import INSTITUTION, also_seen_by, institution_kept, institutions_by_id
from storage.organisation import names_of
from storage.question import Asks, Question, several
from storage.relation import many, one
from storage.rule import rules_in_force
from storage.search import begins, contains
from storage.shelf import Seen, Shelf
from storage.sight import sight
from storage.supervision import of_its_record

COMMISSION = table_of(
    Commission,
    "commission",
    UniqueConstraint("number"),
    ForeignKeyConstraint(["enterprise_id"], ["organisation.id"]),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    ForeignKeyConstraint(["submitted_to_id"], ["institution.id"]),
    Index(None, "commissioned_at", "id"),
    # One's own list by time, and the same of one status: an index that lacks the status reads every other one as well.
    Index(None, "enterprise_id", "commissioned_at", "id"),
    Index(None, "enterprise_id", "status", "commissioned_at", "id"),
    Index(None, "submitted_to_id", "commissioned_at", "id"),
    Index(None, "submitted_to_id", "status", "commissioned_at", "id"),
    Index(None, "institution_id", "commissioned_at", "id"),
    Index(None, "status", "commissioned_at", "id"),
    Index(None, "total_amount", "id"),
)


@sight(
    zh="委托企业；受委托的检验机构和海关自首次提交起可见",
    en="the enterprise that commissions; the institution commissioned and customs see it from its first submission on",
)
def _concerned(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    match viewer.kind:
        case OrganisationKind.ENTERPRISE:
            return COMMISSION.c.enterprise_id == viewer.organisation_id
        case OrganisationKind.INSTITUTION if viewer.institution_id is not None:
            return COMMISSION.c.submitted_to_id == viewer.institution_id
        case OrganisationKind.CUSTOMS:
            return COMMISSION.c.submitted_to_id.is_not(None)
    return false()


COMMISSIONS = Shelf(Commission, COMMISSION, _concerned)
may_be_attached_to("commission", COMMISSIONS)


def _have_commissioned(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.kind is not OrganisationKind.ENTERPRISE:
        return false()
    own = COMMISSION.c.enterprise_id == viewer.organisation_id
    return INSTITUTION.c.id.in_(select(COMMISSION.c.institution_id).where(own))


also_seen_by(_have_commissioned)


GOODS_LINE = table_of(
    GoodsLine,
    "goods_line",
    ForeignKeyConstraint(["commission_id"], ["commission.id"]),
    ForeignKeyConstraint(["rule_id"], ["rule.id"]),
    Index(None, "commission_id", "line_number", "id"),
)
GOODS_LINES = Shelf(GoodsLine, GOODS_LINE, of_its_record(GOODS_LINE.c.commission_id, COMMISSIONS))
GOODS_LINE_ROWS = PartRows(GOODS_LINES, GOODS_LINE.c.commission_id, GOODS_LINE.c.line_number, COMMISSION.c.number)

CERTIFICATE = table_of(
    Certificate,
    "certificate",
    ForeignKeyConstraint(["commission_id"], ["commission.id"]),
    ForeignKeyConstraint(["institution_id"], ["institution.id"]),
    UniqueConstraint("institution_id", "number"),
    Index(None, "issued_on", "id"),
    Index(None, "number", "id"),
    Index(None, "valid_until", "id"),
    Index(None, "commission_id"),
    # What the clock looks for.
    Index(None, "status", "valid_until", "commission_id"),
)
CERTIFICATES = Shelf(Certificate, CERTIFICATE, of_its_record(CERTIFICATE.c.commission_id, COMMISSIONS))


@sight(zh="海关，以及有证书核验范围的接口密钥", en="customs, and API keys with CERTIFICATES")
def _verifiable(viewer: Viewer) -> ColumnElement[bool]:
    """Customs verifies any certificate, and so does a key that may."""
    may = viewer.is_the_product or viewer.key is not None or viewer.kind is OrganisationKind.CUSTOMS
    return true() if may else false()


CERTIFICATE_FACTS = Shelf(CertificateFacts, CERTIFICATE, _verifiable, scope=ApiKeyScope.CERTIFICATES)


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def commissions(viewer: Viewer, wanted: CommissionFilter) -> Seen[Commission]:
    """The commissions of a viewer, by the manual's filters of both sides (1.4, 2.3), alone or together."""
    c = COMMISSION.c
    seen = COMMISSIONS.seen_by(viewer)
    if wanted.number:
        seen = seen.where(begins(c.number, wanted.number.strip()))
    for column, fragment in ((c.enterprise_name, wanted.enterprise_name), (c.consignee_name, wanted.consignee_name)):
        if fragment:
            seen = seen.where(contains(column, fragment))
    for column, value in (
        (c.entry_customs, wanted.entry_customs),
        (c.domestic_destination, wanted.domestic_destination),
        (c.product_use, wanted.product_use),
        (c.institution_id, wanted.institution_id),
    ):
        if value:
            seen = seen.where(column == value)
    if wanted.status is not None:
        seen = seen.where(c.status.in_(set(wanted.status)))
    if wanted.country:
        seen = seen.where(c.institution_id.in_(select(INSTITUTION.c.id).where(INSTITUTION.c.country == wanted.country)))
    if wanted.hs_chapter:
        seen = seen.where(c.id.in_(select(GOODS_LINE.c.commission_id).where(of_chapter(wanted.hs_chapter))))
    # Before the first and after the last day that can be written there is nothing to leave out.
    if wanted.commissioned_from is not None and wanted.commissioned_from > date.min:
        seen = seen.where(c.commissioned_at >= start_of_day(wanted.commissioned_from))
    if wanted.commissioned_to is not None and wanted.commissioned_to < date.max:
        seen = seen.where(c.commissioned_at < start_of_day(wanted.commissioned_to + timedelta(days=1)))
    return seen


async def commission_numbers_seen(
    connection: AsyncConnection, viewer: Viewer, ids: Collection[UUID]
) -> dict[UUID, str]:
    """The official numbers of those of some commissions that a viewer may see."""
    c = COMMISSION.c
    rows = await connection.execute(select(c.id, c.number).where(c.id.in_(ids), _concerned(viewer)))
    return {row.id: row.number for row in rows}


def of_chapter(hs_chapter: str) -> ColumnElement[bool]:
    """Whether a goods line is of a chapter of the tariff."""
    return begins(GOODS_LINE.c.hs_code, hs_chapter.strip())


def _status_on(day: date, status: ColumnElement[Any], valid_until: ColumnElement[Any]) -> ColumnElement[Any]:
    is_over = and_(status == CertificateStatus.VALID, valid_until < day)
    return case((is_over, literal(CertificateStatus.EXPIRED, CERTIFICATE.c.status.type)), else_=status)


CERTIFICATE_STATUS = OfTheDay(("status", "valid_until"), CERTIFICATE.c.status.type, _status_on)
"""`Certificate.status_on` in SQL."""


def certificates(viewer: Viewer, wanted: CertificateFilter) -> Seen[Certificate]:
    """The certificates of the commissions that a viewer sees, by number, institution and day."""
    c = CERTIFICATE.c
    seen = CERTIFICATES.seen_by(viewer)
    if wanted.number:
        seen = seen.where(begins(c.number, wanted.number.strip()))
    if wanted.institution_id is not None:
        seen = seen.where(c.institution_id == wanted.institution_id)
    if wanted.valid_on is not None:
        seen = seen.where(c.issued_on <= wanted.valid_on, c.valid_until >= wanted.valid_on)
    if wanted.issued_from is not None:
        seen = seen.where(c.issued_on >= wanted.issued_from)
    if wanted.issued_to is not None:
        seen = seen.where(c.issued_on <= wanted.issued_to)
    return seen


def certificate_facts(viewer: Viewer, number: str, filing_number: str | None) -> Seen[CertificateFacts]:
    """What may be verified of the certificates of exactly this number: each institution numbers its own."""
    c = CERTIFICATE.c
    seen = CERTIFICATE_FACTS.seen_by(viewer).where(c.number == number)
    if filing_number is not None:
        of_number = select(INSTITUTION.c.id).where(INSTITUTION.c.filing_number == filing_number)
        seen = seen.where(c.institution_id.in_(of_number))
    return seen


LINES = many(GOODS_LINES, GOODS_LINE.c.commission_id, order=(GOODS_LINE.c.line_number,), is_part=True)
CERTIFICATE_ISSUED = one(CERTIFICATES, CERTIFICATE.c.commission_id, is_part=True)


async def lines_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, tuple[GoodsLine, ...]]:
    """The goods lines of some commissions, in order; whoever asks has seen the commissions already."""
    return await LINES.parts(connection, ids)


async def certificates_of(connection: Asks, ids: Sequence[UUID]) -> dict[UUID, Certificate]:
    """The certificates of some commissions; a commission has at most one."""
    return await CERTIFICATE_ISSUED.parts(connection, ids)


# ── Facts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_FILLED_IN = frozenset((*WORKFLOW["save_draft"].start, *WORKFLOW["submit"].start))
"""Only in these statuses are rules and codes weighed."""

_PARTS_MATTER_IN = frozenset(CommissionStatus) - {CommissionStatus.PENDING, CommissionStatus.CANCELLED}
"""Not while the institution has to decide, nor once it was given up: nobody weighs goods lines then, or adds a file."""


async def _gather(gathering: Gathering, asks: Sequence[Ask[Commission]]) -> list[CommissionFacts]:
    together, today = gathering.together, today_in_china(gathering.now)
    ids = [ask.record.id for ask in asks if ask.record is not None and _parts_matter(ask)]
    makers = {ask.actor.organisation_id for ask in asks if ask.record is None and ask.actor.organisation_id is not None}
    institutions_named = {each for ask in asks for each in _institutions_named(ask)}
    lines, attachments, issued = (
        await gather(lines_of(together, ids), attachments_of(together, ids), certificates_of(together, ids))
        if ids
        else ({}, {}, {})
    )
    certificates = {commission_id: (certificate,) for commission_id, certificate in issued.items()}
    filled_in = [ask for ask in asks if _is_filled_in(ask)]
    hs_codes = {
        line.hs_code for ask in filled_in for line in (*_held(ask, lines), *getattr(ask.form, "goods_lines", ()))
    }
    written = [part for ask in filled_in for part in (ask.form, ask.record, *_held(ask, lines)) if part is not None]
    coded = {(table, code) for part in written for _, table, code in codes_in(part)}
    finding = institutions_by_id(together, institutions_named, lock=gathering.lock)
    issuing = {pair for ask in asks if (pair := _certificate_asked(ask)) is not None}
    if makers or issuing or filled_in:
        institutions, names, taken, rules, codes = await gather(
            finding,
            names_of(together, makers),
            _certificates_taken(together, issuing),
            rules_in_force(together, hs_codes, today),
            known_codes(together, coded, today),
        )
    else:
        # Most decisions ask for nothing else, and tasks for what is not asked would take longer than the rest.
        institutions, names, taken, rules, codes = await finding, {}, set(), {}, {}
    known = frozenset(codes)
    return [
        CommissionFacts(
            lines=_held(ask, lines),
            attachments=_held(ask, attachments),
            certificates=_held(ask, certificates),
            institution=_at(institutions, ask.record.institution_id) if ask.record else None,
            commissioned=_at(institutions, ask.record.submitted_to_id) if ask.record else None,
            named=_at(institutions, getattr(ask.form, "institution_id", None)),
            rules=rules if _is_filled_in(ask) else UNFETCHED,
            known_codes=known if _is_filled_in(ask) else UNFETCHED,
            certificate_is_taken=_certificate_asked(ask) in taken,
            enterprise_name=_at(names, ask.actor.organisation_id),
        )
        for ask in asks
    ]


def _parts_matter(ask: Ask[Commission]) -> bool:
    return ask.record is not None and ask.record.status in _PARTS_MATTER_IN


def _held(ask: Ask[Commission], parts: Mapping[UUID, Any]) -> Any:
    if ask.record is None:
        return ()
    return parts.get(ask.record.id, ()) if _parts_matter(ask) else UNFETCHED


def _is_filled_in(ask: Ask[Commission]) -> bool:
    return ask.record is None or ask.record.status in _FILLED_IN


def _at(found: dict[UUID, Any], key: UUID | None) -> Any:
    return None if key is None else found.get(key)


def _institutions_named(ask: Ask[Commission]) -> tuple[UUID | None, ...]:
    named = getattr(ask.form, "institution_id", None)
    return (named,) if ask.record is None else (ask.record.institution_id, ask.record.submitted_to_id, named)


def _certificate_asked(ask: Ask[Commission]) -> tuple[UUID, str] | None:
    if not isinstance(ask.form, CompleteForm) or ask.record is None or ask.record.submitted_to_id is None:
        return None
    return ask.record.submitted_to_id, (ask.form.certificate_number or "").strip()


_TAKEN = Question(
    select(CERTIFICATE.c.institution_id, CERTIFICATE.c.number).where(
        tuple_(CERTIFICATE.c.institution_id, CERTIFICATE.c.number).in_(several("asked"))
    )
)


async def _certificates_taken(connection: Asks, asked: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    return {(row.institution_id, row.number) for row in await _TAKEN.of(connection, asked=asked)}


def _certificates_ended(now: datetime) -> ColumnElement[bool]:
    c = CERTIFICATE.c
    ended = select(c.commission_id).where(c.status == CertificateStatus.VALID, c.valid_until < today_in_china(now))
    return COMMISSION.c.id.in_(ended)


DESK = Desk(
    WORKFLOW,
    COMMISSIONS,
    _gather,
    parts=(
        PartsOf(LINES, lambda facts: facts.lines),
        PartsOf(FILES, lambda facts: facts.attachments),
        PartsOf(CERTIFICATE_ISSUED, lambda facts: facts.certificates),
    ),
    parts_matter_in=_PARTS_MATTER_IN,
    counter="commission",
    foreseen=lambda viewer: () if viewer.institution_id is None else (institution_kept(viewer.institution_id),),
    due={"expire_certificate": _certificates_ended},
)
