"""Fill the real services through their own APIs with the cloud of the demo.

`before` builds two customers with projects that belong together, and among some three hundred ordinary objects a few
that a careful operator would not want. `after` makes the one change of the demo: a server appears on a network that
belongs to another customer.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import sqlalchemy

from demo.cloud.contents import FLAVORS, GROUPS, IMAGES, PEOPLE, PROJECTS, USUAL_FLAVORS, USUAL_IMAGES, Project
from tests.cloud.real import RealCloud
from tests.waiting import until

DICE = random.Random(20260423)  # noqa: S311 - a reproducible cloud, not a secret
PASSWORD = "recorded-user"  # noqa: S105 - of users who live for minutes on loopback
SECONDS = 900.0


class Cloud:
    """The objects made so far, by name."""

    def __init__(self, real: RealCloud) -> None:
        self.real, self.admin = real, real.admin
        self.users: dict[str, list[str]] = {}
        self.of: dict[str, Any] = {}
        self.networks: dict[str, Any] = {}
        self.flavors: dict[str, Any] = {}
        self.images: dict[str, Any] = {}
        self.servers: list[Any] = []

    def people(self) -> None:
        identity = self.admin.identity
        member, admin = identity.find_role("member"), identity.find_role("admin")
        me = identity.find_user("admin")
        names = list(PEOPLE)
        for domain in ("acme", "globex"):
            identity.create_domain(name=domain, description=f"the customer {domain.title()}")
        for spec in PROJECTS:
            domain = identity.find_domain(spec.domain)
            project = identity.create_project(
                name=spec.name, domain_id=domain.id, description=f"{spec.name} of {spec.domain}"
            )
            identity.assign_project_role_to_user(project, me, admin)
            self.admin.compute.update_quota_set(project, instances=-1, cores=-1, ram=-1)
            self.users[spec.name] = [names.pop() for _ in range(4)]
            for name in self.users[spec.name]:
                user = identity.create_user(
                    name=name,
                    password=PASSWORD,
                    domain_id=domain.id,
                    default_project_id=project.id,
                    email=f"{name}@{spec.domain}.example",
                )
                identity.assign_project_role_to_user(project, user, member)
        for name in names:
            identity.create_user(name=name, password=PASSWORD, domain_id="default", is_enabled=False)
        identity.create_project(name="closed-project", domain_id="default", is_enabled=False)

    def flavors_and_images(self) -> None:
        for name, (vcpus, ram, disk) in FLAVORS.items():
            self.flavors[name] = self.admin.compute.create_flavor(name=name, vcpus=vcpus, ram=ram, disk=disk)
        for name, (visibility, tags) in IMAGES.items():
            owner = {"payments-golden": "shop-payments", "ml-workbench": "lab-ml", "unknown-upload": "lab-ml"}.get(name)
            cloud = self.as_admin_of(owner) if owner else self.admin
            self.images[name] = cloud.image.create_image(
                name=name,
                container_format="bare",
                disk_format="raw",
                data=name.encode() * 100,
                visibility=visibility,
                tags=tags,
                min_ram=256,
                min_disk=0,
                is_protected=name == "debian-13",
                wait=True,
            )

    def as_admin_of(self, project: str) -> Any:
        if project not in self.of:
            domain = next(spec.domain for spec in PROJECTS if spec.name == project)
            self.of[project] = self.real.connection(project_name=project, project_domain_name=domain)
        return self.of[project]

    def shared_networks(self) -> None:
        network = self.admin.network
        for name, more, number in (
            (
                "public",
                {"is_router_external": True, "provider_network_type": "flat", "provider_physical_network": "external"},
                203,
            ),
            ("shared-services", {"is_shared": True}, 1),
        ):
            self.networks[name] = network.create_network(name=name, **more)
            cidr = "203.0.113.0/24" if number == 203 else "10.1.0.0/16"
            network.create_subnet(
                network_id=self.networks[name].id,
                name=f"{name}-v4",
                ip_version=4,
                cidr=cidr,
                is_dhcp_enabled=number == 1,
                dns_nameservers=["10.1.0.2", "10.1.0.3"],
            )
        network.create_subnet(
            network_id=self.networks["public"].id,
            name="public-v6",
            ip_version=6,
            cidr="2001:db8:203::/64",
            is_dhcp_enabled=False,
        )

    def project_networks(self, spec: Project) -> None:
        """Two networks, one of them routed to the outside, and the security groups of a project."""
        network = self.as_admin_of(spec.name).network
        router = network.create_router(
            name=f"{spec.name}-router",
            external_gateway_info={"network_id": self.networks["public"].id, "enable_snat": True},
        )
        for number, kind in enumerate(("front", "back")):
            name = f"{spec.name}-{kind}"
            net = self.networks[name] = network.create_network(name=name)
            routes = (
                [{"destination": "10.200.0.0/16", "nexthop": f"10.{spec.subnet}.{number}.254"}]
                if kind == "back"
                else []
            )
            subnet = network.create_subnet(
                network_id=net.id,
                name=f"{name}-v4",
                ip_version=4,
                dns_nameservers=["10.1.0.2"],
                cidr=f"10.{spec.subnet}.{number}.0/24",
                host_routes=routes,
            )
            if kind == "front":
                network.add_interface_to_router(router, subnet_id=subnet.id)
                network.create_subnet(
                    network_id=net.id,
                    name=f"{name}-v6",
                    ip_version=6,
                    ipv6_ra_mode="slaac",
                    ipv6_address_mode="slaac",
                    cidr=f"2001:db8:{spec.subnet}::/64",
                )
        for name, (description, rules) in GROUPS.items():
            if (name == "legacy-open" and spec.name not in ("shop-web", "lab-data")) or (
                name == "ftp" and spec.name != "shop-db"
            ):
                continue
            group = network.create_security_group(name=name, description=description)
            for protocol, low, high, source in rules:
                network.create_security_group_rule(
                    security_group_id=group.id,
                    direction="ingress",
                    ether_type="IPv6" if ":" in source else "IPv4",
                    protocol=protocol,
                    port_range_min=low,
                    port_range_max=high,
                    remote_ip_prefix=source,
                )

    def boot(
        self,
        project: str,
        name: str,
        network: str,
        *,
        flavor: str,
        image: str,
        groups: Iterable[str],
        tags: Iterable[str] = (),
        user: str | None = None,
    ) -> Any:
        spec = next(one for one in PROJECTS if one.name == project)
        key = f"{project}/{user}"
        if user and key not in self.of:
            own = {"project_domain_name": spec.domain, "user_domain_name": spec.domain}
            self.of[key] = self.real.connection(username=user, password=PASSWORD, project_name=project, **own)
        cloud = self.of[key] if user else self.as_admin_of(project)
        server = cloud.compute.create_server(
            name=name,
            flavor_id=self.flavors[flavor].id,
            image_id=self.images[image].id,
            networks=[{"uuid": self.networks[network].id}],
            security_groups=[{"name": group} for group in groups],
            tags=list(tags),
        )
        self.servers.append((cloud, server))
        return server

    def project_servers(self, spec: Project) -> None:
        for number in range(spec.servers):
            kind = "front" if number % 2 == 0 else "back"
            network = "shared-services" if number == spec.servers - 1 else f"{spec.name}-{kind}"
            groups = ["web", "ssh-inside"] if kind == "front" else ["database"]
            tags = [kind]
            flavor, image = DICE.choice(USUAL_FLAVORS), DICE.choice(USUAL_IMAGES)
            if number % 5 == 1:
                tags.append("secure-zone")
                groups = [*groups, "secure-zone"] if number % 10 == 1 else groups
            if spec.name in ("shop-web", "lab-data") and number == 2:
                groups = ["legacy-open"]
            if spec.name == "shop-db" and number == 4:
                groups = ["ftp"]
            if number == 6:
                flavor = {"lab-ml": "g1.gpu-x8", "shop-web": "x1.old"}.get(spec.name, flavor)
                image = {"lab-ml": "ml-workbench", "shop-db": "windows-2012", "shop-payments": "payments-golden"}.get(
                    spec.name, image
                )
            if number == 8 and spec.name == "lab-ml":
                image = "unknown-upload"
            self.boot(
                spec.name,
                f"{spec.name}-{number + 1:02}",
                network,
                flavor=flavor,
                image=image,
                groups=groups,
                tags=tags,
                user=None if network == "shared-services" else DICE.choice(self.users[spec.name]),
            )

    def settle(self) -> None:
        """Wait until no server is being built any more; every one must have come up."""

        def done() -> bool:
            states = [server.status for server in self.admin.compute.servers(all_projects=True)]
            return len(states) >= len(self.servers) and "BUILD" not in states

        until(done, "the servers were not built", seconds=SECONDS)
        broken = [server.name for server in self.admin.compute.servers(all_projects=True) if server.status == "ERROR"]
        if broken:
            raise SystemExit(f"these servers did not boot: {broken}")
        self._plug_in()

    def _plug_in(self) -> None:
        """Enter that the ports of servers are connected, as the agents of their hosts would: there are none."""
        engine = sqlalchemy.create_engine(self.real.layout.database.format(name="neutron"))
        with engine.begin() as database:
            wired = "UPDATE ports SET status = 'ACTIVE' WHERE device_owner LIKE 'compute:%' AND status = 'DOWN'"
            database.execute(sqlalchemy.text(wired))
        engine.dispose()

    def after_boot(self) -> None:
        """Give some servers another state, and some of them an address of the outside."""
        changes = ("pause_server", "stop_server", "suspend_server", "lock_server")
        for (cloud, server), change in zip(self.servers[3::17], changes, strict=False):
            getattr(cloud.compute, change)(server)
        for spec in PROJECTS[:4]:
            network = self.as_admin_of(spec.name).network
            fronts = [
                port
                for port in network.ports(network_id=self.networks[f"{spec.name}-front"].id)
                if port.device_owner.startswith("compute:")
            ]
            for port in fronts[:2]:
                v4 = next(ip["ip_address"] for ip in port.fixed_ips if "." in ip["ip_address"])
                network.create_ip(floating_network_id=self.networks["public"].id, port_id=port.id, fixed_ip_address=v4)
            network.create_ip(floating_network_id=self.networks["public"].id)

    def volumes(self) -> None:
        storage = self.admin.block_storage
        storage.create_type(name="standard", extra_specs={"volume_backend_name": "pretended"})
        secret = storage.create_type(name="encrypted", extra_specs={"volume_backend_name": "pretended"})
        storage.create_type_encryption(
            secret, provider="luks", cipher="aes-xts-plain64", key_size=256, control_location="front-end"
        )
        made = []
        for spec in PROJECTS:
            cloud = self.as_admin_of(spec.name)
            kinds = ["encrypted", "standard", "encrypted", "encrypted", "standard"]
            for number, kind in enumerate(kinds):
                volume = cloud.block_storage.create_volume(
                    name=f"{spec.name}-data-{number + 1}",
                    size=10 * (number + 1),
                    volume_type=kind,
                    description=f"data of {spec.name}",
                )
                made.append((spec, cloud, number, volume))
        until(
            lambda: all(volume.status in ("available", "error") for volume in storage.volumes(all_projects=True)),
            "the volumes did not become available",
            seconds=SECONDS,
        )
        for spec, cloud, number, volume in made:
            mine = [server for _, server in self.servers if server.name.startswith(spec.name)]
            if number in (0, 1, 2):
                cloud.compute.create_volume_attachment(mine[number + 1], volume_id=volume.id)
            if number == 3:
                cloud.block_storage.create_snapshot(volume_id=volume.id, name=f"{volume.name}-weekly")
        storage.reset_volume_status(made[-1][3], status="error")
        until(
            lambda: sum(one.status == "in-use" for one in storage.volumes(all_projects=True)) == 3 * len(PROJECTS),
            "the volumes were not attached",
            seconds=SECONDS,
        )

    def retire_a_hypervisor(self) -> None:
        compute = [one for one in self.admin.compute.services() if one.binary == "nova-compute"]
        last = max(compute, key=lambda one: str(one.host))
        self.admin.compute.disable_service(last, disabled_reason="to be replaced next week")


def before(real: RealCloud) -> None:
    """Fill the empty cloud."""
    cloud = Cloud(real)
    cloud.people()
    cloud.flavors_and_images()
    cloud.shared_networks()
    for spec in PROJECTS:
        cloud.project_networks(spec)
    for spec in PROJECTS:
        cloud.project_servers(spec)
    # NOTE: a violation from the beginning: a probe of one customer on a network of the other
    cloud.boot("lab-data", "lab-data-probe", "shop-web-back", flavor="m1.tiny", image="cirros", groups=["default"])
    cloud.settle()
    cloud.volumes()
    cloud.after_boot()
    cloud.retire_a_hypervisor()


def after(real: RealCloud) -> None:
    """Make the change of the demo."""
    cloud = Cloud(real)
    cloud.flavors = {one.name: one for one in cloud.admin.compute.flavors()}
    cloud.images = {one.name: one for one in cloud.admin.image.images()}
    cloud.networks = {one.name: one for one in cloud.admin.network.networks()}
    cloud.boot("lab-ml", "lab-ml-stray", "shop-payments-back", flavor="m1.small", image="debian-13", groups=["default"])
    cloud.settle()
