"""Lists and single records as root fields, made from a question: `commissions(filter, orderBy …)`, `commission(by)`.

What differs from list to list is the question, the filter and what it may be sorted by; all else is written once.
Every list made here stands in `LISTS`, so it can be exported and counted without another word.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_snake_case

from domain.language import Language
from domain.record import Form, Says
from graph.context import Context, Info
from graph.ids import record_id
from graph.publish import field, form_input, input_type, optional, term, type_name
from graph.schema.paging import (
    After,
    Before,
    Connection,
    First,
    Last,
    Offset,
    OrderDirection,
    Paging,
    connection_of,
    descending,
)
from graph.seen import asking_once
from storage.export import PartRows
from storage.shelf import Order, Seen, Shelf, Sorting


@dataclass(frozen=True)
class Worded:
    """A text that depends on the reader's language: an export shows it beside the record's own fields."""

    name: str
    says: Says
    read: Callable[[Any, Language], str | None]
    names: tuple[str, Callable[[Any], UUID | None]] | None = None
    """The kind and the id of another record that the row names; then what that is called is shown, or else the text."""


@dataclass(frozen=True)
class Listed:
    """One list: who asks what, and in which order the answer comes. `worded` are texts that only an export needs."""

    name: str
    shelf: Shelf[Any]
    words: str
    question: Callable[..., Seen[Any]]
    filter_type: type[Form]
    sorting: Sorting
    is_public: bool = False
    is_dated: bool = False
    is_ascending: bool = False
    worded: tuple[Worded, ...] = ()
    narrowed: Callable[[Context, Seen[Any], Any], Awaitable[Seen[Any]]] | None = None

    async def asked(self, context: Context, filter: Any, order_by: Any) -> tuple[Seen[Any], Order]:
        """What the viewer may see of what is wanted, and its order. Raises UNAUTHENTICATED and FORBIDDEN."""
        context.needs(self.shelf.scope)
        viewer = context.viewer if self.is_public else context.signed_in()
        usual = next(iter(self.sorting))
        by, down = (order_by[0], descending(order_by[1])) if order_by else (usual, not self.is_ascending)
        today = (context.today,) if self.is_dated else ()
        wanted = filter or self.filter_type()
        seen = self.question(viewer, wanted, *today)
        if self.narrowed is not None:
            seen = await self.narrowed(context, seen, wanted)
        return seen, Order(by.code, self.sorting[by], down)


LISTS: dict[str, Listed] = {}
"""Every list of the schema, by the name of its field."""


@dataclass(frozen=True)
class PartsListed:
    """The parts of a list's records, exported as a list of their own with the number of the record that each is of."""

    record: type[Any]
    of: str
    rows: PartRows


PARTS: dict[str, PartsListed] = {}


@dataclass(frozen=True)
class One:
    """One record of a shelf, asked for by its id or number."""

    shelf: Shelf[Any]
    is_public: bool


ONES: dict[str, One] = {}
"""Every field of the schema that gives one record, by its name."""


def list_of(
    shelf: Shelf[Any],
    name: str,
    words: str,
    question: Callable[..., Seen[Any]],
    filter_type: type[Form],
    sorting: Sorting,
    *,
    is_public: bool = False,
    is_dated: bool = False,
    is_ascending: bool = False,
    worded: tuple[Worded, ...] = (),
    narrowed: Callable[[Context, Seen[Any], Any], Awaitable[Seen[Any]]] | None = None,
) -> StrawberryField:
    """A list of a shelf's records as the viewer sees them. `words` is its description, in Chinese and English.

    `question(viewer, filter)` narrows the shelf; where `is_dated`, it is given the day in China as well.
    `narrowed` narrows further what needs another question first.
    """
    record = shelf.record
    _refuse_veiled(shelf, sorting)
    listed = Listed(
        name, shelf, words, question, filter_type, sorting, is_public, is_dated, is_ascending, worded, narrowed
    )
    if name in LISTS:
        raise TypeError(f"there are two lists {name}")
    LISTS[name] = listed
    form_input(filter_type)
    order_type = _order_input(record, sorting)
    unless_sorted = f"By {next(iter(sorting)).code} when absent." if is_ascending else "Latest first when absent."

    async def resolve(
        info: Info,
        filter: Any = None,
        order_by: Any = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        offset: Offset = None,
    ) -> Any:
        seen, order = await listed.asked(info.context, filter, order_by)
        return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))

    resolve.__annotations__ |= {
        "filter": Annotated[filter_type | None, strawberry.argument(description="Which are wanted; absent for all.")],
        "order_by": Annotated[order_type | None, strawberry.argument(description=unless_sorted)],
        "return": Connection[record],  # type: ignore[valid-type]
    }
    resolve.__doc__ = words
    return field(asking_once(resolve), name=name)


def _refuse_veiled(shelf: Shelf[Any], sorting: Sorting) -> None:
    """An order by what some do not see would tell it to them all the same."""
    for term_, columns in sorting.items():
        for column in columns if isinstance(columns, tuple) else (columns,):
            if shelf.veils(column.name):
                raise TypeError(f"{shelf.record.__name__} cannot be sorted by {term_.code}: not all see it")


def _order_input(record: type[Any], sorting: Sorting) -> type[Any]:
    terms = type(next(iter(sorting)))
    subject = type_name(record).replace("_", " ")
    fields = [
        StrawberryField(
            python_name="field",
            type_annotation=StrawberryAnnotation(term(terms)),
            description="排序字段. What to sort by.",
        ),
        StrawberryField(
            python_name="direction",
            type_annotation=StrawberryAnnotation(OrderDirection),
            description="方向. In which direction.",
            default=OrderDirection.DESC,
        ),
    ]
    return input_type(
        f"{record.__name__}Order",
        f"排序. By what a list of {subject} records is sorted.",
        fields,
        lambda cls, values, _: (values["field"], values.get("direction")),
    )


def one_of(shelf: Shelf[Any], name: str, words: str, *, is_public: bool = False, **numbers: str) -> StrawberryField:
    """One record by its id, or by an official number: `numbers` gives the words of each column that names it alone."""
    record = shelf.record
    ONES[name] = One(shelf, is_public)
    subject = type_name(record)
    fields = [optional("id", strawberry.ID, "标识. Its id.")]
    fields += [optional(column, str, described) for column, described in numbers.items()]
    by_type = input_type(
        f"{record.__name__}By",
        f"查询依据. Names one {subject.replace('_', ' ')}: give exactly one of the fields.",
        fields,
        lambda cls, values, _: dict(values),
        one_of=True,
    )

    async def resolve(info: Info, by: Any) -> Any:
        ((column, value),) = by.items()
        info.context.needs(shelf.scope)
        seen = shelf.seen_by(info.context.viewer if is_public else info.context.signed_in())
        if column == "id":
            return await info.context.one(seen.where(shelf.id == record_id(subject, value)))
        return await info.context.one(seen.where(shelf.table.c[to_snake_case(column)] == value))

    resolve.__annotations__ |= {
        "by": Annotated[by_type, strawberry.argument(description="Which one.")],
        "return": record | None,
    }
    resolve.__doc__ = words
    return field(asking_once(resolve), name=name)
