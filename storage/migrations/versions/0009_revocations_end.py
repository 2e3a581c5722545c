"""Dispositions say which customs office imposed them; a revocation ends with a new filing."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import one_of

revision = "0009"
down_revision = "0008"

STATUSES = ("IN_FORCE", "AWAITING_RECTIFICATION", "UNDER_REVIEW", "SUPPLEMENT_REQUIRED", "LIFTED", "EXPIRED")


def upgrade() -> None:
    with op.batch_alter_table("disposition") as table:
        table.add_column(sa.Column("imposed_by_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_disposition_imposed_by_id"), "organisation", ["imposed_by_id"], ["id"])
        table.drop_constraint(op.f("ck_disposition_status"), type_="check")
        table.create_check_constraint(
            op.f("ck_disposition_status"), str(one_of("status", *STATUSES, "SUPERSEDED").sqltext)
        )
