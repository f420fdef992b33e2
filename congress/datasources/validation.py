"""Checks a request for a new datasource before anything is created."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from congress import datalog
from congress.datasources.contract import Driver
from congress.datasources.masking import without_logins
from congress.datasources.options import OptionInvalid
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
    try:
        return _checked(driver, config)
    except OptionInvalid as error:
        raise DatasourceInvalid(without_logins(str(error))) from error


def _checked(driver: type[Driver], config: Mapping[str, Any]) -> dict[str, str]:
    known = {option.name: option for option in driver.options}
    unknown = sorted(str(key) for key in config if key not in known)
    if unknown:
        meant = " and ".join(_alike(unknown, known))
        raise DatasourceInvalid(
            f"Invalid driver options: {', '.join(unknown)}; {f'did you mean {meant}? ' if meant else ''}"
            f"driver {driver.id} takes {', '.join(sorted(known)) or 'none'}"
        )
    given = {key: known[key].text(value) for key, value in config.items() if value is not None}
    missing = [
        option.name
        for option in driver.options
        if option.required and option.name not in given and _ALTERNATIVES.get(option.name) not in given
    ]
    if missing:
        raise DatasourceInvalid(f"Missing required config options: {', '.join(sorted(missing))}")
    for key in given:
        known[key].of(given)
    return given


def _alike(unknown: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Which options were probably meant."""
    names = sorted(known)
    for name in unknown:
        for nearest in get_close_matches(name, names, n=1):
            yield f"'{nearest}' instead of '{name}'"
