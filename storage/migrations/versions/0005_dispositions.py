"""Dispositions, what is submitted under them and how it is reviewed; certificates that expire are found by an index."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "disposition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(18), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("content", text(4000), nullable=False),
        sa.Column("legal_ground", text(1000), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("imposed_at", instant(), nullable=False),
        sa.Column("lifted_at", instant(), nullable=True),
        sa.Column("lift_reason", text(2000), nullable=True),
        one_of("type", "NON_RECOGNITION", "RECTIFICATION", "REVOCATION"),
        one_of(
            "status",
            "IN_FORCE",
            "AWAITING_RECTIFICATION",
            "UNDER_REVIEW",
            "SUPPLEMENT_REQUIRED",
            "LIFTED",
            "EXPIRED",
        ),
        one_of("ground", "CERTIFICATE_DEFECTIVE", "RESULT_UNTRUE", "MISCONDUCT", "REPEATED", "OTHER"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_disposition_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
        sa.UniqueConstraint("number", name=op.f("uq_disposition_number")),
    )
    for columns in (
        ["imposed_at", "id"],
        ["institution_id", "imposed_at", "id"],
        ["institution_id", "status", "imposed_at", "id"],
        ["status", "imposed_at", "id"],
        ["status", "ends_on"],
        ["status", "due_on"],
    ):
        op.create_index(op.f(f"ix_disposition_{'_'.join(columns)}"), "disposition", columns)
    op.create_table(
        "disposition_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("explanation", text(4000), nullable=False),
        sa.Column("submitted_at", instant(), nullable=False),
        sa.Column("disposition_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disposition_id"], ["disposition.id"], name=op.f("fk_disposition_submission_disposition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition_submission")),
    )
    op.create_index(
        op.f("ix_disposition_submission_disposition_id_submitted_at_id"),
        "disposition_submission",
        ["disposition_id", "submitted_at", "id"],
    )
    op.create_table(
        "disposition_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("opinion", text(2000), nullable=True),
        sa.Column("reviewed_at", instant(), nullable=False),
        sa.Column("disposition_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disposition_id"], ["disposition.id"], name=op.f("fk_disposition_review_disposition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition_review")),
    )
    op.create_index(
        op.f("ix_disposition_review_disposition_id_reviewed_at_id"),
        "disposition_review",
        ["disposition_id", "reviewed_at", "id"],
    )
    op.create_index(
        op.f("ix_certificate_status_valid_until_commission_id"),
        "certificate",
        ["status", "valid_until", "commission_id"],
    )
