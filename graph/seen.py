"""One record that another names, as the viewer may see it: all that an operation asks of one shelf is one statement.

And which root fields ask one question and answer with what it gives: those a compiled plan asks in its own statement.
And which mutations prove by themselves who asks.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from uuid import UUID

from strawberry.types.field import StrawberryField

from domain.record import Part
from graph.context import Context
from storage.relation import by_id
from storage.shelf import Shelf

P = TypeVar("P", bound=Part)


async def one_seen(context: Context, shelf: Shelf[P], record_id: UUID) -> P | None:
    """The record of this id; None where there is none that the viewer may see."""
    found: P | None = await context.follow(by_id(shelf), (record_id,))
    return found


ASKS_ONCE: Final = "asks_once"

R = TypeVar("R", bound=Callable[..., Any])


def asking_once(resolve: R) -> R:
    """Says of a root field's resolver that its answer is what the one question gives that it asks of its context."""
    vars(resolve)[ASKS_ONCE] = True
    return resolve


def asks_once(field: StrawberryField) -> bool:
    """Whether a root field asks one question and no more."""
    resolver = field.base_resolver
    return resolver is not None and getattr(resolver.wrapped_func, ASKS_ONCE, False)


PROVES_WHO_ASKS: Final = "proves_who_asks"


def proving(resolve: R) -> R:
    """Says of a mutation's resolver that it does and reads nothing but by one action, which is given the proof of who
    asks (`Context.proof`)."""
    vars(resolve)[PROVES_WHO_ASKS] = True
    return resolve


def proves_who_asks(field: StrawberryField) -> bool:
    """Whether a mutation may be called while it is only presumed who asks."""
    resolver = field.base_resolver
    return resolver is not None and getattr(resolver.wrapped_func, PROVES_WHO_ASKS, False)
