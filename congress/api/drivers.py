"""`/v1/system/drivers`: the kinds of datasources that can be created."""

from __future__ import annotations

from typing import Any

import falcon

from congress.api import answers, paging
from congress.api.datasources import shown_columns
from congress.api.errors import bare
from congress.api.services import Services
from congress.datasources.contract import Driver, Option
from congress.datasources.options import Json, described


def shown(driver: type[Driver]) -> dict[str, Any]:
    """A driver with its options and tables."""
    item: dict[str, Any] = {
        "id": driver.id,
        "description": driver.description,
        "config": {option.name: "required" if option.required else "(optional)" for option in driver.options},
    }
    item["options"] = [shown_option(option) for option in driver.options]
    secret = [option.name for option in driver.options if option.secret]
    if secret:
        item["secret"] = secret
    item["tables"] = [shown_columns(name, columns) for name, columns in sorted(driver.tables().items())]
    return item


def shown_option(option: Option) -> dict[str, Any]:
    """An option with all that a form needs to know; `takes` is in words."""
    choices = getattr(option.type, "choices", None)
    return {
        "name": option.name,
        "description": option.description,
        "required": option.required,
        "secret": option.secret,
        "default": option.default,
        "takes": described(option.type),
        "choices": [str(choice) for choice in choices] if choices else [],
        "multiline": isinstance(option.type, Json),
    }


class Drivers:
    """The collection."""

    def __init__(self, services: Services) -> None:
        self._drivers = services.drivers

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        found = sorted(self._drivers.values(), key=lambda driver: driver.id)
        paging.listing(request, response, [{"id": driver.id, "description": driver.description} for driver in found])


class DriverResource:
    """One driver."""

    def __init__(self, services: Services) -> None:
        self._drivers = services.drivers

    def on_get(self, _request: falcon.Request, response: falcon.Response, driver: str) -> None:
        if driver not in self._drivers:
            raise bare(
                404,
                f"Driver not found {driver}. Either not supported or disabled by deployer in Congress config",
            )
        answers.compact(response, shown(self._drivers[driver]))
