"""The register as it is read in public: an organisation's administrators see what its people did and what concerns it.

The surprise: a page is gathered branch by branch (what the own people did, then each kind of record), a page's worth of
each. Asked as one condition with an OR in it, no index would serve, and a page would cost what the register has lines.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    and_,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from domain.language import Language
from domain.party import OrganisationKind, Role, Viewer
from domain.register_line import BY_MUTATION, RegisterLine, RegisterLineFilter
from storage.account import ACCOUNT, ACCOUNTS
from storage.annual_report import ANNUAL_REPORTS
from storage.card import CARD
from storage.check import CHECKS
from storage.commission import COMMISSIONS
from storage.delegation import DELEGATION
from storage.desks import DESKS
from storage.disposition import DISPOSITIONS
from storage.filing import FILINGS
from storage.filing_change import FILING_CHANGES
from storage.institution import INSTITUTION
from storage.organisation import ORGANISATION, ORGANISATIONS
from storage.pairing import PAIRING
from storage.passkey import PASSKEY
from storage.quality_issue import QUALITY_ISSUES
from storage.register import REGISTER
from storage.session import SESSION
from storage.shelf import Order, Seen, Shelf, Veil
from storage.sight import looked_up, sight
from storage.sign_in_attempt import SIGN_IN_ATTEMPT
from storage.supervision import between_days
from storage.totp import TOTP

ID_BYTES = 8
_MARK = b"preship register"


class LineId(TypeDecorator[UUID]):
    """A line's number as an id like any other: nobody reads off it how many lines there are, nor makes one up."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[Any]:
        return UUID

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        seal, covered = value.bytes[:ID_BYTES], value.bytes[ID_BYTES:]
        number = bytes(one ^ other for one, other in zip(covered, _bytes(seal), strict=True))
        # What is no id of ours is that of no line.
        return int.from_bytes(number) if _bytes(number) == seal and number[0] < 128 else -1

    def process_result_value(self, value: int | None, dialect: Dialect) -> UUID | None:
        if value is None:
            return None
        number = value.to_bytes(ID_BYTES)
        seal = _bytes(number)
        return UUID(bytes=seal + bytes(one ^ other for one, other in zip(number, _bytes(seal), strict=True)))


def _bytes(of: bytes) -> bytes:
    return hashlib.blake2b(of, digest_size=ID_BYTES, key=_MARK).digest()


# The same table seen once more, with ids that may be shown; it is made and written as `storage/register.py` has it.
LINE = Table(
    "register",
    MetaData(),
    Column("id", LineId(), primary_key=True),
    *(Column(each.name, each.type) for each in REGISTER.c if each.name != "id"),
)
C = LINE.c


class Unindexed(FunctionElement[Any]):
    """A column by which SQLite shall look for nothing: it knows no figures of a table, and would rather go through all
    lines of a kind in order than look up those of a few records. PostgreSQL weighs both by itself."""

    inherit_cache = True


@compiles(Unindexed, "postgresql")
def _on_postgresql(element: Unindexed, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(Unindexed, "sqlite")
def _on_sqlite(element: Unindexed, compiler: Any, **options: Any) -> str:
    return "+" + str(compiler.process(element.clauses, **options))


# ── Who sees which lines ───────────────────────────────────────────────────────────────────────────────────────────

THEIR_RECORDS: Mapping[str, Shelf[Any]] = {
    "commission": COMMISSIONS,
    "filing": FILINGS,
    "filing_change": FILING_CHANGES,
    "disposition": DISPOSITIONS,
    "quality_issue": QUALITY_ISSUES,
    "check": CHECKS,
    "annual_report": ANNUAL_REPORTS,
}
"""Records that belong to an institution or enterprise: it sees the lines of those that their shelf shows it."""


def _of_own_accounts(column: Column[Any]) -> Callable[[UUID], Select[Any]]:
    def ids(organisation_id: UUID) -> Select[Any]:
        own = select(ACCOUNT.c.id).where(ACCOUNT.c.organisation_id == organisation_id)
        return select(column.table.c.id).where(column.in_(own))

    return ids


def _of_organisation(column: Column[Any]) -> Callable[[UUID], Select[Any]]:
    return lambda organisation_id: select(column.table.c.id).where(column == organisation_id)


OF_ITS_PEOPLE: Mapping[str, Callable[[UUID], Select[Any]]] = {
    "account": _of_organisation(ACCOUNT.c.organisation_id),
    "session": _of_own_accounts(SESSION.c.user_id),
    "pairing": _of_own_accounts(PAIRING.c.user_id),
    "delegation": _of_organisation(DELEGATION.c.organisation_id),
    "card": _of_organisation(CARD.c.organisation_id),
    "passkey": _of_organisation(PASSKEY.c.organisation_id),
    "totp": _of_organisation(TOTP.c.organisation_id),
    "sign_in_attempt": _of_organisation(SIGN_IN_ATTEMPT.c.organisation_id),
}
"""How its users come in and what they may do: the ids of those of an organisation. Sessions have a shelf that shows
each user the own ones, so whose they are is asked here."""


@dataclass(frozen=True)
class Branch:
    """Lines that are seen for one reason; `subject` where they are all of one kind of record."""

    subject: str | None
    condition: ColumnElement[bool]


def _branches(viewer: Viewer) -> Sequence[Branch] | None:
    """Why a viewer sees lines, one reason each; None for whoever sees all."""
    if viewer.is_the_product:
        return None
    if viewer.role is not Role.ADMIN or viewer.organisation_id is None:
        return ()
    if viewer.kind is OrganisationKind.CUSTOMS:
        return None
    return tuple(_of_an_administrator(viewer, viewer.organisation_id))


def _of_an_administrator(viewer: Viewer, organisation_id: UUID) -> Iterator[Branch]:
    yield Branch(None, C.organisation_id == organisation_id)
    for subject, shelf in THEIR_RECORDS.items():
        seen = shelf.visible(viewer)
        if not seen.compare(false()):
            yield Branch(subject, _is_one_of(subject, select(shelf.id).where(seen)))
    if viewer.institution_id is not None:
        own = select(INSTITUTION.c.id).where(INSTITUTION.c.id == viewer.institution_id)
        yield Branch("institution", _is_one_of("institution", own))
    for subject, ids in OF_ITS_PEOPLE.items():
        yield Branch(subject, _is_one_of(subject, ids(organisation_id)))


def _is_one_of(subject: str, ids: Select[Any]) -> ColumnElement[bool]:
    return and_(Unindexed(C.subject_type) == subject, C.subject_id.in_(ids))


@sight(
    zh="海关管理员见全部；其他单位的管理员见本单位人员的操作、本单位账号及登录方式、本单位可见的业务记录",
    en="administrators of customs, who see all; those of other organisations see what their people did, what "
    "concerns their accounts and ways to sign in, and the lines of records that their organisation sees",
)
def _visible(viewer: Viewer) -> ColumnElement[bool]:
    branches = _branches(viewer)
    if branches is None:
        return true()
    return or_(*(each.condition for each in branches)) if branches else false()


@sight(
    zh="不可见该记录者，以及他方尚未提交的内容和附件",
    en="from whoever does not see the record itself; and what others wrote or attached and have not sent yet",
)
def _is_kept_back(viewer: Viewer) -> ColumnElement[bool]:
    """Over which lines' contents the veil lies: of records that the viewer does not see, and of what others have not
    sent yet. A page is looked up line by line, by the record's key."""
    if viewer.is_the_product or viewer.organisation_id is None:
        return false()
    reasons = [C.organisation_id.is_not_distinct_from(viewer.organisation_id)]
    for subject, ids in OF_ITS_PEOPLE.items():
        own = ids(viewer.organisation_id).where(DESKS[subject].shelf.id == C.subject_id)
        reasons.append(and_(C.subject_type == subject, looked_up(own, LINE)))
    sent = not_(_is_not_sent())
    for subject, desk in DESKS.items():
        if subject in OF_ITS_PEOPLE:
            continue
        shelf = desk.shelf
        open_ = looked_up(select(shelf.id).where(shelf.id == C.subject_id, shelf.open_to(viewer)), LINE)
        reasons.append(and_(C.subject_type == subject, sent, open_))
    return not_(or_(*reasons))


def _is_not_sent() -> ColumnElement[bool]:
    """What was written before it went to the other side, and files, which go with what is sent."""
    before, after = (func.coalesce(each, "DRAFT") for each in (C.status_before, C.status_after))
    drafted = and_(C.status_after.is_not(None), before == "DRAFT", after == "DRAFT")
    return or_(drafted, C.action.in_(("attach", "detach")))


# ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SeenLines(Seen[RegisterLine]):
    """Lines that one viewer may see, with the reasons for it; None where all are seen."""

    branches: Sequence[Branch] | None = None

    def of(self, subject: str) -> "SeenLines":
        """Those of one kind of record; reasons that concern others alone are not asked."""
        kept = self.branches and tuple(each for each in self.branches if each.subject in (None, subject))
        column = C.subject_type if self.branches is None else Unindexed(C.subject_type)
        return replace(self.where(column == subject), branches=kept)

    def select_part(
        self, order: Order, bounds: Sequence[ColumnElement[bool]], *names: str, forward: bool, size: int, offset: int
    ) -> Select[Any]:
        if not self.branches:
            return super().select_part(order, bounds, *names, forward=forward, size=size, offset=offset)
        # The first condition says again, all at once, what the branches say.
        narrowing, by = self.conditions[1:], order.by(forward=forward)
        parts = []
        for each in self.branches:
            sorted_by = by if each.subject is None else _sorted_without_index(order, forward=forward)
            part = select(C.id).where(each.condition, *narrowing, *bounds).order_by(*sorted_by)
            parts.append(part.limit(literal(size + offset, Integer())).subquery())
        found = union_all(*(select(part.c.id) for part in parts))
        seen = replace(self, conditions=(C.id.in_(found),))
        return seen.select(*names).order_by(*by).limit(size).offset(literal(offset, Integer()))


def _sorted_without_index(order: Order, *, forward: bool) -> Sequence[ColumnElement[Any]]:
    down = order.descending == forward
    columns = [Unindexed(each) for each in (*order.columns, C.id)]
    return [column.desc() if down else column.asc() for column in columns]


@dataclass(frozen=True)
class RegisterShelf(Shelf[RegisterLine]):
    """A shelf whose questions know for which reasons lines are seen."""

    def seen_by(self, viewer: Viewer) -> SeenLines:
        seen = super().seen_by(viewer)
        return SeenLines(seen.shelf, seen.conditions, seen.veiled, _branches(viewer))


REGISTER_LINES = RegisterShelf(RegisterLine, LINE, _visible, Veil(_is_kept_back, frozenset({"changes"})))


def register_lines(viewer: Viewer, wanted: RegisterLineFilter) -> Seen[RegisterLine]:
    """The lines that a viewer may see, by all filters together."""
    seen = REGISTER_LINES.seen_by(viewer)
    subject, action = BY_MUTATION.get(wanted.action or "", (None, wanted.action))
    for each in {subject, wanted.subject_type} - {None, ""}:
        assert each is not None
        seen = seen.of(each)
    if action:
        seen = seen.where(C.action == action)
    if wanted.actor_account_id is not None:
        seen = seen.where(C.user_id == wanted.actor_account_id)
    if wanted.subject_id is not None:
        seen = seen.where(C.subject_id == wanted.subject_id)
    return seen.where(*between_days(C.at, wanted.at_from, wanted.at_to))


async def numbers_of(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The official numbers of records, of whichever kind, as far as the viewer sees them; in one statement."""
    parts = [
        select(desk.shelf.id.label("id"), desk.shelf.table.c[desk.number].cast(String).label("number")).where(
            desk.shelf.id.in_(ids), desk.shelf.open_to(viewer)
        )
        for desk in DESKS.values()
        if desk.number is not None and desk.number in desk.shelf.table.c
    ]
    rows = await connection.execute(union_all(*parts))
    return {row.id: row.number for row in rows if row.number}


async def accounts_seen(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of users, as far as the viewer sees them."""
    seen = await ACCOUNTS.seen_by(viewer).where(ACCOUNT.c.id.in_(ids)).all(connection)
    return {each.id: each.display_name for each in seen}


@dataclass(frozen=True)
class Side:
    """An organisation that acted: on which side it sits, and its names where the viewer sees them."""

    kind: OrganisationKind
    name_zh: str | None
    name_en: str | None

    def name(self, language: Language) -> str | None:
        """Its name in a language, where it is seen."""
        return self.name_zh if language is Language.ZH else self.name_en


async def sides_of(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, Side]:
    """The organisations that acted; who sees a line sees from which side it was done."""
    c = ORGANISATION.c
    statement = select(c.id, c.kind, c.name_zh, c.name_en, ORGANISATIONS.visible(viewer).label("is_seen"))
    rows = await connection.execute(statement.where(c.id.in_(ids)))
    return {
        row.id: Side(row.kind, row.name_zh, row.name_en) if row.is_seen else Side(row.kind, None, None) for row in rows
    }


async def sees_a_line_of(connection: AsyncConnection, viewer: Viewer, subject_id: UUID) -> bool:
    """Whether a viewer may see any line of this record."""
    return await REGISTER_LINES.seen_by(viewer).where(C.subject_id == subject_id).one(connection) is not None
