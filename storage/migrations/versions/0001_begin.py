"""Begin with commissions, rules, the registry and the register."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import exact, instant, line_id, one_of, text, transaction_now

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", text(200), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", text(100), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("sha256", text(64), nullable=False),
        sa.Column("uploaded_at", instant(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        one_of("kind", "CONTRACT", "INVOICE", "PACKING_LIST", "PHOTO", "INSPECTION_REPORT", "CERTIFICATE", "OTHER"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_file_id"), "attachment", ["file_id"])
    op.create_index(op.f("ix_attachment_subject_id_uploaded_at_id"), "attachment", ["subject_id", "uploaded_at", "id"])
    op.create_table(
        "code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("table_name", text(64), nullable=False),
        sa.Column("code", text(32), nullable=False),
        sa.Column("label_zh", text(200), nullable=False),
        sa.Column("label_en", text(200), nullable=False),
        sa.Column("parent", text(32), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("table_name", "code", name=op.f("uq_code_table_name_code")),
    )
    op.create_table(
        "counter",
        sa.Column("name", text(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "year", name=op.f("pk_counter")),
    )
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", text(128), nullable=False),
        sa.Column("request_digest", text(64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("effect_ids", text(), nullable=True),
        sa.Column("claimed_at", instant(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name_zh", text(200), nullable=False),
        sa.Column("name_en", text(200), nullable=False),
        sa.Column("uscc", text(18), nullable=True),
        sa.Column("contact_name", text(100), nullable=True),
        sa.Column("contact_phone", text(40), nullable=True),
        sa.Column("contact_mobile", text(40), nullable=True),
        sa.Column("contact_email", text(254), nullable=True),
        sa.Column("contact_address", text(300), nullable=True),
        one_of("kind", "INSTITUTION", "ENTERPRISE", "CUSTOMS"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index(op.f("ix_organisation_kind_name_zh"), "organisation", ["kind", "name_zh"])
    op.create_table(
        "register",
        sa.Column("id", line_id(), autoincrement=True, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), server_default=transaction_now(), nullable=False),
        sa.Column("subject_type", text(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", text(64), nullable=False),
        sa.Column("status_before", text(32), nullable=True),
        sa.Column("status_after", text(32), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("at", instant(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("changes", text(), nullable=True),
        sa.Column("changes_digest", text(64), nullable=False),
        sa.Column("record_digest", text(64), nullable=False),
        sa.Column("previous_hash", text(64), nullable=False),
        sa.Column("hash", text(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
        sa.UniqueConstraint("subject_id", "version", name=op.f("uq_register_subject_id_version")),
    )
    op.create_index(op.f("ix_register_transaction_id_id"), "register", ["transaction_id", "id"])
    op.create_table(
        "rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hs_code", text(10), nullable=False),
        sa.Column("name_zh", text(300), nullable=False),
        sa.Column("name_en", text(300), nullable=True),
        sa.Column("inspection_required", sa.Boolean(), nullable=False),
        sa.Column("inspection_exempt", sa.Boolean(), nullable=False),
        sa.Column("import_prohibited", sa.Boolean(), nullable=False),
        sa.Column("measure", text(300), nullable=False),
        sa.Column("legal_basis", text(500), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        one_of("status", "OPEN", "ENDED"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_index(op.f("ix_rule_hs_code_valid_from_id"), "rule", ["hs_code", "valid_from", "id"])
    op.create_index(op.f("ix_rule_valid_from_id"), "rule", ["valid_from", "id"])
    op.create_index(
        "uq_rule_open",
        "rule",
        ["hs_code"],
        unique=True,
        sqlite_where=sa.text("status = 'OPEN'"),
        postgresql_where=sa.text("status = 'OPEN'"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("username", text(64), nullable=False),
        sa.Column("display_name", text(100), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("password_hash", text(), nullable=False),
        one_of("role", "ADMIN", "OPERATOR", "VIEWER", "REVIEWER"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_organisation_id"), "account", ["organisation_id"])
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("filing_number", text(20), nullable=False),
        sa.Column("name_zh", text(200), nullable=False),
        sa.Column("name_en", text(200), nullable=False),
        sa.Column("registered_place", text(200), nullable=False),
        sa.Column("country", text(2), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("disposition_ends_on", sa.Date(), nullable=True),
        sa.Column("filed_at", instant(), nullable=False),
        sa.Column("contact_name", text(100), nullable=True),
        sa.Column("contact_phone", text(40), nullable=True),
        sa.Column("contact_email", text(254), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "NORMAL", "NON_RECOGNITION", "RECTIFICATION", "REVOKED"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_institution_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("filing_number", name=op.f("uq_institution_filing_number")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_institution_organisation_id")),
    )
    op.create_index(op.f("ix_institution_filed_at_id"), "institution", ["filed_at", "id"])
    op.create_index(op.f("ix_institution_status_filed_at_id"), "institution", ["status", "filed_at", "id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("title_zh", text(), nullable=False),
        sa.Column("title_en", text(), nullable=False),
        sa.Column("body_zh", text(), nullable=False),
        sa.Column("body_en", text(), nullable=False),
        sa.Column("published_at", instant(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("subject_type", text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", line_id(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), server_default=transaction_now(), nullable=False),
        one_of("type", "SYSTEM", "FILING", "COMMISSION", "QUALITY", "CHECK", "DISPOSITION", "ANNUAL_REPORT"),
        sa.ForeignKeyConstraint(["line_id"], ["register.id"], name=op.f("fk_notice_line_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_notice_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_line_id"), "notice", ["line_id"])
    op.create_index(
        op.f("ix_notice_organisation_id_published_at_id"), "notice", ["organisation_id", "published_at", "id"]
    )
    op.create_index(
        op.f("ix_notice_organisation_id_transaction_id_line_id_id"),
        "notice",
        ["organisation_id", "transaction_id", "line_id", "id"],
    )
    op.create_index(op.f("ix_notice_published_at_id"), "notice", ["published_at", "id"])
    op.create_table(
        "commission",
        sa.Column("enterprise_name", text(200), nullable=True),
        sa.Column("contact_phone", text(40), nullable=True),
        sa.Column("contact_mobile", text(40), nullable=True),
        sa.Column("contact_email", text(254), nullable=True),
        sa.Column("contact_address", text(300), nullable=True),
        sa.Column("consignee_name", text(200), nullable=True),
        sa.Column("product_use", text(32), nullable=True),
        sa.Column("goods_location", text(300), nullable=True),
        sa.Column("domestic_destination", text(16), nullable=True),
        sa.Column("destination_port", text(16), nullable=True),
        sa.Column("destination_customs", text(8), nullable=True),
        sa.Column("entry_customs", text(8), nullable=True),
        sa.Column("remarks", text(2000), nullable=True),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", text(18), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("total_quantity", exact(4), nullable=False),
        sa.Column("total_amount", exact(2), nullable=False),
        sa.Column("units_mixed", sa.Boolean(), nullable=False),
        sa.Column("return_reason", text(1000), nullable=True),
        sa.Column("commissioned_at", instant(), nullable=False),
        sa.Column("submitted_at", instant(), nullable=True),
        sa.Column("accepted_at", instant(), nullable=True),
        sa.Column("completed_at", instant(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_to_id", sa.Uuid(), nullable=True),
        one_of("status", "DRAFT", "PENDING", "SUPPLEMENT_REQUIRED", "IN_PROGRESS", "COMPLETED", "CANCELLED"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_commission_enterprise_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_commission_institution_id")),
        sa.ForeignKeyConstraint(["submitted_to_id"], ["institution.id"], name=op.f("fk_commission_submitted_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission")),
        sa.UniqueConstraint("number", name=op.f("uq_commission_number")),
    )
    op.create_index(op.f("ix_commission_commissioned_at_id"), "commission", ["commissioned_at", "id"])
    op.create_index(
        op.f("ix_commission_enterprise_id_commissioned_at_id"), "commission", ["enterprise_id", "commissioned_at", "id"]
    )
    op.create_index(
        op.f("ix_commission_enterprise_id_status_commissioned_at_id"),
        "commission",
        ["enterprise_id", "status", "commissioned_at", "id"],
    )
    op.create_index(
        op.f("ix_commission_institution_id_commissioned_at_id"),
        "commission",
        ["institution_id", "commissioned_at", "id"],
    )
    op.create_index(op.f("ix_commission_status_commissioned_at_id"), "commission", ["status", "commissioned_at", "id"])
    op.create_index(
        op.f("ix_commission_submitted_to_id_commissioned_at_id"),
        "commission",
        ["submitted_to_id", "commissioned_at", "id"],
    )
    op.create_index(
        op.f("ix_commission_submitted_to_id_status_commissioned_at_id"),
        "commission",
        ["submitted_to_id", "status", "commissioned_at", "id"],
    )
    op.create_index(op.f("ix_commission_total_amount_id"), "commission", ["total_amount", "id"])
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("closed_at", instant(), nullable=True),
        one_of("status", "OPEN", "CLOSED"),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"])
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", text(64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("signatory", text(100), nullable=True),
        sa.Column("conclusion", text(2000), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        one_of("status", "VALID", "EXPIRED", "WITHDRAWN", "NOT_RECOGNISED"),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_certificate_commission_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_certificate_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("institution_id", "number", name=op.f("uq_certificate_institution_id_number")),
    )
    op.create_index(op.f("ix_certificate_commission_id"), "certificate", ["commission_id"])
    op.create_table(
        "goods_line",
        sa.Column("product_name", text(300), nullable=True),
        sa.Column("model", text(200), nullable=True),
        sa.Column("hs_code", text(10), nullable=True),
        sa.Column("manufactured_on", sa.Date(), nullable=True),
        sa.Column("quantity", exact(4), nullable=True),
        sa.Column("unit", text(8), nullable=True),
        sa.Column("amount", exact(2), nullable=True),
        sa.Column("brand", text(100), nullable=True),
        sa.Column("engine_number", text(100), nullable=True),
        sa.Column("chassis_number", text(100), nullable=True),
        sa.Column("running_hours", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("inspection_required", sa.Boolean(), nullable=True),
        sa.Column("inspection_exempt", sa.Boolean(), nullable=True),
        sa.Column("import_prohibited", sa.Boolean(), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("commission_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commission_id"], ["commission.id"], name=op.f("fk_goods_line_commission_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_goods_line_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_line")),
    )
    op.create_index(
        op.f("ix_goods_line_commission_id_line_number_id"), "goods_line", ["commission_id", "line_number", "id"]
    )
