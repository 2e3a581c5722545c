"""Which question answers which field of the notices, and the stream of new ones."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.delivery import Delivery, channels_of
from domain.language import Language
from domain.notice import Channel, Notice, NoticeFilter
from graph.context import Info
from graph.events import NoticeEvent, follow_notices
from graph.publish import Node
from graph.resolvers.node import found
from graph.schema.paging import After, Before, Connection, First, Last, Offset, Paging, connection_of
from storage.delivery import deliveries_by_notice
from storage.notice import NOTICES
from storage.notice import notices as notices_seen
from storage.shelf import Order


async def notices(
    info: Info,
    filter: Annotated[NoticeFilter | None, strawberry.argument(description="Which are wanted; absent for all.")] = None,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    offset: Offset = None,
) -> Connection[Notice]:
    """公告消息. The notices of the viewer's organisation, latest first. 手册 1.1, 2.1 (manual)."""
    seen = notices_seen(info.context.signed_in(), filter or NoticeFilter())
    order = Order("PUBLISHED_AT", NOTICES.table.c.published_at, descending=True)
    return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))


def title(root: strawberry.Parent[Notice], info: Info) -> str:
    """标题. Its title in the viewer's language."""
    return root.title_zh if info.context.language is Language.ZH else root.title_en


def body(root: strawberry.Parent[Notice], info: Info) -> str:
    """正文. What it says, in the viewer's language."""
    return root.body_zh if info.context.language is Language.ZH else root.body_en


def channels(root: strawberry.Parent[Notice]) -> list[Channel]:
    """通知渠道. By which ways it goes: it stands in this list, and may be sent by e-mail and SMS too."""
    return list(channels_of(root))


async def deliveries(root: strawberry.Parent[Notice], info: Info) -> list[Delivery]:
    """发送情况. What became of it by e-mail and SMS."""
    viewer = info.context.viewer

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, tuple[Delivery, ...]]:
        return await deliveries_by_notice(connection, viewer, ids)

    return list(await info.context.loading.load(seen, root.id, name="deliveries") or ())


async def subject(root: strawberry.Parent[Notice], info: Info) -> Node | None:
    """相关业务. What it is about; null where that is nothing in particular, or the viewer may no longer see it."""
    if root.subject_type is None or root.subject_id is None:
        return None
    return await found(info.context, root.subject_type, root.subject_id)


async def notice_received(
    info: Info,
    after: Annotated[
        str | None, strawberry.argument(description="Resume after this cursor; absent for news only.")
    ] = None,
) -> AsyncGenerator[NoticeEvent, None]:
    """收到公告消息. Every notice to the viewer's organisation, as it is committed; nothing is lost between two
    connections that hand the cursor on."""
    async for event in follow_notices(info.context, after):
        yield event
