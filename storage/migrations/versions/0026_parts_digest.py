"""A line of the register tells the digest of the record's parts by itself, so that the next one may follow it."""

import sqlalchemy as sa
from alembic import op

from storage.columns import text

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("register", sa.Column("parts_digest", text(64), nullable=True))
