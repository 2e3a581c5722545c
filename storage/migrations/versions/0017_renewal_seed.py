"""What a refresh token is renewed with can be worked out again for a moment."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("session_token") as table:
        table.add_column(sa.Column("renewal_seed", text(64), nullable=True))
