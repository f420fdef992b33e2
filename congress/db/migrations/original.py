"""Takes the rows of a database that the original Congress made over into tables of our form.

The new tables are filled under other names and then change places with the original's, which are kept as `original_…`
until a later step has archived what was deleted in them. Interrupted anywhere, the upgrade can be run again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from congress.errors import CongressError

LOG = logging.getLogger(__name__)

REVISION = "c0125080d572"
EARLIER = ("initial_db", "532e9e1f0f3a", "56e86d51ec62", "3cee191c4f84", "01e78af70b91", "aabe895bbd4d")
COPY = "new_"
KEPT = "original_"
ENCRYPTED = "__encrypted_fields"

_HISTORY = "created_at updated_at deleted_at deleted"


class RowUnreadable(CongressError):
    """A row of the original cannot be taken over; the text names it."""


COLUMNS: Mapping[str, frozenset[str]] = {
    name: frozenset(columns.split())
    for name, columns in {
        "policies": f"id {_HISTORY} name abbreviation description owner kind",
        "policiesdeleted": f"id {_HISTORY} name abbreviation description owner kind",
        "policy_rules": f"id {_HISTORY} rule policy_name comment name",
        "datasources": "id name driver config description enabled",
        "dstabledata": "ds_id tablename tabledata",
        "library_policies": "id name abbreviation description kind rules",
    }.items()
}
"""The original's tables and their columns."""

_REPLACED = ("pushed_tables", "datasources", "library_policies", "policy_rules", "policies")


def missing(connection: Connection) -> list[str]:
    """What a database lacks to be the original's: tables, and columns as table.column."""
    inspector = sa.inspect(connection)
    tables = set(inspector.get_table_names())
    lacking = [name for name in COLUMNS if name not in tables]
    for name in sorted(tables.intersection(COLUMNS)):
        there = {column["name"] for column in inspector.get_columns(name)}
        lacking.extend(f"{name}.{column}" for column in sorted(COLUMNS[name] - there))
    return lacking


def waits(connection: Connection) -> bool:
    """Whether the original's tables are there and were not replaced yet, not even in part."""
    names = sa.inspect(connection).get_table_names()
    return not any(name.startswith(KEPT) for name in names) and not missing(connection)


def drop_copies(connection: Connection) -> None:
    """Remove what an interrupted run left."""
    for name in _REPLACED:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {COPY}{name}"))


def copy(connection: Connection, into: Mapping[str, sa.Table]) -> None:
    """Fill the new tables from the original's; names in `into` have the prefix COPY."""
    source = sa.MetaData()
    source.reflect(connection, only=list(COLUMNS))
    for name, rows in (
        ("policies", _policies(connection, source)),
        ("policy_rules", _rules(connection, source)),
        ("library_policies", _library(connection, source)),
        ("datasources", _datasources(connection, source)),
        ("pushed_tables", _pushed(connection, source)),
    ):
        for row in rows:
            connection.execute(into[COPY + name].insert().values(row))


def _every(connection: Connection, table: sa.Table, *order: str) -> Iterator[dict[str, Any]]:
    query = sa.select(table).order_by(*(table.c[name] for name in order))
    for row in connection.execute(query).mappings().all():
        yield {str(name): cell for name, cell in row.items()}


def _policies(connection: Connection, source: sa.MetaData) -> Iterator[dict[str, Any]]:
    for row in _every(connection, source.tables["policies"], "id"):
        kept = {name: row[name] for name in ("id", "name", "abbreviation", "description", "created_at")}
        yield {**kept, "owner_id": row["owner"][:255], "kind": row["kind"][:32]}


def _rules(connection: Connection, source: sa.MetaData) -> Iterator[dict[str, Any]]:
    """The live rules, oldest first, which is the order they were accepted in."""
    policies = {row["name"]: row["id"] for row in _every(connection, source.tables["policies"], "id")}
    for row in _every(connection, source.tables["policy_rules"], "created_at", "id"):
        if row["deleted"]:
            continue
        if row["policy_name"] not in policies:
            LOG.warning("rule %s belongs to policy %s, which is not there; archived", row["id"], row["policy_name"])
            continue
        kept = {name: row[name] for name in ("id", "rule", "comment", "name", "created_at")}
        yield {**kept, "policy_id": policies[row["policy_name"]]}


def _library(connection: Connection, source: sa.MetaData) -> Iterator[dict[str, Any]]:
    for row in _every(connection, source.tables["library_policies"], "id"):
        yield {**row, "kind": row["kind"][:32], "rules": _json(row["rules"], f"library policy {row['name']}")}


def _datasources(connection: Connection, source: sa.MetaData) -> Iterator[dict[str, Any]]:
    for row in _every(connection, source.tables["datasources"], "id"):
        config = _json(row["config"], f"datasource {row['name']}") or {}
        encrypted = config.pop(ENCRYPTED, [])
        yield {
            "id": row["id"],
            "name": row["name"] or row["id"],
            "driver": row["driver"] or "",
            "description": row["description"],
            "enabled": row["enabled"] is None or bool(row["enabled"]),
            "config": {name: _text(value) for name, value in config.items() if value is not None},
            "encrypted": [name for name in encrypted if config.get(name) is not None],
        }


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise RowUnreadable(f"what is stored of {what} is not JSON ({error}); mend or delete the row first") from error


def _text(value: Any) -> str:
    """Options are strings with us, as they are when the command line client sends them."""
    return str(value) if isinstance(value, str | bool | int | float) else json.dumps(value)


def _pushed(connection: Connection, source: sa.MetaData) -> Iterator[dict[str, Any]]:
    known = {row["id"] for row in _every(connection, source.tables["datasources"], "id")}
    for row in _every(connection, source.tables["dstabledata"], "ds_id", "tablename"):
        if row["ds_id"] in known:
            rows = _json(row["tabledata"], f"table {row['tablename']} of datasource {row['ds_id']}")
            content = json.dumps({"rows": rows})
            yield {"datasource_id": row["ds_id"], "table_name": row["tablename"], "objects": content}


def swap(connection: Connection) -> None:
    """Let the filled tables take the places of the original's; nothing happens where that is done."""
    tables = set(sa.inspect(connection).get_table_names())
    moves: list[tuple[str, str]] = []
    for name in (*reversed(_REPLACED), "dstabledata", "policiesdeleted"):
        filled = COPY + name in tables
        if name in tables and (filled or name in ("dstabledata", "policiesdeleted")):
            moves.append((name, KEPT + name))
        if filled:
            moves.append((COPY + name, name))
    if not moves:
        return
    if connection.dialect.name in ("mysql", "mariadb"):  # each DDL statement commits there: one for all of them
        renamed = ", ".join(f"{old} TO {new}" for old, new in moves)
        connection.execute(sa.text(f"RENAME TABLE {renamed}"))
        return
    for old, new in moves:
        connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


def archive(connection: Connection, policies: sa.Table, rules: sa.Table) -> None:
    """Keep what was deleted in the original, and let go of its tables. Nothing happens when they are not there.

    A table goes only after its rows are kept, so an interrupted run finds in it all that it has to fill in again.
    """
    names = {name for name in sa.inspect(connection).get_table_names() if name.startswith(KEPT)}
    source = sa.MetaData()
    source.reflect(connection, only=sorted(names))
    live = set(connection.scalars(sa.text("SELECT id FROM policy_rules")))
    for into, name, without in ((policies, KEPT + "policiesdeleted", set[str]()), (rules, KEPT + "policy_rules", live)):
        if name in names:
            connection.execute(into.delete())
            _fill(connection, into, source.tables[name], without)
            connection.execute(sa.text(f"DROP TABLE {name}"))
            names.remove(name)
    for name in sorted(names):
        connection.execute(sa.text(f"DROP TABLE {name}"))


def _fill(connection: Connection, into: sa.Table, source: sa.Table, without: set[str]) -> None:
    for row in _every(connection, source, "id"):
        if row["id"] not in without:
            connection.execute(into.insert().values({column.name: row[column.name] for column in into.columns}))
