"""The archive of what was deleted in the original: its own table of policies, and one of rules."""

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.mysql import LONGTEXT

from congress.db.migrations import original, steps

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None

_LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _common() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
    )


def upgrade() -> None:
    policies = steps.create_table(
        "policiesdeleted",
        *_common(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("abbreviation", sa.String(5), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
    )
    rules = steps.create_table(
        "policy_rules_deleted",
        *_common(),
        sa.Column("policy_name", sa.String(255), nullable=False),
        sa.Column("rule", _LONG_TEXT, nullable=False),
        sa.Column("name", sa.String(255), nullable=True),
        sa.Column("comment", sa.String(255), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
    )
    if not context.is_offline_mode():
        original.archive(op.get_bind(), policies, rules)
