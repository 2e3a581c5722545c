"""Histories: records taken through their actions in memory and written many at once, exactly as the door would have written them.

For data that is made up as a whole (demonstrations, load tests); nothing here reads, so nobody may be at work on these records.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice
from domain.party import Viewer
from domain.record import Form, Part, Record
from domain.workflow import Case, decide
from storage import register
from storage.consequences import notices_of, parts_after, row_of
from storage.desk import Desk
from storage.notice import NOTICE


class NotPossible(Exception):
    """A history was told that its own rules refuse."""


@dataclass
class History:
    """One record and all that has been written of it so far."""

    desk: Desk[Any]
    number: str
    new_id: Callable[[], UUID]
    record: Record | None = None
    parts: dict[str, list[Part]] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    notices: list[tuple[int, Notice]] = field(default_factory=list)

    def then(self, action_name: str, form: Form, facts: Any, actor: Viewer, now: datetime) -> None:
        """Takes one action. Raises NotPossible with the refusals where the door would refuse."""
        action = self.desk.workflow[action_name]
        case: Case[Any, Any, Any] = Case(
            record=self.record,
            facts=facts,
            actor=actor,
            form=form,
            now=now,
            new_id=self.new_id,
            fresh_number=self.number,
        )
        decided = decide(self.desk.workflow, action, case, record=self.record)
        if isinstance(decided, tuple):
            raise NotPossible(f"{action_name}: {[(each.code.name, each.words.en, each.field) for each in decided]}")
        written = parts_after(self.desk, decided, facts)
        self.parts = {each.name: each.now for each in written}
        shown = {each.name: each.shown() for each in written if each.differs}
        self.lines.append(
            register.line(
                subject=self.desk.workflow.subject,
                action=action_name,
                decided=decided,
                changes=register.readable(decided.after, decided.effect.changes.keys()) | shown,
                parts=self.parts,
                actor=actor,
                at=now,
                previous_hash=self.lines[-1]["hash"] if self.lines else register.FIRST,
            )
        )
        position = len(self.lines) - 1
        self.notices.extend((position, notice) for notice in notices_of(self.desk, action, decided, case))
        self.record = decided.after


async def write(connection: AsyncConnection, desk: Desk[Any], histories: Sequence[History]) -> None:
    """Writes histories of one desk, table by table."""
    await _insert(connection, desk.shelf.table, (row_of(each.record) for each in histories if each.record is not None))
    for kind in desk.parts:
        table = kind.shelf.table
        await _insert(
            connection, table, (row_of(part) for each in histories for part in each.parts.get(table.name, ()))
        )
    lines = [line for each in histories for line in each.lines]
    line_ids = iter(await register.append(connection, lines))
    notices = []
    for each in histories:
        own = [next(line_ids) for _ in each.lines]
        notices += [row_of(notice) | {"line_id": own[position]} for position, notice in each.notices]
    await _insert(connection, NOTICE, notices)


async def _insert(connection: AsyncConnection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        await connection.execute(insert(table), listed)
