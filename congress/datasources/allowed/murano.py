"""Requests to Murano, as its API describes them: https://docs.openstack.org/murano/latest/reference/appendix/articles/
specification/. The service is retired upstream."""

from __future__ import annotations

from typing import Any

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import Parameter, a_list, a_place, an_id, document, identifier, text, truth
from congress.datasources.contract import ArgumentsInvalid

ENVIRONMENT = identifier("environment_id", "id of the environment")
SESSION = identifier("session_id", "id of the session")
TEMPLATE = identifier("env_template_id", "id of the template")
APP = identifier("app_id", "id of the application")
PACKAGE = APP.called("app_id", "id of the package")
PLACE = Parameter("path", "where the application is in the environment, with slashes", a_place)
NAME = text("name", "name")
DATA = document("data", "the object model")


def _session(raw: Any) -> str:
    """An id that may stand in a header."""
    found = an_id(raw)
    if not found.isascii():
        raise ArgumentsInvalid(f"is {found[:60]!r}, which is not an id; give the id of one object")
    return found


IN_SESSION = {"X-Configuration-Session": "{session_id}"}
HEADER = Parameter("session_id", "id of the session", _session)

_ENVIRONMENTS = (
    CloudAction(
        "actions.call", "Call an action of an application", "POST",
        "/v1/environments/{environment_id}/actions/{action_id}",
        (
            ENVIRONMENT,
            identifier("action_id", "id of the action"),
            document("arguments", "its arguments").otherwise({}),
        ),
        "{arguments}",
    ),
    CloudAction(
        "static_actions.call", "Call a static method of a class", "POST", "/v1/actions",
        (document("arguments", "className, methodName, parameters"),), "{arguments}",
    ),
    CloudAction("environments.create", "Make an environment", "POST", "/v1/environments", (NAME,), {"name": "{name}"}),
    CloudAction(
        "environments.update", "Rename an environment", "PUT", "/v1/environments/{environment_id}", (ENVIRONMENT, NAME),
        {"name": "{name}"},
    ),
    CloudAction(
        "environments.delete", "Delete an environment", "DELETE", "/v1/environments/{environment_id}",
        (ENVIRONMENT, truth("abandon", "keep what it made").optional), query={"abandon": "{abandon}"},
    ),
    CloudAction(
        "environments.update_model", "Change the model of an environment", "PATCH",
        "/v1/environments/{environment_id}/model",
        (ENVIRONMENT, Parameter("data", "a JSON patch: a list of changes", a_list), HEADER), "{data}",
        headers={**IN_SESSION, "Content-Type": "application/env-model-json-patch"},
    ),
    CloudAction(
        "sessions.delete", "Give up a session's changes", "DELETE",
        "/v1/environments/{environment_id}/sessions/{session_id}", (ENVIRONMENT, SESSION),
    ),
    CloudAction(
        "sessions.deploy", "Deploy a session's changes", "POST",
        "/v1/environments/{environment_id}/sessions/{session_id}/deploy", (ENVIRONMENT, SESSION),
    ),
    CloudAction(
        "services.post", "Add an application", "POST", "/v1/environments/{environment_id}/services",
        (ENVIRONMENT, DATA, HEADER), "{data}", headers=IN_SESSION,
    ),
    CloudAction(
        "services.put", "Replace the applications", "PUT", "/v1/environments/{environment_id}/services",
        (ENVIRONMENT, DATA, HEADER), "{data}", headers=IN_SESSION,
    ),
    CloudAction(
        "services.delete", "Remove an application", "DELETE", "/v1/environments/{environment_id}/services/{path}",
        (ENVIRONMENT, PLACE, HEADER), headers=IN_SESSION,
    ),
)  # fmt: skip

_CATALOG = (
    CloudAction("categories.add", "Make a category", "POST", "/v1/catalog/categories", (NAME,), {"name": "{name}"}),
    CloudAction(
        "categories.delete", "Delete a category", "DELETE", "/v1/catalog/categories/{id}",
        (identifier("id", "id of the category"),),
    ),
    CloudAction("packages.delete", "Delete a package", "DELETE", "/v1/catalog/packages/{app_id}", (PACKAGE,)),
    CloudAction(
        "packages.update", "Change a package", "PATCH", "/v1/catalog/packages/{app_id}",
        (
            PACKAGE,
            Parameter("body", "a JSON patch: a list of changes, each with op, path and value", a_list),
        ),
        "{body}", headers={"Content-Type": "application/murano-packages-json-patch"},
    ),
)  # fmt: skip

_TEMPLATES = (
    CloudAction("templates.create", "Make a template", "POST", "/v1/templates", (DATA,), "{data}"),
    CloudAction(
        "templates.update", "Rename a template", "PUT", "/v1/templates/{env_template_id}", (TEMPLATE, NAME),
        {"name": "{name}"},
    ),
    CloudAction("templates.delete", "Delete a template", "DELETE", "/v1/templates/{env_template_id}", (TEMPLATE,)),
    CloudAction(
        "templates.clone", "Copy a template", "POST", "/v1/templates/{env_template_id}/clone", (TEMPLATE, NAME),
        {"name": "{name}"},
    ),
    CloudAction(
        "templates.create_env", "Make an environment of a template", "POST",
        "/v1/templates/{env_template_id}/create-environment", (TEMPLATE, NAME), {"name": "{name}"},
    ),
    CloudAction(
        "templates.create_app", "Add an application to a template", "POST", "/v1/templates/{env_template_id}/services",
        (TEMPLATE, DATA), "{data}",
    ),
    CloudAction(
        "templates.delete_app", "Remove an application of a template", "DELETE",
        "/v1/templates/{env_template_id}/services/{app_id}", (TEMPLATE, APP),
    ),
)  # fmt: skip

ACTIONS = (*_ENVIRONMENTS, *_CATALOG, *_TEMPLATES)

CALL = CloudAction(
    "call_action",
    "Call an action of an object, by its name",
    "POST",
    "/v1/environments/{env_id}/actions/{murano_action_name}",
    (
        identifier("env_id", "id of the environment"),
        identifier("obj_id", "id of the object"),
        identifier("murano_action_name", "name of the action"),
    ),
    {},
)
"""The driver looks the action's id up in the object, and puts it where the name is."""
