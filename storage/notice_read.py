"""Who has read which notice. Each user's own bookmarks, so neither an action nor in the register (decision 0015).

To mark all as read is one row however many there are: a place in the stream up to which everything counts as read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    Table,
    Uuid,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice
from domain.party import Viewer
from storage.columns import METADATA, Instant
from storage.database import insert_into
from storage.notice import (
    NO_NOTICE,
    NOTICE,
    NOTICES,
    POSITION,
    Position,
    addressed_to,
    latest_position,
    published_for,
    sent_to,
)
from storage.register import beyond
from storage.shelf import Seen

IDS_AT_ONCE = 100

NOTICE_READ = Table(
    "notice_read",
    METADATA,
    Column("user_id", Uuid(), ForeignKey("account.id"), primary_key=True),
    Column("notice_id", Uuid(), ForeignKey("notice.id"), primary_key=True),
    Column("edition", Integer(), nullable=False),
    Column("read_at", Instant(), nullable=False),
)

ALL_READ = Table(
    "notice_all_read",
    METADATA,
    Column("user_id", Uuid(), ForeignKey("account.id"), primary_key=True),
    Column("transaction_id", BigInteger(), nullable=False),
    Column("line_id", BigInteger(), nullable=False),
    Column("notice_id", Uuid(), nullable=False),
    Column("read_at", Instant(), nullable=False),
)


async def all_read_to(connection: AsyncConnection, viewer: Viewer) -> Position:
    """The place up to which everything counts as read."""
    columns = (ALL_READ.c.transaction_id, ALL_READ.c.line_id, ALL_READ.c.notice_id)
    row = (await connection.execute(select(*columns).where(ALL_READ.c.user_id == viewer.user_id))).first()
    return Position() if row is None else Position(*row)


def is_unread(connection: AsyncConnection, viewer: Viewer, read_to: Position) -> ColumnElement[bool]:
    """Whether a notice is meant for the viewer, who has not read what it says now; `read_to` is `all_read_to`."""
    return and_(addressed_to(viewer), _news(connection, viewer, read_to))


async def only(connection: AsyncConnection, viewer: Viewer, seen: Seen[Notice], *, unread: bool) -> Seen[Notice]:
    """Of some notices those meant for the viewer that are unread, or those that are read."""
    news = _news(connection, viewer, await all_read_to(connection, viewer))
    return seen.where(addressed_to(viewer), news if unread else not_(news))


def _news(connection: AsyncConnection, viewer: Viewer, read_to: Position) -> ColumnElement[bool]:
    marked = exists().where(
        NOTICE_READ.c.user_id == viewer.user_id,
        NOTICE_READ.c.notice_id == NOTICE.c.id,
        NOTICE_READ.c.edition == NOTICE.c.edition,
    )
    after = beyond(POSITION, read_to.places, connection) if read_to != Position() else None
    return not_(marked) if after is None else and_(after, not_(marked))


async def count_unread(connection: AsyncConnection, viewer: Viewer) -> int:
    """How many notices are meant for the viewer and not read. Each of the two kinds is counted along its own index."""
    news = _news(connection, viewer, await all_read_to(connection, viewer))
    counted = [
        select(func.count()).select_from(NOTICE).where(kind, news).scalar_subquery()
        for kind in (sent_to(viewer), published_for(viewer))
    ]
    return int((await connection.execute(select(counted[0] + counted[1]))).scalar_one())


async def mark_read(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Marks some notices as read in their present edition; returns those that the viewer may not see, if there are any.

    Where there are, none is marked. What was read already keeps its time.
    """
    seen = NOTICES.seen_by(viewer).where(NOTICE.c.id.in_(ids))
    columns = (NOTICE.c.id, NOTICE.c.edition)
    found = (await connection.execute(select(*columns).where(*seen.conditions).order_by(NOTICE.c.id))).all()
    missing = set(ids) - {row.id for row in found}
    if not missing and found:
        await _mark(connection, viewer, ((row.id, row.edition) for row in found), now)
    return missing


async def mark_all_read(connection: AsyncConnection, viewer: Viewer, now: datetime) -> None:
    """Everything that is meant for the viewer counts as read.

    The place in the stream moves as far as nothing can come before it any longer; what lies beyond is marked one by
    one, lest something be taken for read that nobody could see yet.
    """
    read_to = await latest_position(connection, viewer)
    if read_to.notice_id != NO_NOTICE:
        place = dict(zip(("transaction_id", "line_id", "notice_id"), read_to.places, strict=True)) | {"read_at": now}
        statement = insert_into(connection, ALL_READ).values(user_id=viewer.user_id, **place)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[ALL_READ.c.user_id],
                set_=place,
                where=tuple_(ALL_READ.c.transaction_id, ALL_READ.c.line_id, ALL_READ.c.notice_id)
                < tuple_(*(literal(each, column.type) for each, column in zip(read_to.places, POSITION, strict=True))),
            )
        )
    beyond_it = (
        select(NOTICE.c.id, NOTICE.c.edition).where(is_unread(connection, viewer, read_to)).order_by(NOTICE.c.id)
    )
    while page := (await connection.execute(beyond_it.limit(IDS_AT_ONCE))).all():
        await _mark(connection, viewer, ((row.id, row.edition) for row in page), now)


async def _mark(
    connection: AsyncConnection, viewer: Viewer, editions: Iterable[tuple[UUID, int]], now: datetime
) -> None:
    rows = [
        {"user_id": viewer.user_id, "notice_id": notice_id, "edition": edition, "read_at": now}
        for notice_id, edition in editions
    ]
    statement = insert_into(connection, NOTICE_READ).values(rows)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[NOTICE_READ.c.user_id, NOTICE_READ.c.notice_id],
            set_={"edition": statement.excluded.edition, "read_at": statement.excluded.read_at},
            where=NOTICE_READ.c.edition < statement.excluded.edition,
        )
    )


async def read_at(connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    """When the viewer read some notices as they stand now, by id; those not read are not among them."""
    marks = and_(
        NOTICE_READ.c.user_id == viewer.user_id,
        NOTICE_READ.c.notice_id == NOTICE.c.id,
        NOTICE_READ.c.edition == NOTICE.c.edition,
    )
    all_read = and_(
        ALL_READ.c.user_id == viewer.user_id,
        tuple_(*POSITION) <= tuple_(ALL_READ.c.transaction_id, ALL_READ.c.line_id, ALL_READ.c.notice_id),
    )
    statement = (
        select(NOTICE.c.id, NOTICE_READ.c.read_at.label("one"), ALL_READ.c.read_at.label("with_all"))
        .outerjoin_from(NOTICE, NOTICE_READ, marks)
        .outerjoin(ALL_READ, all_read)
        .where(NOTICE.c.id.in_(ids), or_(NOTICE_READ.c.user_id.is_not(None), ALL_READ.c.user_id.is_not(None)))
    )
    rows: Iterable[Any] = await connection.execute(statement)
    return {row.id: row.one or row.with_all for row in rows}
