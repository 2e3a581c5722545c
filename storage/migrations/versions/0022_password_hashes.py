"""Hashes of passwords rest sealed: whoever has the database alone can try no password against them."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from storage.keys import KeyRing
from storage.sealed import keys_of

revision = "0022"
down_revision = "0021"

ROWS_AT_ONCE = 500
ACCOUNT = sa.table("account", sa.column("id", sa.Uuid()), sa.column("password_hash", sa.Text()))


def upgrade() -> None:
    _rewrite(lambda keys, value, about: keys.seal(value, about))


def downgrade() -> None:
    """Opens them again."""
    _rewrite(lambda keys, value, about: keys.open(value, about))


def _rewrite(rewritten: Callable[[KeyRing, str, str], str]) -> None:
    connection = op.get_bind()
    c = ACCOUNT.c
    statement = sa.select(c.id, c.password_hash).order_by(c.id).limit(ROWS_AT_ONCE)
    page = connection.execute(statement).all()
    while page:
        for row in page:
            value = rewritten(keys_of(connection.dialect), row.password_hash, f"account.password_hash.{row.id.hex}")
            connection.execute(sa.update(ACCOUNT).where(c.id == row.id).values(password_hash=value))
        page = connection.execute(statement.where(c.id > page[-1].id)).all()
