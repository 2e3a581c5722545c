"""Signing in by card and by passkey: what is bound to accounts, and the challenges that are signed."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _cards()
    _challenges()
    _passkeys()


def _cards() -> None:
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


def _challenges() -> None:
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


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("registered_at", instant(), nullable=False),
        sa.Column("last_used_at", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("revoke_reason", text(300), nullable=True),
        sa.Column("credential_id", text(1364), nullable=False),
        sa.Column("public_key", text(4000), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "ACTIVE", "REVOKED"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_passkey_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_account_id_registered_at_id"), "passkey", ["account_id", "registered_at", "id"])
    op.create_index(
        op.f("ix_passkey_organisation_id_registered_at_id"), "passkey", ["organisation_id", "registered_at", "id"]
    )
