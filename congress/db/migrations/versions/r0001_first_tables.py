"""Policies, rules, library policies, datasources and pushed tables; takes over those of the original."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.mysql import LONGTEXT, VARCHAR

from congress.db.migrations import original

revision = "r0001"
down_revision = "c0125080d572"
branch_labels = None
depends_on = None

_LONG_TEXT = sa.Text().with_variant(LONGTEXT(), "mysql", "mariadb")
_NAME = sa.String(255).with_variant(VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")


def upgrade() -> None:
    if op.get_context().dialect.name in ("mysql", "mariadb"):
        # Many databases of the original have utf8mb3, in which neither our names nor all texts can be stored.
        op.execute("ALTER DATABASE CHARACTER SET utf8mb4")
    if context.is_offline_mode():
        _create()
        return
    connection = op.get_bind()
    if original.waits(connection):
        original.drop_copies(connection)
        original.copy(connection, {table.name: table for table in _create(prefix=original.COPY)})
    original.swap(connection)
    _create(existing=set(sa.inspect(connection).get_table_names()))


def _create(prefix: str = "", existing: Collection[str] = ()) -> list[sa.Table]:
    """Create the tables that are not in `existing`, their names with `prefix`."""
    wanted: tuple[tuple[Any, ...], ...] = (
        (
            "policies",
            sa.Column("id", sa.String(36), primary_key=True),
            sa.Column("name", _NAME, nullable=False, unique=True),
            sa.Column("abbreviation", sa.String(5), nullable=False),
            sa.Column("description", sa.Text(), nullable=False),
            sa.Column("owner_id", sa.String(255), nullable=False),
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("created_at", sa.DateTime(), nullable=False),
        ),
        (
            "policy_rules",
            sa.Column("position", sa.Integer(), primary_key=True, autoincrement=True),
            sa.Column("id", sa.String(36), nullable=False, unique=True),
            sa.Column(
                "policy_id", sa.String(36), sa.ForeignKey(f"{prefix}policies.id", ondelete="CASCADE"), nullable=False
            ),
            sa.Column("rule", _LONG_TEXT, nullable=False),
            sa.Column("name", sa.String(255), nullable=True),
            sa.Column("comment", sa.String(255), nullable=False),
            sa.Column("created_at", sa.DateTime(), nullable=False),
            sa.Index("ix_policy_rules_policy_id", "policy_id"),
        ),
        (
            "library_policies",
            sa.Column("id", sa.String(36), primary_key=True),
            sa.Column("name", _NAME, nullable=False, unique=True),
            sa.Column("abbreviation", sa.String(5), nullable=False),
            sa.Column("description", sa.Text(), nullable=False),
            sa.Column("kind", sa.String(32), nullable=False),
            sa.Column("rules", sa.JSON(), nullable=False),
        ),
        (
            "datasources",
            sa.Column("id", sa.String(36), primary_key=True),
            sa.Column("name", _NAME, nullable=False, unique=True),
            sa.Column("driver", sa.String(255), nullable=False),
            sa.Column("description", sa.Text(), nullable=True),
            sa.Column("enabled", sa.Boolean(), nullable=False),
            sa.Column("config", sa.JSON(), nullable=False),
            sa.Column("encrypted", sa.JSON(), nullable=False),
        ),
        (
            "pushed_tables",
            sa.Column(
                "datasource_id",
                sa.String(36),
                sa.ForeignKey(f"{prefix}datasources.id", ondelete="CASCADE"),
                primary_key=True,
            ),
            sa.Column("table_name", _NAME, primary_key=True),
            sa.Column("objects", _LONG_TEXT, nullable=False),
        ),
    )
    return [
        op.create_table(prefix + name, *columns, mysql_engine="InnoDB", mysql_charset="utf8mb4")
        for name, *columns in wanted
        if name not in existing
    ]
