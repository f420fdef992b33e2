"""Mistral: workflows, actions, and what was run of them."""

from __future__ import annotations

from congress.datasources.allowed import mistral
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import Field, Table

_ID = Field("id", description="UUID")
_NAME = Field("name", description="name")
_INPUT = Field("input", description="what it is given")
_CREATED = Field("created_at", description="time of creation")
_UPDATED = Field("updated_at", description="time of the last change")
_DESCRIPTION = Field("description", description="what its author says")
_DEFINITION = Field("definition", description="in Mistral's language, YAML")
_SCOPE = Field("scope", description="private or public")
_STATE_INFO = Field("state_info", description="why it is in this state")
_WORKFLOW = Field("workflow_name", description="name of the workflow")
_NAMESPACE = Field("workflow_namespace", description="namespace of the workflow")
_STATE = Field("state", description="RUNNING, SUCCESS, ERROR, PAUSED, ...")

WORKFLOWS = Table(
    "workflows",
    (
        _NAME,
        _ID,
        _SCOPE,
        _INPUT,
        Field("namespace", description="its namespace"),
        Field("project_id", description="project that owns it"),
        _CREATED,
        _UPDATED,
        _DEFINITION,
        _DESCRIPTION,
    ),
)
ACTIONS = Table(
    "actions",
    (
        _ID,
        _NAME,
        _INPUT,
        _CREATED,
        _UPDATED,
        Field("is_system", description="whether it came with Mistral"),
        _DEFINITION,
        _DESCRIPTION,
        _SCOPE,
    ),
)
WORKFLOW_EXECUTIONS = Table(
    "workflow_executions",
    (
        _ID,
        _WORKFLOW,
        _INPUT,
        _CREATED,
        _UPDATED,
        _STATE,
        _STATE_INFO,
        _DESCRIPTION,
        Field("workflow_id", description="UUID of the workflow"),
        _NAMESPACE,
        Field("params", description="parameters of the run"),
    ),
)
ACTION_EXECUTIONS = Table(
    "action_executions",
    (
        _ID,
        _NAME,
        _STATE_INFO,
        _WORKFLOW,
        Field("task_execution_id", description="task it was run for"),
        Field("task_name", description="name of that task"),
        _DESCRIPTION,
        _INPUT,
        _CREATED,
        _UPDATED,
        Field("accepted", description="whether its result counts"),
        _STATE,
        _NAMESPACE,
    ),
)


class MistralDriver(CloudDriver):
    id = "mistral"
    description = "Workflows, actions and their executions of Mistral (OpenStack workflow)"
    service = "workflow"
    listings = (
        Listing("/workflows?limit=1000", "workflows", (WORKFLOWS,)),
        Listing("/actions?limit=1000", "actions", (ACTIONS,)),
        Listing("/executions?limit=1000", "executions", (WORKFLOW_EXECUTIONS,)),
        Listing("/action_executions?limit=1000", "action_executions", (ACTION_EXECUTIONS,)),
    )
    offered = mistral.ACTIONS
