"""What happens by itself at a time: actions whose party is the clock, taken through the same door as all others.

Any number of processes may do it at once: each record is decided on under its lock, so what one has done the next finds
done. After a long stop all that fell due meanwhile is found by the same questions.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Select, select

from domain.party import THE_PRODUCT
from domain.record import Form
from storage.desk import Desk
from storage.perform import Door, Request

T = TypeVar("T")

DUE_AT_ONCE = 500

log = structlog.get_logger(__name__)


async def keep_time(door: Door, desks: Iterable[Desk[Any]]) -> dict[str, int]:
    """Takes every action that is due by the door's clock; how many of each were taken, by the mutation's name.

    A record that fails holds up no other; all failures of the round are raised together when it is over.
    """
    taken: dict[str, int] = {}
    failures: list[Exception] = []
    for desk in desks:
        for action_name in desk.due:
            count = await _take(door, desk, action_name, failures)
            if count:
                taken[desk.workflow.mutation(desk.workflow[action_name])] = count
    if failures:
        raise ExceptionGroup(f"{len(failures)} that fell due could not be done; done were {taken}", failures)
    return taken


async def _take(door: Door, desk: Desk[Any], action_name: str, failures: list[Exception]) -> int:
    """One action on every record that is due for it. What is refused is passed over, never asked twice in a round:
    another process did it, or something stands in its way, of which the log hears."""
    table, taken = desk.shelf.table, 0
    last: UUID | None = None
    while True:
        due = select(table.c.id).where(desk.due[action_name](door.clock())).order_by(table.c.id).limit(DUE_AT_ONCE)
        if last is not None:
            due = due.where(table.c.id > last)
        ids = await _whole(_ids(door, due))
        refused: dict[UUID, list[str]] = {}
        for record_id in ids:
            wish = Request(form=Form(), subject_id=record_id)
            try:
                outcome = await _whole(door.perform(desk, action_name, wish, THE_PRODUCT))
            except Exception as failure:
                failure.add_note(f"{desk.workflow.subject} {record_id}: {action_name}")
                failures.append(failure)
            else:
                taken += not outcome.refusals
                if outcome.refusals:
                    refused[record_id] = [str(each.code) for each in outcome.refusals]
        if refused:
            for record_id in await _whole(_ids(door, due.where(table.c.id.in_(list(refused))))):
                log.warning("still_due", action=action_name, record=str(record_id), refusals=refused[record_id])
        if len(ids) < DUE_AT_ONCE:
            return taken
        last = ids[-1]


async def _ids(door: Door, due: Select[Any]) -> list[UUID]:
    async with door.database.reading() as connection:
        return list((await connection.execute(due)).scalars())


async def _whole(step: Coroutine[Any, Any, T]) -> T:
    """What the step gives. Whoever is stopped meanwhile stops behind it: a driver cut off in the middle hangs."""
    task = asyncio.create_task(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def keep_time_for_ever(door: Door, desks: Iterable[Desk[Any]], every: timedelta) -> None:
    """`keep_time` now and then; a round that fails is reported, and the next one finds what it left."""
    desks = tuple(desks)
    while True:
        try:
            taken = await keep_time(door, desks)
            if taken:
                log.info("time_kept", **taken)
        except Exception:
            log.exception("time_not_kept")
        await asyncio.sleep(every.total_seconds())
