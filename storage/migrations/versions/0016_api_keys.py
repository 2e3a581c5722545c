"""Keys by which partners' programs ask, their use and tokens; and the registry's changes, found by an index."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", text(100), nullable=False),
        sa.Column("prefix", text(8), nullable=False),
        sa.Column("scope", text(200), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("rate_per_minute", sa.Integer(), nullable=False),
        sa.Column("issued_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("rotated_at", instant(), nullable=True),
        sa.Column("former_good_until", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("secret_hash", text(64), nullable=False),
        sa.Column("former_secret_hash", text(64), nullable=True),
        one_of("status", "ACTIVE", "REVOKED", "EXPIRED"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_api_key_organisation_id")),
    )
    op.create_index(op.f("ix_api_key_issued_at_id"), "api_key", ["issued_at", "id"])
    op.create_index(op.f("ix_api_key_organisation_id_issued_at_id"), "api_key", ["organisation_id", "issued_at", "id"])
    op.create_index(op.f("ix_api_key_status_expires_at"), "api_key", ["status", "expires_at"])
    op.create_table(
        "api_key_use",
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", instant(), nullable=False),
        sa.Column("window_ends_at", instant(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("api_key_id", name=op.f("pk_api_key_use")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_api_key_use_api_key_id")),
    )
    op.create_table(
        "api_key_token",
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("scope", text(200), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_api_key_token")),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_api_key_token_api_key_id")),
    )
    op.create_index("ix_api_key_token_api_key_id_expires_at", "api_key_token", ["api_key_id", "expires_at"])
    op.create_index(
        "ix_register_registry",
        "register",
        ["transaction_id", "id"],
        sqlite_where=sa.text("subject_type = 'institution'"),
        postgresql_where=sa.text("subject_type = 'institution'"),
    )
