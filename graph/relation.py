"""Fields that lead from a record to others: written once, from a relation and the values by which it is followed.

The ordinary executor follows a relation with a loader; a compiled plan reads the same declaration off the resolver.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from graph.context import Context, Info
from graph.publish import READS
from storage.beside import Beside, Counting, OfTheDay
from storage.relation import Relation

F = TypeVar("F", bound=Callable[..., Any])

RELATION: Final = "relation"
"""Under which name a resolver carries its `Followed`."""
BESIDE: Final = "beside"
"""Its `Beside`."""
OF_THE_DAY: Final = "of_the_day"
"""Its `OfTheDay`."""
COUNTED: Final = "counted"
"""The question whose number it gives."""


@dataclass(frozen=True)
class Fixed:
    """A value that is the same for all owners."""

    value: str


@dataclass(frozen=True)
class Followed:
    """A relation as one field follows it: by these attributes of the owner. Where one of them is null there is none."""

    relation: Relation[Any]
    by: tuple[str | Fixed, ...]
    told: Callable[[Any, Context], Any] | None = None
    """What the field says of the record that was found, and of None; absent where it is the record itself."""
    reads: tuple[str, ...] = ()
    """The fields of the record that `told` reads."""

    def key(self, owner: Any) -> tuple[Any, ...] | None:
        values = tuple(each.value if isinstance(each, Fixed) else getattr(owner, each) for each in self.by)
        return None if None in values else values

    async def of(self, owner: Any, context: Context) -> Any:
        key = self.key(owner)
        found = None if key is None else await context.follow(self.relation, key)
        if self.relation.is_many:
            return list(found or ())
        return found if self.told is None else self.told(found, context)


def related(
    relation: Relation[Any],
    *by: str | Fixed,
    name: str,
    words: str,
    told: Callable[[Any, Context], Any] | None = None,
    reads: tuple[str, ...] = (),
    gives: Any = None,
) -> Callable[..., Any]:
    """A resolver that follows a relation by these attributes of the owner. `gives` is its type where it is `told`."""
    followed = Followed(relation, by, told, reads)

    async def resolve(root: Any, info: Info) -> Any:
        return await followed.of(root, info.context)

    record: Any = relation.shelf.record
    resolve.__name__, resolve.__doc__ = name, words
    resolve.__annotations__["return"] = gives or (list[record] if relation.is_many else record | None)
    setattr(resolve, RELATION, followed)
    return resolve


def beside(value: Beside, *, name: str, words: str, gives: Any) -> Callable[..., Any]:
    """A resolver that gives what stands beside a record; `gives` is its type."""

    async def resolve(root: Any, info: Info) -> Any:
        context = info.context

        async def load(connection: Any, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
            return await value.load(connection, context.viewer, ids)

        return await context.loading.load(load, root.id, name=value)

    resolve.__name__, resolve.__doc__ = name, words
    resolve.__annotations__["return"] = gives
    setattr(resolve, BESIDE, value)
    return resolve


def of_the_day(value: OfTheDay) -> Callable[[F], F]:
    """Says of a resolver that it says of its record what this does today, reading no more than its columns."""

    def named(resolver: F) -> F:
        vars(resolver)[OF_THE_DAY], vars(resolver)[READS] = value, value.names
        return resolver

    return named


def counted(question: Counting) -> Callable[[F], F]:
    """Says of a resolver of the viewer that it gives the one number of a question."""

    def named(resolver: F) -> F:
        vars(resolver)[COUNTED] = question
        return resolver

    return named
