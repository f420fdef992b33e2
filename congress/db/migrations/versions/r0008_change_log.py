"""The change log of watched tables, the ledger of actions, and each policy's level of enforcement."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from congress.db.migrations import steps

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

_NAME = sa.String(255).with_variant(mysql.VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")
_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _position(prefix: str = "") -> list[sa.Column[int]]:
    names = ("epoch", "publication", "revision", "tick")
    return [sa.Column(prefix + name, sa.BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    steps.add_column(
        "policies",
        sa.Column("enforcement", sa.String(16), nullable=False, server_default=sa.text("'enforce'")),
    )
    steps.create_table(
        "watched_rows",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("policy", _NAME, nullable=False),
        sa.Column("table_name", _TEXT, nullable=False),
        sa.Column("row", _TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        *_position(),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    steps.create_index("ix_watched_rows_policy", "watched_rows", ["policy"])
    steps.create_index("ix_watched_rows_changed_at", "watched_rows", ["changed_at"])
    steps.create_table(
        "row_changes",
        sa.Column("id", _COUNTED, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("policy", _NAME, nullable=False),
        sa.Column("table_name", _TEXT, nullable=False),
        sa.Column("row", _TEXT, nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        *_position(),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("node", sa.String(255), nullable=False),
        sa.UniqueConstraint("digest", "number", name="uq_row_changes_digest_number"),
    )
    steps.create_index("ix_row_changes_policy_id", "row_changes", ["policy", "id"])
    steps.create_index("ix_row_changes_at", "row_changes", ["at"])
    steps.create_table(
        "action_entries",
        sa.Column("sequence", _COUNTED, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("policy", _NAME, nullable=False),
        sa.Column("table_name", _TEXT, nullable=False),
        sa.Column("datasource", _NAME, nullable=False),
        sa.Column("action", _TEXT, nullable=False),
        sa.Column("row", _TEXT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("node", sa.String(255), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", _TEXT, nullable=False),
        *_position("seen_"),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("digest", "number", name="uq_action_entries_digest_number"),
    )
    steps.create_index("ix_action_entries_policy", "action_entries", ["policy"])
    steps.create_index("ix_action_entries_state_sequence", "action_entries", ["state", "sequence"])
    steps.create_index("ix_action_entries_updated_at", "action_entries", ["updated_at"])
    steps.create_table(
        "action_events",
        sa.Column("id", _COUNTED, primary_key=True, autoincrement=True),
        sa.Column("action_id", sa.String(36), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("detail", _TEXT, nullable=False),
    )
    steps.create_index("ix_action_events_action_id", "action_events", ["action_id"])
    control = steps.create_table(
        "action_control",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
    )
    steps.insert_first(control, {"id": 1, "paused": False, "actor": "", "reason": "", "epoch": 0})


def downgrade() -> None:
    for table in ("action_control", "action_events", "action_entries", "row_changes", "watched_rows"):
        op.drop_table(table)
    op.drop_column("policies", "enforcement")
