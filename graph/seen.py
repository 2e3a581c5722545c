"""One record that another names, as the viewer may see it: all that an operation asks of one shelf is one statement."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.record import Part
from graph.context import Context
from storage.shelf import Shelf

P = TypeVar("P", bound=Part)


async def one_seen(context: Context, shelf: Shelf[P], record_id: UUID) -> P | None:
    """The record of this id; None where there is none that the viewer may see."""

    async def seen(connection: Any, ids: Sequence[UUID]) -> dict[UUID, P]:
        some = await shelf.seen_by(context.viewer).where(shelf.id.in_(ids)).all(connection)
        return {each.id: each for each in some}

    return await context.loading.load(seen, record_id, name=("seen", shelf))
