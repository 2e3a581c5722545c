"""What migrations write tables with. Released ones rely on these words: a type that changes gets a new word here."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine


def text(length_max: int | None = None) -> TypeEngine[Any]:
    """Text in code-point order."""
    kind: Callable[..., TypeEngine[Any]] = sa.String if length_max else sa.Text
    return kind(length_max).with_variant(kind(length_max, collation="C"), "postgresql")


def exact(places: int) -> TypeEngine[Any]:
    """A decimal of 20 digits, so many of them after the point; on SQLite a whole number of the smallest unit."""
    return sa.Numeric(20, places).with_variant(sa.BigInteger(), "sqlite")


def instant() -> TypeEngine[Any]:
    """A point in time; on SQLite as text."""
    return sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def line_id() -> TypeEngine[Any]:
    """Counts lines; on SQLite only the plain word for a whole number counts by itself."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def one_of(column: str, *codes: str) -> sa.CheckConstraint:
    """The column holds one of these codes. The constraint is named by its table."""
    return sa.CheckConstraint(f"{column} in ({', '.join(repr(code) for code in codes)})", name=column)


def transaction_now() -> sa.TextClause:
    """The number of the transaction that writes the row; nought on SQLite."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return sa.text("(pg_current_xact_id()::text::bigint)" if on_postgresql else "0")
