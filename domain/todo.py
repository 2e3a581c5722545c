"""To-dos 待办事项: what waits for a viewer, as follows from the tables: whose turn it is in which status."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from domain.party import Viewer
from domain.record import hidden, says
from domain.term import Term
from domain.workflow import Workflow


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One record that waits for the viewer 待办事项."""

    subject_type: Annotated[str, says("业务类型", "Noun of the record, as in its mutations: `commission`.")]
    subject_id: Annotated[UUID, hidden]
    number: Annotated[str | None, says("编号", "The record's official number; null where it carries none.")]
    status: Annotated[str, says("状态", "Where the record stands.")]
    since: Annotated[datetime, says("等待时间", "Since when it has waited: the last action on it.")]
    due_on: Annotated[date | None, says("截止日期", "By when it is due, if it is.")] = None
    is_overdue: Annotated[bool, says("已逾期", "Whether that day has passed.")] = False


@dataclass(frozen=True, kw_only=True)
class TodoCount:
    """How many records wait in one status 待办数量."""

    subject_type: Annotated[str, says("业务类型", "Noun of the records.")]
    status: Annotated[str, says("状态", "Where they stand.")]
    count: Annotated[int, says("数量", "How many wait.")]
    overdue: Annotated[int, says("逾期数量", "How many of them are overdue.")]


def waiting_for(viewer: Viewer, workflow: Workflow) -> Iterator[Term]:
    """The statuses of a workflow in which it is the viewer's turn."""
    for status, party in workflow.awaits.items():
        if party.sides_with(viewer) and viewer.has_role_in(party.roles):
            yield status
