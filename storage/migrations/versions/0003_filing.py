"""Filings with their lists, and filing changes."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import exact, instant, one_of, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "filing",
        sa.Column("name_zh", text(200), nullable=True),
        sa.Column("name_en", text(200), nullable=True),
        sa.Column("country", text(2), nullable=True),
        sa.Column("registered_address", text(200), nullable=True),
        sa.Column("office_address", text(300), nullable=True),
        sa.Column("legal_form", text(32), nullable=True),
        sa.Column("registration_number", text(100), nullable=True),
        sa.Column("legal_representative", text(100), nullable=True),
        sa.Column("investor", text(300), nullable=True),
        sa.Column("ownership", text(1000), nullable=True),
        sa.Column("contact_name", text(100), nullable=True),
        sa.Column("contact_phone", text(40), nullable=True),
        sa.Column("contact_fax", text(40), nullable=True),
        sa.Column("contact_email", text(254), nullable=True),
        sa.Column("identity_card_number", text(18), nullable=True),
        sa.Column("independence_declared", sa.Boolean(), nullable=True),
        sa.Column("accreditation_number", text(100), nullable=True),
        sa.Column("accreditation_body", text(200), nullable=True),
        sa.Column("accreditation_valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("application_number", text(18), nullable=False),
        sa.Column("filing_number", text(20), nullable=True),
        sa.Column("previous_filing_number", text(20), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("review_opinion", text(1000), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("submitted_at", instant(), nullable=True),
        sa.Column("decided_at", instant(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "DRAFT", "SUBMITTED", "SUPPLEMENT_REQUIRED", "ACCEPTED", "REJECTED", "CANCELLED"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_filing_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("application_number", name=op.f("uq_filing_application_number")),
        sa.UniqueConstraint("filing_number", name=op.f("uq_filing_filing_number")),
    )
    op.create_index(op.f("ix_filing_created_at_id"), "filing", ["created_at", "id"])
    op.create_index(op.f("ix_filing_organisation_id_created_at_id"), "filing", ["organisation_id", "created_at", "id"])
    op.create_index(op.f("ix_filing_status_created_at_id"), "filing", ["status", "created_at", "id"])
    is_open = sa.text("status IN ('SUBMITTED', 'SUPPLEMENT_REQUIRED')")
    op.create_index(
        "uq_filing_open", "filing", ["organisation_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "signatory",
        sa.Column("name", text(100), nullable=True),
        sa.Column("title", text(100), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_signatory_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory")),
    )
    op.create_index(op.f("ix_signatory_filing_id_line_number_id"), "signatory", ["filing_id", "line_number", "id"])
    op.create_table(
        "department",
        sa.Column("name", text(200), nullable=True),
        sa.Column("scale", text(200), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("head", text(100), nullable=True),
        sa.Column("phone", text(40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_department_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_index(op.f("ix_department_filing_id_line_number_id"), "department", ["filing_id", "line_number", "id"])
    op.create_table(
        "equipment",
        sa.Column("name", text(200), nullable=True),
        sa.Column("model", text(200), nullable=True),
        sa.Column("maker", text(200), nullable=True),
        sa.Column("quantity", exact(4), nullable=True),
        sa.Column("calibration_valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_equipment_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment")),
    )
    op.create_index(op.f("ix_equipment_filing_id_line_number_id"), "equipment", ["filing_id", "line_number", "id"])
    op.create_table(
        "quality_certificate",
        sa.Column("standard", text(100), nullable=True),
        sa.Column("number", text(100), nullable=True),
        sa.Column("issuer", text(200), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_quality_certificate_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_certificate")),
    )
    op.create_index(
        op.f("ix_quality_certificate_filing_id_line_number_id"),
        "quality_certificate",
        ["filing_id", "line_number", "id"],
    )
    op.create_table(
        "past_inspection",
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("batches", sa.Integer(), nullable=True),
        sa.Column("value_usd", exact(2), nullable=True),
        sa.Column("countries", text(500), nullable=True),
        sa.Column("goods", text(500), nullable=True),
        sa.Column("non_conforming_batches", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_past_inspection_filing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_inspection")),
    )
    op.create_index(
        op.f("ix_past_inspection_filing_id_line_number_id"), "past_inspection", ["filing_id", "line_number", "id"]
    )
    op.create_table(
        "filing_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("requires_refiling", sa.Boolean(), nullable=False),
        sa.Column("opinion", text(1000), nullable=True),
        sa.Column("requested_at", instant(), nullable=False),
        sa.Column("decided_at", instant(), nullable=True),
        sa.Column("filing_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "PENDING", "APPROVED", "REFUSED", "WITHDRAWN"),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk_filing_change_filing_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_filing_change_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_change")),
    )
    op.create_index(
        op.f("ix_filing_change_filing_id_requested_at_id"), "filing_change", ["filing_id", "requested_at", "id"]
    )
    op.create_index(
        op.f("ix_filing_change_organisation_id_requested_at_id"),
        "filing_change",
        ["organisation_id", "requested_at", "id"],
    )
    op.create_index(op.f("ix_filing_change_requested_at_id"), "filing_change", ["requested_at", "id"])
    op.create_index(op.f("ix_filing_change_status_requested_at_id"), "filing_change", ["status", "requested_at", "id"])
    is_pending = sa.text("status = 'PENDING'")
    op.create_index(
        "uq_filing_change_open",
        "filing_change",
        ["filing_id"],
        unique=True,
        sqlite_where=is_pending,
        postgresql_where=is_pending,
    )
    op.create_table(
        "changed_field",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("name", text(64), nullable=False),
        sa.Column("before", text(), nullable=True),
        sa.Column("after", text(), nullable=True),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        sa.Column("filing_change_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_change_id"], ["filing_change.id"], name=op.f("fk_changed_field_filing_change_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_field")),
    )
    op.create_index(
        op.f("ix_changed_field_filing_change_id_line_number_id"),
        "changed_field",
        ["filing_change_id", "line_number", "id"],
    )
