"""Try every kind of action of the drivers on the real services: check_actions.py, while `cloud.py up` holds.

Runs where Congress is installed. Prints a line for each action; ends with status 1 when one did not have its effect.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import openstack
import settings

from congress.datasources.cinder import CinderDriver
from congress.datasources.cloud import CloudDriver
from congress.datasources.contract import DriverError
from congress.datasources.glancev2 import GlanceV2Driver
from congress.datasources.keystonev3 import KeystoneV3Driver
from congress.datasources.neutronv2 import NeutronV2Driver
from congress.datasources.nova import NovaDriver

NAME = "action-check"


def driver(kind: type[CloudDriver]) -> CloudDriver:
    login = settings.credentials()
    return kind(kind.id, {key: login[key] for key in ("auth_url", "username", "password", "project_name")})


class Check:
    """Objects to act on, and what went wrong so far."""

    def __init__(self) -> None:
        self.cloud: Any = openstack.connect(**settings.credentials())
        self.failed = 0

    def expect(self, what: CloudDriver, action: str, *arguments: Any, effect: Callable[[], object]) -> None:
        try:
            what.execute(action, arguments, {})
            deadline = time.monotonic() + 60
            while not (seen := effect()) and time.monotonic() < deadline:
                time.sleep(0.3)
        except DriverError as error:
            seen, action = False, f"{action}: {error}"
        self.failed += not seen
        print("ok    " if seen else "FAILED", what.id, action, flush=True)

    def nova(self) -> None:
        compute, nova = self.cloud.compute, driver(NovaDriver)
        group = self.cloud.network.create_security_group(name=NAME)
        flavor = next(one for one in compute.flavors() if one.name == "m1.tiny")
        image = next(one for one in self.cloud.image.images() if one.name == "debian-13")
        network = next(one for one in self.cloud.network.networks() if one.name == "shared-services")
        server = compute.create_server(
            name=NAME, flavor_id=flavor.id, image_id=image.id, networks=[{"uuid": network.id}]
        )
        compute.wait_for_server(server, wait=120)

        def status(*wanted: str) -> Callable[[], object]:
            return lambda: compute.get_server(server.id).status in wanted

        for verb, wanted in (
            ("pause", "PAUSED"), ("unpause", "ACTIVE"), ("suspend", "SUSPENDED"), ("resume", "ACTIVE"),
            ("stop", "SHUTOFF"), ("start", "ACTIVE"),
        ):  # fmt: skip
            self.expect(nova, f"servers.{verb}", server.id, effect=status(wanted))
        self.expect(nova, "servers.lock", server.id, effect=lambda: compute.get_server(server.id).is_locked)
        self.expect(nova, "servers.unlock", server.id, effect=lambda: not compute.get_server(server.id).is_locked)
        self.expect(nova, "servers.reboot", server.id, "HARD", effect=status("ACTIVE"))
        self.expect(
            nova, "servers_set_meta", server.id, "owner", "ada", "level", 3,
            effect=lambda: compute.get_server(server.id).metadata == {"owner": "ada", "level": "3"},
        )  # fmt: skip

        def groups() -> set[str]:
            return {one["name"] for one in compute.get_server(server.id).security_groups or ()}

        self.expect(nova, "servers.add_security_group", server.id, NAME, effect=lambda: NAME in groups())
        self.expect(nova, "servers.remove_security_group", server.id, NAME, effect=lambda: NAME not in groups())
        self.expect(nova, "servers.shelve", server.id, effect=status("SHELVED", "SHELVED_OFFLOADED"))
        self.expect(nova, "servers.unshelve", server.id, effect=status("ACTIVE"))
        self.neutron(server.id, group.id)
        self.expect(
            nova, "servers.delete", server.id,
            effect=lambda: compute.find_server(server.id, ignore_missing=True, all_projects=True) is None,
        )  # fmt: skip

    def neutron(self, server: str, group: str) -> None:
        network, neutron = self.cloud.network, driver(NeutronV2Driver)
        port = next(network.ports(device_id=server)).id

        def groups() -> list[str]:
            return list(network.get_port(port).security_group_ids)

        self.expect(neutron, "attach_port_security_group", port, group, effect=lambda: group in groups())
        self.expect(neutron, "detach_port_security_group", port, group, effect=lambda: group not in groups())
        self.expect(
            neutron, "update_resource_attrs", "port", port, "name", "renamed",
            effect=lambda: network.get_port(port).name == "renamed",
        )  # fmt: skip
        self.expect(
            neutron, "create_security_group", json.dumps({"security_group": {"name": f"{NAME}-2"}}),
            effect=lambda: list(network.security_groups(name=f"{NAME}-2")),
        )  # fmt: skip
        for one in [*network.security_groups(name=f"{NAME}-2"), *network.security_groups(name=NAME)]:
            self.expect(
                neutron, "delete_security_group", one.id,
                effect=lambda one=one: not list(network.security_groups(id=one.id)),
            )  # fmt: skip

    def cinder(self) -> None:
        storage, cinder = self.cloud.block_storage, driver(CinderDriver)
        volume = storage.create_volume(name=NAME, size=1)
        storage.wait_for_status(volume, wait=60)

        def gone() -> bool:
            return not [one for one in storage.volumes() if one.id == volume.id]

        self.expect(cinder, "volumes.extend", volume.id, 3, effect=lambda: storage.get_volume(volume.id).size == 3)
        for state in ("error", "available"):
            self.expect(
                cinder, "volumes.reset_state", volume.id, state,
                effect=lambda state=state: storage.get_volume(volume.id).status == state,
            )  # fmt: skip
        snapshot = storage.create_snapshot(volume_id=volume.id, name=NAME)
        storage.wait_for_status(snapshot, wait=60)
        self.expect(
            cinder, "volume_snapshots.delete", snapshot.id, effect=lambda: not list(storage.snapshots(name=NAME))
        )
        self.expect(cinder, "volumes.delete", volume.id, effect=gone)

    def glance(self) -> None:
        image, glance = self.cloud.image, driver(GlanceV2Driver)
        made = image.create_image(name=NAME, container_format="bare", disk_format="raw", data=b"x" * 100)
        for verb, wanted in (("deactivate", "deactivated"), ("reactivate", "active")):
            self.expect(
                glance, f"images.{verb}", made.id,
                effect=lambda wanted=wanted: image.get_image(made.id).status == wanted,
            )  # fmt: skip
        self.expect(glance, "images.delete", made.id, effect=lambda: not list(image.images(name=NAME)))

    def keystone(self) -> None:
        identity, keystone = self.cloud.identity, driver(KeystoneV3Driver)
        user, project = identity.create_user(name=NAME), identity.create_project(name=NAME)
        self.expect(
            keystone, "users.update_enabled", user.id, "False", effect=lambda: not identity.get_user(user.id).is_enabled
        )
        self.expect(
            keystone, "projects.update_enabled", project.id, "False",
            effect=lambda: not identity.get_project(project.id).is_enabled,
        )  # fmt: skip
        identity.delete_user(user)
        identity.delete_project(project)


if __name__ == "__main__":
    check = Check()
    for part in (check.keystone, check.glance, check.cinder, check.nova):
        part()
    sys.exit(check.failed > 0)
