"""A filing's 备案证书编号 is called what it is, the number of its certificate; the registry goes by it."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    with op.batch_alter_table("filing") as filing:
        filing.drop_constraint(op.f("uq_filing_filing_number"), type_="unique")
        filing.alter_column("filing_number", new_column_name="certificate_number")
    with op.batch_alter_table("filing") as filing:
        filing.create_unique_constraint(op.f("uq_filing_certificate_number"), ["certificate_number"])
