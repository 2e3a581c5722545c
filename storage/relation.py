"""Which records of a shelf belong to a record: those whose columns equal its values. Declared once, read in two ways:
loaders ask for many owners at once, and a compiled plan writes the relation into its one statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.party import Viewer
from domain.record import Part
from storage.shelf import Seen, Shelf

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

    def seen(self, viewer: Viewer) -> Seen[P]:
        """All that may belong to anything."""
        return Seen(self.shelf, ()) if self.is_part else self.shelf.seen_by(viewer)

    @property
    def sorting(self) -> tuple[ColumnElement[Any], ...]:
        return (*self.order, self.shelf.id) if self.is_many else ()

    async def load(self, connection: AsyncConnection, viewer: Viewer, keys: Sequence[Key]) -> Mapping[Key, Any]:
        """What belongs to some owners, by their values: a record each, or of many a tuple."""
        if len(self.columns) == 1:
            named = self.columns[0].in_([key[0] for key in keys])
        else:
            named = tuple_(*self.columns).in_(keys)
        names = [column.name for column in self.columns]
        found: dict[Key, Any] = {}
        for each in await self.seen(viewer).where(named).all(connection, *self.sorting):
            key = tuple(getattr(each, name) for name in names)
            if self.is_many:
                found.setdefault(key, []).append(each)
            else:
                found[key] = each
        return found


def one(shelf: Shelf[P], *columns: Column[Any], is_part: bool = False) -> Relation[P]:
    """The record that is alone in having these values."""
    return Relation(shelf, columns, is_part=is_part)


def many(
    shelf: Shelf[P], *columns: Column[Any], order: tuple[Column[Any], ...], is_part: bool = False
) -> Relation[P]:
    """All records that have these values, in order."""
    return Relation(shelf, columns, order, is_many=True, is_part=is_part)
