"""Alembic's entry: connects the migration steps with the database that `congress.db.migration` hands over."""

from alembic import context

from congress.db import models

database = context.config.attributes["database"]
if context.is_offline_mode():
    context.configure(
        dialect_name=database.engine.dialect.name,
        target_metadata=models.Base.metadata,
        literal_binds=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    with database.engine.connect() as connection:
        # SQLite cannot alter constraints in place: batch mode copies the table instead.
        context.configure(
            connection=connection,
            target_metadata=models.Base.metadata,
            render_as_batch=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
