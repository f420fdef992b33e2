"""Changes that Pacemaker would restart a resource for, everywhere at once, though its processes need none.

Some agents use their parameters only to start: which nodes belong to the database. A change of one is loaded in
maintenance; then Pacemaker looks at the resources anew, and what it finds running counts as started that way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from congress.cluster.deployment import Cluster
from congress.cluster.pacemaker.cib import primitives
from congress.cluster.plan.conditions import Maintenance, Online
from congress.cluster.plan.following import Following
from congress.cluster.plan.steps import Script, Step
from congress.cluster.render.corosync import members

AGENTS = ("ocf:heartbeat:galera",)


def kept_running(cluster: Cluster, old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The resources that change and need no restart."""
    return tuple(
        name for name in _quiet(cluster) if old.get(f"resources/{name}", "") not in ("", new.get(f"resources/{name}"))
    )


def begun(now: Following, cluster: Cluster, why: str) -> Iterator[Step]:
    """Pacemaker leaves everything as it is."""
    first = members(cluster)[0].name
    yield from now.step(
        f"{cluster.name}: begin maintenance",
        why,
        actions=(Script(first, "crm_attribute --name maintenance-mode --update true"),),
        before=(Online(cluster.name, frozenset({first})),),
        after=(Maintenance(cluster.name, wanted=True),),
    )


def ended(now: Following, cluster: Cluster) -> Iterator[Step]:
    """Pacemaker looks at these resources anew, and goes on."""
    first = members(cluster)[0].name
    present = now.state.cluster(cluster.name).elements
    commands = [
        f"crm_resource --refresh --resource={name}" for name in _quiet(cluster) if f"resources/{name}" in present
    ]
    # What is found running counts as started with the parameters of now.
    commands += ["crm_resource --wait --timeout=120s"] if commands else []
    yield from now.step(
        f"{cluster.name}: end maintenance",
        f"Pacemaker leaves everything in {cluster.name} as it is; what comes next has to be started by it.",
        actions=(Script(first, "\n".join(["set -e", *commands, "crm_attribute --name maintenance-mode --delete"])),),
        before=(Online(cluster.name, frozenset({first})),),
        after=(Maintenance(cluster.name, wanted=False),),
    )


def _quiet(cluster: Cluster) -> tuple[str, ...]:
    return tuple(
        resource.id
        for resource in cluster.configuration.resources
        if any(primitive.agent in AGENTS for primitive in primitives([resource]))
    )
