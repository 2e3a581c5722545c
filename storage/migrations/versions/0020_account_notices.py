"""Organisations are told of what is done to an account."""

from alembic import op

from storage.migrations.columns import one_of

revision = "0020"
down_revision = "0019"

TYPES = ("SYSTEM", "FILING", "COMMISSION", "QUALITY", "CHECK", "DISPOSITION", "ANNUAL_REPORT")


def upgrade() -> None:
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("ck_notice_type"), type_="check")
        notice.create_check_constraint(op.f("ck_notice_type"), str(one_of("type", *TYPES, "ACCOUNT").sqltext))
