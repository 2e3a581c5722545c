"""Histories: records taken through their actions in memory and written many at once, just as the door writes them.

For data that is made up as a whole (demonstrations, load tests): nothing here reads, so nobody else may touch them, and
nothing leaves the house by e-mail or SMS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notice import Notice
from domain.party import Viewer
from domain.record import Form, Part, Record
from domain.workflow import Case, LeadsTo, Wish, decide
from storage import register
from storage.columns import METADATA
from storage.consequences import line_of, notices_of, parts_after, row_of
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
    last: register.Last = register.BEGINNING
    notices: list[tuple[int, Notice]] = field(default_factory=list)

    def then(
        self, action_name: str, form: Form, facts: Any, actor: Viewer, now: datetime
    ) -> Sequence[tuple[LeadsTo, Wish]]:
        """Takes one action; returns what it leads to in the histories of others.

        Raises NotPossible with the refusals where the door would refuse.
        """
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
        self.parts |= {each.kind.name: each.now for each in written}
        self.lines.append(line_of(self.desk, action, decided, case, written, self.last))
        self.last = register.Last(self.lines[-1]["hash"], self.lines[-1]["parts_digest"])
        position = len(self.lines) - 1
        self.notices.extend((position, notice) for notice in notices_of(self.desk, action, decided, case))
        self.record = decided.after
        return [(leads_to, wish) for leads_to in action.leads_to for wish in leads_to.wishes(case, decided.after)]


@dataclass(frozen=True)
class Written:
    """What histories leave behind, as rows; small enough to come from another process."""

    tables: tuple[tuple[str, list[dict[str, Any]]], ...]
    lines: list[dict[str, Any]]
    notices: list[tuple[int, dict[str, Any]]]
    """Each with the position of its line."""


def written(desk: Desk[Any], histories: Sequence[History]) -> Written:
    """The rows of histories of one desk, table by table."""
    assert desk.names_line is None, "records that name their lines go through the door"
    records = [row_of(each.record) for each in histories if each.record is not None]
    parts = [kind.shelf.table.name for kind in desk.parts]
    lines: list[dict[str, Any]] = []
    notices: list[tuple[int, dict[str, Any]]] = []
    for each in histories:
        notices += [(len(lines) + position, row_of(notice)) for position, notice in each.notices]
        lines += each.lines
    return Written(
        tables=(
            (str(desk.shelf.table.name), records),
            *((str(name), [row_of(part) for each in histories for part in each.parts.get(name, ())]) for name in parts),
        ),
        lines=lines,
        notices=notices,
    )


async def write(connection: AsyncConnection, rows: Written) -> None:
    """Writes what histories left behind."""
    for name, some in rows.tables:
        await _insert(connection, METADATA.tables[name], some)
    line_ids = await register.append_and_tell(connection, rows.lines)
    await _insert(connection, NOTICE, [notice | {"line_id": line_ids[position]} for position, notice in rows.notices])


async def _insert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await connection.execute(insert(table), rows)
