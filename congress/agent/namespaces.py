"""The options that an installed program declares for `oslo-config-generator`, as plain data."""

from __future__ import annotations

import inspect
import logging
import math
import re
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

from oslo_config import cfg, types

LOG = logging.getLogger(__name__)
MASK = "****"
"""What stands in place of every value of a secret option."""


class Declared(NamedTuple):
    """One option and the group it stands in."""

    group: str
    option: cfg.Opt


class Namespace(NamedTuple):
    """The options of one namespace; `module` and `base_dir` say which code declares them."""

    name: str
    module: str
    base_dir: str
    options: tuple[Declared, ...]


def load(name: str) -> Namespace | None:
    """The options of a namespace, None (and a line in the log) when it is not installed or does not load."""
    found = next(iter(entry_points(group="oslo.config.opts", name=name)), None)
    if found is None:
        LOG.warning("namespace %s is not installed on this host; its options are left out", name)
        return None
    try:
        listing = found.load()
        declared = tuple(Declared(_group(group), option) for group, options in listing() for option in options)
        return Namespace(name, found.module, _base_dir(listing), declared)
    except Exception:  # foreign code of whatever is installed: one service must not keep the others from being read
        LOG.exception("namespace %s cannot be loaded; its options are left out", name)
        return None


def _group(group: Any) -> str:
    return str(getattr(group, "name", group) or "DEFAULT")


def _base_dir(listing: Callable[[], Any]) -> str:
    try:
        return str(Path(inspect.getfile(listing)).parent)
    except TypeError:  # not written in Python
        return ""


def described(declared: Declared) -> dict[str, Any]:
    """An option as the driver takes it: the columns of `option_info`, and `limits`, a row of the table of its type."""
    option = declared.option
    return {
        "group": declared.group,
        "name": option.dest,
        "type": type(option.type).__name__,
        "default": MASK if option.secret and option.default is not None else cell(option.default),
        "deprecated": str(bool(option.deprecated_for_removal)),
        "deprecated_reason": text(option.deprecated_reason),
        "mutable": str(bool(option.mutable)),
        "positional": str(bool(option.positional)),
        "required": str(bool(option.required)),
        "sample_default": MASK if option.secret and option.sample_default is not None else cell(option.sample_default),
        "secret": str(bool(option.secret)),
        "help": text(option.help),
        "limits": list(_limits(option.type)),
    }


def cell(value: Any) -> Any:
    """A value as it stands in a row: a number, or text."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    if isinstance(value, dict):
        return ",".join(f"{key}:{one}" for key, one in value.items())
    return str(value)


def text(value: Any) -> str:
    return "" if value is None else str(value)


def _bound(value: Any) -> Any:
    """A bound of a type; no bound is the empty string, which is what the builtins of policies take for it."""
    return "" if value is None else value


def _choices(kind: Any) -> str:
    return ",".join(map(str, getattr(kind, "choices", None) or ()))


def _limits(kind: Any) -> Iterator[list[Any]]:
    """The table of the type and its cells after the option's id; nothing for a type without a table."""
    if isinstance(kind, types.Integer):
        yield ["int_type", [_bound(kind.min), _bound(kind.max), _choices(kind)]]
    elif isinstance(kind, types.Float):
        yield ["float_type", [_bound(kind.min), _bound(kind.max)]]
    elif isinstance(kind, types.URI):
        yield ["uri_type", [_bound(kind.max_length), ",".join(kind.schemes or ())]]
    elif isinstance(kind, types.List):
        yield ["list_type", [type(kind.item_type).__name__, str(bool(kind.bounds))]]
    elif isinstance(kind, types.Range):
        yield ["range_type", [_bound(kind.min), _bound(kind.max)]]
    elif isinstance(kind, types.IPAddress):
        yield ["ipaddr_type", [_version(kind)]]
    elif isinstance(kind, types.String):
        bounds = [_regex(kind), kind.max_length or 0, str(bool(kind.quotes)), str(bool(kind.ignore_case))]
        yield ["string_type", [*bounds, _choices(kind)]]


def _regex(kind: types.String) -> str:
    return kind.regex.pattern if isinstance(kind.regex, re.Pattern) else text(kind.regex)


def _version(kind: types.IPAddress) -> Any:
    checker = getattr(kind, "version_checker", None)
    return {"_check_ipv4": 4, "_check_ipv6": 6}.get(getattr(checker, "__name__", ""), "")
