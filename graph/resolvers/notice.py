"""Which question answers which field of the notices, what a user has read of them, and the stream of new ones."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated

import strawberry

from domain.delivery import channels_of
from domain.notice import Channel, Notice, NoticeFilter
from domain.party import Viewer
from domain.refusal import Refusal, RefusalCode, refusal
from graph.actions import Payload
from graph.context import Context, Info
from graph.events import NoticeEvent, follow_notices
from graph.ids import record_id
from graph.publish import Node, reading
from graph.relation import beside, counted, related
from graph.resolvers.attachment import files
from graph.resolvers.node import found
from graph.user_error import user_errors
from storage.delivery import DELIVERIES_OF
from storage.notice import NOTICES
from storage.notice_read import READ_AT, mark_all_read, mark_read, only, unread
from storage.shelf import Seen

MARKED_AT_ONCE_MAX = 100


async def narrowed(context: Context, seen: Seen[Notice], wanted: NoticeFilter) -> Seen[Notice]:
    """Those that are unread, or those that are read, where one of the two is wanted."""
    if wanted.unread is None:
        return seen
    return only(context.house.database.lane, context.signed_in(), seen, unread=wanted.unread)


@reading("title_zh", "title_en")
def title(root: strawberry.Parent[Notice], info: Info) -> str:
    """标题. Its title in the viewer's language; in Chinese where there is no other."""
    return root.title(info.context.language)


@reading("body_zh", "body_en")
def body(root: strawberry.Parent[Notice], info: Info) -> str:
    """正文. What it says, in the viewer's language; in Chinese where there is no other."""
    return root.body(info.context.language)


def channels(root: strawberry.Parent[Notice]) -> list[Channel]:
    """通知渠道. By which ways it goes: it stands in this list, and may be sent by e-mail and SMS too."""
    return list(channels_of(root))


deliveries = related(DELIVERIES_OF, "id", name="deliveries", words="发送情况. What became of it by e-mail and SMS.")


async def subject(root: strawberry.Parent[Notice], info: Info) -> Node | None:
    """相关业务. What it is about; null where that is nothing in particular, or the viewer may no longer see it."""
    if root.subject_type is None or root.subject_id is None:
        return None
    return await found(info.context, root.subject_type, root.subject_id)


attachments = files("附件. Its files, for everybody who sees the notice; at most 50.")


read_at = beside(
    READ_AT,
    name="read_at",
    words="阅读时间. When this user read it as it stands now; null while it is unread, or unread again after a change.",
    gives=datetime | None,
)


@counted(unread)
async def unread_count(root: strawberry.Parent[Viewer], info: Info) -> int:
    """未读公告数. How many notices meant for this user are not read: those of `notices(filter: {unread: true})`."""
    database = info.context.house.database
    async with database.reading() as connection:
        return int((await connection.execute(unread(connection, root))).scalar_one())


@strawberry.input(description="标为已读. Which notices this user has read.")
class NoticeMarkReadInput:
    """Some notices."""

    ids: list[strawberry.ID] = strawberry.field(description=f"公告标识. At most {MARKED_AT_ONCE_MAX}.")


async def notice_mark_read(info: Info, input: NoticeMarkReadInput) -> Payload:
    """标为已读. Mark notices as read by this user, as they stand now; all of them or none. Whatever the user's role.
    手册 1.1, 2.1 (manual)."""
    context = info.context
    viewer = context.signed_in()
    if len(input.ids) > MARKED_AT_ONCE_MAX:
        return _refused(context, _too_many(len(input.ids)))
    ids = [record_id("notice", each) for each in input.ids]
    async with context.house.database.writing() as connection:
        missing = await mark_read(connection, viewer, ids, context.house.door.clock())
    context.forget()
    if missing:
        return _refused(context, *(_not_found(at) for at, each in enumerate(ids) if each in missing))
    async with context.house.database.reading() as connection:
        known = {each.id: each for each in await NOTICES.seen_by(viewer).where(NOTICES.id.in_(ids)).all(connection)}
    marked = [known[each] for each in dict.fromkeys(ids) if each in known]
    return Payload(None, [], {"notices": marked, "viewer": viewer})


async def notice_mark_all_read(info: Info) -> Payload:
    """全部标为已读. Mark all notices as read by this user, whatever the user's role. 手册 1.1, 2.1 (manual)."""
    context = info.context
    viewer = context.signed_in()
    async with context.house.database.writing() as connection:
        await mark_all_read(connection, viewer, context.house.door.clock())
    context.forget()
    return Payload(None, [], {"viewer": viewer})


def _too_many(count: int) -> Refusal:
    return refusal(
        RefusalCode.TOO_MANY,
        zh=f"一次最多标记{MARKED_AT_ONCE_MAX}条，现有{count}条；也可全部标为已读。",
        en=f"At most {MARKED_AT_ONCE_MAX} at once, there are {count}; or mark all as read.",
        field="ids",
    )


def _not_found(at: int) -> Refusal:
    return refusal(RefusalCode.NOT_FOUND, zh="没有这一公告。", en="There is no such notice.", field=("ids", at))


def _refused(context: Context, *refusals: Refusal) -> Payload:
    return Payload(None, user_errors(refusals, context.language), {"viewer": context.viewer})


async def notice_received(
    info: Info,
    after: Annotated[
        str | None, strawberry.argument(description="Resume after this cursor; absent for news only.")
    ] = None,
) -> AsyncGenerator[NoticeEvent, None]:
    """收到公告消息. Every notice meant for the viewer, as it is committed: sent to its organisation, or published for
    its side; one that customs changes comes again. Nothing is lost between two connections that hand the cursor on."""
    async for event in follow_notices(info.context, after):
        yield event
