"""Small clouds for tests of policies: rows by column name over the schemas of the drivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from congress.datalog.values import row
from congress.datasources.registry import drivers
from congress.engine.workspace import Transaction, Workspace
from congress.policies.activation import activation
from congress.policies.library import PACKAGED
from congress.policies.libraryfiles import read_file

LIBRARY = {item.name: item for file in sorted(PACKAGED.rglob("*.yaml")) for item in read_file(file)}
SCHEMAS = {
    name: {table: [column.name for column in columns] for table, columns in driver.tables().items()}
    for name, driver in drivers().items()
    if name not in ("doctor", "fake_datasource", "push")
}
Cloud = Mapping[str, Sequence[Mapping[str, Any]]]
"""`datasource:table` -> rows as {column: cell}; columns that are not given hold None, as an absent value does."""


def workspace_with(policy: str, parameters: Mapping[str, Any]) -> Workspace:
    """A workspace in which the library policy is active, and those that it depends on, over an empty cloud."""
    workspace = Workspace()
    with workspace.transaction() as change:
        for datasource, tables in SCHEMAS.items():
            change.set_datasource(datasource, tables)
        for name in dict.fromkeys(_closure(policy)):
            new, rules = activation(LIBRARY[name], parameters if name == policy else {})
            change.create_policy(new.name, new.kind)
            change.insert_rules(new.name, [rule.rule for rule in rules])
    return workspace


def _closure(policy: str) -> Iterator[str]:
    for needed in LIBRARY[policy].depends_on:
        yield from _closure(needed)
    yield policy


def fill(change: Transaction, cloud: Cloud) -> None:
    """Make the tables hold what the cloud holds; tables that it does not name become empty."""
    given = dict(cloud)
    for datasource, tables in SCHEMAS.items():
        for table, names in tables.items():
            rows = given.pop(f"{datasource}:{table}", ())
            assert all(set(one) <= set(names) for one in rows), (datasource, table, rows)
            change.replace_rows(datasource, table, [row(one.get(name) for name in names) for one in rows])
    assert not given, f"no such tables: {sorted(given)}"
