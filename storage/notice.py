"""Notices at rest: who sees them, the questions about them, and the stream that a socket follows."""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Select,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice, NoticeFilter
from domain.party import Viewer
from storage.columns import TransactionNow, table_of
from storage.register import REGISTER, beyond, settled
from storage.shelf import BadCursor, Seen, Shelf, contains

NOTICE = table_of(
    Notice,
    "notice",
    Column("line_id", BigInteger().with_variant(Integer(), "sqlite"), ForeignKey(REGISTER.c.id), nullable=False),
    Column("transaction_id", BigInteger(), nullable=False, server_default=TransactionNow()),
    ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
    Index(None, "line_id"),
    Index(None, "published_at", "id"),
    Index(None, "organisation_id", "published_at", "id"),
    Index(None, "organisation_id", "transaction_id", "line_id", "id"),
)


def _addressed_to(viewer: Viewer) -> ColumnElement[bool]:
    """An organisation sees what is addressed to it, and what is addressed to nobody in particular."""
    if viewer.is_the_product:
        return true()
    if viewer.organisation_id is None:
        return false()
    return or_(NOTICE.c.organisation_id == viewer.organisation_id, NOTICE.c.organisation_id.is_(None))


NOTICES = Shelf(Notice, NOTICE, _addressed_to)


def notices(viewer: Viewer, wanted: NoticeFilter) -> Seen[Notice]:
    """The notices of a viewer, by fragment of the title in either language and by type."""
    seen = NOTICES.seen_by(viewer)
    if wanted.title:
        seen = seen.where(or_(contains(NOTICE.c.title_zh, wanted.title), contains(NOTICE.c.title_en, wanted.title)))
    if wanted.type is not None:
        seen = seen.where(NOTICE.c.type == wanted.type)
    return seen


NO_NOTICE = UUID(int=0)


@dataclass(frozen=True)
class Position:
    """Where a reader of the stream of notices stands."""

    transaction_id: int = 0
    line_id: int = 0
    notice_id: UUID = NO_NOTICE

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
    """Where a reader stands who has seen everything so far."""
    statement = (
        select(NOTICE.c.transaction_id, NOTICE.c.line_id, NOTICE.c.id)
        .where(*NOTICES.seen_by(viewer).conditions, settled(NOTICE.c.transaction_id, connection))
        .order_by(NOTICE.c.transaction_id.desc(), NOTICE.c.line_id.desc(), NOTICE.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).first()
    return Position() if row is None else Position(*row)


async def notices_after(
    connection: AsyncConnection, viewer: Viewer, position: Position, at_most: int
) -> list[tuple[Position, Notice]]:
    """What came after a position, in order, as far as it is settled; the stream wakes again when more is."""
    seen = NOTICES.seen_by(viewer)
    columns = (NOTICE.c.transaction_id, NOTICE.c.line_id, NOTICE.c.id)
    here = (position.transaction_id, position.line_id, position.notice_id)
    statement: Select[tuple[object, ...]] = (
        seen.where(beyond(columns, here, connection))
        .select()
        .add_columns(
            NOTICE.c.transaction_id, NOTICE.c.line_id, settled(NOTICE.c.transaction_id, connection).label("is_settled")
        )
        .order_by(*columns)
        .limit(at_most)
    )
    found: list[tuple[Position, Notice]] = []
    for row in await connection.execute(statement):
        if not row.is_settled:
            break
        notice = NOTICES.made_of(row)
        found.append((Position(row.transaction_id, row.line_id, notice.id), notice))
    return found
