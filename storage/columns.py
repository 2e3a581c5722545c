"""Tables are printed from records. Both engines give equal values: UTC instants, exact decimals, text by code point."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import DateTime, TypeEngine

from domain.language import Language
from domain.record import Field, MisspeltRecord, fields_of
from domain.term import Term
from storage.sealed import sealed_columns

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

DECIMAL_DIGITS = 20


class Instant(TypeDecorator[datetime]):
    """A point in time. SQLite keeps it as text of fixed width, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[Any]:
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal of fixed scale. SQLite, which has none, keeps whole numbers of the smallest unit."""

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__(DECIMAL_DIGITS, places)
        self.places = places

    @property
    def python_type(self) -> type[Any]:
        return Decimal

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(
            BigInteger() if dialect.name == "sqlite" else Numeric(DECIMAL_DIGITS, self.places)
        )

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(value.scaleb(self.places))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(value).scaleb(-self.places)


class TermType(TypeDecorator[Term]):
    """A member of a closed set, kept by its code."""

    impl = String(32)
    cache_ok = True

    def __init__(self, term: type[Term]) -> None:
        super().__init__()
        self.term = term

    def process_bind_param(self, value: Term | None, dialect: Dialect) -> str | None:
        return None if value is None else value.code

    def process_result_value(self, value: str | None, dialect: Dialect) -> Term | None:
        return None if value is None else self.term[value]


class LanguageType(TypeDecorator[Language]):
    """A language, kept by its code."""

    impl = String(2)
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Language | None:
        return None if value is None else Language(value)


class TransactionNow(FunctionElement[int]):
    """The number of the transaction that writes the row.

    PostgreSQL shows ids out of order, so its readers order by this first; SQLite has one writer, so nought will do.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(TransactionNow, "postgresql")
def _on_postgresql(element: TransactionNow, compiler: object, **options: object) -> str:
    return "(pg_current_xact_id()::text::bigint)"


@compiles(TransactionNow, "sqlite")
def _on_sqlite(element: TransactionNow, compiler: object, **options: object) -> str:
    return "0"


def text(length_max: int | None) -> TypeEngine[Any]:
    """Text in code-point order on both engines; a locale's collation would order pages and cursors differently."""
    if length_max is None:
        return Text().with_variant(Text(collation="C"), "postgresql")
    return String(length_max).with_variant(String(length_max, collation="C"), "postgresql")


def _column_type(field: Field, record: type[Any]) -> TypeEngine[Any]:
    kind = field.type
    form = next((mark for mark in field.formats if mark.text_max or mark.places is not None), None)
    if kind is str:
        return text(form.text_max if form else None)
    if kind is Decimal:
        if form is None or form.places is None:
            raise MisspeltRecord(f"{record.__name__}.{field.name}: a decimal needs a scale")
        return Exact(form.places)
    if isinstance(kind, type) and issubclass(kind, Term):
        return TermType(kind)
    simple: dict[Any, TypeEngine[Any]] = {
        bool: Boolean(),
        int: Integer(),
        date: Date(),
        datetime: Instant(),
        UUID: Uuid(),
        Language: LanguageType(),
    }
    if kind not in simple:
        raise MisspeltRecord(f"{record.__name__}.{field.name}: no column for {kind}")
    return simple[kind]


def table_of(record: type[Any], name: str, *more: SchemaItem) -> Table:
    """The table of a record: one column a field, and one more by which a sealed number is found.

    Foreign keys, further indexes and constraints are written by hand.
    """
    columns: list[SchemaItem] = []
    for field in fields_of(record).values():
        if field.item is not None:
            continue
        if field.sealed is not None:
            columns += sealed_columns(field, record, name)
            continue
        columns.append(
            Column(field.name, _column_type(field, record), primary_key=field.name == "id", nullable=field.nullable)
        )
        if isinstance(field.type, type) and issubclass(field.type, Term):
            codes = ", ".join(f"'{term.code}'" for term in field.type)
            columns.append(CheckConstraint(f"{field.name} in ({codes})", name=field.name))
    return Table(name, METADATA, *columns, *more)
