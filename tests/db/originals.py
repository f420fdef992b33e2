"""A database that the original Congress left, and what it holds; also copied into other kinds of databases."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from congress.db.migrations import original
from tests import canaries

DATA = Path(__file__).parents[1] / "data" / "original"
DUMP = DATA / "original-congress.sql"
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
canaries.watch((DATA / "aes_key").read_text().strip())


def keys(directory: Path) -> Path:
    """A directory with the original's key file."""
    directory.mkdir(mode=0o700, parents=True)
    shutil.copy(DATA / "aes_key", directory)
    (directory / "aes_key").chmod(0o600)
    return directory


def copied(source_url: str, url: str) -> str:
    """The original's tables with their rows in another, empty database, as its migrations make them there."""
    metadata, source = sa.MetaData(), sa.MetaData()
    origin, target = sa.create_engine(source_url), sa.create_engine(url)
    source.reflect(origin)
    for table in source.sorted_tables:
        columns = [sa.Column(each.name, _plain(each), primary_key=each.primary_key) for each in table.columns]
        sa.Table(table.name, metadata, *columns)
    metadata.create_all(target)
    with origin.connect() as reading, target.begin() as writing:
        for table in source.sorted_tables:
            into = metadata.tables[table.name]
            for row in reading.execute(sa.select(table)).mappings():
                cells = {name: bool(cell) if name == "enabled" else cell for name, cell in row.items()}
                writing.execute(into.insert().values(cells))
    return url


def _plain(column: sa.Column[Any]) -> Any:
    if column.name == "enabled":
        return sa.Boolean()
    if isinstance(column.type, sa.DateTime):
        return sa.DateTime()
    length = getattr(column.type, "length", None)
    return sa.String(length) if length and length < 1000 else sa.Text()


def tables(url: str) -> set[str]:
    """The names of all tables of a database."""
    return set(sa.inspect(sa.create_engine(url)).get_table_names())


def is_untouched(url: str) -> bool:
    """Whether the database still is as the original left it."""
    return tables(url) == {*original.COLUMNS, "alembic_version"}
