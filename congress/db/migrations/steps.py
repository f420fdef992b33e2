"""Parts of a migration step that do nothing when they are done already.

MariaDB and SQLite keep each statement that changes a table at once, so a step that was interrupted is run again from
its beginning, over what it did before. Scripts for later (`--sql`) are made without a database and leave nothing out.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column unless the table has one of this name."""
    if not _is_there("get_columns", column.name, table):
        op.add_column(table, column)


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> sa.Table:
    """Create a table unless there is one of this name; answers what rows can be put into."""
    if _is_there("get_table_names", name):
        return sa.Table(name, sa.MetaData(), *parts, **options)
    return op.create_table(name, *parts, **options)


def create_index(name: str, table: str, columns: list[str]) -> None:
    """Create an index unless the table has one of this name."""
    if not _is_there("get_indexes", name, table):
        op.create_index(name, table, columns)


def insert_first(table: sa.Table, row: dict[str, Any]) -> None:
    """Put a row into a table unless it has any."""
    if context.is_offline_mode() or not op.get_bind().scalar(sa.select(sa.func.count()).select_from(table)):
        op.bulk_insert(table, [row])


def _is_there(question: str, name: str, *of: str) -> bool:
    if context.is_offline_mode():
        return False
    found = getattr(sa.inspect(op.get_bind()), question)(*of)
    return name in {each if isinstance(each, str) else each["name"] for each in found}
