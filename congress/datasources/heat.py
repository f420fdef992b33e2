"""Heat: stacks, their resources and events, and software deployments."""

from __future__ import annotations

from congress.datasources.allowed import heat
from congress.datasources.cloud import CloudDriver, Listing
from congress.datasources.translate import ITEMS, Field, Root, Table


def _links(table: str, key: str) -> Table:
    return Table(
        table,
        (
            Field("parent_key", Root(key), description=f"{key} of the row that the link belongs to"),
            Field("href", description="address"),
            Field("rel", description="what is there: self, stack, resource, ..."),
        ),
        walk=("links", ITEMS),
    )


STACKS = Table(
    "stacks",
    (
        Field("id", description="UUID of the stack"),
        Field("stack_name", description="name"),
        Field("description", description="what its template says"),
        Field("creation_time", description="time of creation"),
        Field("updated_time", description="time of the last update; None before the first"),
        Field("stack_status", description="CREATE_COMPLETE, UPDATE_FAILED, ..."),
        Field("stack_status_reason", description="why it is so"),
        Field("stack_owner", description="user who created it"),
        Field("parent", description="stack that it is a part of"),
    ),
)
DEPLOYMENTS = Table(
    "deployments",
    (
        Field("status", description="IN_PROGRESS, COMPLETE or FAILED"),
        Field("server_id", description="server that is configured"),
        Field("config_id", description="software configuration that it gets"),
        Field("action", description="CREATE, UPDATE, DELETE, ..."),
        Field("status_reason", description="why it is so"),
        Field("id", description="UUID of the deployment"),
    ),
)
OUTPUTS = Table(
    "deployment_output_values",
    (
        Field("parent_key", Root("id"), description="the deployment"),
        Field("deploy_stdout", description="what its program printed"),
        Field("deploy_stderr", description="what it printed about errors"),
        Field("deploy_status_code", description="its exit status"),
        Field("result", description="what it answered"),
    ),
    walk=("output_values",),
)
RESOURCES = Table(
    "resources",
    (
        Field("physical_resource_id", description="id of what it is in its own service"),
        Field("logical_resource_id", description="name in the template"),
        Field("stack_id", description="the stack"),
        Field("resource_name", description="name in the template"),
        Field("resource_type", description="e.g. OS::Nova::Server"),
        Field("creation_time", description="time of creation"),
        Field("updated_time", description="time of the last change"),
        Field("resource_status", description="CREATE_COMPLETE, DELETE_FAILED, ..."),
        Field("resource_status_reason", description="why it is so"),
    ),
)
EVENTS = Table(
    "events",
    (
        Field("id", description="UUID of the event"),
        Field("physical_resource_id", description="id of the resource in its own service"),
        Field("logical_resource_id", description="name of the resource in the template"),
        Field("stack_id", description="the stack"),
        Field("resource_name", description="name of the resource in the template"),
        Field("event_time", description="when it happened"),
        Field("resource_status", description="status that the resource got"),
        Field("resource_status_reason", description="why"),
    ),
)
ALL_STACKS = Listing("/stacks?limit=1000", "stacks", (STACKS, _links("stacks_links", "id")))
_STACK = {"stack_id": "id"}


class HeatDriver(CloudDriver):
    id = "heat"
    description = "Stacks, resources, events and software deployments of Heat (OpenStack orchestration)"
    service = "orchestration"
    listings = (
        ALL_STACKS,
        Listing("/software_deployments", "software_deployments", (DEPLOYMENTS, OUTPUTS)),
        Listing(
            "/stacks/{stack_name}/{id}/resources",
            "resources",
            (RESOURCES, _links("resources_links", "physical_resource_id")),
            within=ALL_STACKS,
            given=_STACK,
        ),
        Listing(
            "/stacks/{stack_name}/{id}/events",
            "events",
            (EVENTS, _links("events_links", "id")),
            within=ALL_STACKS,
            given=_STACK,
        ),
    )
    offered = heat.ACTIONS
