"""The feed of the registry's changes: page by page, or as they are committed; both hand on the same cursors."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated

import strawberry

from domain.api_key.scope import ApiKeyScope
from domain.record import says
from domain.registry_change import RegistryChange
from graph.context import Info
from graph.errors import ErrorCode, PublicError
from storage.registry_change import CHANGES_AT_ONCE_MAX, SUBJECT, Place, changes_after, latest_place
from storage.shelf import BadCursor

CHANGES_DEFAULT = 50


@dataclass(frozen=True, kw_only=True)
class RegistryChanges:
    """A part of the feed, in the order of what happened."""

    changes: Annotated[tuple[RegistryChange, ...], says("变更", "What changed, the earliest first.")]
    cursor: Annotated[str, says("游标", "Hand it on as `after` to read on; it is there even where nothing changed.")]
    has_more: Annotated[bool, says("是否还有", "Whether more is to be read at once; if not, come again later.")]


async def registry_changes(
    info: Info,
    after: Annotated[
        str | None, strawberry.argument(description="Read on behind this cursor; absent from the beginning.")
    ] = None,
    first: Annotated[
        int | None,
        strawberry.argument(description=f"At most so many, up to {CHANGES_AT_ONCE_MAX}; {CHANGES_DEFAULT} if absent."),
    ] = None,
) -> RegistryChanges:
    """名录变更. What changed in the registry, committed and in order; for customs and for keys with CHANGE_FEED."""
    context = info.context
    viewer = context.customs_or(ApiKeyScope.CHANGE_FEED)
    count = CHANGES_DEFAULT if first is None else first
    if not 0 < count <= CHANGES_AT_ONCE_MAX:
        raise PublicError(
            ErrorCode.BAD_USER_INPUT,
            zh=f"first 须在1与{CHANGES_AT_ONCE_MAX}之间。",
            en=f"`first` lies between 1 and {CHANGES_AT_ONCE_MAX}.",
        )
    place = _place(after) or Place()
    async with context.house.database.reading() as connection:
        found = await changes_after(connection, viewer, place, count + 1)
    shown = found[:count]
    return RegistryChanges(
        changes=tuple(change for _, change in shown),
        cursor=(shown[-1][0] if shown else place).cursor(),
        has_more=len(found) > count,
    )


async def latest_cursor(root: strawberry.Parent[RegistryChanges], info: Info) -> str:
    """最新游标. Where the feed ends now. Whoever copies the registry takes it first, then reads `institutions`, then
    follows from it."""
    async with info.context.house.database.reading() as connection:
        return (await latest_place(connection)).cursor()


async def registry_changed(
    info: Info,
    after: Annotated[
        str | None, strawberry.argument(description="Resume after this cursor; absent for news only.")
    ] = None,
) -> AsyncGenerator[RegistryChange, None]:
    """名录变更. Every change of the registry as it is committed; for customs and for keys with CHANGE_FEED. Nothing is
    lost and nothing comes twice between two connections that hand the cursor on."""
    context = info.context
    viewer = context.customs_or(ApiKeyScope.CHANGE_FEED)
    stream = context.house.stream
    async with stream.topic(SUBJECT) as topic:
        place = _place(after)
        if place is None:
            async with context.house.database.reading() as connection:
                place = await latest_place(connection)
        while True:
            topic.calm()
            found = await stream.registry_changes_after(viewer, place)
            for at, change in found:
                place = at
                yield change
            if not found:
                await topic.news()


def _place(after: str | None) -> Place | None:
    try:
        return None if after is None else Place.of(after)
    except BadCursor:
        raise PublicError(
            ErrorCode.BAD_USER_INPUT, zh="游标无效：请使用名录变更给出的游标。", en="That is no cursor of this feed."
        ) from None
