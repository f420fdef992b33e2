"""Requests to Heat, as its API describes them: https://docs.openstack.org/api-ref/orchestration/v1/."""

from __future__ import annotations

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import document, identifier, number, pairs, text, truth

STACK = identifier("stack_id", "id of the stack")
NAME = identifier("stack_name", "name of the stack")
RESOURCE = identifier("resource_name", "name of the resource")
SNAPSHOT = identifier("snapshot_id", "id of the snapshot")
PLACE = "/stacks/{stack_name}/{stack_id}"


def _act(name: str, description: str) -> CloudAction:
    return CloudAction(f"actions.{name}", description, "POST", f"{PLACE}/actions", (NAME, STACK), {name: None})


ACTIONS = (
    CloudAction(
        "stacks.create",
        "Make a stack",
        "POST",
        "/stacks",
        (
            text("stack_name", "name"),
            document("template", "the template"),
            document("parameters", "its parameters").optional,
            number("timeout_mins", "minutes it may take").optional,
            truth("disable_rollback", "whether what was made stays when it fails").optional,
            text("tags", "tags with commas between them").optional,
        ),
        {
            "stack_name": "{stack_name}",
            "template": "{template}",
            "parameters": "{parameters}",
            "timeout_mins": "{timeout_mins}",
            "disable_rollback": "{disable_rollback}",
            "tags": "{tags}",
        },
    ),
    CloudAction(
        "stacks.update", "Change parameters of a stack", "PATCH", PLACE,
        (NAME, STACK, pairs("parameters", "parameters")), {"parameters": "{parameters}"},
    ),
    CloudAction("stacks.delete", "Delete the stack and what it made", "DELETE", PLACE, (NAME, STACK)),
    _act("suspend", "Suspend what the stack made"),
    _act("resume", "Resume what the stack made"),
    _act("check", "Look whether what the stack made is as it should be"),
    _act("cancel_update", "Stop the update and return to what was before"),
    _act("cancel_without_rollback", "Stop the update"),
    CloudAction(
        "stacks.snapshot", "Make a snapshot of the stack", "POST", f"{PLACE}/snapshots",
        (NAME, STACK, text("name", "name of the snapshot").optional), {"name": "{name}"},
    ),
    CloudAction(
        "stacks.restore", "Return to a snapshot", "POST", f"{PLACE}/snapshots/{{snapshot_id}}/restore",
        (NAME, STACK, SNAPSHOT),
    ),
    CloudAction(
        "stacks.snapshot_delete", "Delete a snapshot", "DELETE", f"{PLACE}/snapshots/{{snapshot_id}}",
        (NAME, STACK, SNAPSHOT),
    ),
    CloudAction(
        "resources.signal", "Send a signal to a resource", "POST", f"{PLACE}/resources/{{resource_name}}/signal",
        (NAME, STACK, RESOURCE, document("data", "what it is told").optional), "{data}",
    ),
    CloudAction(
        "resources.mark_unhealthy", "Have a resource replaced at the next update", "PATCH",
        f"{PLACE}/resources/{{resource_name}}",
        (
            NAME,
            STACK,
            RESOURCE,
            truth("mark_unhealthy", "whether it is to be replaced").otherwise(True),
            text("resource_status_reason", "why").optional,
        ),
        {"mark_unhealthy": "{mark_unhealthy}", "resource_status_reason": "{resource_status_reason}"},
    ),
    CloudAction(
        "software_deployments.delete", "Delete a deployment of software", "DELETE",
        "/software_deployments/{deployment_id}", (identifier("deployment_id", "id of the deployment"),),
    ),
    CloudAction(
        "software_configs.delete", "Delete a configuration of software", "DELETE", "/software_configs/{config_id}",
        (identifier("config_id", "id of the configuration"),),
    ),
)  # fmt: skip
