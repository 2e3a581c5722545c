"""What is exported: every row that a viewer may see of a list, or of its records' parts, read once and in order.

The surprise: rows are read as they are asked for, so whoever reads holds one connection, in one snapshot, to the end.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.shelf import Order, Seen, Shelf


class Rows:
    """The records of a list themselves; a row has their fields by name."""

    def select(self, seen: Seen[Any], order: Order) -> Select[Any]:
        """All of them, in the list's own order."""
        return seen.select().order_by(*order.by(forward=True))

    async def count(self, connection: AsyncConnection, seen: Seen[Any]) -> int:
        return await seen.count(connection)

    async def read(
        self, connection: AsyncConnection, seen: Seen[Any], order: Order, at_once: int
    ) -> AsyncGenerator[Sequence[Row[Any]], None]:
        """So many rows at once, never more of them in memory."""
        statement = self.select(seen, order)
        async with connection.stream(statement, execution_options={"yield_per": at_once}) as result:
            async for some in result.partitions(at_once):
                yield some


@dataclass(frozen=True)
class PartRows(Rows):
    """The parts of a list's records, as goods lines are of commissions: a row has the record's `number` as well.

    Whoever may see a record may see its parts.
    """

    parts: Shelf[Any]
    record_id: Column[Any]
    position: Column[Any]
    number: Column[Any]

    def select(self, seen: Seen[Any], order: Order) -> Select[Any]:
        return (
            select(self.number.label(RECORD_NUMBER), *self.parts.columns)
            .join_from(self.parts.table, seen.shelf.table, self.record_id == seen.shelf.id)
            .where(*seen.conditions)
            .order_by(*order.by(forward=True), self.position, self.parts.id)
        )

    async def count(self, connection: AsyncConnection, seen: Seen[Any]) -> int:
        statement = (
            select(func.count())
            .select_from(self.parts.table.join(seen.shelf.table, self.record_id == seen.shelf.id))
            .where(*seen.conditions)
        )
        return int((await connection.execute(statement)).scalar_one())


RECORD_NUMBER = "record_number"
"""What the number of the record is called in a row of its parts."""
