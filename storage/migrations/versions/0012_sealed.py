"""Personal data rests sealed: numbers of identity cards, and what filing changes say; what is there is sealed as it is.

PostgreSQL keeps the old rows until it is told to clean up: `VACUUM FULL filing, changed_field` afterwards.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from domain.personal import number_in
from storage.migrations.columns import text
from storage.sealed import keys_of

revision = "0012"
down_revision = "0011"

ROWS_AT_ONCE = 500


def upgrade() -> None:
    for table in ("filing", "filing_change"):
        op.add_column(table, sa.Column("erasure_reason", text(1000), nullable=True))
        op.add_column(table, sa.Column("salt", text(), nullable=True))
    op.execute("alter table filing rename column identity_card_number to identity_card_plain")
    op.add_column("filing", sa.Column("identity_card_number", text(), nullable=True))
    for table, column in (("filing", "identity_card_number"), ("changed_field", "before"), ("changed_field", "after")):
        op.add_column(table, sa.Column(f"{column}_index", text(64), nullable=True))
        op.create_index(op.f(f"ix_{table}_{column}_index"), table, [f"{column}_index"])
    _rewrite("filing", {"identity_card_plain": "identity_card_number"}, _sealed)
    _rewrite("changed_field", {"before": "before", "after": "after"}, _sealed)
    op.drop_column("filing", "identity_card_plain")


def downgrade() -> None:
    """Opens what is sealed again. Where a record was saved since, its digest knows of a salt: `verify` will name it."""
    op.add_column("filing", sa.Column("identity_card_plain", text(18), nullable=True))
    _rewrite("filing", {"identity_card_number": "identity_card_plain"}, _opened)
    _rewrite("changed_field", {"before": "before", "after": "after"}, _opened)
    for table, column in (("filing", "identity_card_number"), ("changed_field", "before"), ("changed_field", "after")):
        op.drop_index(op.f(f"ix_{table}_{column}_index"), table)
        op.drop_column(table, f"{column}_index")
    op.drop_column("filing", "identity_card_number")
    op.execute("alter table filing rename column identity_card_plain to identity_card_number")
    for table in ("filing", "filing_change"):
        op.drop_column(table, "salt")
        op.drop_column(table, "erasure_reason")


def _rewrite(table_name: str, columns: dict[str, str], rewritten: Callable[..., dict[str, Any]]) -> None:
    """Each value of a column goes into another column, or into the same, as `rewritten` has it."""
    connection = op.get_bind()
    names = {*columns, *columns.values()}
    known = [sa.column(name, sa.Text()) for name in sorted(names | {f"{each}_index" for each in names})]
    table = sa.table(table_name, sa.column("id", sa.Uuid()), *known)
    for row in _rows(connection, table, list(columns)):
        values: dict[str, Any] = {source: None for source in columns if columns[source] != source}
        for source, target in columns.items():
            if getattr(row, source) is not None:
                values |= rewritten(connection, table_name, target, source, row.id, getattr(row, source))
        connection.execute(sa.update(table).where(table.c.id == row.id).values(**values))


def _rows(connection: sa.Connection, table: sa.TableClause, names: list[str]) -> Iterator[Any]:
    columns = [table.c[name] for name in names]
    filled = sa.or_(*(column.is_not(None) for column in columns))
    statement = sa.select(table.c.id, *columns).where(filled).order_by(table.c.id).limit(ROWS_AT_ONCE)
    page = connection.execute(statement).all()
    while page:
        yield from page
        page = connection.execute(statement.where(table.c.id > page[-1].id)).all()


def _sealed(
    connection: sa.Connection, table: str, target: str, source: str, row_id: UUID, value: str
) -> dict[str, Any]:
    keys, number = keys_of(connection.dialect), number_in(value)
    return {
        target: keys.seal(value, f"{table}.{target}.{row_id.hex}"),
        f"{target}_index": None if number is None else keys.index(number),
    }


def _opened(
    connection: sa.Connection, table: str, target: str, source: str, row_id: UUID, value: str
) -> dict[str, Any]:
    return {target: keys_of(connection.dialect).open(value, f"{table}.{source}.{row_id.hex}")}
