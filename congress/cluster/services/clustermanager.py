"""Corosync, Pacemaker and their tools, on every node of a cluster. It is what starts the others, so nothing starts it.

Its configuration follows from the cluster as a whole, and is rendered with it.
"""

from __future__ import annotations

import pydantic

from congress.cluster.services.contract import Declaration, HealthTest, Mode, Port, Service, Site


class ClusterManager(Service):
    """Also present where a description does not name it; named, it adds its health test and its ports to the checks."""

    name = "clustermanager"
    title = "Cluster manager (Corosync, Pacemaker, pcs)"
    mode = Mode.ACTIVE_ACTIVE

    def declare(self, site: Site, options: pydantic.BaseModel) -> Declaration:  # noqa: ARG002
        return Declaration(
            packages=(
                "corosync",
                "pacemaker",
                "pacemaker-cli-utils",
                "pcs",
                "resource-agents",
                "fence-agents",
                "chrony",
            ),
            ports=(
                Port(5405, "internal", "corosync", "udp"),
                Port(3121, "internal", "pacemaker_remote"),
            ),
            not_at_boot=("pcsd",),
            health=HealthTest('test "$(crm_node -q)" = 1'),
        )
