"""Cards remember that their holder was told of the certificate's coming end."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("card", sa.Column("reminded_at", instant(), nullable=True))
    op.create_index(op.f("ix_card_status_valid_until"), "card", ["status", "valid_until"])
