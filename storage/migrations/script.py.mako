"""${message}."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import exact, instant, line_id, one_of, text, transaction_now
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
