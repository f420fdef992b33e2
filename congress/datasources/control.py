"""Asks the node that runs the datasources, be it this one: over the bus, which within one process is a plain call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from congress.bus.contract import Bus, BusTimeout, RemoteError
from congress.bus.publications import Position
from congress.datasources import contract, errors, pushing
from congress.datasources.pushing import Patch
from congress.datasources.running import not_running
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
QUICKLY = 3.0
"""Seconds that the node may take to answer from memory."""
ACTION = 60.0
"""Seconds that a cloud may take to accept an action."""


class RunnerElsewhere(CongressError):
    """The node that runs the datasources does not answer, or there is none at the moment."""


_KINDS: Mapping[str, type[CongressError]] = {
    kind.__name__: kind
    for kind in (
        contract.DriverError,
        contract.CloudUnreachable,
        contract.UnknownTableGroup,
        contract.UnknownAction,
        contract.BadPushedData,
        pushing.RowsChanged,
        pushing.TooManyItems,
        errors.DatasourceNotRunning,
        errors.TableNotPolled,
    )
}


class Control:
    """`where` answers the id of the node that runs the datasources now, None when none is known."""

    def __init__(self, bus: Bus, where: Callable[[], str | None]) -> None:
        self._bus, self._where = bus, where

    def look(self) -> None:
        """Datasources were stored or deleted; a node that is away will see it for itself."""
        self._hint("datasource.look", {})

    def status(self, name: str) -> dict[str, Any]:
        """The state of the polling; while nobody can tell, the reason is its `last_error`."""
        try:
            found = self._call(name, "datasource.status", {"name": name})
        except RunnerElsewhere as error:
            return not_running(str(error))
        return dict(found)

    def request_refresh(self, name: str) -> None:
        """Poll soon. Raises DatasourceNotRunning, RunnerElsewhere."""
        self._call(name, "datasource.refresh", {"name": name})

    def refuse_lazy(self, name: str, table: str) -> None:
        """Raises TableNotPolled when the table is lazy and nobody needed it yet."""
        try:
            self._call(name, "datasource.lazy", {"name": name, "table": table})
        except RunnerElsewhere:
            LOG.debug("whether %s:%s is lazy is not known", name, table)

    def execute(self, name: str, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Do an action. Raises DatasourceNotRunning, UnknownAction, DriverError; RunnerElsewhere when no answer came,
        and whether it was done is not known."""
        arguments = {"name": name, "action": action, "positional": list(positional), "named": dict(named)}
        self._call(name, "datasource.execute", arguments, ACTION)

    def push(self, name: str, table: str, objects: list[Any]) -> Position | None:
        """Publish rows that are not stored. Raises DatasourceNotRunning, UnknownTableGroup, BadPushedData,
        RunnerElsewhere."""
        return _position(self._call(name, "datasource.push", {"name": name, "table": table, "objects": objects}))

    def patch(self, name: str, table: str, patch: Patch) -> str:
        """Change rows that are not stored; answers the tag of the table's state. Raises as `push`, and RowsChanged."""
        message = {"name": name, "table": table, "insert": [*patch.insert], "delete": [*patch.delete]}
        expected = None if patch.expected is None else [*patch.expected]
        return str(self._call(name, "datasource.patch", {**message, "expected": expected}))

    def pushed(self, name: str, table: str, version: int, objects: list[Any]) -> Position | None:
        """Rows were stored as this version; a node that is away will publish them when it is back."""
        content = objects if self._bus.local else None
        message = {"name": name, "table": table, "version": version, "objects": content}
        return _position(self._hint("datasource.pushed", message))

    def _hint(self, method: str, message: Mapping[str, Any]) -> Any:
        node = self._where()
        if node is None:
            return None
        try:
            return self._bus.call(node, method, message, QUICKLY)
        except (BusTimeout, RemoteError) as error:
            LOG.warning("node %s will look at the database later: %s", node, error)
            return None

    def _call(self, name: str, method: str, message: Mapping[str, Any], timeout: float = QUICKLY) -> Any:
        node = self._where()
        if node is None:
            raise RunnerElsewhere(
                f"no node runs datasource {name} at the moment; start a congress-server with --datasources, or wait "
                "until a standby has taken over"
            )
        try:
            return self._bus.call(node, method, message, timeout)
        except BusTimeout as error:
            raise RunnerElsewhere(f"datasource {name}: {error}") from error
        except RemoteError as error:
            kind = _KINDS.get(error.code)
            if kind is None:
                raise
            raise _made(kind, error.text) from error


def _made(kind: type[CongressError], text: str) -> CongressError:
    """An error of this kind with the text that it had where it arose."""
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    return error


def _position(found: Any) -> Position | None:
    return None if found is None else Position(*found)
