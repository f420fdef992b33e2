"""Bundles of policies: archives that were uploaded, which version is active, and which policies it brought."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from congress.db.migrations import steps

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None

_WORD = sa.String(100).with_variant(mysql.VARCHAR(100, collation="utf8mb4_bin"), "mysql", "mariadb")
_BYTES = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    steps.add_column("policies", sa.Column("bundle", _WORD, nullable=True))
    steps.create_table(
        "bundle_versions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("bundle", _WORD, nullable=False),
        sa.Column("version", _WORD, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signer", sa.String(64), nullable=True),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("archive", _BYTES, nullable=False),
        sa.UniqueConstraint("bundle", "version", name="uq_bundle_versions_bundle_version"),
    )
    steps.create_table(
        "bundle_activations",
        sa.Column("revision", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("bundle", _WORD, nullable=False),
        sa.Column("version", _WORD, nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("below", sa.BigInteger(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    steps.create_index("ix_bundle_activations_bundle", "bundle_activations", ["bundle"])


def downgrade() -> None:
    op.drop_table("bundle_activations")
    op.drop_table("bundle_versions")
    with op.batch_alter_table("policies") as batch:
        batch.drop_column("bundle")
