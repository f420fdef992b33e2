"""Kubernetes: lists of resources, kept up to date by watching them.

Source: API concepts of the Kubernetes documentation (efficient detection of changes, resource versions, 410 Gone).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field as Member

from congress.datalog.values import Row
from congress.datasources.clusteraccess import ACCESS_OPTIONS, access
from congress.datasources.contract import Column, Driver, DriverError, Option, UnknownTableGroup
from congress.datasources.kubernetestables import RESOURCES
from congress.datasources.mapping import MappedTable, TablesOption, groups_of
from congress.datasources.mapping import rows_by_table as mapped_rows
from congress.datasources.options import LAZY_TABLES, LIST, POLL_TIME
from congress.datasources.translate import rows_by_table
from congress.datasources.watching import Watched


class ResourceTable(MappedTable):
    """A table of any resource, of the API server itself or of an operator: its rows are the listed objects."""

    path: str = Member("", pattern=r"^(/.*)?$")
    rows: str = "$[*]"


TABLES = TablesOption(
    "tables",
    ResourceTable,
    "JSON object of more tables: table -> `path` of the list in the API, such as /apis/apps/v1/daemonsets, and "
    "`columns` by JSONPath in each object; `of` another table for a part of that one's objects",
    required=False,
)
WANTED = Option(
    "resources",
    description=f"Which of the built-in tables there are: {', '.join(RESOURCES)}; none with `none`",
    type=LIST,
    default=",".join(RESOURCES),
)


class KubernetesDriver(Driver):
    """A thread for each resource lists it once and then watches it; a poll only looks at what is known by then."""

    id = "kubernetes"
    description = "Objects of a Kubernetes cluster, known about a second after they change"
    options = (
        *ACCESS_OPTIONS,
        WANTED,
        TABLES.option,
        Option("namespace", description="Only objects of this namespace; tables of what has none are left out"),
        POLL_TIME._replace(description="Seconds between two looks at what the watches know", default="1"),
        LAZY_TABLES,
    )

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._mapped = TABLES.of(config)
        for table, how in self._mapped.items():
            if how.of is None and not how.path:
                raise DriverError(f"config option tables: {table}.path is missing; write that of a list, /api/v1/...")
        self._access = access(self.settings)
        self._watched: dict[str, Watched] = {}

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for tables in RESOURCES.values() for table in tables.members}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {name: tuple(table.name for table in found.members) for name, found in RESOURCES.items()}

    @classmethod
    def configured_tables(cls, config: Mapping[str, str]) -> Mapping[str, tuple[Column, ...]]:
        members = {table for group in cls.configured_groups(config).values() for table in group}
        return {name: columns for name, columns in cls.tables().items() if name in members} | TABLES.tables(config)

    @classmethod
    def configured_groups(cls, config: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        wanted = [name for name in WANTED.of(config) if name != "none"]
        if unknown := sorted(set(wanted) - set(RESOURCES)):
            raise DriverError(f"config option resources names {unknown[0]}; there are {', '.join(RESOURCES)}")
        if config.get("namespace"):
            wanted = [name for name in wanted if RESOURCES[name].namespaced]
        mapped = TABLES.groups(config)
        if twice := sorted(set(wanted) & set(mapped)):
            raise DriverError(f"config option tables: {twice[0]} is a table already; give it another name")
        return {name: table for name, table in cls.groups().items() if name in wanted} | mapped

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        try:
            objects = self._watch(group).objects()
        except DriverError as error:
            raise type(error)(f"datasource '{self.name}', table {group}: {error}") from error
        if group in self._mapped:
            return mapped_rows(self._mapped, group, objects)
        return rows_by_table(RESOURCES[group].members, objects)

    def close(self) -> None:
        for watched in self._watched.values():
            watched.stop()

    def _watch(self, group: str) -> Watched:
        """The watch of a group, begun when it is looked at for the first time."""
        found = self._watched.get(group)
        if found is None:
            mapped = self._mapped.get(group)
            if mapped is None and group not in RESOURCES or group not in groups_of(self._mapped) | dict(RESOURCES):
                raise UnknownTableGroup(f"datasource '{self.name}' has no table group '{group}'")
            path = mapped.path if mapped is not None else RESOURCES[group].path
            found = Watched(self._access, _within(path, self.settings["namespace"]), f"watch-{self.name}-{group}")
            self._watched[group] = found
        return found


def _within(path: str, namespace: str | None) -> str:
    """The path of the list in one namespace."""
    if not namespace or "/namespaces/" in path:
        return path
    above, _, resource = path.rpartition("/")
    return f"{above}/namespaces/{namespace}/{resource}"
