"""`openstack congress system status`: the nodes of the service."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from osc_lib.command import command


class ShowStatus(command.Lister):
    """List the nodes of Congress: what they do, whether they are ready, which policy revision they show."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        answer = self.app.client_manager.congress.ask("GET", "system", "status")
        if answer["paused"]:
            self.log.warning("actions are paused everywhere; `congress-manage resume` lets them go on")
        leases: dict[str, list[str]] = {}
        for one in answer["leases"]:
            leases.setdefault(one["holder"] or "", []).append(f"{one['name']} (epoch {one['epoch']})")
        return ("Node", "Host", "Roles", "State", "Ready", "Revision", "Leases", "Why Not Ready"), [
            (
                one["id"], one["host"], ", ".join(one["roles"]), one["state"], one["status"].get("ready"),
                one["status"].get("policy_revision"), ", ".join(leases.get(one["id"], ())),
                "; ".join(map(str, one["status"].get("reasons") or ())),
            )
            for one in answer["nodes"]
        ]  # fmt: skip
