"""Codes of authenticator apps stand beside passwords; sign-ins wait for them."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "totp",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("begun_at", instant(), nullable=False),
        sa.Column("confirmed_at", instant(), nullable=True),
        sa.Column("last_used_at", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("revoke_reason", text(300), nullable=True),
        sa.Column("recovery_codes_left", sa.Integer(), nullable=False),
        sa.Column("secret", text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("recovery_hashes", text(650), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "PENDING", "ACTIVE", "REVOKED"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_totp_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_totp_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp")),
    )
    op.create_index(op.f("ix_totp_account_id_begun_at_id"), "totp", ["account_id", "begun_at", "id"])
    op.create_index(op.f("ix_totp_organisation_id_begun_at_id"), "totp", ["organisation_id", "begun_at", "id"])
    is_going_on = sa.text("status IN ('PENDING', 'ACTIVE')")
    op.create_index(
        "uq_totp_going_on", "totp", ["account_id"], unique=True, sqlite_where=is_going_on, postgresql_where=is_going_on
    )
    op.create_table(
        "second_factor",
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_digest", text(64), nullable=False),
        sa.Column("client_digest", text(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_second_factor")),
    )
    op.create_index(op.f("ix_second_factor_account_id_expires_at"), "second_factor", ["account_id", "expires_at"])
    op.create_index(op.f("ix_second_factor_expires_at"), "second_factor", ["expires_at"])
