"""Requests to Cinder about what is not a volume: backups, types, groups, quotas, services.

Source: https://docs.openstack.org/api-ref/block-storage/v3/.
"""

from __future__ import annotations

from congress.datasources.actions import CloudAction
from congress.datasources.arguments import document, identifier, items, pairs, text, truth

BACKUP = identifier("backup", "id of the backup")
TYPE = identifier("volume_type", "id of the type")
SPECS = identifier("qos_specs", "id of the specification")
TENANT = identifier("tenant_id", "id of the project")
GROUP = identifier("consistencygroup", "id of the group")
NAME = text("name", "name").optional
DESCRIPTION = text("description", "what is said of it").optional
HOST, BINARY = text("host", "host or host@backend"), text("binary", "e.g. cinder-volume")
TYPE_ID = text("vol_type_id", "id of the type")
QUOTAS = pairs("quotas", "volumes, snapshots, gigabytes, ... and numbers")
PUBLIC = truth("is_public", "whether every project may use it").optional

_BACKUPS = (
    CloudAction(
        "volume_backups.create",
        "Back a volume up",
        "POST",
        "/backups",
        (
            text("volume_id", "id of the volume"),
            text("container", "where the backup goes").optional,
            NAME,
            DESCRIPTION,
            truth("incremental", "only what changed").optional,
            truth("force", "also while it is in use").optional,
            text("snapshot_id", "id of a snapshot to back up instead").optional,
        ),
        {
            "backup": {
                "volume_id": "{volume_id}",
                "container": "{container}",
                "name": "{name}",
                "description": "{description}",
                "incremental": "{incremental}",
                "force": "{force}",
                "snapshot_id": "{snapshot_id}",
            }
        },
    ),
    CloudAction("volume_backups.delete", "Delete the backup", "DELETE", "/backups/{backup}", (BACKUP,)),
    CloudAction(
        "volume_backups.import_record", "Take over a backup that was made elsewhere", "POST", "/backups/import_record",
        (text("backup_service", "name of its driver"), text("backup_url", "what export_record gave")),
        {"backup-record": {"backup_service": "{backup_service}", "backup_url": "{backup_url}"}},
    ),
    CloudAction(
        "volume_backups.reset_state", "Set the state that Cinder believes the backup to have", "POST",
        "/backups/{backup}/action", (BACKUP, text("state", "available, error, ...")),
        {"os-reset_status": {"status": "{state}"}},
    ),
    CloudAction(
        "volume_backups_restore.restore", "Write a backup to a volume", "POST", "/backups/{backup_id}/restore",
        (BACKUP.called("backup_id"), text("volume_id", "id of the volume").optional, NAME),
        {"restore": {"volume_id": "{volume_id}", "name": "{name}"}},
    ),
)  # fmt: skip

_TYPES = (
    CloudAction(
        "volume_types.create", "Make a volume type", "POST", "/types", (text("name", "name"), DESCRIPTION, PUBLIC),
        {
            "volume_type": {
                "name": "{name}",
                "description": "{description}",
                "os-volume-type-access:is_public": "{is_public}",
            }
        },
    ),
    CloudAction(
        "volume_types.update", "Set name, description and visibility", "PUT", "/types/{volume_type}",
        (TYPE, NAME, DESCRIPTION, PUBLIC),
        {"volume_type": {"name": "{name}", "description": "{description}", "is_public": "{is_public}"}},
    ),
    CloudAction("volume_types.delete", "Delete the type", "DELETE", "/types/{volume_type}", (TYPE,)),
    CloudAction(
        "volume_type_access.add_project_access", "Let a project use the type", "POST", "/types/{volume_type}/action",
        (TYPE, text("project", "id of the project")), {"addProjectAccess": {"project": "{project}"}},
    ),
    CloudAction(
        "volume_type_access.remove_project_access", "No longer let a project use the type", "POST",
        "/types/{volume_type}/action", (TYPE, text("project", "id of the project")),
        {"removeProjectAccess": {"project": "{project}"}},
    ),
    CloudAction(
        "volume_encryption_types.create", "Encrypt volumes of the type", "POST", "/types/{volume_type}/encryption",
        (TYPE, document("specs", "provider, cipher, key_size, control_location")), {"encryption": "{specs}"},
    ),
    CloudAction(
        "volume_encryption_types.update", "Change how volumes of the type are encrypted", "PUT",
        "/types/{volume_type}/encryption/provider",
        (TYPE, document("specs", "provider, cipher, key_size, control_location")), {"encryption": "{specs}"},
    ),
    CloudAction(
        "volume_encryption_types.delete", "No longer encrypt volumes of the type", "DELETE",
        "/types/{volume_type}/encryption/provider", (TYPE,),
    ),
    CloudAction(
        "qos_specs.create", "Make a specification of service quality", "POST", "/qos-specs",
        (text("name", "name"), document("specs", "keys and values").otherwise({})),
        {"qos_specs": {"name": "{name}", "**": "{specs}"}},
    ),
    CloudAction(
        "qos_specs.delete", "Delete the specification", "DELETE", "/qos-specs/{qos_specs}",
        (SPECS, truth("force", "also while types use it").optional), query={"force": "{force}"},
    ),
    CloudAction(
        "qos_specs.set_keys", "Set keys of the specification", "PUT", "/qos-specs/{qos_specs}",
        (SPECS, document("specs", "keys and values")), {"qos_specs": "{specs}"},
    ),
    CloudAction(
        "qos_specs.unset_keys", "Delete keys of the specification", "PUT", "/qos-specs/{qos_specs}/delete_keys",
        (SPECS, items("specs", "the keys")), {"keys": "{specs}"},
    ),
    # NOTE: Cinder's API does these three on a GET.
    CloudAction(
        "qos_specs.associate", "Let the specification hold for a volume type", "GET",
        "/qos-specs/{qos_specs}/associate", (SPECS, TYPE_ID), query={"vol_type_id": "{vol_type_id}"},
    ),
    CloudAction(
        "qos_specs.disassociate", "No longer let it hold for a volume type", "GET",
        "/qos-specs/{qos_specs}/disassociate", (SPECS, TYPE_ID), query={"vol_type_id": "{vol_type_id}"},
    ),
    CloudAction(
        "qos_specs.disassociate_all", "No longer let it hold for any volume type", "GET",
        "/qos-specs/{qos_specs}/disassociate_all", (SPECS,),
    ),
)  # fmt: skip

_GROUPS = (
    CloudAction(
        "consistencygroups.create",
        "Make a consistency group",
        "POST",
        "/consistencygroups",
        (
            text("volume_types", "names of the types of its volumes, with commas between them"),
            NAME,
            DESCRIPTION,
            text("availability_zone", "its zone").optional,
        ),
        {
            "consistencygroup": {
                "volume_types": "{volume_types}",
                "name": "{name}",
                "description": "{description}",
                "availability_zone": "{availability_zone}",
            }
        },
    ),
    CloudAction(
        "consistencygroups.create_from_src", "Make a consistency group from another, or from its snapshot", "POST",
        "/consistencygroups/create_from_src",
        (
            text("cgsnapshot_id", "id of the snapshot").optional,
            text("source_cgid", "id of the group").optional,
            NAME,
            DESCRIPTION,
        ),
        {
            "consistencygroup-from-src": {
                "cgsnapshot_id": "{cgsnapshot_id}",
                "source_cgid": "{source_cgid}",
                "name": "{name}",
                "description": "{description}",
            }
        },
    ),
    CloudAction(
        "consistencygroups.update", "Change the group", "PUT", "/consistencygroups/{consistencygroup}/update",
        (GROUP, pairs("attributes", "name, description, add_volumes, remove_volumes")),
        {"consistencygroup": "{attributes}"},
    ),
    CloudAction(
        "consistencygroups.delete", "Delete the group", "POST", "/consistencygroups/{consistencygroup}/delete",
        (GROUP, truth("force", "its volumes, too").otherwise(False)), {"consistencygroup": {"force": "{force}"}},
    ),
    CloudAction(
        "cgsnapshots.create", "Make a snapshot of a consistency group", "POST", "/cgsnapshots",
        (text("consistencygroup_id", "id of the group"), NAME, DESCRIPTION),
        {
            "cgsnapshot": {
                "consistencygroup_id": "{consistencygroup_id}",
                "name": "{name}",
                "description": "{description}",
            }
        },
    ),
    CloudAction(
        "cgsnapshots.delete", "Delete the snapshot", "DELETE", "/cgsnapshots/{cgsnapshot}",
        (identifier("cgsnapshot", "id of the snapshot"),),
    ),
    CloudAction(
        "volume_transfers.delete", "Withdraw the offer of a volume", "DELETE", "/os-volume-transfer/{transfer_id}",
        (identifier("transfer_id", "id of the transfer"),),
    ),
)  # fmt: skip


def _service(name: str, description: str, path: str) -> CloudAction:
    return CloudAction(
        f"services.{name}", description, "PUT", path, (HOST, BINARY), {"host": "{host}", "binary": "{binary}"}
    )


_SERVICES = (
    _service("enable", "Let the scheduler use the service again", "/os-services/enable"),
    _service("disable", "Keep the scheduler from using the service", "/os-services/disable"),
    CloudAction(
        "services.disable_log_reason", "Keep the scheduler from using the service, and say why", "PUT",
        "/os-services/disable-log-reason", (HOST, BINARY, text("reason", "why")),
        {"host": "{host}", "binary": "{binary}", "disabled_reason": "{reason}"},
    ),
    CloudAction(
        "services.failover_host", "Use the replica of a back end", "PUT", "/os-services/failover_host",
        (HOST, text("backend_id", "id of the replica").optional), {"host": "{host}", "backend_id": "{backend_id}"},
    ),
    CloudAction(
        "services.freeze_host", "Allow no changes of the back end", "PUT", "/os-services/freeze", (HOST,),
        {"host": "{host}"},
    ),
    CloudAction(
        "services.thaw_host", "Allow changes of the back end again", "PUT", "/os-services/thaw", (HOST,),
        {"host": "{host}"},
    ),
    CloudAction(
        "quotas.update", "Set a project's quotas", "PUT", "/os-quota-sets/{tenant_id}", (TENANT, QUOTAS),
        {"quota_set": "{quotas}"},
    ),
    CloudAction(
        "quotas.delete", "Return a project to the default quotas", "DELETE", "/os-quota-sets/{tenant_id}", (TENANT,)
    ),
    CloudAction(
        "quota_classes.update", "Set the quotas of a class; class default counts for all projects", "PUT",
        "/os-quota-class-sets/{class_name}", (identifier("class_name", "name of the class"), QUOTAS),
        {"quota_class_set": "{quotas}"},
    ),
)  # fmt: skip

ACTIONS = (*_BACKUPS, *_TYPES, *_GROUPS, *_SERVICES)
