"""A value that stands beside a record for whoever asks, as when that user read a notice. Written once, as SQL over some
columns of the record, and read in two ways: for many records at once, and within a compiled plan's one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, Select, Subquery, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from domain.party import Viewer
from storage.register import Speaking
from storage.shelf import Shelf

VALUE = "value"

Counting = Callable[[Speaking, Viewer], Select[Any]]
"""A question that gives one number for whoever asks, in the words of an engine."""


@dataclass(frozen=True)
class OfTheDay:
    """What a record says on a day, over these of its columns: the same in SQL as a resolver says it in Python, and
    never null."""

    names: tuple[str, ...]
    type_: TypeEngine[Any]
    value: Callable[..., ColumnElement[Any]]
    """Makes the expression of the day and the columns."""

    @property
    def column(self) -> Column[Any]:
        """What it would be as a column."""
        return Column(VALUE, self.type_, nullable=False)

    def select(self, day: date, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """One row with the value, under the name of `column`, beside a row that has these columns."""
        return select(self.value(day, *columns).label(VALUE))


class Told(NamedTuple):
    """`value` of a record, from rows of other tables: each under a name of its own, by which condition it belongs to
    the record. Of none there is more than one for a record, and there need not be any."""

    rows: Sequence[tuple[Subquery, ColumnElement[bool]]]
    value: ColumnElement[Any]


@dataclass(frozen=True, eq=False)
class Beside:
    """`told` says, of who asks and of these columns of the shelf, what stands beside a record. It may be null."""

    shelf: Shelf[Any]
    names: tuple[str, ...]
    type_: TypeEngine[Any]
    told: Callable[..., Told]

    @property
    def column(self) -> Column[Any]:
        """What it would be as a column."""
        return Column(VALUE, self.type_, nullable=True)

    async def load(self, connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        """The values beside some records that the viewer sees, by id."""
        table: FromClause = self.shelf.table
        told = self.told(viewer, *(self.shelf.table.c[name] for name in self.names))
        for rows, on in told.rows:
            table = table.outerjoin(rows, on)
        statement = select(self.shelf.id, told.value.label(VALUE)).select_from(table).where(self.shelf.id.in_(ids))
        return {row.id: row.value for row in await connection.execute(statement)}
