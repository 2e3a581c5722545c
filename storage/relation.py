"""Which records of a shelf belong to a record: those whose columns equal its values. Declared once, read in three ways:
loaders ask for many owners at once, a compiled plan writes the relation into its one statement, and what rules weigh is
asked for as a question, whoever asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Integer, Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.record import Part
from storage.database import OPERATION
from storage.question import Asks, Question, Values, several
from storage.shelf import Shelf

P = TypeVar("P", bound=Part)
Key = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Relation(Generic[P]):
    """`columns` of the shelf that are equal for those who belong together."""

    shelf: Shelf[P]
    columns: tuple[Column[Any], ...]
    order: tuple[Column[Any], ...] = ()
    """Of many, in which order, and by their ids where that leaves a choice."""
    is_many: bool = field(default=False, kw_only=True)
    is_part: bool = field(default=False, kw_only=True)
    """Whoever has seen the owner sees these too; otherwise each as far as the viewer sees it by itself."""

    def select(self, viewer: Viewer, belongs: ColumnElement[bool], *names: str) -> Select[Any]:
        """The rows for which `belongs` holds, in order: those that make records, or these columns of them."""
        if self.is_part:
            columns = self.shelf.named(names)
            return self._in_order(select(*columns).select_from(self.shelf.table).where(belongs))
        return self._in_order(self.shelf.seen_by(viewer).where(belongs).select(*names))

    async def load(self, connection: AsyncConnection, viewer: Viewer, keys: Sequence[Key]) -> Mapping[Key, Any]:
        """What belongs to some owners, by their values: a record each, or of many a tuple."""
        if len(self.columns) == 1:
            named = self.columns[0].in_([key[0] for key in keys])
        else:
            named = tuple_(*self.columns).in_(keys)
        names = [column.name for column in self.columns]
        found: dict[Key, Any] = {}
        for row in await connection.execute(self.select(viewer, named)):
            each = self.shelf.made_of(row)
            key = tuple(getattr(each, name) for name in names)
            if self.is_many:
                found.setdefault(key, []).append(each)
            else:
                found[key] = each
        return found

    async def parts(self, connection: Asks, ids: Iterable[UUID]) -> dict[UUID, Any]:
        """What belongs to some records by their id alone, whoever asks: a record each, or of many a tuple."""
        name = self.columns[0].name
        found: dict[UUID, list[P]] = {}
        operation = OPERATION.get()
        left = None if operation is None else operation.records_left
        if left is None:
            rows = await self.of_all.of(connection, **self.owned_by(ids))
        else:
            # The first that is too much ends the operation; what lies beyond need not be fetched.
            rows = await self._of_all_at_most.of(connection, **self.owned_by(ids), at_most=left + 1)
        for row in rows:
            each = self.shelf.made_of(row)
            found.setdefault(getattr(each, name), []).append(each)
        return {key: tuple(some) if self.is_many else some[-1] for key, some in found.items()}

    def owned(self, ids: Sequence[UUID]) -> tuple[Question, Values]:
        """The same as a question: of one record without a list, of which PostgreSQL guesses how long it is."""
        return (self._of_one, {"id": ids[0]}) if len(ids) == 1 else (self.of_all, self.owned_by(ids))

    @staticmethod
    def owned_by(ids: Iterable[UUID]) -> dict[str, Any]:
        """The values of the question `of_all`."""
        return {"ids": list(ids)}

    @cached_property
    def of_all(self) -> Question:
        """What belongs to some records by their id alone, whoever asks."""
        return Question(self._in_order(select(*self.shelf.columns).where(self.columns[0].in_(several("ids")))))

    @cached_property
    def _of_all_at_most(self) -> Question:
        return Question(self.of_all.statement.limit(bindparam("at_most", type_=Integer())))

    @cached_property
    def _of_one(self) -> Question:
        owner = self.columns[0]
        return Question(self._in_order(select(*self.shelf.columns).where(owner == bindparam("id", type_=owner.type))))

    def _in_order(self, statement: Select[Any]) -> Select[Any]:
        return statement.order_by(*self.order, self.shelf.id) if self.is_many else statement


def one(shelf: Shelf[P], *columns: Column[Any], is_part: bool = False) -> Relation[P]:
    """The record that is alone in having these values."""
    return Relation(shelf, columns, is_part=is_part)


def many(shelf: Shelf[P], *columns: Column[Any], order: tuple[Column[Any], ...], is_part: bool = False) -> Relation[P]:
    """All records that have these values, in order."""
    return Relation(shelf, columns, order, is_many=True, is_part=is_part)


@cache
def by_id(shelf: Shelf[P]) -> Relation[P]:
    """The record of an id, as far as the viewer sees it."""
    return one(shelf, shelf.id)
