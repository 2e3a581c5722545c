"""The register is read in public, latest first: all of it, by kind of record, by organisation and by who acted."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_index(op.f("ix_register_at_id"), "register", ["at", "id"])
    for owner in ("subject_type", "organisation_id", "user_id"):
        op.create_index(op.f(f"ix_register_{owner}_at_id"), "register", [owner, "at", "id"])
