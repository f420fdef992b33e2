"""Requests to Mistral, as its API describes them: https://docs.openstack.org/mistral/latest/api/v2.html."""

from __future__ import annotations

import json
from typing import Any

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import Parameter, a_document, choice, document, identifier, number, text, truth

PLAIN = {"Content-Type": "text/plain"}
ID = identifier("id", "its id")
NAME = identifier("name", "name or id")
SCOPE = choice("scope", "who may use it", "private", "public").optional
NAMESPACE = text("namespace", "its namespace").optional
DEFINITION = text("definition", "in Mistral's language, YAML")
DESCRIPTION = text("description", "what is said of it").optional


def _as_text(raw: Any) -> str:
    """Mistral takes some objects as their JSON text."""
    return json.dumps(a_document(raw))


def _object(name: str, description: str) -> Parameter:
    return Parameter(name, f"{description}, as an object or its JSON or YAML text", _as_text)


VARIABLES = _object("variables", "its variables")


def _defined(kind: str, path: str, *parameters: Parameter) -> tuple[CloudAction, ...]:
    """What is made and changed by sending its definition."""
    query = {one.name: f"{{{one.name}}}" for one in parameters}
    names = {"POST": ("create", "Define"), "PUT": ("update", "Define anew")}
    made = (
        CloudAction(
            f"{kind}s.{name}", f"{verb} a {kind}", method, path, (DEFINITION, *parameters), "{definition}", query, PLAIN
        )
        for method, (name, verb) in names.items()
    )
    deleted = CloudAction(
        f"{kind}s.delete", f"Delete a {kind}", "DELETE", f"{path}/{{name}}", (NAME, *parameters[:-1]),
        query={name: place for name, place in query.items() if name != "scope"},
    )  # fmt: skip
    return (*made, deleted)


def _delete(name: str, words: str, path: str, own: Parameter = ID) -> CloudAction:
    return CloudAction(name, f"Delete {words}", "DELETE", f"{path}/{{{own.name}}}", (own,))


_EXECUTIONS = (
    CloudAction(
        "executions.create",
        "Run a workflow",
        "POST",
        "/executions",
        (
            text("workflow_identifier", "name or id of the workflow"),
            text("namespace", "its namespace").otherwise(""),
            _object("workflow_input", "its input").optional,
            DESCRIPTION,
            document("params", "parameters of the run").optional,
        ),
        {
            "workflow_name": "{workflow_identifier}",
            "workflow_namespace": "{namespace}",
            "input": "{workflow_input}",
            "description": "{description}",
            "params": "{params}",
        },
    ),
    CloudAction(
        "executions.update", "Pause, resume, stop or describe a run", "PUT", "/executions/{id}",
        (ID, choice("state", "", "RUNNING", "PAUSED", "SUCCESS", "ERROR", "CANCELLED").optional, DESCRIPTION),
        {"id": "{id}", "state": "{state}", "description": "{description}"},
    ),
    CloudAction(
        "executions.delete", "Delete a run", "DELETE", "/executions/{id}",
        (ID, truth("force", "also while it runs").optional), query={"force": "{force}"},
    ),
    CloudAction(
        "tasks.rerun", "Run a failed task again", "PUT", "/tasks/{task_ex_id}",
        (
            identifier("task_ex_id", "id of the task"),
            truth("reset", "all of its items, too").otherwise(True),
            _object("env", "environment").optional,
        ),
        {"id": "{task_ex_id}", "state": "RUNNING", "reset": "{reset}", "env": "{env}"},
    ),
    CloudAction(
        "action_executions.create", "Run an action", "POST", "/action_executions",
        (
            text("name", "name of the action"),
            _object("input", "its input").optional,
            document("params", "parameters of the run").optional,
        ),
        {"name": "{name}", "input": "{input}", "params": "{params}"},
    ),
    CloudAction(
        "action_executions.update", "Set state and output of a running action", "PUT", "/action_executions/{id}",
        (
            ID,
            choice("state", "", "RUNNING", "PAUSED", "SUCCESS", "ERROR", "CANCELLED").optional,
            _object("output", "what it gave").optional,
        ),
        {"id": "{id}", "state": "{state}", "output": "{output}"},
    ),
    _delete("action_executions.delete", "the record of an action", "/action_executions"),
)  # fmt: skip

_TRIGGERS = (
    CloudAction(
        "cron_triggers.create",
        "Run a workflow again and again",
        "POST",
        "/cron_triggers",
        (
            text("name", "name"),
            text("workflow_identifier", "name of the workflow"),
            _object("workflow_input", "its input").optional,
            _object("workflow_params", "parameters").optional,
            text("pattern", "when, as cron writes it").optional,
            text("first_time", "first time, YYYY-MM-DD HH:MM").optional,
            number("count", "how often").optional,
        ),
        {
            "name": "{name}",
            "workflow_name": "{workflow_identifier}",
            "workflow_input": "{workflow_input}",
            "workflow_params": "{workflow_params}",
            "pattern": "{pattern}",
            "first_execution_time": "{first_time}",
            "remaining_executions": "{count}",
        },
    ),
    _delete("cron_triggers.delete", "a cron trigger", "/cron_triggers", NAME),
    CloudAction(
        "event_triggers.create",
        "Run a workflow at each event",
        "POST",
        "/event_triggers",
        (
            text("name", "name"),
            text("workflow_id", "id of the workflow"),
            text("exchange", "exchange of the events"),
            text("topic", "topic of the events"),
            text("event", "type of the events"),
            _object("workflow_input", "its input").optional,
            _object("workflow_params", "parameters").optional,
        ),
        {
            "name": "{name}",
            "workflow_id": "{workflow_id}",
            "exchange": "{exchange}",
            "topic": "{topic}",
            "event": "{event}",
            "workflow_input": "{workflow_input}",
            "workflow_params": "{workflow_params}",
        },
    ),
    CloudAction(
        "event_triggers.update", "Change an event trigger", "PUT", "/event_triggers/{id}",
        (ID, document("changes", "name, workflow_id, workflow_input, workflow_params")), "{changes}",
    ),
    _delete("event_triggers.delete", "an event trigger", "/event_triggers"),
)  # fmt: skip

_OTHERS = (
    CloudAction(
        "environments.create",
        "Make an environment",
        "POST",
        "/environments",
        (text("name", "name"), DESCRIPTION, VARIABLES, SCOPE),
        {"name": "{name}", "description": "{description}", "variables": "{variables}", "scope": "{scope}"},
    ),
    CloudAction(
        "environments.update",
        "Change an environment",
        "PUT",
        "/environments",
        (text("name", "name"), DESCRIPTION, VARIABLES.optional, SCOPE),
        {"name": "{name}", "description": "{description}", "variables": "{variables}", "scope": "{scope}"},
    ),
    _delete("environments.delete", "an environment", "/environments", NAME),
    CloudAction(
        "members.create", "Offer a workflow to a project", "POST", "/workflows/{resource_id}/members",
        (
            identifier("resource_id", "id of the workflow"),
            choice("resource_type", "", "workflow"),
            text("member_id", "id of the project"),
        ),
        {"member_id": "{member_id}"},
    ),
    CloudAction(
        "members.update", "Answer for a project whether it takes a workflow", "PUT",
        "/workflows/{resource_id}/members/{member_id}",
        (
            identifier("resource_id", "id of the workflow"),
            identifier("member_id", "id of the project"),
            choice("status", "", "accepted", "rejected", "pending").otherwise("accepted"),
        ),
        {"status": "{status}"},
    ),
    CloudAction(
        "members.delete", "No longer offer a workflow to a project", "DELETE",
        "/workflows/{resource_id}/members/{member_id}",
        (
            identifier("resource_id", "id of the workflow"),
            choice("resource_type", "", "workflow"),
            identifier("member_id", "id of the project"),
        ),
    ),
)  # fmt: skip

ACTIONS = (
    *_defined("workflow", "/workflows", NAMESPACE, SCOPE),
    *_defined("workbook", "/workbooks", NAMESPACE, SCOPE),
    *_defined("action", "/actions", SCOPE),
    *_EXECUTIONS,
    *_TRIGGERS,
    *_OTHERS,
)
