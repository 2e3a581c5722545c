"""For every field that holds a code, a field with its label beside it: `unit` and `unitLabel`."""

from typing import Any

from strawberry.types.field import StrawberryField

from domain.record import fields_of
from graph.publish import field
from graph.resolvers.code import label_named


def labels_of(record: type[Any]) -> list[StrawberryField]:
    """The label fields of a record, in the order of the codes."""
    return [_label(each.name, each.code_table) for each in fields_of(record).values() if each.code_table is not None]


def _label(name: str, table: str) -> StrawberryField:
    words = f"名称. What {table} calls the code, in the viewer's language; null where there is none."
    return field(label_named(table, name, words=words))
