"""JSON as the two engines write it: each value the way the schema's scalars serialize it, character by character."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import methodcaller
from typing import Any, Final
from uuid import UUID

from graphql import GraphQLEnumType, GraphQLNamedType
from sqlalchemy import Boolean, Column, Date, Integer, String, TypeDecorator, Uuid
from sqlalchemy.engine import Dialect

from domain.record import plain
from graph.plan.statement import Sql, joined, sql
from storage.columns import Exact, Instant, TermType

PAIRS_MAX: Final = 49
"""Keys of an object that one call writes on either engine: SQLite's functions take about a hundred arguments."""

VALUES_MAX: Final = 90
"""Values of an array, likewise."""

Decode = Callable[[Any], Any]

SERIALIZED: Final[dict[str, type[Any]]] = {
    "ID": Uuid,
    "Int": Integer,
    "Boolean": Boolean,
    "Decimal": Exact,
    "Date": Date,
    "DateTime": Instant,
}
"""The columns that each scalar is written from. A `String` is written from text, an enumeration from its code."""


def is_written(type_: GraphQLNamedType, column: Column[Any]) -> bool:
    """Whether the engines write values of this column as the schema's type says."""
    if isinstance(type_, GraphQLEnumType):
        return isinstance(column.type, TermType)
    if type_.name == "String":
        return isinstance(column.type, String)
    kind = SERIALIZED.get(type_.name)
    return kind is not None and isinstance(column.type, kind)


class JsonText(ABC):
    """How one engine writes JSON. What its methods give stands within objects, arrays and groups, or alone `as_bytes`;
    columns come as text that names them, and may be null."""

    no_bytes: str
    """Null, where parts of one statement may have bytes."""

    null: str

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def quoted(self, name: str) -> str:
        """A column's name as the engine reads it."""
        return self.dialect.identifier_preparer.quote(name)

    @abstractmethod
    def constant(self, word: str) -> str:
        """A word that needs no escape."""

    @abstractmethod
    def leaf(self, text: str, column: Column[Any], prefix: str | None) -> str:
        """A value as clients read it; of an id, behind its prefix."""

    @abstractmethod
    def raw(self, text: str, column: Column[Any]) -> str:
        """A value from which `decode` makes what the record holds."""

    @abstractmethod
    def decode(self, column: Column[Any]) -> Decode | None:
        """Makes the record's value of a raw one that is not null; None where it is the same."""

    def plain(self, column: Column[Any]) -> Decode | None:
        """Makes of a raw value that is not null what `domain.record.plain` makes of the record's, as cursors hold it;
        None where it is the same."""
        decode = self.decode(column)
        return plain if decode is None else lambda value: plain(decode(value))

    @abstractmethod
    def object(self, pairs: list[tuple[str, Sql]]) -> Sql: ...

    @abstractmethod
    def array(self, values: list[Sql]) -> Sql: ...

    @abstractmethod
    def gathered(self, value: Sql) -> Sql:
        """All values of a group, in the order in which they come."""

    @abstractmethod
    def or_null(self, found: Sql) -> Sql:
        """The value of a query that may find nothing."""

    @abstractmethod
    def as_bytes(self, value: Sql) -> Sql:
        """Text as a column of rows, in the bytes in which it leaves: nobody reads it as text on its way."""


class Sqlite(JsonText):
    """Identifiers are 32 digits there, decimals whole numbers of the smallest unit, instants text of fixed width."""

    no_bytes = "null"
    null = "cast(null as text)"

    def constant(self, word: str) -> str:
        return f"'{word}'"

    def leaf(self, text: str, column: Column[Any], prefix: str | None) -> str:
        type_ = column.type
        if prefix is not None:
            return f"'{prefix}_'||{text}"
        if isinstance(type_, Boolean):
            # Of constants, so that they are read as JSON once for all rows.
            return f"case {text} when 1 then json('true') when 0 then json('false') end"
        if isinstance(type_, Exact):
            return _decimal(text, type_.places)
        if isinstance(type_, Instant):
            return f"rtrim(rtrim(substr({text},1,26),'0'),'.')||'Z'"
        return text

    def raw(self, text: str, column: Column[Any]) -> str:
        return text

    def decode(self, column: Column[Any]) -> Decode | None:
        # JSON holds what the driver would give, so its own processors read it.
        return column.type.dialect_impl(self.dialect).result_processor(self.dialect, None)

    def object(self, pairs: list[tuple[str, Sql]]) -> Sql:
        return sql("json_object(", joined(",", (sql(f"'{key}',", value) for key, value in pairs)), ")")

    def array(self, values: list[Sql]) -> Sql:
        return sql("json_array(", joined(",", values), ")")

    def gathered(self, value: Sql) -> Sql:
        return sql("json_group_array(", value, ")")

    def or_null(self, found: Sql) -> Sql:
        return sql("(", found, ")")

    def as_bytes(self, value: Sql) -> Sql:
        return sql("cast(", value, " as blob)")


class Postgresql(JsonText):
    """JSON is put together as text, never null: PostgreSQL's own functions look up the type of each key and value anew.
    Numbers but whole ones leave in quotes, so that nobody reads them as binary fractions. What the methods give can
    stand between two `||`."""

    no_bytes = "null::bytea"
    null = "'null'"

    def constant(self, word: str) -> str:
        return f"'\"{word}\"'"

    def leaf(self, text: str, column: Column[Any], prefix: str | None) -> str:
        if prefix is not None:
            return _in_quotes(f"encode(uuid_send({text}),'hex')", column, f"{prefix}_")
        if isinstance(column.type, Instant):
            # Sessions are set to UTC.
            return _or_null(f"replace(to_json({text})::text,'+00:00','Z')", column)
        return self.raw(text, column)

    def raw(self, text: str, column: Column[Any]) -> str:
        type_ = column.type
        if isinstance(type_, Integer | Boolean):
            return _or_null(f"{text}::text", column)
        if isinstance(type_, Exact | Uuid | Date | TermType):
            return _in_quotes(f"{text}::text", column)
        return _or_null(f"to_json({text})::text", column)

    def decode(self, column: Column[Any]) -> Decode | None:
        type_ = column.type
        if isinstance(type_, TypeDecorator) and not isinstance(type_, Exact | Instant):
            return type_.dialect_impl(self.dialect).result_processor(self.dialect, None)
        return _FROM_TEXT.get(type_.python_type)

    def plain(self, column: Column[Any]) -> Decode | None:
        if isinstance(column.type, Uuid):
            return _without_dashes
        if isinstance(column.type, Instant):
            return _instant
        return super().plain(column)

    def object(self, pairs: list[tuple[str, Sql]]) -> Sql:
        return _within("{}", ((f'"{key}":', value) for key, value in pairs))

    def array(self, values: list[Sql]) -> Sql:
        return _within("[]", (("", value) for value in values))

    def gathered(self, value: Sql) -> Sql:
        return sql("coalesce('['||string_agg(", value, ",',')||']','[]')")

    def or_null(self, found: Sql) -> Sql:
        return sql("coalesce((", found, "),'null')")

    def as_bytes(self, value: Sql) -> Sql:
        # The driver is sent UTF-8.
        return sql("textsend(", value, ")")


def json_text(dialect: Dialect) -> JsonText:
    """How this engine writes JSON."""
    return Sqlite(dialect) if dialect.name == "sqlite" else Postgresql(dialect)


def _or_null(text: str, column: Column[Any]) -> str:
    return f"coalesce({text},'null')" if column.nullable else text


def _in_quotes(text: str, column: Column[Any], prefix: str = "") -> str:
    """Of text that needs no escape."""
    return _or_null(f"'\"{prefix}'||{text}||'\"'", column)


def _within(brackets: str, members: Iterable[tuple[str, Sql]]) -> Sql:
    """Values between brackets, each behind a key or nothing. Literals that meet become one."""
    runs: list[Sql] = [sql(f"'{brackets[0]}'")]

    def add(part: Sql) -> None:
        before, more = _text_of(runs[-1]), _text_of(part)
        if before is None or more is None:
            runs.append(part)
        else:
            runs[-1] = sql(before[:-1] + more[1:] if before[-1] == more[0] == "'" else f"{before}||{more}")

    for place, (key, value) in enumerate(members):
        add(sql(f"'{',' if place else ''}{key}'"))
        add(value)
    add(sql(f"'{brackets[1]}'"))
    return _balanced(runs)


def _text_of(part: Sql) -> str | None:
    return part[0] if len(part) == 1 and isinstance(part[0], str) else None


def _balanced(runs: Sequence[Sql]) -> Sql:
    """Each `||` copies what it puts together, and what was asked for may be long: so it is copied few times."""
    if len(runs) == 1:
        return runs[0]
    half = len(runs) // 2
    return sql("(", _balanced(runs[:half]), ")||(", _balanced(runs[half:]), ")")


def _decimal(text: str, places: int) -> str:
    if not places:
        return f"cast({text} as text)"
    unit = 10**places
    return f"case when {text}<0 then '-' else '' end||(abs({text})/{unit})||'.'||substr(abs({text})%{unit}+{unit},2)"


_without_dashes: Final[Decode] = methodcaller("replace", "-", "")


def _instant(text: str) -> str:
    """PostgreSQL leaves out noughts at the end of a fraction, Python does not."""
    seconds, _, zone = text.partition("+")
    return f"{seconds.ljust(_INSTANT_LENGTH, '0')}+{zone}" if "." in seconds else text


_INSTANT_LENGTH: Final = len("2026-02-28T09:30:00.123456")

_FROM_TEXT: Final[dict[type[Any], Decode]] = {
    UUID: UUID,
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
}
