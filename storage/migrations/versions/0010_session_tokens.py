"""Sessions say how and where they were opened; their tokens, which may change, stand beside them."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0010"
down_revision = "0009"

IDLE_SECONDS = 7200


def upgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("method", sa.String(32), nullable=True))
        table.add_column(sa.Column("device", text(200), nullable=True))
        table.add_column(sa.Column("address", text(45), nullable=True))
        table.create_check_constraint(
            op.f("ck_session_method"), str(one_of("method", "PASSWORD", "CARD", "PASSKEY", "COMPANION").sqltext)
        )
        table.drop_constraint(op.f("ck_session_status"), type_="check")
        table.create_check_constraint(
            op.f("ck_session_status"), str(one_of("status", "OPEN", "CLOSED", "EXPIRED").sqltext)
        )
    op.drop_index(op.f("ix_session_user_id"), "session")
    op.create_index(op.f("ix_session_user_id_opened_at_id"), "session", ["user_id", "opened_at", "id"])
    op.create_index(op.f("ix_session_status_expires_at"), "session", ["status", "expires_at"])
    op.create_table(
        "session_token",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", text(64), nullable=False),
        sa.Column("token_expires_at", instant(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("used_at", instant(), nullable=False),
        sa.Column("idle_until", instant(), nullable=False),
        sa.Column("family_hash", text(64), nullable=True),
        sa.Column("renewal_hash", text(64), nullable=True),
        sa.Column("former_renewal_hash", text(64), nullable=True),
        sa.Column("renewed_at", instant(), nullable=True),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_token")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_token_session_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_token_hash")),
        sa.UniqueConstraint("family_hash", name=op.f("uq_session_token_family_hash")),
    )
    # Whoever is signed in stays so.
    op.execute(
        "insert into session_token (session_id, token_hash, token_expires_at, idle_seconds, used_at, idle_until) "
        f"select id, token_hash, expires_at, {IDLE_SECONDS}, opened_at, expires_at from session where status = 'OPEN'"
    )
