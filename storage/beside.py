"""A value that stands beside a record for whoever asks, as when that user read a notice. Written once, as SQL over some
columns of the record, and read in two ways: for many records at once, and within a compiled plan's one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, select
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


@dataclass(frozen=True, eq=False)
class Beside:
    """`value` makes the expression, of who asks and of these columns of the shelf. It may be null."""

    shelf: Shelf[Any]
    names: tuple[str, ...]
    type_: TypeEngine[Any]
    value: Callable[..., ColumnElement[Any]]

    @property
    def column(self) -> Column[Any]:
        """What it would be as a column."""
        return Column(VALUE, self.type_, nullable=True)

    def select(self, viewer: Viewer, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """One row with the value, under the name of `column`, beside a row that has these columns."""
        return select(self.value(viewer, *columns).label(VALUE))

    async def load(self, connection: AsyncConnection, viewer: Viewer, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        """The values beside some records that the viewer sees, by id."""
        columns = [self.shelf.table.c[name] for name in self.names]
        statement = select(self.shelf.id, self.value(viewer, *columns).label(VALUE)).where(self.shelf.id.in_(ids))
        return {row.id: row.value for row in await connection.execute(statement)}
