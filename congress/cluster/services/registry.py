"""Which services there are: every class in a module of this package that says its name. Nobody keeps a list."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

import congress.cluster.services as package
from congress.cluster.services.contract import Service


@cache
def services() -> Mapping[str, type[Service]]:
    """Name -> class, sorted by name. Raises ValueError when two have one name."""
    found: dict[str, type[Service]] = {}
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for service in _in(importlib.import_module(module.name)):
            if found.setdefault(service.name, service) is not service:
                raise ValueError(f"{service.__module__} and {found[service.name].__module__} both say '{service.name}'")
    return MappingProxyType(dict(sorted(found.items())))


def _in(module: ModuleType) -> Iterator[type[Service]]:
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, Service) and value.__module__ == module.__name__ and hasattr(value, "name"):
            yield value
