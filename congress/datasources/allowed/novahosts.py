"""Requests to Nova about what is not a server: hosts, flavors, quotas, groups.

Source: https://docs.openstack.org/api-ref/compute/.
"""

from __future__ import annotations

from typing import Any

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import (
    Parameter,
    a_list,
    document,
    identifier,
    items,
    number,
    one_of,
    pairs,
    text,
    truth,
)

SERVER = identifier("server", "id of the server")
AGGREGATE = identifier("aggregate", "id of the aggregate")
FLAVOR = identifier("flavor", "id of the flavor")
TENANT = identifier("tenant_id", "id of the project")
HOST = text("host", "name of the host")
BINARY = text("binary", "e.g. nova-compute")
NAME = text("name", "name")
METADATA = document("metadata", "keys and values")
KEY = identifier("key", "name of the entry")
_POLICY = one_of("affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity")


def _refs(raw: Any) -> list[dict[str, Any]]:
    return [{"id": one} for one in a_list(raw)]


def _policies(raw: Any) -> list[str]:
    return [_POLICY(raw)]


_MIGRATION = (SERVER, identifier("migration", "id of the migration"))
_SERVICE = (HOST, BINARY)
_HOSTS = (
    CloudAction(
        "server_migrations.live_migrate_force_complete",
        "Pause the server until it is moved",
        "POST",
        "/servers/{server}/migrations/{migration}/action",
        _MIGRATION,
        {"force_complete": None},
    ),
    CloudAction(
        "server_migrations.live_migration_abort",
        "Stop moving the server",
        "DELETE",
        "/servers/{server}/migrations/{migration}",
        _MIGRATION,
    ),
    CloudAction(
        "services.enable",
        "Let the scheduler use the service again",
        "PUT",
        "/os-services/enable",
        _SERVICE,
        {"host": "{host}", "binary": "{binary}"},
    ),
    CloudAction(
        "services.disable",
        "Keep the scheduler from using the service",
        "PUT",
        "/os-services/disable",
        _SERVICE,
        {"host": "{host}", "binary": "{binary}"},
    ),
    CloudAction(
        "services.disable_log_reason",
        "Keep the scheduler from using the service, and say why",
        "PUT",
        "/os-services/disable-log-reason",
        (*_SERVICE, text("reason", "why")),
        {"host": "{host}", "binary": "{binary}", "disabled_reason": "{reason}"},
    ),
    CloudAction(
        "services.force_down",
        "Say that the service is down, or no longer so",
        "PUT",
        "/os-services/force-down",
        (*_SERVICE, truth("force_down", "whether it is down").otherwise(True)),
        {"host": "{host}", "binary": "{binary}", "forced_down": "{force_down}"},
    ),
    CloudAction(
        "services.delete",
        "Forget the service",
        "DELETE",
        "/os-services/{service_id}",
        (identifier("service_id", "id of the service"),),
    ),
    CloudAction(
        "aggregates.create",
        "Make an aggregate of hosts",
        "POST",
        "/os-aggregates",
        (NAME, text("availability_zone", "zone that its hosts form").optional),
        {"aggregate": {"name": "{name}", "availability_zone": "{availability_zone}"}},
    ),
    CloudAction("aggregates.delete", "Delete the aggregate", "DELETE", "/os-aggregates/{aggregate}", (AGGREGATE,)),
    CloudAction(
        "aggregates.update",
        "Set name and zone",
        "PUT",
        "/os-aggregates/{aggregate}",
        (AGGREGATE, document("values", "name, availability_zone or both")),
        {"aggregate": "{values}"},
    ),
    CloudAction(
        "aggregates.add_host",
        "Add a host",
        "POST",
        "/os-aggregates/{aggregate}/action",
        (AGGREGATE, HOST),
        {"add_host": {"host": "{host}"}},
    ),
    CloudAction(
        "aggregates.remove_host",
        "Remove a host",
        "POST",
        "/os-aggregates/{aggregate}/action",
        (AGGREGATE, HOST),
        {"remove_host": {"host": "{host}"}},
    ),
    CloudAction(
        "aggregates.set_metadata",
        "Set metadata",
        "POST",
        "/os-aggregates/{aggregate}/action",
        (AGGREGATE, METADATA),
        {"set_metadata": {"metadata": "{metadata}"}},
    ),
    CloudAction(
        "aggregates.cache_images",
        "Let its hosts fetch images beforehand",
        "POST",
        "/os-aggregates/{aggregate}/images",
        (
            AGGREGATE,
            Parameter("images", "ids of the images, with commas between them", _refs),
        ),
        {"cache": "{images}"},
        microversion="2.81",
    ),
)


_OTHERS = (
    CloudAction(
        "flavors.create",
        "Make a flavor",
        "POST",
        "/flavors",
        (
            NAME,
            number("ram", "MiB"),
            number("vcpus", "virtual CPUs"),
            number("disk", "root disk in GiB"),
            text("flavorid", "its id").optional,
            number("ephemeral", "ephemeral disk in GiB").optional,
            number("swap", "swap in MiB").optional,
            number("rxtx_factor", "share of the network bandwidth").optional,
            truth("is_public", "whether every project may use it").optional,
        ),
        {
            "flavor": {
                "name": "{name}",
                "ram": "{ram}",
                "vcpus": "{vcpus}",
                "disk": "{disk}",
                "id": "{flavorid}",
                "OS-FLV-EXT-DATA:ephemeral": "{ephemeral}",
                "swap": "{swap}",
                "rxtx_factor": "{rxtx_factor}",
                "os-flavor-access:is_public": "{is_public}",
            }
        },
    ),
    CloudAction(
        "flavors.update",
        "Describe the flavor",
        "PUT",
        "/flavors/{flavor}",
        (FLAVOR, text("description", "what is said of it")),
        {"flavor": {"description": "{description}"}},
        microversion="2.55",
    ),
    CloudAction("flavors.delete", "Delete the flavor", "DELETE", "/flavors/{flavor}", (FLAVOR,)),
    CloudAction(
        "flavor_access.add_tenant_access",
        "Let a project use the flavor",
        "POST",
        "/flavors/{flavor}/action",
        (FLAVOR, text("tenant", "id of the project")),
        {"addTenantAccess": {"tenant": "{tenant}"}},
    ),
    CloudAction(
        "flavor_access.remove_tenant_access",
        "No longer let a project use the flavor",
        "POST",
        "/flavors/{flavor}/action",
        (FLAVOR, text("tenant", "id of the project")),
        {"removeTenantAccess": {"tenant": "{tenant}"}},
    ),
    CloudAction(
        "keypairs.create",
        "Enter a public key",
        "POST",
        "/os-keypairs",
        (NAME, text("public_key", "as ssh-keygen writes it")),
        {"keypair": {"name": "{name}", "public_key": "{public_key}"}},
    ),
    CloudAction(
        "keypairs.delete",
        "Delete a key pair",
        "DELETE",
        "/os-keypairs/{key}",
        (KEY.called("key", "name of the key pair"), text("user_id", "whose it is").optional),
        query={"user_id": "{user_id}"},
    ),
    CloudAction(
        "quotas.update",
        "Set a project's quotas",
        "PUT",
        "/os-quota-sets/{tenant_id}",
        (TENANT, pairs("quotas", "instances, cores, ram, ... and numbers")),
        {"quota_set": "{quotas}"},
    ),
    CloudAction(
        "quotas.delete",
        "Return a project or user to the default quotas",
        "DELETE",
        "/os-quota-sets/{tenant_id}",
        (TENANT, text("user_id", "only this user").optional),
        query={"user_id": "{user_id}"},
    ),
    CloudAction(
        "quota_classes.update",
        "Set the quotas of a class; class default counts for all projects",
        "PUT",
        "/os-quota-class-sets/{class_name}",
        (identifier("class_name", "name of the class"), pairs("quotas", "instances, cores, ram, ... and numbers")),
        {"quota_class_set": "{quotas}"},
    ),
    CloudAction(
        "server_groups.create",
        "Make a group of servers",
        "POST",
        "/os-server-groups",
        (NAME, Parameter("policies", "its policy", _policies)),
        {"server_group": {"name": "{name}", "policies": "{policies}"}},
    ),
    CloudAction(
        "server_groups.delete",
        "Delete a group of servers",
        "DELETE",
        "/os-server-groups/{id}",
        (identifier("id", "id of the group"),),
    ),
    CloudAction(
        "server_external_events.create",
        "Tell Nova what happened to its servers' ports and volumes",
        "POST",
        "/os-server-external-events",
        (items("events", "events, as Nova's API describes them"),),
        {"events": "{events}"},
    ),
)

ACTIONS = (*_HOSTS, *_OTHERS)
