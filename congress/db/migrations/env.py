"""Alembic's entry: connects the migration steps with the database that `congress.db.migration` hands over."""

from alembic import context

from congress.db import models

with context.config.attributes["database"].engine.begin() as connection:
    # SQLite cannot alter constraints in place: batch mode copies the table instead.
    context.configure(connection=connection, target_metadata=models.Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
