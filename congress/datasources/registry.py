"""Which drivers there are: installed ones by entry point, additional ones by configuration, minus the disabled ones."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from congress.datasources.contract import Driver
from congress.errors import CongressError

LOG = logging.getLogger(__name__)
GROUP = "congress.datasource.drivers"


class BadDriverEndpoint(CongressError):
    """An entry of `custom_driver_endpoints` names no driver."""


def drivers(custom: Iterable[str] = (), disabled: Iterable[str] = ()) -> Mapping[str, type[Driver]]:
    """Driver id -> class, sorted. `custom` entries are `name=module:Class` and come before installed ones.

    An installed driver that cannot be imported is left out with a warning; a custom one that cannot be imported is an
    error, because somebody asked for it. Raises BadDriverEndpoint.
    """
    found = _loaded(entry_points(group=GROUP))
    for endpoint in custom:
        found.update(_custom(endpoint))
    for unknown in sorted(set(disabled) - set(found)):
        LOG.warning("disabled_drivers names '%s', which is no driver; there are: %s", unknown, ", ".join(sorted(found)))
    return {name: found[name] for name in sorted(set(found) - set(disabled))}


def installed_names() -> list[str]:
    """The ids of the installed drivers, sorted, without loading them."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def installed(name: str) -> type[Driver] | None:
    """One installed driver, without loading the others; None when there is none of this id, or it is not available."""
    return _loaded(entry_points(group=GROUP, name=name)).get(name)


def _loaded(entries: Iterable[EntryPoint]) -> dict[str, type[Driver]]:
    found: dict[str, type[Driver]] = {}
    for entry in entries:
        try:
            found[entry.name] = _checked(entry.load(), entry.value)
        except Exception as error:  # an installed driver is foreign code; its mistake must not stop the others
            LOG.warning("driver %s (%s) is not available: %s", entry.name, entry.value, error)
    return found


def _custom(endpoint: str) -> dict[str, type[Driver]]:
    name, _, target = endpoint.partition("=")
    module, _, attribute = target.partition(":")
    if not (name.strip() and module.strip() and attribute.strip()):
        raise BadDriverEndpoint(f"custom_driver_endpoints: '{endpoint}' is not of the form name=module:Class")
    try:
        loaded = getattr(importlib.import_module(module.strip()), attribute.strip())
    except (ImportError, AttributeError) as error:
        raise BadDriverEndpoint(f"custom_driver_endpoints: '{endpoint}' cannot be loaded: {error}") from error
    return {name.strip(): _checked(loaded, endpoint)}


def _checked(loaded: object, origin: str) -> type[Driver]:
    if isinstance(loaded, type) and issubclass(loaded, Driver):
        return loaded
    raise BadDriverEndpoint(f"'{origin}' is not a subclass of congress.datasources.contract.Driver")
