"""Checks a request for a new datasource before anything is created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from congress import datalog
from congress.datasources.contract import Driver
from congress.errors import CongressError

# Either of these names the project to log in to; clients of old clouds still send the first.
_ALTERNATIVES = {"project_name": "tenant_name"}


class DatasourceInvalid(CongressError):
    """The request for a datasource cannot be fulfilled; the text says which part of it is wrong."""


@dataclass(frozen=True, slots=True)
class NewDatasource:
    """A datasource to create; the values of `config` become strings."""

    name: str
    driver: str
    config: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    enabled: bool = True


def driver_of(new: NewDatasource, drivers: Mapping[str, type[Driver]]) -> type[Driver]:
    """The driver class that the request names. Raises DatasourceInvalid."""
    if new.driver not in drivers:
        raise DatasourceInvalid(f"Invalid driver: {new.driver}; see the list of drivers for those this server offers")
    return drivers[new.driver]


def checked_name(name: str) -> str:
    """The name, when rules can refer to it. Raises DatasourceInvalid."""
    if len(name) > 255 or name.startswith("_") or not datalog.is_policy_name(name):
        raise DatasourceInvalid(
            f"Datasource name {name} is invalid. It stands before the table in rules: use letters, digits, "
            "underscores, dots and colons, at most 255, beginning with a letter; `builtin` is reserved."
        )
    return name


def checked_config(driver: type[Driver], config: Mapping[str, Any]) -> dict[str, str]:
    """The configuration as strings. Raises DatasourceInvalid for unknown, missing and malformed options."""
    known = {option.name for option in driver.options}
    unknown = sorted(str(key) for key in config if key not in known)
    if unknown:
        raise DatasourceInvalid(
            f"Invalid driver options: {', '.join(unknown)}; "
            f"driver {driver.id} takes {', '.join(sorted(known)) or 'none'}"
        )
    given = {key: _text(key, value) for key, value in config.items() if value is not None}
    missing = [
        option.name
        for option in driver.options
        if option.required and option.name not in given and _ALTERNATIVES.get(option.name) not in given
    ]
    if missing:
        raise DatasourceInvalid(f"Missing required config options: {', '.join(sorted(missing))}")
    if "poll_time" in given:
        _check_poll_time(given["poll_time"])
    return given


def _text(key: str, value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    raise DatasourceInvalid(f"config option {key} must be a string, a number or a boolean")


def _check_poll_time(text: str) -> None:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 10**9:
        raise DatasourceInvalid(f"config option poll_time must be a number of seconds, 0 or more, not '{text}'")
