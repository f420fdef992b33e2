"""Parameters and dependencies of library policies."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.add_column("library_policies", sa.Column("parameters", sa.JSON(), nullable=True))
    steps.add_column("library_policies", sa.Column("depends_on", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("library_policies") as table:
        table.drop_column("depends_on")
        table.drop_column("parameters")
