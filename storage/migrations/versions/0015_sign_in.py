"""Captchas, counters of attempts and known devices stand before a sign-in; who has tried is kept for administrators."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "captcha",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_hash", text(), nullable=True),
        sa.Column("device_hash", text(), nullable=True),
        sa.Column("text_hash", text(), nullable=True),
        sa.Column("prefix", text(), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captcha")),
    )
    op.create_index(op.f("ix_captcha_expires_at_id"), "captcha", ["expires_at", "id"])
    op.create_table(
        "throttle",
        sa.Column("key", text(64), nullable=False),
        sa.Column("limit_name", text(32), nullable=False),
        sa.Column("empty_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_empty_at_key"), "throttle", ["empty_at", "key"])
    op.create_table(
        "device",
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("signed_in_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_account_id_signed_in_at"), "device", ["account_id", "signed_in_at"])
    op.create_index(op.f("ix_device_signed_in_at"), "device", ["signed_in_at"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("username", text(64), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("address", text(43), nullable=False),
        sa.Column("address_count", sa.Integer(), nullable=False),
        sa.Column("attempted_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("method", "PASSWORD", "CARD", "PASSKEY", "COMPANION"),
        one_of("outcome", "SUCCEEDED", "FAILED"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_attempt_account_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_sign_in_attempt_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    for owner in ("account_id", "organisation_id"):
        op.create_index(
            op.f(f"ix_sign_in_attempt_{owner}_attempted_at_id"), "sign_in_attempt", [owner, "attempted_at", "id"]
        )
    op.create_table(
        "sign_in_count",
        sa.Column("minute", instant(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("address", text(43), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", "account_id", "method", "outcome", "address", name=op.f("pk_sign_in_count")),
    )
