"""Documents that are trusted, under their hash and their names."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "trusted_document",
        sa.Column("id", text(128), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        sa.Column("text", text(), nullable=False),
        sa.Column("added_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_document")),
    )
    op.create_index(op.f("ix_trusted_document_hash"), "trusted_document", ["hash"])
