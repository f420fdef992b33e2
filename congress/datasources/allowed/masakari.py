"""Requests to Masakari, as its API describes them: https://docs.openstack.org/api-ref/instance-ha/."""

from __future__ import annotations

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import choice, document, identifier, pairs, text, truth

SEGMENT = identifier("segment", "id of the segment")
HOST = identifier("host", "id of the host")
ATTRIBUTES = pairs("attributes", "attributes")

ACTIONS = (
    CloudAction(
        "segments.create", "Make a segment of hosts", "POST", "/segments",
        (
            text("name", "name"),
            choice("recovery_method", "", "auto", "reserved_host", "auto_priority", "rh_priority"),
            text("service_type", "e.g. COMPUTE"),
            text("description", "what is said of it").optional,
        ),
        {
            "segment": {
                "name": "{name}",
                "recovery_method": "{recovery_method}",
                "service_type": "{service_type}",
                "description": "{description}",
            }
        },
    ),
    CloudAction(
        "segments.update", "Set attributes of a segment", "PUT", "/segments/{segment}", (SEGMENT, ATTRIBUTES),
        {"segment": "{attributes}"},
    ),
    CloudAction("segments.delete", "Delete a segment", "DELETE", "/segments/{segment}", (SEGMENT,)),
    CloudAction(
        "hosts.create", "Add a host to a segment", "POST", "/segments/{segment}/hosts",
        (
            SEGMENT,
            text("name", "name of the host"),
            text("type", "e.g. COMPUTE"),
            text("control_attributes", "e.g. SSH"),
            truth("reserved", "kept free for others' servers").optional,
            truth("on_maintenance", "not looked at").optional,
        ),
        {
            "host": {
                "name": "{name}",
                "type": "{type}",
                "control_attributes": "{control_attributes}",
                "reserved": "{reserved}",
                "on_maintenance": "{on_maintenance}",
            }
        },
    ),
    CloudAction(
        "hosts.update", "Set attributes of a host", "PUT", "/segments/{segment}/hosts/{host}",
        (SEGMENT, HOST, ATTRIBUTES), {"host": "{attributes}"},
    ),
    CloudAction(
        "hosts.delete", "Take a host out of a segment", "DELETE", "/segments/{segment}/hosts/{host}", (SEGMENT, HOST)
    ),
    CloudAction(
        "notifications.create", "Report a failure, which is then recovered from", "POST", "/notifications",
        (
            choice("type", "", "COMPUTE_HOST", "VM", "PROCESS"),
            text("hostname", "name of the host"),
            text("generated_time", "when, YYYY-MM-DDTHH:MM:SS"),
            document("payload", "what happened, as Masakari's API describes it"),
        ),
        {
            "notification": {
                "type": "{type}",
                "hostname": "{hostname}",
                "generated_time": "{generated_time}",
                "payload": "{payload}",
            }
        },
    ),
)  # fmt: skip
