"""What sockets follow: each message carries the cursor to resume from, so a connection that breaks loses nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.commission.custody import Custody
from domain.commission.record import Commission
from domain.notice import Notice
from domain.record import says
from graph.context import Context
from graph.errors import ErrorCode, PublicError
from storage.commission import COMMISSIONS, DESK
from storage.commission_custody import custody_at
from storage.notice import Position, latest_position
from storage.shelf import BadCursor


@dataclass(frozen=True, kw_only=True)
class CommissionEvent:
    """One action on a commission, committed."""

    cursor: Annotated[str, says("游标", "Hand it on as `after` to resume behind this event.")]
    action: Annotated[str, says("操作", "Name of the mutation.")]
    at: Annotated[datetime, says("时间", "When it was done.")]
    commission: Commission | None


@dataclass(frozen=True, kw_only=True)
class NoticeEvent:
    """One notice, committed."""

    cursor: Annotated[str, says("游标", "Hand it on as `after` to resume behind this event.")]
    notice: Notice


async def follow_commission(context: Context, commission_id: UUID, after: str | None) -> AsyncIterator[CommissionEvent]:
    """Every action on a commission from a cursor on. Raises NOT_FOUND where the viewer may not see it at first.

    Only what was done while the viewer saw it: an institution hears neither of the draft before it was submitted to it,
    nor of the time with another. Should it pass out of the viewer's sight, one event without the commission says so,
    and silence follows until it is back. The stream ends with the last action that there can be.
    """
    context.signed_in()
    house = context.house
    async with house.stream.topic(commission_id) as topic:
        present = await _seen(context, commission_id)
        if present is None:
            raise PublicError(ErrorCode.NOT_FOUND)
        version = present.version if after is None else _version_of(after)
        if version > present.version:
            raise _bad_cursor()
        custody = await _custody(context, present, version)
        while True:
            topic.calm()
            lines = await house.stream.lines_after(commission_id, version)
            for line in lines:
                version = line.version
                was_in_sight, custody = custody.is_open_to(context.viewer), custody.after(line.action, line.changes)
                is_in_sight = custody.is_open_to(context.viewer)
                if not (was_in_sight or is_in_sight):
                    continue
                commission = await house.stream.shared(
                    (context.viewer.sees_as(), commission_id, lines[-1].version), lambda: _seen(context, commission_id)
                )
                yield CommissionEvent(
                    cursor=f"v{version}",
                    action=DESK.workflow.mutation(DESK.workflow[line.action]),
                    at=line.at,
                    commission=commission if is_in_sight else None,
                )
                if commission is not None:
                    present = commission
            if not lines:
                if present.version == version and DESK.workflow.ends_with(present.status):
                    return
                await topic.news()


async def _seen(context: Context, commission_id: UUID) -> Commission | None:
    return await context.one(COMMISSIONS.seen_by(context.viewer).where(COMMISSIONS.id == commission_id))


async def _custody(context: Context, present: Commission, version: int) -> Custody:
    """With whom the commission lay at a version; at the present one it says so itself."""
    if version == present.version:
        return Custody(present.institution_id, present.submitted_to_id)
    async with context.house.database.reading() as connection:
        return await custody_at(connection, present.id, version)


def _version_of(cursor: str) -> int:
    digits = cursor.removeprefix("v")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10) or digits == cursor:
        raise _bad_cursor()
    return int(digits)


async def follow_notices(context: Context, after: str | None) -> AsyncIterator[NoticeEvent]:
    """Every notice to the viewer's organisation from a cursor on."""
    viewer = context.signed_in()
    assert viewer.organisation_id is not None
    house = context.house
    async with house.stream.topic(viewer.organisation_id) as topic:
        position = await _position(context, after)
        while True:
            topic.calm()
            found = await house.stream.notices_after(viewer, position)
            for position, notice in found:  # the position is where the last one stood
                yield NoticeEvent(cursor=position.cursor(), notice=notice)
            if not found:
                await topic.news()


async def _position(context: Context, after: str | None) -> Position:
    if after is None:
        async with context.house.database.reading() as connection:
            return await latest_position(connection, context.viewer)
    try:
        return Position.of(after)
    except BadCursor:
        raise _bad_cursor() from None


def _bad_cursor() -> PublicError:
    return PublicError(
        ErrorCode.BAD_USER_INPUT, zh="游标无效：请使用本订阅给出的游标。", en="That is no cursor of this subscription."
    )
