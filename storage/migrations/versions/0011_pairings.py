"""Browsers that a phone signs in, and those that still wait for one."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "pairing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("device", text(200), nullable=True),
        sa.Column("address", text(45), nullable=True),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("scanned_at", instant(), nullable=False),
        sa.Column("decided_at", instant(), nullable=True),
        sa.Column("number", text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("phone_session_id", sa.Uuid(), nullable=True),
        one_of("status", "SCANNED", "APPROVED", "REFUSED", "USED", "EXPIRED"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_pairing_user_id")),
    )
    op.create_index(op.f("ix_pairing_status_expires_at"), "pairing", ["status", "expires_at"])
    op.create_index(op.f("ix_pairing_user_id_scanned_at_id"), "pairing", ["user_id", "scanned_at", "id"])
    op.create_table(
        "pairing_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", text(64), nullable=False),
        sa.Column("secret_hash", text(64), nullable=False),
        sa.Column("number", text(2), nullable=False),
        sa.Column("device", text(200), nullable=True),
        sa.Column("address", text(45), nullable=True),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_request")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_pairing_request_code_hash")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_pairing_request_secret_hash")),
    )
    op.create_index("ix_pairing_request_address_expires_at", "pairing_request", ["address", "expires_at"])
    op.create_index("ix_pairing_request_expires_at", "pairing_request", ["expires_at"])
