"""Rules that can be switched off, and the number of changes of policies and rules."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("policy_rules", sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()))
    revisions = steps.create_table(
        "policy_revision",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    steps.insert_first(revisions, {"id": 1, "number": 0})


def downgrade() -> None:
    op.drop_table("policy_revision")
    with op.batch_alter_table("policy_rules") as table:
        table.drop_column("enabled")
