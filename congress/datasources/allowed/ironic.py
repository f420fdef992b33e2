"""Requests to Ironic, as its API describes them: https://docs.openstack.org/api-ref/baremetal/."""

from __future__ import annotations

from congress.datasources.actions import ChosenAction, CloudAction, Offered, speaking
from congress.datasources.arguments import Parameter, a_list, choice, identifier, number, text, truth

WRITTEN_FOR = "1.31"
NODE = identifier("node_id", "UUID or name of the node")
REASON = text("maint_reason", "why").optional
PATCH = Parameter("patch", "a JSON patch: a list of changes, each with op, path and value", a_list)


def _delete(kind: str, path: str) -> CloudAction:
    own = identifier(f"{kind}_id", f"UUID of the {kind}")
    return CloudAction(f"{kind}.delete", f"Delete the {kind}", "DELETE", f"{path}/{{{own.name}}}", (own,))


def _update(kind: str, path: str) -> CloudAction:
    own = identifier(f"{kind}_id", f"UUID of the {kind}")
    return CloudAction(
        f"{kind}.update", f"Change the {kind}", "PATCH", f"{path}/{{{own.name}}}", (own, PATCH), "{patch}"
    )


_PATHS = {"node": "/nodes", "port": "/ports", "chassis": "/chassis", "portgroup": "/portgroups"}
_MAINTENANCE = "/nodes/{node_id}/maintenance"
MAINTENANCE = ChosenAction(
    "node.set_maintenance",
    "Take a node into maintenance, or back",
    (NODE, truth("state", "whether it is in maintenance"), REASON),
    "state",
    {
        True: CloudAction(
            "", "", "PUT", _MAINTENANCE, (), {"reason": "{maint_reason}"}, microversion=WRITTEN_FOR
        ),
        False: CloudAction("", "", "DELETE", _MAINTENANCE, microversion=WRITTEN_FOR),
    },
)  # fmt: skip

_REQUESTS = (
    CloudAction(
        "node.set_power_state", "Switch the node on or off", "PUT", "/nodes/{node_id}/states/power",
        (
            NODE,
            # The words of the client on the left, those of the API as they are.
            Parameter("state", "on, off, reboot, soft power off or soft rebooting", lambda raw: _power(raw)),
            number("timeout", "seconds that it may take").optional,
        ),
        {"target": "{state}", "timeout": "{timeout}"},
    ),
    CloudAction(
        "node.set_provision_state", "Take the node through its life", "PUT", "/nodes/{node_id}/states/provision",
        (
            NODE,
            choice(
                "state", "", "active", "deleted", "provide", "manage", "inspect", "rebuild", "abort", "adopt", "rescue",
                "unrescue",
            ),
        ),
        {"target": "{state}"},
    ),
    CloudAction(
        "node.set_boot_device", "Choose what the node boots from", "PUT", "/nodes/{node_id}/management/boot_device",
        (NODE, text("boot_device", "pxe, disk, cdrom, ..."), truth("persistent", "not only once").otherwise(False)),
        {"boot_device": "{boot_device}", "persistent": "{persistent}"},
    ),
    CloudAction(
        "node.set_console_mode", "Switch the console on or off", "PUT", "/nodes/{node_id}/states/console",
        (NODE, truth("enabled", "whether it is on")), {"enabled": "{enabled}"},
    ),
    CloudAction(
        "node.inject_nmi", "Interrupt the node's operating system", "PUT", "/nodes/{node_id}/management/inject_nmi",
        (NODE,), {},
    ),
    CloudAction(
        "node.vif_attach", "Attach a virtual interface", "POST", "/nodes/{node_ident}/vifs",
        (NODE.called("node_ident"), text("vif_id", "id of the interface")), {"id": "{vif_id}"},
    ),
    CloudAction(
        "node.vif_detach", "Detach a virtual interface", "DELETE", "/nodes/{node_ident}/vifs/{vif_id}",
        (NODE.called("node_ident"), identifier("vif_id", "id of the interface")),
    ),
    CloudAction(
        "node.add_trait", "Add a trait", "PUT", "/nodes/{node_ident}/traits/{trait}",
        (NODE.called("node_ident"), identifier("trait", "CUSTOM_…")), microversion="1.37",
    ),
    CloudAction(
        "node.remove_trait", "Remove a trait", "DELETE", "/nodes/{node_ident}/traits/{trait}",
        (NODE.called("node_ident"), identifier("trait", "CUSTOM_…")), microversion="1.37",
    ),
    *(_update(kind, path) for kind, path in _PATHS.items()),
    *(_delete(kind, path) for kind, path in _PATHS.items()),
)  # fmt: skip


def _power(raw: object) -> str:
    words = {"on": "power on", "off": "power off", "reboot": "rebooting"}
    return str(_POWER.check(words.get(str(raw).lower(), raw)))


_POWER = choice("state", "", "power on", "power off", "rebooting", "soft power off", "soft rebooting")

ACTIONS: tuple[Offered, ...] = (MAINTENANCE, *speaking(WRITTEN_FOR, *_REQUESTS))
