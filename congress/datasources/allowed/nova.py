"""Requests to Nova about servers, as its API describes them: https://docs.openstack.org/api-ref/compute/."""

from __future__ import annotations

from typing import Any

from congress.datasources.actions import CloudAction, speaking
from congress.datasources.allowed import novahosts
from congress.datasources.arguments import (
    Parameter,
    a_list,
    a_text,
    a_truth,
    choice,
    document,
    identifier,
    items,
    number,
    pairs,
    text,
    texts_by_key,
    truth,
)

WRITTEN_FOR = "2.26"
"""Bodies are those of this microversion, whatever the datasource reads with."""

SERVER = identifier("server", "id of the server")
FLAVOR = identifier("flavor", "id of the flavor")
HOST = text("host", "name of the host")
NAME = text("name", "name")
GROUP = text("security_group", "name of the group")
IMAGE = text("image", "id of the image")
METADATA = document("metadata", "keys and values")
KEY = identifier("key", "name of the entry")


def _migrating(raw: Any) -> Any:
    return "auto" if str(raw).lower() == "auto" else a_truth(raw)


def _named(raw: Any) -> list[Any]:
    return [one if isinstance(one, dict) else {"name": one} for one in a_list(raw)]


def _on_server(name: str, description: str, verb: str, inside: Any = None, *parameters: Parameter) -> CloudAction:
    return CloudAction(
        f"servers.{name}", description, "POST", "/servers/{server}/action", (SERVER, *parameters), {verb: inside}
    )


_VERBS = (
    _on_server("pause", "Keep the server in memory, give it no processor time", "pause"),
    _on_server("unpause", "Continue a paused server", "unpause"),
    _on_server("suspend", "Save the server's memory to disk and stop it", "suspend"),
    _on_server("resume", "Continue a suspended server", "resume"),
    _on_server("start", "Switch the server on", "os-start"),
    _on_server("stop", "Switch the server off", "os-stop"),
    _on_server("lock", "Forbid its users to change the server", "lock"),
    _on_server("unlock", "Allow it again", "unlock"),
    _on_server("shelve", "Stop the server and keep it as an image", "shelve"),
    _on_server("shelve_offload", "Take a shelved server off its host", "shelveOffload"),
    _on_server("unshelve", "Bring a shelved server back", "unshelve"),
    _on_server(
        "reboot",
        "Reboot the server",
        "reboot",
        {"type": "{reboot_type}"},
        choice("reboot_type", "", "SOFT", "HARD").otherwise("SOFT"),
    ),
    _on_server("migrate", "Move the server to a host that the scheduler chooses, stopping it meanwhile", "migrate"),
    _on_server(
        "live_migrate",
        "Move the running server",
        "os-migrateLive",
        {"host": "{host}", "block_migration": "{block_migration}"},
        HOST.otherwise(None),
        Parameter("block_migration", "whether disks are copied: auto, True or False", _migrating).otherwise("auto"),
    ),
    _on_server("evacuate", "Rebuild the server of a host that is down", "evacuate", {"host": "{host}"}, HOST.optional),
    _on_server("confirm_resize", "Keep the new size or host", "confirmResize"),
    _on_server("revert_resize", "Return to the old size or host", "revertResize"),
    _on_server(
        "resize",
        "Give the server another flavor",
        "resize",
        {"flavorRef": "{flavor}", "OS-DCF:diskConfig": "{disk_config}"},
        FLAVOR,
        choice("disk_config", "", "AUTO", "MANUAL").optional,
    ),
    _on_server(
        "rebuild",
        "Make the server anew from an image",
        "rebuild",
        {
            "imageRef": "{image}",
            "OS-DCF:diskConfig": "{disk_config}",
            "preserve_ephemeral": "{preserve_ephemeral}",
            "name": "{name}",
            "metadata": "{meta}",
        },
        IMAGE,
        choice("disk_config", "", "AUTO", "MANUAL").optional,
        truth("preserve_ephemeral", "keep the ephemeral disk").optional,
        NAME.optional,
        METADATA.called("meta").optional,
    ),
    _on_server(
        "rescue", "Boot the server from a rescue image", "rescue", {"rescue_image_ref": "{image}"}, IMAGE.optional
    ),
    _on_server("unrescue", "Boot the rescued server as before", "unrescue"),
    _on_server("restore", "Bring a softly deleted server back", "restore"),
    _on_server("force_delete", "Delete the server at once, also a softly deleted one", "forceDelete"),
    _on_server("trigger_crash_dump", "Let the server's kernel crash and write a dump", "trigger_crash_dump"),
    _on_server(
        "reset_state",
        "Set the state that Nova believes the server to have",
        "os-resetState",
        {"state": "{state}"},
        choice("state", "", "error", "active").otherwise("error"),
    ),
    _on_server(
        "backup",
        "Make an image of the server, and delete the oldest one",
        "createBackup",
        {"name": "{backup_name}", "backup_type": "{backup_type}", "rotation": "{rotation}"},
        text("backup_name", "name of the image"),
        text("backup_type", "daily, weekly, ..."),
        number("rotation", "how many are kept"),
    ),
    _on_server(
        "create_image",
        "Make an image of the server",
        "createImage",
        {"name": "{image_name}", "metadata": "{metadata}"},
        text("image_name", "name of the image"),
        METADATA.optional,
    ),
    _on_server(
        "add_security_group",
        "Add a security group to all ports of the server",
        "addSecurityGroup",
        {"name": "{security_group}"},
        GROUP,
    ),
    _on_server(
        "remove_security_group",
        "Remove a security group from all ports of the server",
        "removeSecurityGroup",
        {"name": "{security_group}"},
        GROUP,
    ),
)

_TAG = identifier("tag", "the tag")
_SERVERS = (
    CloudAction("servers.delete", "Delete the server", "DELETE", "/servers/{server}", (SERVER,)),
    CloudAction(
        "servers.create",
        "Make a server",
        "POST",
        "/servers",
        (
            NAME,
            IMAGE,
            FLAVOR,
            METADATA.called("meta").optional,
            number("min_count", "fewest servers to make").optional,
            number("max_count", "most servers to make").optional,
            Parameter("security_groups", "names of groups, with commas between them", _named).optional,
            text("userdata", "data for the server, in Base64").optional,
            text("key_name", "name of the key pair").optional,
            text("availability_zone", "where to make it").optional,
            items("block_device_mapping_v2", "disks, as Nova's API describes them").optional,
            items("nics", 'networks, each {"uuid": ...} or {"port": ...}').optional,
            document("scheduler_hints", "hints for the scheduler").optional,
            truth("config_drive", "whether it has a configuration drive").optional,
            choice("disk_config", "", "AUTO", "MANUAL").optional,
        ),
        {
            "server": {
                "name": "{name}",
                "imageRef": "{image}",
                "flavorRef": "{flavor}",
                "metadata": "{meta}",
                "min_count": "{min_count}",
                "max_count": "{max_count}",
                "security_groups": "{security_groups}",
                "user_data": "{userdata}",
                "key_name": "{key_name}",
                "availability_zone": "{availability_zone}",
                "block_device_mapping_v2": "{block_device_mapping_v2}",
                "networks": "{nics}",
                "config_drive": "{config_drive}",
                "OS-DCF:diskConfig": "{disk_config}",
            },
            "os:scheduler_hints": "{scheduler_hints}",
        },
    ),
    CloudAction(
        "servers.update",
        "Set name and description",
        "PUT",
        "/servers/{server}",
        (SERVER, NAME.optional, text("description", "what is said of it").optional),
        {"server": {"name": "{name}", "description": "{description}"}},
    ),
    CloudAction("servers.add_tag", "Add a tag", "PUT", "/servers/{server}/tags/{tag}", (SERVER, _TAG)),
    CloudAction("servers.delete_tag", "Remove a tag", "DELETE", "/servers/{server}/tags/{tag}", (SERVER, _TAG)),
    CloudAction("servers.delete_all_tags", "Remove all tags", "DELETE", "/servers/{server}/tags", (SERVER,)),
    CloudAction(
        "servers.set_tags",
        "Replace all tags",
        "PUT",
        "/servers/{server}/tags",
        (SERVER, items("tags", "the tags")),
        {"tags": "{tags}"},
    ),
    CloudAction(
        "servers_set_meta",
        "Set metadata",
        "POST",
        "/servers/{server}/metadata",
        (SERVER, pairs("meta", "entries", texts_by_key)),
        {"metadata": "{meta}"},
    ),
    CloudAction(
        "servers.set_meta",
        "Set metadata",
        "POST",
        "/servers/{server}/metadata",
        (SERVER, METADATA),
        {"metadata": "{metadata}"},
    ),
    CloudAction(
        "servers.set_meta_item",
        "Set one entry of the metadata",
        "PUT",
        "/servers/{server}/metadata/{key}",
        (SERVER, KEY, text("value", "its value")),
        {"meta": {"{key}": "{value}"}},
    ),
    CloudAction(
        "servers.delete_meta",
        "Delete one entry of the metadata",
        "DELETE",
        "/servers/{server}/metadata/{keys}",
        (SERVER, KEY.called("keys")),
    ),
    CloudAction(
        "servers.clear_password",
        "Forget the administrator's password that Nova holds",
        "DELETE",
        "/servers/{server}/os-server-password",
        (SERVER,),
    ),
    CloudAction(
        "servers.interface_attach",
        "Attach a port, or a new port on a network",
        "POST",
        "/servers/{server}/os-interface",
        (
            SERVER,
            text("port_id", "id of the port").optional,
            text("net_id", "id of the network").optional,
            Parameter("fixed_ip", "address of the new port", lambda raw: [{"ip_address": a_text(raw)}]).optional,
        ),
        {"interfaceAttachment": {"port_id": "{port_id}", "net_id": "{net_id}", "fixed_ips": "{fixed_ip}"}},
    ),
    CloudAction(
        "servers.interface_detach",
        "Detach a port",
        "DELETE",
        "/servers/{server}/os-interface/{port_id}",
        (SERVER, identifier("port_id", "id of the port")),
    ),
    CloudAction(
        "volumes.create_server_volume",
        "Attach a volume",
        "POST",
        "/servers/{server_id}/os-volume_attachments",
        (
            SERVER.called("server_id"),
            text("volume_id", "id of the volume"),
            text("device", "e.g. /dev/vdb").optional,
        ),
        {"volumeAttachment": {"volumeId": "{volume_id}", "device": "{device}"}},
    ),
    CloudAction(
        "volumes.update_server_volume",
        "Put another volume in the place of an attached one",
        "PUT",
        "/servers/{server_id}/os-volume_attachments/{src_volid}",
        (
            SERVER.called("server_id"),
            identifier("src_volid", "id of the attached volume"),
            text("dest_volid", "id of the other volume"),
        ),
        {"volumeAttachment": {"volumeId": "{dest_volid}"}},
    ),
    CloudAction(
        "volumes.delete_server_volume",
        "Detach a volume",
        "DELETE",
        "/servers/{server_id}/os-volume_attachments/{volume_id}",
        (SERVER.called("server_id"), identifier("volume_id", "id of the volume")),
    ),
)

ACTIONS = speaking(WRITTEN_FOR, *_VERBS, *_SERVERS, *novahosts.ACTIONS)
