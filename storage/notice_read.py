"""Who has read which notice. Each user's own bookmarks, so neither an action nor in the register (decision 0015).

To mark all as read is one row however many there are: a place in the stream up to which everything counts as read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    Table,
    Uuid,
    and_,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice
from domain.party import Viewer
from storage.beside import Beside, Told
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
from storage.register import Speaking, beyond
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
_READ_TO = (ALL_READ.c.transaction_id, ALL_READ.c.line_id, ALL_READ.c.notice_id)


def _news(engine: Speaking, viewer: Viewer, read_to: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """What lies beyond the place up to which everything counts as read, and is not marked by itself."""
    return and_(_beyond(engine, read_to), not_(_is_marked(viewer, NOTICE.c.id, NOTICE.c.edition)))


def _beyond(engine: Speaking, read_to: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    start = [literal(each, column.type) for each, column in zip(Position().places, POSITION, strict=True)]
    return beyond(POSITION, list(map(func.coalesce, read_to, start)), engine)


def _is_marked(viewer: Viewer, notice_id: ColumnElement[Any], edition: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        NOTICE_READ.c.user_id == viewer.user_id, NOTICE_READ.c.notice_id == notice_id, NOTICE_READ.c.edition == edition
    )


def _looked_up(viewer: Viewer) -> Sequence[ColumnElement[Any]]:
    return [select(each).where(ALL_READ.c.user_id == viewer.user_id).scalar_subquery() for each in _READ_TO]


def only(engine: Speaking, viewer: Viewer, seen: Seen[Notice], *, unread: bool) -> Seen[Notice]:
    """Of some notices those meant for the viewer that are unread, or those that are read."""
    news = _news(engine, viewer, _looked_up(viewer))
    return seen.where(addressed_to(viewer), news if unread else not_(news))


def unread(engine: Speaking, viewer: Viewer) -> Select[Any]:
    """How many notices are meant for the viewer and not read. Each of the two kinds is looked for along its own index,
    from a place that is looked up once, and both together are held against what is marked."""
    lies_beyond = _beyond(engine, _READ_TO)
    found = union_all(
        *(
            select(NOTICE.c.id, NOTICE.c.edition).where(kind, lies_beyond).correlate(ALL_READ)
            for kind in (sent_to(viewer), published_for(viewer))
        )
    ).subquery("beyond")
    news = select(func.count()).select_from(found).where(not_(_is_marked(viewer, found.c.id, found.c.edition)))
    one_row = select(literal_column("1")).subquery("one_row")
    return select(news.scalar_subquery()).select_from(one_row.outerjoin(ALL_READ, ALL_READ.c.user_id == viewer.user_id))


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
                where=tuple_(*_READ_TO)
                < tuple_(*(literal(each, column.type) for each, column in zip(read_to.places, POSITION, strict=True))),
            )
        )
    beyond_it = (
        select(NOTICE.c.id, NOTICE.c.edition)
        .where(addressed_to(viewer), _news(connection, viewer, _looked_up(viewer)))
        .order_by(NOTICE.c.id)
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


def _read_at(
    viewer: Viewer,
    notice_id: ColumnElement[Any],
    edition: ColumnElement[Any],
    transaction_id: ColumnElement[Any],
    line_id: ColumnElement[Any],
) -> Told:
    marked = select(NOTICE_READ).where(NOTICE_READ.c.user_id == viewer.user_id).subquery("marked")
    with_all = select(ALL_READ).where(ALL_READ.c.user_id == viewer.user_id).subquery("with_all")
    read_to = tuple_(*(with_all.c[column.name] for column in _READ_TO))
    return Told(
        (
            (marked, and_(marked.c.notice_id == notice_id, marked.c.edition == edition)),
            (with_all, tuple_(transaction_id, line_id, notice_id) <= read_to),
        ),
        func.coalesce(marked.c.read_at, with_all.c.read_at, type_=Instant()),
    )


READ_AT = Beside(NOTICES, ("id", "edition", "transaction_id", "line_id"), Instant(), _read_at)
"""When the viewer read a notice as it stands now; null for one that is not read."""
