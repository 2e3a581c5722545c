"""One record that another names, as the viewer may see it: all that an operation asks of one shelf is one statement."""

from typing import TypeVar
from uuid import UUID

from domain.record import Part
from graph.context import Context
from storage.relation import by_id
from storage.shelf import Shelf

P = TypeVar("P", bound=Part)


async def one_seen(context: Context, shelf: Shelf[P], record_id: UUID) -> P | None:
    """The record of this id; None where there is none that the viewer may see."""
    found: P | None = await context.follow(by_id(shelf), (record_id,))
    return found
