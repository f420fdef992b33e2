"""Changes of watched tables know when they ended and why they happened, and may be sent to others."""

import hashlib

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import mysql

from congress.db.migrations import steps

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None

_NAME = sa.String(255).with_variant(mysql.VARCHAR(255, collation="utf8mb4_bin"), "mysql", "mariadb")
_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")

_LOG = "row_changes"
_INDEXES = {
    "ix_row_changes_standing_id": ["standing", "id"],
    "ix_row_changes_policy_standing_id": ["policy", "standing", "id"],
    "ix_row_changes_key_standing_id": ["table_key", "standing", "id"],
    "ix_row_changes_next_id": ["next_id"],
}
_COLUMNS = ("table_key", "standing", "next_id", "next_at", "next_revision", "explanation")


def upgrade() -> None:
    steps.add_column(_LOG, sa.Column("table_key", sa.String(16), nullable=False, server_default=""))
    steps.add_column(_LOG, sa.Column("standing", sa.String(8), nullable=False, server_default=sa.text("'end'")))
    steps.add_column(_LOG, sa.Column("next_id", sa.BigInteger(), nullable=True))
    steps.add_column(_LOG, sa.Column("next_at", _MOMENT, nullable=True))
    steps.add_column(_LOG, sa.Column("next_revision", sa.BigInteger(), nullable=True))
    steps.add_column(_LOG, sa.Column("explanation", _TEXT, nullable=True))
    _fill()
    for name, columns in _INDEXES.items():
        steps.create_index(name, _LOG, columns)
    _counter()
    steps.create_table(
        "event_targets",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("policy", _NAME, nullable=True),
        sa.Column("table_name", _TEXT, nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    steps.create_table(
        "dead_letters",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("target_id", sa.String(36), sa.ForeignKey("event_targets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("first_event", sa.BigInteger(), nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("body", _TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    steps.create_index("ix_dead_letters_target_id", "dead_letters", ["target_id"])
    steps.create_index("ix_dead_letters_at", "dead_letters", ["at"])


def _fill() -> None:
    """What the log has is given what it would have had if it were recorded now."""
    op.execute("UPDATE row_changes SET standing = CASE WHEN entered THEN 'open' ELSE 'end' END")
    if context.is_offline_mode():
        return  # a script is for a database without a history, which is all that can be said of it
    connection = op.get_bind()
    log = sa.table(
        _LOG,
        *(sa.column(name) for name in ("id", "digest", "number", "table_name", "entered", "at", "revision", *_COLUMNS)),
    )
    for (name,) in connection.execute(sa.select(log.c.table_name).distinct()).all():
        key = hashlib.sha256(name.encode()).hexdigest()[:16]
        connection.execute(log.update().where(log.c.table_name == name).values(table_key=key))
    left = sa.select(log.c.id, log.c.digest, log.c.number, log.c.at, log.c.revision).where(~log.c.entered)
    ended = (
        log.update()
        .where(log.c.digest == sa.bindparam("key"), log.c.number == sa.bindparam("before"))
        .values(
            standing="closed",
            next_id=sa.bindparam("by"),
            next_at=sa.bindparam("then"),
            next_revision=sa.bindparam("shown"),
        )
    )
    found = connection.execute(left).all()
    for begin in range(0, len(found), 1000):
        connection.execute(
            ended,
            [
                {"key": digest, "before": number - 1, "by": identity, "then": at, "shown": shown}
                for identity, digest, number, at, shown in found[begin : begin + 1000]
            ],
        )


def _counter() -> None:
    counter = steps.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("forgotten", sa.BigInteger(), nullable=False),
    )
    steps.insert_first(counter, {"id": 1, "number": 0, "forgotten": 0})
    # Nobody has read the log by its places so far, so nobody can have missed anything.
    op.execute(
        "UPDATE change_counter SET number = (SELECT COALESCE(MAX(id), 0) FROM row_changes) "
        "WHERE number < (SELECT COALESCE(MAX(id), 0) FROM row_changes)"
    )


def downgrade() -> None:
    for table in ("dead_letters", "event_targets", "change_counter"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(name, _LOG)
    with op.batch_alter_table(_LOG) as batch:
        for column in _COLUMNS:
            batch.drop_column(column)
