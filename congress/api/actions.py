"""Asks a datasource to do something in its cloud."""

from __future__ import annotations

import logging
from typing import Any

from congress.api.errors import registered
from congress.api.services import Services
from congress.datasources.contract import DriverError
from congress.datasources.errors import DatasourceNotFound, DatasourceNotRunning

LOG = logging.getLogger(__name__)


def execute_by_service(services: Services, body: Any) -> None:
    """Do `{"name": "<service>:<action>", "args": {…}}`; returns when the cloud accepted it."""
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or name.count(":") != 1:
        raise registered("service_action_syntax")
    service, action = name.split(":")
    _execute(services, service, action, body)


def execute_by_name(services: Services, datasource: str, body: Any) -> None:
    """Do `{"name": "<action>", "args": {…}}` at this datasource."""
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise registered("execute_error", "Action not found; the body needs a key `name`")
    _execute(services, datasource, name, body)


def _execute(services: Services, service: str, action: str, body: dict[str, Any]) -> None:
    arguments = body.get("args", {})
    if not isinstance(arguments, dict):
        raise registered("execute_action_args_syntax")
    positional, named = arguments.get("positional", []), arguments.get("named", {})
    if not isinstance(positional, list) or not isinstance(named, dict):
        raise registered("execute_action_args_syntax")
    try:
        services.datasources.datasource(service)
    except DatasourceNotFound as error:
        raise registered("execute_error", f"Service {service} not found") from error
    LOG.info("action %s:%s is requested, enabled=%s", service, action, services.execute_enabled)
    if not services.execute_enabled:
        return
    try:
        services.datasources.execute(service, action, positional, named)
    except (DatasourceNotRunning, DriverError) as error:
        raise registered("execute_error", error) from error
