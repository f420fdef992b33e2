"""Pacemaker: members, resources, failures, fencing and configuration of one or several clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import Element, ParseError, fromstring

from congress.datasources import commands
from congress.datasources.contract import DriverError, Option
from congress.datasources.documents import Web, read_file
from congress.datasources.listed import TIMEOUT, ListedDriver, Objects
from congress.datasources.members import Answer, ask_all, members
from congress.datasources.options import POLLING, Seconds
from congress.datasources.pacemakerconfiguration import CONFIGURATION, configuration_of
from congress.datasources.pacemakerstatus import CLUSTERS, STATUS, status_of, summary

STATUS_COMMAND = ("crm_mon", "--output-as=xml", "--inactive")
CONFIGURATION_COMMAND = ("cibadmin", "--query", "--scope", "configuration")
STATUS_FILE, CONFIGURATION_FILE = "crm_mon.xml", "cib.xml"
Made = TypeVar("Made")


class PacemakerDriver(ListedDriver):
    """Asks each cluster through a command, a directory or a web server; of several, through the first that answers."""

    id = "pacemaker"
    description = "Members, resources, failures, fencing and configuration of Pacemaker clusters"
    options = (
        Option(
            "clusters",
            description="How each cluster is asked: [name=]way, separated by commas. "
            "A way is `local` (the driver's node is a member), the name of one of the node's `driver_commands` "
            "(for ssh and sudo), or a directory or URL in which somebody keeps the outputs of crm_mon as crm_mon.xml "
            "and of cibadmin as cib.xml. Of several ways, with a bar between them, the first that works is used",
            default="pacemaker=local",
        ),
        TIMEOUT._replace(default="10"),
        Option(
            "max_age",
            description="Seconds after which files that somebody keeps count as not written any longer",
            type=Seconds(min=0.001),
        ),
        Option("cacert", description="File with the certificates of the authorities that signed the web server's"),
        *POLLING,
    )
    sights = (STATUS, CONFIGURATION)

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._clusters = members("clusters", self.settings["clusters"])
        self._timeout: float = self.settings["timeout"]
        self._limit: float | None = self.settings["max_age"]
        self._web = Web(self._timeout, self.settings["cacert"])

    def look(self, group: str) -> tuple[Objects]:
        if group == CLUSTERS.name:
            told = self._ask(STATUS_COMMAND, STATUS_FILE, lambda name, tree: (summary(tree), status_of(name, tree)))
            clusters = [{**one.told(), **(one.value[0] if one.value else {})} for one in told]
            return ({CLUSTERS.name: clusters, **_together(one.value[1] for one in told if one.value)},)
        configured = self._ask(CONFIGURATION_COMMAND, CONFIGURATION_FILE, configuration_of)
        return (_together(one.value for one in configured if one.value),)

    def _ask(
        self, command: tuple[str, ...], file: str, make: Callable[[str, Element], Made]
    ) -> tuple[Answer[Made], ...]:
        def ask(name: str, way: str) -> Made:
            try:
                return make(name, fromstring(self._document(way, command, file)))  # noqa: S314 - expat bounds expansion
            except ParseError as error:
                raise DriverError(f"what {file} or {command[0]} holds is not XML: {error}") from error

        return ask_all(self.name, self._clusters, ask)

    def _document(self, way: str, command: tuple[str, ...], file: str) -> str | bytes:
        if way.startswith("/"):
            return read_file(Path(way) / file, self._limit)
        if "://" in way:
            return self._web.get(f"{way.rstrip('/')}/{file}", self._limit)
        return commands.output(way, command, self._timeout)


def _together(parts: Any) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        for table, rows in part.items():
            found.setdefault(table, []).extend(rows)
    return found
