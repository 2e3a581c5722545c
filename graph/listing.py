"""Lists and single records as root fields, made from a question: `commissions(filter, orderBy …)`, `commission(by)`.

What differs from list to list is the question, the filter and what it may be sorted by; all else is written once.
"""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from domain.party import Viewer
from domain.record import Form
from graph.context import Info
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
from storage.shelf import Order, Seen, Shelf, Sorting


def list_of(
    shelf: Shelf[Any],
    name: str,
    words: str,
    question: Callable[[Viewer, Any], Seen[Any]],
    filter_type: type[Form],
    sorting: Sorting,
    *,
    is_public: bool = False,
) -> StrawberryField:
    """A list of a shelf's records as the viewer sees them. `words` is its description, in Chinese and English."""
    record = shelf.record
    form_input(filter_type)
    order_type = _order_input(record, sorting)
    usual = next(iter(sorting))

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
        viewer = info.context.viewer if is_public else info.context.signed_in()
        by, direction = order_by or (usual, None)
        order = Order(by.code, sorting[by], descending(direction))
        seen = question(viewer, filter or filter_type())
        return await connection_of(info.context, seen, order, Paging(first, after, last, before, offset))

    resolve.__annotations__ |= {
        "filter": Annotated[filter_type | None, strawberry.argument(description="Which are wanted; absent for all.")],
        "order_by": Annotated[order_type | None, strawberry.argument(description="Latest first when absent.")],
        "return": Connection[record],  # type: ignore[valid-type]
    }
    resolve.__doc__ = words
    return field(resolve, name=name)


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
        f"排序. By what a list of {subject} records is sorted; the latest come first when absent.",
        fields,
        lambda cls, values, _: (values["field"], values.get("direction")),
    )


def one_of(shelf: Shelf[Any], name: str, words: str, *, is_public: bool = False, **numbers: str) -> StrawberryField:
    """One record by its id, or by an official number: `numbers` gives the words of each column that names it alone."""
    record = shelf.record
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
        seen = shelf.seen_by(info.context.viewer if is_public else info.context.signed_in())
        if column == "id":
            return await info.context.one(seen.where(shelf.id == record_id(subject, value)))
        return await info.context.one(seen.where(shelf.table.c[column] == value))

    resolve.__annotations__ |= {
        "by": Annotated[by_type, strawberry.argument(description="Which one.")],
        "return": record | None,
    }
    resolve.__doc__ = words
    return field(resolve, name=name)
