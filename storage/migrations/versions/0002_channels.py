"""Notices go by e-mail and SMS too; files are sent with replies and submissions, and are of more kinds."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import one_of

revision = "0002"
down_revision = "0001"

KINDS = ("CONTRACT", "INVOICE", "PACKING_LIST", "PHOTO", "INSPECTION_REPORT", "CERTIFICATE")
NEW_KINDS = ("QUALIFICATION", "EXPLANATION", "RECTIFICATION")


def upgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.add_column(sa.Column("by_email", sa.Boolean(), nullable=False, server_default=sa.false()))
        notice.add_column(sa.Column("by_sms", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("by_email", server_default=None)
        notice.alter_column("by_sms", server_default=None)
    with op.batch_alter_table("attachment") as attachment:
        attachment.add_column(sa.Column("sent_with_id", sa.Uuid(), nullable=True))
        attachment.drop_constraint(op.f("ck_attachment_kind"), type_="check")
        attachment.create_check_constraint(
            op.f("ck_attachment_kind"), str(one_of("kind", *KINDS, *NEW_KINDS, "OTHER").sqltext)
        )
