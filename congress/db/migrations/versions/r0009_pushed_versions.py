"""A number that grows with every push into a table, and a trace of writes whose end may be asked for."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("pushed_tables", sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"))
    steps.create_table("write_tokens", sa.Column("token", sa.String(36), primary_key=True))


def downgrade() -> None:
    op.drop_table("write_tokens")
    with op.batch_alter_table("pushed_tables") as table:
        table.drop_column("version")
