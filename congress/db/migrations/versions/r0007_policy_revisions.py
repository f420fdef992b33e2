"""The revision of each policy, and who made which revision."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("policies", sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    steps.create_table(
        "policy_revision_tokens",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("token", sa.String(36), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("policy_revision_tokens")
    with op.batch_alter_table("policies") as table:
        table.drop_column("revision")
