"""Certificates are found by day of issue, by last day and by number; filings by the day of their submission."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index(op.f("ix_filing_submitted_at_id"), "filing", ["submitted_at", "id"])
    op.create_index(op.f("ix_certificate_issued_on_id"), "certificate", ["issued_on", "id"])
    op.create_index(op.f("ix_certificate_number_id"), "certificate", ["number", "id"])
    op.create_index(op.f("ix_certificate_valid_until_id"), "certificate", ["valid_until", "id"])
