"""What waits for a viewer, in one question over all records that have a turn; nothing of it is kept anywhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.todo import Todo, TodoCount, waiting_for
from storage.desk import Desk
from storage.register import REGISTER


async def todos(
    connection: AsyncConnection, desks: Iterable[Desk[Any]], viewer: Viewer, today: date, first: int, offset: int
) -> Sequence[Todo]:
    """A part of what waits: the most urgent first, then what has waited longest."""
    waiting = _waiting(desks, viewer)
    if waiting is None:
        return ()
    rows = waiting.subquery()
    statement = (
        select(rows)
        .order_by(rows.c.due_on.is_(None), rows.c.due_on, rows.c.since, rows.c.subject_id)
        .limit(first)
        .offset(offset)
    )
    return [
        Todo(**row._mapping, is_overdue=row.due_on is not None and row.due_on < today)
        for row in await connection.execute(statement)
    ]


async def count_todos(
    connection: AsyncConnection, desks: Iterable[Desk[Any]], viewer: Viewer, today: date
) -> Sequence[TodoCount]:
    """How many wait, by kind of record and status."""
    waiting = _waiting(desks, viewer)
    if waiting is None:
        return ()
    rows = waiting.subquery()
    overdue = func.sum(case((rows.c.due_on < today, 1), else_=0))
    statement = (
        select(rows.c.subject_type, rows.c.status, func.count().label("count"), overdue.label("overdue"))
        .group_by(rows.c.subject_type, rows.c.status)
        .order_by(rows.c.subject_type, rows.c.status)
    )
    return [TodoCount(**row._mapping) for row in await connection.execute(statement)]


def _waiting(desks: Iterable[Desk[Any]], viewer: Viewer) -> CompoundSelect[Any] | None:
    questions = [
        _waiting_at(desk, viewer, statuses)
        for desk in desks
        if (statuses := [status.code for status in waiting_for(viewer, desk.workflow)])
    ]
    return union_all(*questions) if questions else None


def _waiting_at(desk: Desk[Any], viewer: Viewer, statuses: Sequence[str]) -> Select[Any]:
    table = desk.shelf.table
    # Each table has statuses of its own; side by side they are text.
    status: ColumnElement[str] = type_coerce(table.c.status, String)
    last = and_(REGISTER.c.subject_id == table.c.id, REGISTER.c.version == table.c.version)
    due_in = [each.code for each in desk.workflow.due_in]
    due_on = case((status.in_(due_in), table.c.due_on)) if due_in else cast(null(), Date)
    return (
        select(
            literal(desk.workflow.subject, String).label("subject_type"),
            table.c.id.label("subject_id"),
            (table.c[desk.number] if desk.number else cast(null(), String)).label("number"),
            status.label("status"),
            REGISTER.c.at.label("since"),
            due_on.label("due_on"),
        )
        .join_from(table, REGISTER, last)
        .where(desk.shelf.visible(viewer), status.in_(statuses))
    )
