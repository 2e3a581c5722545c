"""Columns of sealed fields. A field's mark makes its column one of these; the keys hang on the engine's dialect.

The surprise: to bind a value to its row, whoever writes hands over `written(…)`, and every SELECT of a sealed column
fetches the row's id along with it. A value moved to another row or column does not open.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    TEXT,
    VARCHAR,
    Column,
    ColumnClause,
    ColumnElement,
    Index,
    String,
    Text,
    TypeDecorator,
    or_,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql import visitors
from sqlalchemy.types import TypeEngine

from domain.personal import number_in
from domain.record import Field, MisspeltRecord, Part, fields_of
from storage.keys import KeyRing, KeysWrong

INDEX_LENGTH = 64
_HANGS_THERE = "personal_keys"


@dataclass(frozen=True)
class OfRow:
    """A value with the row that it belongs to."""

    row_id: UUID
    value: str


def hang_up(keys: KeyRing | None, engine: Engine) -> None:
    """Gives an engine the keys with which its sealed columns are written and read."""
    if keys is not None:
        vars(engine.dialect)[_HANGS_THERE] = keys


def keys_of(dialect: Dialect) -> KeyRing:
    """The keys of an engine. Raises KeysWrong where it was given none."""
    keys = getattr(dialect, _HANGS_THERE, None)
    if keys is None:
        raise KeysWrong("未提供个人信息密钥。 This connection was opened without the keys of personal data.")
    return cast(KeyRing, keys)


class SealedText(TypeDecorator[str]):
    """Text that rests sealed. It compares with nothing: look for numbers by the index beside it."""

    impl = Text
    cache_ok = True

    def __init__(self, table_name: str, column_name: str) -> None:
        super().__init__()
        self.table_name, self.column_name = table_name, column_name

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return TEXT(collation="C") if dialect.name == "postgresql" else TEXT()

    def about(self, row_id: UUID) -> str:
        """The place that is authenticated with a value."""
        return f"{self.table_name}.{self.column_name}.{row_id.hex}"

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, OfRow):
            raise TypeError(f"{self.table_name}.{self.column_name} is sealed: write it with `sealed.written`")
        return keys_of(dialect).seal(value.value, self.about(value.row_id))

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        # A veil may lie over it: CASE WHEN … THEN NULL ELSE the column.
        named = next(filter(_is_sealed, visitors.iterate(column)), None)
        if named is None:
            return column
        row_id = cast(Any, named).table.c.id
        return type_coerce(sql_cast(row_id, String).concat(".").concat(type_coerce(column, Text())), self)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        row_id, _, sealed = value.partition(".")
        return keys_of(dialect).open(sealed, self.about(UUID(row_id)))


def _is_sealed(each: object) -> bool:
    return isinstance(each, ColumnClause) and isinstance(each.type, SealedText)


class BlindIndex(TypeDecorator[str]):
    """By which a sealed number is found: its keyed digest. It is given the text, and of other texts keeps nothing."""

    impl = String(INDEX_LENGTH)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        collation = "C" if dialect.name == "postgresql" else None
        return VARCHAR(INDEX_LENGTH, collation=collation)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        number = None if value is None else number_in(value)
        return None if number is None else keys_of(dialect).index(number)


def index_name(name: str) -> str:
    """The column by which the numbers in a sealed column are found."""
    return f"{name}_index"


def sealed_columns(field: Field, record: type[Any], table_name: str) -> Iterator[SchemaItem]:
    """The column of a sealed field, and the one by which it is found."""
    if field.type is not str:
        raise MisspeltRecord(f"{record.__name__}.{field.name}: only text is sealed")
    assert field.sealed is not None
    yield Column(field.name, SealedText(table_name, field.name), nullable=field.nullable)
    if field.sealed.is_found:
        yield Column(index_name(field.name), BlindIndex(), nullable=True)
        yield Index(None, index_name(field.name))


def written(record: type[Part], row_id: UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a record's fields as its row takes them: what is sealed is bound to the row and can be found."""
    bound = dict(values)
    for name, is_found in _sealed_fields(record):  # type: ignore[arg-type]  # classes can be hashed
        if name in values:
            value = values[name]
            bound[name] = None if value is None else OfRow(row_id, value)
            if is_found:
                bound[index_name(name)] = value
    return bound


@cache
def _sealed_fields(record: Hashable) -> tuple[tuple[str, bool], ...]:
    fields = fields_of(cast(type, record)).items()
    return tuple((name, field.sealed.is_found) for name, field in fields if field.sealed is not None)


def as_it_rests(column: Column[Any]) -> ColumnElement[str | None]:
    """A sealed column as it is kept."""
    return type_coerce(column, Text())


def holds_number(columns: Sequence[Column[Any]], number: str, keys: KeyRing) -> ColumnElement[bool]:
    """Whether one of some sealed columns holds a number, sealed with whichever key."""
    digests = keys.indexes(number)
    return or_(*(type_coerce(column.table.c[index_name(column.name)], String()).in_(digests) for column in columns))
