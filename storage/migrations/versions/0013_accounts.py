"""Accounts have a status, one-time codes and a history; one user's work can be delegated to another."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import instant, one_of, text

revision = "0013"
down_revision = "0012"

DIFFERS_IN_CASE = """exists (
    select 1 from account other where lower(other.username) = lower(account.username) and other.id <> account.id
)"""


def upgrade() -> None:
    _accounts()
    _delegations()


def _accounts() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("status", sa.String(32), nullable=False, server_default="ACTIVE"))
        account.add_column(sa.Column("email", text(254), nullable=True))
        account.add_column(sa.Column("mobile", text(40), nullable=True))
        account.add_column(sa.Column("name_key", text(64), nullable=True))
        account.add_column(sa.Column("password_changed_at", instant(), nullable=True))
        account.add_column(sa.Column("code_hash", text(64), nullable=True))
        account.add_column(sa.Column("code_expires_at", instant(), nullable=True))
        account.add_column(sa.Column("code_tries", sa.Integer(), nullable=False, server_default="0"))
    op.execute("update account set status = 'DEACTIVATED' where not is_active")
    op.execute("update account set password_changed_at = created_at")
    # Names that differ in case alone were allowed, and whoever has one keeps it.
    op.execute(f"update account set name_key = case when {DIFFERS_IN_CASE} then username else lower(username) end")
    with op.batch_alter_table("account") as account:
        account.drop_column("is_active")
        account.alter_column("status", server_default=None)
        account.alter_column("code_tries", server_default=None)
        account.alter_column("name_key", existing_type=text(64), nullable=False)
        account.create_unique_constraint(op.f("uq_account_name_key"), ["name_key"])
        account.create_check_constraint(
            op.f("ck_account_status"), str(one_of("status", "INVITED", "ACTIVE", "DEACTIVATED").sqltext)
        )


def _delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("delegator_id", sa.Uuid(), nullable=False),
        sa.Column("delegator_name", text(100), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_name", text(100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", text(500), nullable=False),
        sa.Column("granted_at", instant(), nullable=False),
        sa.Column("ended_at", instant(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        one_of("status", "ACTIVE", "ENDED"),
        sa.ForeignKeyConstraint(["delegator_id"], ["account.id"], name=op.f("fk_delegation_delegator_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["account.id"], name=op.f("fk_delegation_substitute_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_delegation_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    for columns in (
        ["substitute_id", "status"],
        ["delegator_id", "granted_at", "id"],
        ["organisation_id", "granted_at", "id"],
        ["status", "ends_on", "id"],
    ):
        op.create_index(op.f(f"ix_delegation_{'_'.join(columns)}"), "delegation", columns)
