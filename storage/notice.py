"""Notices at rest: who sees them, the questions about them, and the stream that a socket follows."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Select,
    and_,
    false,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.marks import start_of_day
from domain.notice import Notice, NoticeAudience, NoticeFilter, NoticeStatus
from domain.notice_workflow import WORKFLOW, NoticeFacts
from domain.party import OrganisationKind, Viewer
from storage.attachment import FILES, attachments_of, may_be_attached_to
from storage.columns import TransactionNow, table_of
from storage.desk import Ask, Desk, Gathering, NamedLine, PartsOf
from storage.register import REGISTER, beyond, settled
from storage.search import contains
from storage.shelf import BadCursor, Order, Seen, Shelf
from storage.sight import sight

NOTICE = table_of(
    Notice,
    "notice",
    Column("line_id", BigInteger().with_variant(Integer(), "sqlite"), ForeignKey(REGISTER.c.id), nullable=False),
    Column("transaction_id", BigInteger(), nullable=False, server_default=TransactionNow()),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    CheckConstraint("(organisation_id is null) <> (audience is null)", name="addressed"),
    Index(None, "line_id"),
    Index(None, "is_pinned", "published_at", "id"),
    Index(None, "organisation_id", "is_pinned", "published_at", "id"),
    Index(None, "organisation_id", "transaction_id", "line_id", "id"),
    Index(None, "audience", "transaction_id", "line_id", "id"),
)

NOTICES_ALIKE = frozenset(
    {
        "version",
        "type",
        "published_at",
        "amended_at",
        "is_pinned",
        "audience",
        "status",
        "edition",
        "by_email",
        "by_sms",
        "subject_type",
    }
)
"""Columns in which the notices of one action on several records are alike."""

_IS_PUBLISHED = NOTICE.c.audience.is_not(None)
# Published ones are few among those sent, and whoever searches them would go through all.
Index(
    "ix_notice_published",
    NOTICE.c.is_pinned,
    NOTICE.c.published_at,
    NOTICE.c.id,
    sqlite_where=_IS_PUBLISHED,
    postgresql_where=_IS_PUBLISHED,
)

PINNED_FIRST = (NOTICE.c.is_pinned, NOTICE.c.published_at)
"""What the list is sorted by, downwards."""

POSITION = (NOTICE.c.transaction_id, NOTICE.c.line_id, NOTICE.c.id)
"""Where a notice stands in the stream: at the line that sent it, published it or last changed what it says."""

NAMES_LINE = NamedLine(NOTICE.c.line_id, NOTICE.c.transaction_id, frozenset({"publish", "amend"}))
"""Of what customs publishes; what a workflow sends names the line that sends it once and for all."""

_AUDIENCES = {
    OrganisationKind.INSTITUTION: (NoticeAudience.EVERYBODY, NoticeAudience.INSTITUTION),
    OrganisationKind.ENTERPRISE: (NoticeAudience.EVERYBODY, NoticeAudience.ENTERPRISE),
    OrganisationKind.CUSTOMS: (NoticeAudience.EVERYBODY, NoticeAudience.CUSTOMS),
}


def sent_to(viewer: Viewer) -> ColumnElement[bool]:
    """What workflows have sent to the viewer's organisation."""
    if viewer.organisation_id is None:
        return false()
    return NOTICE.c.organisation_id == viewer.organisation_id


def published_for(viewer: Viewer) -> ColumnElement[bool]:
    """What customs publishes for the viewer's side."""
    audiences = () if viewer.kind is None else _AUDIENCES[viewer.kind]
    return and_(NOTICE.c.audience.in_(audiences), NOTICE.c.status == NoticeStatus.PUBLISHED)


def addressed_to(viewer: Viewer) -> ColumnElement[bool]:
    """What is meant for the viewer: sent to its organisation, or published for its side."""
    if viewer.is_the_product:
        return true()
    if viewer.organisation_id is None:
        return false()
    return or_(sent_to(viewer), published_for(viewer))


@sight(
    zh="收件单位，或公告对象一方的用户；海关另见其发布的全部公告，含已下架的",
    en="the organisation that it was sent to, or the side that it was published for; customs also sees all that it "
    "published, and what was taken down",
)
def _visible(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.is_the_product:
        return true()
    ways = _ways(viewer)
    return or_(*ways) if ways else false()


def _ways(viewer: Viewer) -> Sequence[ColumnElement[bool]]:
    """By which notices come to a viewer, none by two. Customs keeps all that it published in sight, whomever it is for,
    and what was taken down too."""
    if viewer.organisation_id is None:
        return ()
    if viewer.kind is OrganisationKind.CUSTOMS:
        return (sent_to(viewer), _IS_PUBLISHED)
    return (sent_to(viewer), published_for(viewer))


@dataclass(frozen=True)
class SeenNotices(Seen[Notice]):
    """Notices that one viewer may see. A page of them is read along the index of each way by which they come."""

    ways: Sequence[ColumnElement[bool]] = ()

    @property
    def takes_columns_later(self) -> bool:
        return not self.ways  # each of the ways names them

    def select_part(
        self, order: Order, bounds: Sequence[ColumnElement[bool]], *names: str, forward: bool, size: int, offset: int
    ) -> Select[Any]:
        if not self.ways or offset:
            return super().select_part(order, bounds, *names, forward=forward, size=size, offset=offset)
        # The first condition says again, all at once, what the ways say.
        narrowing, by = self.conditions[1:], order.by(forward=forward)
        wanted = names or tuple(column.name for column in self.shelf.columns)
        read = dict.fromkeys((*wanted, *(column.name for column in order.columns), self.shelf.id.name))
        # A database plans a page of unknown size badly.
        at_most: ColumnElement[int] = literal_column(str(size), Integer())
        parts = [
            select(*(NOTICE.c[name] for name in read)).where(way, *narrowing, *bounds).order_by(*by).limit(at_most)
            for way in self.ways
        ]
        # SQLite takes no order within a union but in brackets of its own.
        rows = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return select(*(rows.c[name] for name in wanted)).order_by(*order.by(forward=forward, of=rows)).limit(size)


@dataclass(frozen=True)
class NoticeShelf(Shelf[Notice]):
    """A shelf whose questions know by which ways notices come."""

    def seen_by(self, viewer: Viewer) -> SeenNotices:
        seen = super().seen_by(viewer)
        return SeenNotices(seen.shelf, seen.conditions, seen.veiled, _ways(viewer) if viewer.key is None else ())


NOTICES = NoticeShelf(Notice, NOTICE, _visible)
may_be_attached_to("notice", NOTICES)


def notices(viewer: Viewer, wanted: NoticeFilter) -> Seen[Notice]:
    """The notices of a viewer: by fragment of the title in either language, by type and by day of publication.

    What was read is asked of `storage/notice_read.py`.
    """
    seen = NOTICES.seen_by(viewer)
    if wanted.title:
        seen = seen.where(or_(contains(NOTICE.c.title_zh, wanted.title), contains(NOTICE.c.title_en, wanted.title)))
    if wanted.type is not None:
        seen = seen.where(NOTICE.c.type == wanted.type)
    if wanted.published_from is not None and wanted.published_from > date.min:
        seen = seen.where(NOTICE.c.published_at >= start_of_day(wanted.published_from))
    if wanted.published_to is not None and wanted.published_to < date.max:
        seen = seen.where(NOTICE.c.published_at < start_of_day(wanted.published_to + timedelta(days=1)))
    return seen


async def _gather(gathering: Gathering, asks: Sequence[Ask[Any]]) -> list[NoticeFacts]:
    ids = [ask.record.id for ask in asks if ask.record is not None]
    found = await attachments_of(gathering.together, ids)
    return [NoticeFacts(attachments=found.get(ask.record.id, ()) if ask.record is not None else ()) for ask in asks]


DESK = Desk(
    WORKFLOW,
    NOTICES,
    _gather,
    parts=(PartsOf(FILES, lambda facts: facts.attachments),),
    names_line=NAMES_LINE,
    has_lines=_IS_PUBLISHED,
)


NO_NOTICE = UUID(int=0)


@dataclass(frozen=True)
class Position:
    """Where a reader of the stream of notices stands."""

    transaction_id: int = 0
    line_id: int = 0
    notice_id: UUID = NO_NOTICE

    @property
    def places(self) -> tuple[int, int, UUID]:
        """In the order of POSITION."""
        return (self.transaction_id, self.line_id, self.notice_id)

    def cursor(self) -> str:
        packed = orjson.dumps([self.transaction_id, self.line_id, self.notice_id.hex])
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def of(cls, cursor: str) -> "Position":
        try:
            transaction_id, line_id, notice_id = orjson.loads(
                base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            )
            if not all(isinstance(n, int) and 0 <= n < 2**63 for n in (transaction_id, line_id)):
                raise BadCursor(cursor)
            return cls(transaction_id, line_id, UUID(notice_id))
        except (ValueError, TypeError, AttributeError, binascii.Error) as unreadable:
            raise BadCursor(cursor) from unreadable


async def latest_position(connection: AsyncConnection, viewer: Viewer) -> Position:
    """Where a reader stands who has seen everything so far; each of the two kinds is asked for along its own index."""
    found = [Position()]
    for kind in (sent_to(viewer), published_for(viewer)):
        statement = (
            select(*POSITION)
            .where(*NOTICES.seen_by(viewer).where(kind).conditions, settled(NOTICE.c.transaction_id, connection))
            .order_by(*(column.desc() for column in POSITION))
            .limit(1)
        )
        found += [Position(*row) for row in await connection.execute(statement)]
    return max(found, key=lambda each: each.places)


async def notices_after(
    connection: AsyncConnection, viewer: Viewer, position: Position, at_most: int
) -> list[tuple[Position, Notice]]:
    """What came after a position, in order, as far as it is settled; the stream wakes again when more is."""
    seen = NOTICES.seen_by(viewer).where(addressed_to(viewer))
    statement: Select[tuple[object, ...]] = (
        seen.where(beyond(POSITION, position.places, connection))
        .select()
        .add_columns(
            NOTICE.c.transaction_id, NOTICE.c.line_id, settled(NOTICE.c.transaction_id, connection).label("is_settled")
        )
        .order_by(*POSITION)
        .limit(at_most)
    )
    found: list[tuple[Position, Notice]] = []
    for row in await connection.execute(statement):
        if not row.is_settled:
            break
        notice = NOTICES.made_of(row)
        found.append((Position(row.transaction_id, row.line_id, notice.id), notice))
    return found
