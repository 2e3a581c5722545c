"""Which question answers which field of the notices, and the stream of new ones."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.delivery import Delivery, channels_of
from domain.language import Language
from domain.notice import (
    Channel,
    Notice,
)
from graph.context import Info
from graph.events import NoticeEvent, follow_notices
from graph.publish import Node
from graph.resolvers.node import found
from storage.delivery import deliveries_by_notice


def title_in(notice: Notice, language: Language) -> str:
    """Its title in a language."""
    return notice.title_zh if language is Language.ZH else notice.title_en


def body_in(notice: Notice, language: Language) -> str:
    """What it says in a language."""
    return notice.body_zh if language is Language.ZH else notice.body_en


def title(root: strawberry.Parent[Notice], info: Info) -> str:
    """标题. Its title in the viewer's language."""
    return title_in(root, info.context.language)


def body(root: strawberry.Parent[Notice], info: Info) -> str:
    """正文. What it says, in the viewer's language."""
    return body_in(root, info.context.language)


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
