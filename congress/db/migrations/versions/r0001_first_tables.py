"""Policies, rules, library policies, datasources and pushed tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.mysql import LONGTEXT, VARCHAR

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

_LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
_NAME = sa.String(255).with_variant(VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", _NAME, nullable=False, unique=True),
        sa.Column("abbreviation", sa.String(5), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "policy_rules",
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column(
            "policy_id", sa.String(36), sa.ForeignKey("policies.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("rule", _LONG_TEXT, nullable=False),
        sa.Column("name", sa.String(255), nullable=True),
        sa.Column("comment", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "library_policies",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", _NAME, nullable=False, unique=True),
        sa.Column("abbreviation", sa.String(5), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
    )
    op.create_table(
        "datasources",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", _NAME, nullable=False, unique=True),
        sa.Column("driver", sa.String(255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("encrypted", sa.JSON(), nullable=False),
    )
    op.create_table(
        "pushed_tables",
        sa.Column(
            "datasource_id", sa.String(36), sa.ForeignKey("datasources.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("table_name", _NAME, primary_key=True),
        sa.Column("objects", _LONG_TEXT, nullable=False),
    )


def downgrade() -> None:
    for table in ("pushed_tables", "datasources", "library_policies", "policy_rules", "policies"):
        op.drop_table(table)
