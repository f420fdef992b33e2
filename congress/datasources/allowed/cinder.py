"""Requests to Cinder about volumes and snapshots, as its API describes them:
https://docs.openstack.org/api-ref/block-storage/v3/."""

from __future__ import annotations

from typing import Any

from congress.datasources.actions import CloudAction
from congress.datasources.allowed import cinderadmin
from congress.datasources.arguments import Parameter, choice, document, identifier, number, pairs, text, truth

VOLUME = identifier("volume", "id of the volume")
SNAPSHOT = identifier("snapshot", "id of the snapshot")
NAME = text("name", "name").optional
DESCRIPTION = text("description", "what is said of it").optional
METADATA = document("metadata", "keys and values")
KEY = identifier("keys", "name of the entry")
STATE = text("state", "available, error, ...")


def _on_volume(name: str, description: str, verb: str, inside: Any, *parameters: Parameter) -> CloudAction:
    return CloudAction(
        f"volumes.{name}", description, "POST", "/volumes/{volume}/action", (VOLUME, *parameters), {verb: inside}
    )


_VERBS = (
    _on_volume("extend", "Make the volume larger", "os-extend", {"new_size": "{new_size}"}, number("new_size", "GiB")),
    _on_volume(
        "reset_state",
        "Set the state that Cinder believes the volume to have",
        "os-reset_status",
        {"status": "{state}", "attach_status": "{attach_status}", "migration_status": "{migration_status}"},
        STATE,
        text("attach_status", "attached or detached").optional,
        text("migration_status", "none, migrating, ...").optional,
    ),
    _on_volume("force_delete", "Delete the volume, whatever its state", "os-force_delete", {}),
    _on_volume(
        "attach",
        "Note that a server uses the volume",
        "os-attach",
        {
            "instance_uuid": "{instance_uuid}",
            "mountpoint": "{mountpoint}",
            "mode": "{mode}",
            "host_name": "{host_name}",
        },
        text("instance_uuid", "id of the server").optional,
        text("mountpoint", "e.g. /dev/vdb"),
        choice("mode", "", "rw", "ro").otherwise("rw"),
        text("host_name", "name of a host instead of a server").optional,
    ),
    _on_volume(
        "detach",
        "Note that nobody uses the volume any more",
        "os-detach",
        {"attachment_id": "{attachment_uuid}"},
        text("attachment_uuid", "id of the attachment").optional,
    ),
    _on_volume("begin_detaching", "Mark the volume as being detached", "os-begin_detaching", None),
    _on_volume("roll_detaching", "Mark the volume as in use again", "os-roll_detaching", None),
    _on_volume("reserve", "Mark the volume as being attached", "os-reserve", None),
    _on_volume("unreserve", "Mark the volume as available again", "os-unreserve", None),
    _on_volume(
        "terminate_connection",
        "End a host's connection to the volume",
        "os-terminate_connection",
        {"connector": "{connector}"},
        document("connector", "the connector of the host"),
    ),
    _on_volume(
        "migrate_volume",
        "Move the volume to another back end",
        "os-migrate_volume",
        {"host": "{host}", "force_host_copy": "{force_host_copy}", "lock_volume": "{lock_volume}"},
        text("host", "host@backend#pool"),
        truth("force_host_copy", "copy through the host").otherwise(False),
        truth("lock_volume", "let nothing interrupt it").otherwise(False),
    ),
    CloudAction(
        "volumes.migrate_volume_completion",
        "End a migration",
        "POST",
        "/volumes/{old_volume}/action",
        (
            VOLUME.called("old_volume"),
            text("new_volume", "id of the volume that takes its place"),
            truth("error", "whether the migration failed").otherwise(False),
        ),
        {"os-migrate_volume_completion": {"new_volume": "{new_volume}", "error": "{error}"}},
    ),
    _on_volume(
        "retype",
        "Give the volume another type",
        "os-retype",
        {"new_type": "{volume_type}", "migration_policy": "{policy}"},
        text("volume_type", "name or id of the type"),
        choice("policy", "whether it may be moved for it", "never", "on-demand").otherwise("never"),
    ),
    _on_volume(
        "set_bootable",
        "Say whether servers can boot from it",
        "os-set_bootable",
        {"bootable": "{flag}"},
        truth("flag", "bootable"),
    ),
    _on_volume(
        "update_readonly_flag",
        "Forbid or allow to write to it",
        "os-update_readonly_flag",
        {"readonly": "{flag}"},
        truth("flag", "read only"),
    ),
    _on_volume(
        "set_image_metadata", "Set metadata of its image", "os-set_image_metadata", {"metadata": "{metadata}"}, METADATA
    ),
    _on_volume(
        "delete_image_metadata",
        "Delete one entry of its image's metadata",
        "os-unset_image_metadata",
        {"key": "{keys}"},
        text("keys", "name of the entry"),
    ),
    _on_volume("unmanage", "Forget the volume and keep its data", "os-unmanage", {}),
    _on_volume(
        "upload_to_image",
        "Make an image of the volume",
        "os-volume_upload_image",
        {
            "force": "{force}",
            "image_name": "{image_name}",
            "container_format": "{container_format}",
            "disk_format": "{disk_format}",
        },
        truth("force", "also while it is in use"),
        text("image_name", "name of the image"),
        text("container_format", "bare, ...").otherwise("bare"),
        text("disk_format", "raw, qcow2, ...").otherwise("raw"),
    ),
)

_VOLUMES = (
    CloudAction(
        "volumes.delete",
        "Delete the volume",
        "DELETE",
        "/volumes/{volume}",
        (VOLUME, truth("cascade", "its snapshots, too").optional),
        query={"cascade": "{cascade}"},
    ),
    CloudAction(
        "volumes.create",
        "Make a volume",
        "POST",
        "/volumes",
        (
            number("size", "GiB"),
            text("consistencygroup_id", "id of its consistency group").optional,
            text("snapshot_id", "id of the snapshot it is made from").optional,
            text("source_volid", "id of the volume it is made from").optional,
            NAME,
            DESCRIPTION,
            text("volume_type", "name or id of its type").optional,
            text("availability_zone", "where to make it").optional,
            METADATA.optional,
            text("imageRef", "id of the image it is made from").optional,
            document("scheduler_hints", "hints for the scheduler").optional,
        ),
        {
            "volume": {
                "size": "{size}",
                "consistencygroup_id": "{consistencygroup_id}",
                "snapshot_id": "{snapshot_id}",
                "source_volid": "{source_volid}",
                "name": "{name}",
                "description": "{description}",
                "volume_type": "{volume_type}",
                "availability_zone": "{availability_zone}",
                "metadata": "{metadata}",
                "imageRef": "{imageRef}",
            },
            "OS-SCH-HNT:scheduler_hints": "{scheduler_hints}",
        },
    ),
    CloudAction(
        "volumes.update",
        "Set name, description and metadata",
        "PUT",
        "/volumes/{volume}",
        (VOLUME, pairs("attributes", "attributes")),
        {"volume": "{attributes}"},
    ),
    CloudAction(
        "volumes.set_metadata",
        "Set metadata",
        "POST",
        "/volumes/{volume}/metadata",
        (VOLUME, METADATA),
        {"metadata": "{metadata}"},
    ),
    CloudAction(
        "volumes.update_all_metadata",
        "Replace all metadata",
        "PUT",
        "/volumes/{volume}/metadata",
        (VOLUME, METADATA),
        {"metadata": "{metadata}"},
    ),
    CloudAction(
        "volumes.delete_metadata",
        "Delete one entry of the metadata",
        "DELETE",
        "/volumes/{volume}/metadata/{keys}",
        (VOLUME, KEY),
    ),
    CloudAction(
        "volumes.manage",
        "Take over a volume that a back end has",
        "POST",
        "/os-volume-manage",
        (
            text("host", "host@backend#pool"),
            document("ref", "how the back end names it"),
            NAME,
            DESCRIPTION,
            text("volume_type", "name or id of its type").optional,
            text("availability_zone", "its zone").optional,
            METADATA.optional,
            truth("bootable", "whether servers can boot from it").optional,
        ),
        {
            "volume": {
                "host": "{host}",
                "ref": "{ref}",
                "name": "{name}",
                "description": "{description}",
                "volume_type": "{volume_type}",
                "availability_zone": "{availability_zone}",
                "metadata": "{metadata}",
                "bootable": "{bootable}",
            }
        },
    ),
)

_SNAPSHOTS = (
    CloudAction("volume_snapshots.delete", "Delete the snapshot", "DELETE", "/snapshots/{snapshot}", (SNAPSHOT,)),
    CloudAction(
        "volume_snapshots.create",
        "Make a snapshot of a volume",
        "POST",
        "/snapshots",
        (
            text("volume_id", "id of the volume"),
            truth("force", "also while it is in use").optional,
            NAME,
            DESCRIPTION,
            METADATA.optional,
        ),
        {
            "snapshot": {
                "volume_id": "{volume_id}",
                "force": "{force}",
                "name": "{name}",
                "description": "{description}",
                "metadata": "{metadata}",
            }
        },
    ),
    CloudAction(
        "volume_snapshots.update",
        "Set name and description",
        "PUT",
        "/snapshots/{snapshot}",
        (SNAPSHOT, pairs("attributes", "attributes")),
        {"snapshot": "{attributes}"},
    ),
    CloudAction(
        "volume_snapshots.reset_state",
        "Set the state that Cinder believes the snapshot to have",
        "POST",
        "/snapshots/{snapshot}/action",
        (SNAPSHOT, STATE),
        {"os-reset_status": {"status": "{state}"}},
    ),
    CloudAction(
        "volume_snapshots.update_snapshot_status",
        "Report how far the snapshot is",
        "POST",
        "/snapshots/{snapshot}/action",
        (SNAPSHOT, document("update_dict", "status and progress")),
        {"os-update_snapshot_status": "{update_dict}"},
    ),
    CloudAction(
        "volume_snapshots.set_metadata",
        "Set metadata",
        "POST",
        "/snapshots/{snapshot}/metadata",
        (SNAPSHOT, METADATA),
        {"metadata": "{metadata}"},
    ),
    CloudAction(
        "volume_snapshots.update_all_metadata",
        "Replace all metadata",
        "PUT",
        "/snapshots/{snapshot}/metadata",
        (SNAPSHOT, METADATA),
        {"metadata": "{metadata}"},
    ),
    CloudAction(
        "volume_snapshots.delete_metadata",
        "Delete one entry of the metadata",
        "DELETE",
        "/snapshots/{snapshot}/metadata/{keys}",
        (SNAPSHOT, KEY),
    ),
    CloudAction(
        "volume_snapshots.manage",
        "Take over a snapshot that a back end has",
        "POST",
        "/os-snapshot-manage",
        (
            text("volume_id", "id of its volume"),
            document("ref", "how the back end names it"),
            NAME,
            DESCRIPTION,
            METADATA.optional,
        ),
        {
            "snapshot": {
                "volume_id": "{volume_id}",
                "ref": "{ref}",
                "name": "{name}",
                "description": "{description}",
                "metadata": "{metadata}",
            }
        },
    ),
    CloudAction(
        "volume_snapshots.unmanage",
        "Forget the snapshot and keep its data",
        "POST",
        "/snapshots/{snapshot}/action",
        (SNAPSHOT,),
        {"os-unmanage": {}},
    ),
)

ACTIONS = (*_VERBS, *_VOLUMES, *_SNAPSHOTS, *cinderadmin.ACTIONS)
