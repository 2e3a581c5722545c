"""What customs publishes is listed and searched along an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_index(
        "ix_notice_published",
        "notice",
        ["is_pinned", "published_at", "id"],
        sqlite_where=sa.text("audience IS NOT NULL"),
        postgresql_where=sa.text("audience IS NOT NULL"),
    )
