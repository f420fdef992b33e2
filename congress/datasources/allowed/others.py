"""A few requests each to services that are watched more than changed.

Sources: https://docs.openstack.org/api-ref/ dns, key-manager, container-infrastructure-management, shared-file-system,
resource-optimization (Watcher) and placement.
"""

from __future__ import annotations

from congress.datasources.actions import CloudAction, speaking
from congress.datasources.allowed.glancev2 import patches
from congress.datasources.arguments import (
    choice,
    document,
    identifier,
    number,
    pairs,
    text,
    truth,
)

ZONE, RECORDSET = identifier("zone", "id of the zone"), identifier("recordset", "id of the record set")
DESIGNATE = (
    CloudAction(
        "zones.update", "Set email, ttl or description of a zone", "PATCH", "/zones/{zone}",
        (ZONE, pairs("attributes", "attributes")), "{attributes}",
    ),
    CloudAction("zones.delete", "Delete a zone", "DELETE", "/zones/{zone}", (ZONE,)),
    CloudAction(
        "recordsets.create", "Add records", "POST", "/zones/{zone}/recordsets",
        (ZONE, document("body", 'the record set, {"name": ..., "type": ..., "records": [...]}')), "{body}",
    ),
    CloudAction(
        "recordsets.delete", "Delete a record set", "DELETE", "/zones/{zone}/recordsets/{recordset}",
        (ZONE, RECORDSET),
    ),
)  # fmt: skip

SECRET = identifier("secret", "id of the secret")
BARBICAN = (
    CloudAction("secrets.delete", "Delete a secret", "DELETE", "/secrets/{secret}", (SECRET,)),
    CloudAction(
        "containers.delete", "Delete a container, not its secrets", "DELETE", "/containers/{container}",
        (identifier("container", "id of the container"),),
    ),
    CloudAction(
        "orders.delete", "Delete an order", "DELETE", "/orders/{order}", (identifier("order", "id of the order"),)
    ),
    CloudAction(
        "secrets.delete_acl", "Return to the default of who may read a secret", "DELETE", "/secrets/{secret}/acl",
        (SECRET,),
    ),
)  # fmt: skip

CLUSTER = identifier("cluster", "UUID or name of the cluster")
MAGNUM = speaking(
    "1.7",
    CloudAction(
        "clusters.update", "Set attributes of a cluster", "PATCH", "/clusters/{cluster}",
        (CLUSTER, pairs("attributes", "attributes", patches)), "{attributes}",
    ),
    CloudAction(
        "clusters.resize", "Set the number of nodes", "POST", "/clusters/{cluster}/actions/resize",
        (CLUSTER, number("node_count", "how many"), text("nodegroup", "group of nodes").optional),
        {"node_count": "{node_count}", "nodegroup": "{nodegroup}"},
    ),
    CloudAction(
        "clusters.upgrade", "Move to another template", "POST", "/clusters/{cluster}/actions/upgrade",
        (CLUSTER, text("cluster_template", "UUID of the template"), number("max_batch_size", "nodes at once").optional),
        {"cluster_template": "{cluster_template}", "max_batch_size": "{max_batch_size}"}, microversion="1.8",
    ),
    CloudAction("clusters.delete", "Delete a cluster", "DELETE", "/clusters/{cluster}", (CLUSTER,)),
)  # fmt: skip

SHARE = identifier("share", "id of the share")
MANILA = speaking(
    "2.40",
    CloudAction(
        "shares.extend", "Make a share larger", "POST", "/shares/{share}/action", (SHARE, number("new_size", "GiB")),
        {"extend": {"new_size": "{new_size}"}},
    ),
    CloudAction(
        "shares.shrink", "Make a share smaller", "POST", "/shares/{share}/action", (SHARE, number("new_size", "GiB")),
        {"shrink": {"new_size": "{new_size}"}},
    ),
    CloudAction(
        "shares.reset_state", "Set the state that Manila believes the share to have", "POST", "/shares/{share}/action",
        (SHARE, text("state", "available, error, ...")), {"reset_status": {"status": "{state}"}},
    ),
    CloudAction(
        "shares.allow", "Let somebody use a share", "POST", "/shares/{share}/action",
        (
            SHARE,
            text("access_type", "ip, user, cert or cephx"),
            text("access", "who"),
            choice("access_level", "", "rw", "ro").otherwise("rw"),
        ),
        {
            "allow_access": {
                "access_type": "{access_type}",
                "access_to": "{access}",
                "access_level": "{access_level}",
            }
        },
    ),
    CloudAction(
        "shares.deny", "No longer let somebody use a share", "POST", "/shares/{share}/action",
        (SHARE, text("access_id", "id of the access rule")), {"deny_access": {"access_id": "{access_id}"}},
    ),
    CloudAction("shares.delete", "Delete a share", "DELETE", "/shares/{share}", (SHARE,)),
)  # fmt: skip

AUDIT, PLAN = identifier("audit", "UUID of the audit"), identifier("action_plan", "UUID of the action plan")
WATCHER = (
    CloudAction(
        "audits.create", "Have the cloud looked at", "POST", "/v1/audits",
        (
            text("audit_template_uuid", "UUID of the audit's template"),
            choice("audit_type", "", "ONESHOT", "CONTINUOUS").otherwise("ONESHOT"),
            truth("auto_trigger", "start its plan at once").otherwise(False),
        ),
        {
            "audit_template_uuid": "{audit_template_uuid}",
            "audit_type": "{audit_type}",
            "auto_trigger": "{auto_trigger}",
        },
    ),
    CloudAction("audits.delete", "Delete an audit", "DELETE", "/v1/audits/{audit}", (AUDIT,)),
    CloudAction(
        "action_plans.start", "Carry a plan out", "POST", "/v1/action_plans/{action_plan}/start", (PLAN,), {}
    ),
    CloudAction(
        "action_plans.cancel", "Stop a plan", "PATCH", "/v1/action_plans/{action_plan}", (PLAN,),
        [{"op": "replace", "path": "/state", "value": "CANCELLED"}],
    ),
    CloudAction("action_plans.delete", "Delete a plan", "DELETE", "/v1/action_plans/{action_plan}", (PLAN,)),
)  # fmt: skip

PROVIDER = identifier("resource_provider", "UUID of the resource provider")
PLACEMENT = (
    CloudAction(
        "allocations.delete", "Delete what a consumer has claimed", "DELETE", "/allocations/{consumer}",
        (identifier("consumer", "UUID of the consumer, often a server"),),
    ),
    CloudAction(
        "resource_providers.delete", "Delete a resource provider", "DELETE",
        "/resource_providers/{resource_provider}", (PROVIDER,),
    ),
    CloudAction(
        "inventories.delete", "Delete an inventory", "DELETE",
        "/resource_providers/{resource_provider}/inventories/{resource_class}",
        (PROVIDER, identifier("resource_class", "VCPU, MEMORY_MB, ...")),
    ),
    CloudAction(
        "traits.create", "Make a trait", "PUT", "/traits/{trait}", (identifier("trait", "CUSTOM_…"),),
        microversion="1.6",
    ),
    CloudAction(
        "traits.delete", "Delete a trait", "DELETE", "/traits/{trait}", (identifier("trait", "CUSTOM_…"),),
        microversion="1.6",
    ),
)  # fmt: skip
