"""What a node keeps of a cluster when it is no member: its copy of the configuration.

Members that meet take the copy that was changed most often, so a machine that comes from another cluster, or from this
one's past, would replace what the others run.
"""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.deployment import Cluster
from congress.cluster.plan.conditions import Blank, Condition, FileIs, Runs
from congress.cluster.plan.following import Following
from congress.cluster.plan.steps import Action, Remove, Script, Step
from congress.cluster.render.corosync import CONFIGURATION, KEY
from congress.cluster.render.system import REMOTE_KEY

MANAGER = frozenset({"corosync", "pacemaker"})
COPY = "/var/lib/pacemaker/cib/cib.xml"
FORGET = "rm -rf /var/lib/pacemaker/cib/* /var/lib/pacemaker/pengine/*"
"""Without backups, which would be used in place of the copy."""


def of_a_former_member(now: Following, cluster: Cluster, name: str) -> Iterator[Step]:
    """Who left has nothing to meet others with: neither the configuration nor the keys."""
    if _stopped(now, name):
        paths = (CONFIGURATION, KEY, REMOTE_KEY)
        yield from _forgotten(
            now,
            name,
            f"{name} has left {cluster.name}, and would bring its configuration of now into whatever cluster it joins.",
            (*(Remove(name, path) for path in paths), Script(name, FORGET)),
            tuple(FileIs(name, path, None) for path in paths),
        )


def of_a_newcomer(now: Following, cluster: Cluster, name: str) -> Iterator[Step]:
    """Who joins a cluster that runs has its configuration from the others."""
    state = now.state.cluster(cluster.name)
    if state.quorate and name not in state.known and _stopped(now, name):
        why = f"{name} is new to {cluster.name}, and its copy may have changed more often than that of the others."
        yield from _forgotten(now, name, why, (Script(name, FORGET),), ())


def _stopped(now: Following, name: str) -> bool:
    node = now.state.node(name)
    return node.keeps and not MANAGER & node.running


def _forgotten(
    now: Following, name: str, why: str, actions: tuple[Action, ...], gone: tuple[Condition, ...]
) -> Iterator[Step]:
    yield from now.step(
        f"{name}: forget the configuration",
        why,
        # The copy goes last: as long as it is there, all of this is done again.
        actions=actions,
        before=(Runs(name, MANAGER, wanted=False),),
        after=(*gone, Blank(name)),
    )
