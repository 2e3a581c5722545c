"""Signing in by card: cards bound to accounts, and the challenges that they sign."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0012"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("serial", text(40), nullable=False),
        sa.Column("issuer", text(500), nullable=False),
        sa.Column("subject", text(500), nullable=False),
        sa.Column("fingerprint", text(64), nullable=False),
        sa.Column("valid_until", instant(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("bound_at", instant(), nullable=False),
        sa.Column("last_used_at", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("revoke_reason", text(300), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "ACTIVE", "REVOKED"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_card_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_card_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_card_fingerprint")),
    )
    op.create_index(op.f("ix_card_account_id_bound_at_id"), "card", ["account_id", "bound_at", "id"])
    op.create_index(op.f("ix_card_organisation_id_bound_at_id"), "card", ["organisation_id", "bound_at", "id"])
    op.create_index(op.f("ix_card_organisation_id_valid_until_id"), "card", ["organisation_id", "valid_until", "id"])
    op.create_table(
        "card_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nonce", text(64), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("used_at", instant(), nullable=True),
        one_of("purpose", "CARD_SIGN_IN", "CARD_BINDING", "PASSKEY_SIGN_IN", "PASSKEY_REGISTRATION"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_challenge")),
    )
    op.create_index(op.f("ix_card_challenge_expires_at"), "card_challenge", ["expires_at"])
