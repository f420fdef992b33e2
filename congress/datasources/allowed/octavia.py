"""Requests to Octavia, as its API describes them: https://docs.openstack.org/api-ref/load-balancer/v2/."""

from __future__ import annotations

from collections.abc import Iterator

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import envelope, identifier, pairs, truth

V2 = "/lbaas"
POOL = identifier("pool", "id of the pool")
MEMBER = identifier("member", "id of the member")
ATTRIBUTES = pairs("attributes", "attributes")
KINDS = {
    "loadbalancer": "load balancer",
    "listener": "listener",
    "pool": "pool",
    "healthmonitor": "health monitor",
    "l7policy": "layer 7 policy",
}
_PLURALS = {"l7policy": "l7policies"}


def _of_kind(kind: str, words: str) -> Iterator[CloudAction]:
    plural = _PLURALS.get(kind, f"{kind}s")
    own = identifier(kind, f"id of the {words}")
    place = f"{V2}/{plural}/{{{kind}}}"
    yield CloudAction(f"{plural}.create", f"Make a {words}", "POST", f"{V2}/{plural}", (envelope(kind),), "{body}")
    yield CloudAction(
        f"{plural}.update", f"Set attributes of a {words}", "PUT", place, (own, ATTRIBUTES), {kind: "{attributes}"}
    )
    if kind == "loadbalancer":
        yield CloudAction(
            "loadbalancers.delete",
            "Delete a load balancer",
            "DELETE",
            place,
            (own, truth("cascade", "with all that belongs to it").optional),
            query={"cascade": "{cascade}"},
        )
    else:
        yield CloudAction(f"{plural}.delete", f"Delete a {words}", "DELETE", place, (own,))


ACTIONS = (
    *(one for kind, words in KINDS.items() for one in _of_kind(kind, words)),
    CloudAction(
        "loadbalancers.failover",
        "Replace what carries a load balancer",
        "PUT",
        f"{V2}/loadbalancers/{{loadbalancer}}/failover",
        (identifier("loadbalancer", "id of the load balancer"),),
    ),
    CloudAction(
        "members.create", "Add a member", "POST", f"{V2}/pools/{{pool}}/members", (POOL, envelope("member")), "{body}"
    ),
    CloudAction(
        "members.update",
        "Set attributes of a member",
        "PUT",
        f"{V2}/pools/{{pool}}/members/{{member}}",
        (POOL, MEMBER, ATTRIBUTES),
        {"member": "{attributes}"},
    ),
    CloudAction(
        "members.delete", "Remove a member", "DELETE", f"{V2}/pools/{{pool}}/members/{{member}}", (POOL, MEMBER)
    ),
    CloudAction(
        "amphorae.failover",
        "Replace an amphora",
        "PUT",
        "/octavia/amphorae/{amphora}/failover",
        (identifier("amphora", "id of the amphora"),),
    ),
    CloudAction(
        "quotas.update",
        "Set a project's quotas",
        "PUT",
        f"{V2}/quotas/{{project}}",
        (identifier("project", "id of the project"), pairs("quotas", "loadbalancer, listener, ... and numbers")),
        {"quota": "{quotas}"},
    ),
    CloudAction(
        "quotas.delete",
        "Return a project to the default quotas",
        "DELETE",
        f"{V2}/quotas/{{project}}",
        (identifier("project", "id of the project"),),
    ),
)
