"""Customs publishes: regulations, notices for an audience, and code tables with a history; notices are read."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _regulations()
    _notices()
    _what_was_read()
    _codes()


def _regulations() -> None:
    op.create_table(
        "regulation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_zh", text(300), nullable=False),
        sa.Column("title_en", text(300), nullable=True),
        sa.Column("document_number", text(100), nullable=True),
        sa.Column("issued_by", text(200), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("body_zh", text(), nullable=False),
        sa.Column("body_en", text(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        one_of("status", "PUBLISHED", "WITHDRAWN"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulation")),
    )
    op.create_index(op.f("ix_regulation_published_on_id"), "regulation", ["published_on", "id"])
    op.create_index(op.f("ix_regulation_title_zh_id"), "regulation", ["title_zh", "id"])
    op.create_index(op.f("ix_regulation_status_published_on_id"), "regulation", ["status", "published_on", "id"])


def _notices() -> None:
    op.drop_index(op.f("ix_notice_published_at_id"), "notice")
    op.drop_index(op.f("ix_notice_organisation_id_published_at_id"), "notice")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("title_en", existing_type=text(), nullable=True)
        notice.alter_column("body_en", existing_type=text(), nullable=True)
        notice.add_column(sa.Column("amended_at", instant(), nullable=True))
        notice.add_column(sa.Column("audience", sa.String(32), nullable=True))
        notice.add_column(sa.Column("status", sa.String(32), nullable=False, server_default="PUBLISHED"))
        notice.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="0"))
    # What was addressed to nobody in particular was for everybody.
    op.execute("update notice set audience = 'EVERYBODY' where organisation_id is null")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("status", server_default=None)
        notice.alter_column("edition", server_default=None)
        for name, words in (
            ("audience", one_of("audience", "EVERYBODY", "INSTITUTION", "ENTERPRISE", "CUSTOMS").sqltext),
            ("status", one_of("status", "PUBLISHED", "WITHDRAWN").sqltext),
            ("addressed", "(organisation_id is null) <> (audience is null)"),
        ):
            notice.create_check_constraint(op.f(f"ck_notice_{name}"), str(words))
    op.create_index(op.f("ix_notice_is_pinned_published_at_id"), "notice", ["is_pinned", "published_at", "id"])
    op.create_index(
        op.f("ix_notice_organisation_id_is_pinned_published_at_id"),
        "notice",
        ["organisation_id", "is_pinned", "published_at", "id"],
    )
    op.create_index(
        op.f("ix_notice_audience_transaction_id_line_id_id"),
        "notice",
        ["audience", "transaction_id", "line_id", "id"],
    )


def _what_was_read() -> None:
    op.create_table(
        "notice_read",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("read_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_notice_read_user_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.PrimaryKeyConstraint("user_id", "notice_id", name=op.f("pk_notice_read")),
    )
    op.create_table(
        "notice_all_read",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_notice_all_read_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_all_read")),
    )


def _codes() -> None:
    """Codes that are there get the first line of their history from `preship migrate`, which plants the others too."""
    with op.batch_alter_table("code") as code:
        code.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        code.add_column(sa.Column("status", sa.String(32), nullable=False, server_default="OPEN"))
    op.execute("update code set status = 'ENDED' where valid_to is not null")
    with op.batch_alter_table("code") as code:
        code.alter_column("version", server_default=None)
        code.alter_column("status", server_default=None)
        code.create_check_constraint(op.f("ck_code_status"), str(one_of("status", "OPEN", "ENDED").sqltext))
