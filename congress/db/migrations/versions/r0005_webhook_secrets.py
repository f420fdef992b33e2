"""Secrets of senders that push data without a token."""

import sqlalchemy as sa
from alembic import op

from congress.db.migrations import steps

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    steps.create_table(
        "webhook_secrets",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("datasource_id", sa.String(36), sa.ForeignKey("datasources.id", ondelete="CASCADE"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
    )
    steps.create_index("ix_webhook_secrets_datasource_id", "webhook_secrets", ["datasource_id"])


def downgrade() -> None:
    op.drop_table("webhook_secrets")
