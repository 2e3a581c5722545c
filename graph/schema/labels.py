"""For every field that holds a code, a field with its label beside it: `unit` and `unitLabel`."""

from typing import Any

from strawberry.types.field import StrawberryField

from domain.record import CodeOf, fields_of
from graph.context import Info
from graph.publish import field
from graph.resolvers.code import label_of


def labels_of(record: type[Any]) -> list[StrawberryField]:
    """The label fields of a record, in the order of the codes."""
    return [_label(each.name, mark.table) for each in fields_of(record).values() if (mark := each.mark(CodeOf))]


def _label(name: str, table: str) -> StrawberryField:
    async def resolve(root: Any, info: Info) -> str | None:
        return await label_of(info.context, table, getattr(root, name))

    resolve.__doc__ = f"名称. What {table} calls the code, in the viewer's language; null where there is none."
    return field(resolve, name=f"{name}_label")
