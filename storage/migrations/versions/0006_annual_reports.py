"""Institutions report to customs once a year; notices are delivered by e-mail and SMS."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import exact, instant, one_of, text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "annual_report",
        sa.Column("contact_name", text(100), nullable=True),
        sa.Column("contact_phone", text(40), nullable=True),
        sa.Column("certificates_issued", sa.Integer(), nullable=True),
        sa.Column("certificates_withdrawn", sa.Integer(), nullable=True),
        sa.Column("non_conforming_batches", sa.Integer(), nullable=True),
        sa.Column("non_conformity_handling", text(4000), nullable=True),
        sa.Column("staff_changes", text(4000), nullable=True),
        sa.Column("equipment_changes", text(4000), nullable=True),
        sa.Column("quality_system_changes", text(4000), nullable=True),
        sa.Column("training", text(4000), nullable=True),
        sa.Column("complaints", text(4000), nullable=True),
        sa.Column("quality_issues_handled", text(4000), nullable=True),
        sa.Column("next_year_plan", text(4000), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(18), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("submitted_at", instant(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("return_reason", text(1000), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("started_by_id", sa.Uuid(), nullable=False),
        one_of("status", "DRAFT", "SUBMITTED"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_annual_report_institution_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["organisation.id"], name=op.f("fk_annual_report_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_report")),
        sa.UniqueConstraint("number", name=op.f("uq_annual_report_number")),
        sa.UniqueConstraint("institution_id", "year", name=op.f("uq_annual_report_institution_id_year")),
    )
    for columns in (
        ("created_at", "id"),
        ("institution_id", "created_at", "id"),
        ("year", "created_at", "id"),
        ("status", "created_at", "id"),
        ("year", "id"),
        ("due_on", "id"),
        ("status", "overdue", "due_on"),
    ):
        op.create_index(op.f(f"ix_annual_report_{'_'.join(columns)}"), "annual_report", list(columns))
    op.create_table(
        "annual_report_country",
        sa.Column("country", text(2), nullable=True),
        sa.Column("batches", sa.Integer(), nullable=True),
        sa.Column("value_usd", exact(2), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("annual_report_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["annual_report_id"], ["annual_report.id"], name=op.f("fk_annual_report_country_annual_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annual_report_country")),
    )
    op.create_index(
        op.f("ix_annual_report_country_annual_report_id_line_number_id"),
        "annual_report_country",
        ["annual_report_id", "line_number", "id"],
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("address", text(254), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", text(500), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("sent_at", instant(), nullable=True),
        sa.Column("next_attempt_at", instant(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("channel", "NOTICE", "EMAIL", "SMS"),
        one_of("state", "WAITING", "SENT", "FAILED", "NOT_CONFIGURED"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_delivery_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_delivery_notice_id_channel")),
    )
    for columns in (
        ("state", "channel", "next_attempt_at"),
        ("created_at", "id"),
        ("organisation_id", "created_at", "id"),
    ):
        op.create_index(op.f(f"ix_delivery_{'_'.join(columns)}"), "delivery", list(columns))
