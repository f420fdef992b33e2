"""Schemas of installed drivers. A datasource that is named like a driver has that driver's tables."""

from __future__ import annotations

from congress.authoring.errors import InputUnusable
from congress.authoring.project import Project
from congress.authoring.schemas import ColumnInfo, Schemas, Tables, undeclared
from congress.datasources import registry


def schemas_of(project: Project) -> Schemas:
    """The datasources that the manifest declares and that the policies mention. Raises InputUnusable."""
    found: dict[str, Tables] = {}
    for name, declared in sorted(project.manifest.datasources.items()):
        if declared.driver is None:
            found[name] = {table: tuple(map(ColumnInfo, columns)) for table, columns in declared.tables.items()}
            continue
        tables = driver_tables(declared.driver)
        if tables is None:
            raise InputUnusable(
                f"{project.root}: datasource {name}: there is no driver {declared.driver}; "
                f"there are: {', '.join(registry.installed_names())}"
            )
        found[name] = tables
    for name in sorted(undeclared(project)):
        known = driver_tables(name)
        if known is not None:
            found[name] = known
    return found


def driver_tables(driver: str) -> Tables | None:
    """The tables of an installed driver that has the same ones in every datasource; None when there is none."""
    found = registry.installed(driver)
    if found is None or not found.tables():
        return None
    return {
        table: tuple([ColumnInfo(column.name, column.description, column.type) for column in columns])
        for table, columns in found.tables().items()
    }
