"""Customs supervises: quality issues with questions and replies, checks with submissions, reviews and visits."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "quality_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(18), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("content", text(4000), nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("commission_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_number", text(64), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("replied_at", instant(), nullable=True),
        sa.Column("closed_at", instant(), nullable=True),
        sa.Column("closing_remark", text(2000), nullable=True),
        sa.Column("raised_by_id", sa.Uuid(), nullable=False),
        one_of("status", "AWAITING_REPLY", "REPLIED", "CLOSED"),
        one_of("severity", "MINOR", "SERIOUS", "CRITICAL"),
        sa.ForeignKeyConstraint(["raised_by_id"], ["organisation.id"], name=op.f("fk_quality_issue_raised_by_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_quality_issue_institution_id")),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_quality_issue_commission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_issue")),
        sa.UniqueConstraint("number", name=op.f("uq_quality_issue_number")),
    )
    op.create_index(op.f("ix_quality_issue_commission_id"), "quality_issue", ["commission_id"])
    op.create_index(op.f("ix_quality_issue_created_at_id"), "quality_issue", ["created_at", "id"])
    op.create_index(
        op.f("ix_quality_issue_institution_id_created_at_id"), "quality_issue", ["institution_id", "created_at", "id"]
    )
    op.create_index(
        op.f("ix_quality_issue_institution_id_status_created_at_id"),
        "quality_issue",
        ["institution_id", "status", "created_at", "id"],
    )
    op.create_index(op.f("ix_quality_issue_severity_created_at_id"), "quality_issue", ["severity", "created_at", "id"])
    op.create_index(op.f("ix_quality_issue_status_created_at_id"), "quality_issue", ["status", "created_at", "id"])
    op.create_table(
        "quality_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question", text(4000), nullable=False),
        sa.Column("asked_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("quality_issue_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quality_issue_id"], ["quality_issue.id"], name=op.f("fk_quality_question_quality_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_question")),
    )
    op.create_index(
        op.f("ix_quality_question_quality_issue_id_asked_at_id"),
        "quality_question",
        ["quality_issue_id", "asked_at", "id"],
    )
    op.create_table(
        "quality_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", text(4000), nullable=False),
        sa.Column("replied_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("quality_issue_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["quality_issue_id"], ["quality_issue.id"], name=op.f("fk_quality_reply_quality_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_reply")),
    )
    op.create_index(
        op.f("ix_quality_reply_quality_issue_id_replied_at_id"),
        "quality_reply",
        ["quality_issue_id", "replied_at", "id"],
    )
    op.create_table(
        "supervision_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(18), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("content", text(4000), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("submitted_at", instant(), nullable=True),
        sa.Column("completed_at", instant(), nullable=True),
        sa.Column("ordered_by_id", sa.Uuid(), nullable=False),
        one_of("type", "DOCUMENT", "ON_SITE"),
        one_of("status", "AWAITING_SUBMISSION", "AWAITING_VISIT", "UNDER_REVIEW", "SUPPLEMENT_REQUIRED", "COMPLETED"),
        sa.ForeignKeyConstraint(
            ["ordered_by_id"], ["organisation.id"], name=op.f("fk_supervision_check_ordered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_supervision_check_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_check")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_check_number")),
    )
    op.create_index(op.f("ix_supervision_check_created_at_id"), "supervision_check", ["created_at", "id"])
    op.create_index(
        op.f("ix_supervision_check_institution_id_created_at_id"),
        "supervision_check",
        ["institution_id", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_supervision_check_institution_id_status_created_at_id"),
        "supervision_check",
        ["institution_id", "status", "created_at", "id"],
    )
    op.create_index(
        op.f("ix_supervision_check_status_created_at_id"), "supervision_check", ["status", "created_at", "id"]
    )
    op.create_index(op.f("ix_supervision_check_status_due_on_id"), "supervision_check", ["status", "due_on", "id"])
    op.create_table(
        "check_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("opinion", text(2000), nullable=True),
        sa.Column("reviewed_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["supervision_check.id"], name=op.f("fk_check_review_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_review")),
    )
    op.create_index(op.f("ix_check_review_check_id_reviewed_at_id"), "check_review", ["check_id", "reviewed_at", "id"])
    op.create_table(
        "check_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("explanation", text(4000), nullable=False),
        sa.Column("submitted_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["supervision_check.id"], name=op.f("fk_check_submission_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_submission")),
    )
    op.create_index(
        op.f("ix_check_submission_check_id_submitted_at_id"), "check_submission", ["check_id", "submitted_at", "id"]
    )
    op.create_table(
        "check_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("inspectors", text(500), nullable=False),
        sa.Column("place", text(300), nullable=False),
        sa.Column("findings", text(4000), nullable=False),
        sa.Column("recorded_at", instant(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["supervision_check.id"], name=op.f("fk_check_visit_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_visit")),
        sa.UniqueConstraint("check_id", name=op.f("uq_check_visit_check_id")),
    )
