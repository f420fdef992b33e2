"""What is pushed into a table may be longer than a database takes in one statement."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from congress.db.migrations import steps

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

_NAME = sa.String(255).with_variant(mysql.VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")
_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


def upgrade() -> None:
    steps.create_table(
        "pushed_parts",
        sa.Column(
            "datasource_id", sa.String(36), sa.ForeignKey("datasources.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("table_name", _NAME, primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("content", _TEXT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("pushed_parts")
