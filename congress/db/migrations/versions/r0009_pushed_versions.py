"""A number that grows with every push into a table, by which the node that runs datasources knows what to publish."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("pushed_tables", sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"))


def downgrade() -> None:
    with op.batch_alter_table("pushed_tables") as table:
        table.drop_column("version")
