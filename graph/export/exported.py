"""What can be exported: every list that the schema has, and the parts of its records that were said to be lists too."""

from dataclasses import dataclass
from functools import cache

from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case, to_snake_case

from domain.language import Words
from domain.record import fields_of
from graph.export.columns import Column, columns_of, text_column
from graph.listing import LISTS, PARTS, Listed
from graph.publish import DEFINITION, type_name
from graph.schema.schema import Query
from storage.export import RECORD_NUMBER, Rows


@dataclass(frozen=True)
class Exported:
    """One export: the list whose filter and order it takes, and what is read and written of it."""

    listed: Listed
    rows: Rows
    columns: tuple[Column, ...]

    @property
    def field(self) -> StrawberryField:
        """The root field of the list."""
        fields: list[StrawberryField] = getattr(Query, DEFINITION).fields
        return next(each for each in fields if each.python_name == self.listed.name)

    @property
    def document(self) -> str:
        """The operation through which filter and order are read, exactly as the list itself would read them."""
        name, types = to_camel_case(self.listed.name), self.listed.filter_type.__name__
        order = f"{self.listed.shelf.record.__name__}Order"
        return (
            f"query Export($filter: {types}, $orderBy: {order}) "
            f"{{ {name}(filter: $filter, orderBy: $orderBy) {{ __typename }} }}"
        )


def names() -> list[str]:
    """As they stand in addresses: `goods-lines`."""
    return sorted(map(_address, (*LISTS, *PARTS)))


@cache
def exported(address: str) -> Exported | None:
    """The export of this name in an address; None where there is none."""
    for name, listed in LISTS.items():
        if _address(name) == address:
            return Exported(listed, Rows(), columns_of(listed.shelf.record, listed.worded))
    for name, parts in PARTS.items():
        if _address(name) == address:
            listed = LISTS[parts.of]
            return Exported(listed, parts.rows, (_number_of(listed), *columns_of(parts.record)))
    return None


def _address(name: str) -> str:
    return to_snake_case(name).replace("_", "-")


def _number_of(listed: Listed) -> Column:
    record = listed.shelf.record
    said = fields_of(record)["number"].says
    assert said is not None
    named = type_name(record).replace("_", " ").capitalize()
    return text_column(RECORD_NUMBER, Words(zh=said.zh, en=f"{named} number"))
