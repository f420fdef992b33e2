"""Something of each kind in a cloud, made through openstacksdk, so that no table of a driver is empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.cloud.settings import PASSWORD
from tests.waiting import until

TEMPLATE = {
    "heat_template_version": "2018-08-31",
    "description": "two values",
    "resources": {
        "one": {"type": "OS::Heat::TestResource", "properties": {"value": "1"}},
        "two": {"type": "OS::Heat::Value", "properties": {"value": "2"}},
    },
}
BUILD_SECONDS = 180.0


@dataclass(frozen=True)
class Contents:
    """What the tests speak of."""

    project: Any
    user: Any
    image: Any
    flavor: Any
    network: Any
    group: Any
    port: Any
    server: Any
    volume: Any
    stack: Any


def fill(admin: Any) -> Contents:
    """Fill an empty cloud."""
    project, user = _people(admin.identity)
    image, flavor = _image(admin.image), _flavor(admin.compute)
    network, group, port = _network(admin.network, project)
    server = admin.compute.create_server(
        name="web", image_id=image.id, flavor_id=flavor.id, networks=[{"port": port.id}], tags=["blue", "web"]
    )
    volume = _volumes(admin.block_storage)
    server = built(admin, server)
    admin.compute.create_volume_attachment(server, volume_id=volume.id)
    until(lambda: admin.block_storage.get_volume(volume.id).status == "in-use", seconds=BUILD_SECONDS)
    stack = _stack(admin, server)
    _alarm(admin)
    _objects(admin.object_store)
    return Contents(project, user, image, flavor, network, group, port, server, volume, stack)


def built(admin: Any, server: Any) -> Any:
    """The server when it runs."""

    def found() -> Any:
        now = admin.compute.get_server(server)
        assert now.status != "ERROR", now.fault
        return now if now.status == "ACTIVE" else None

    return until(found, "the server was not built in time", seconds=BUILD_SECONDS)


def _people(identity: Any) -> tuple[Any, Any]:
    domain = identity.create_domain(name="shops", description="shops of all kinds")
    project = identity.create_project(name="shop", domain_id=domain.id, description="a shop")
    user = identity.create_user(
        name="clerk", password=PASSWORD, domain_id=domain.id, default_project_id=project.id, email="clerk@example.org"
    )
    identity.create_project(name="closed", domain_id=domain.id, is_enabled=False)
    identity.assign_project_role_to_user(project, user, identity.find_role("member"))
    return project, user


def _image(image: Any) -> Any:
    for number in range(4):
        made = image.create_image(
            name=f"image-{number}", container_format="bare", disk_format="raw", data=b"x" * 512, allow_duplicates=True,
            min_ram=number, visibility="private" if number % 2 else "public", tags=["blue", f"number-{number}"],
        )  # fmt: skip
    image.create_image(name="no data yet", container_format="bare", disk_format="qcow2")
    return made


def _flavor(compute: Any) -> Any:
    compute.create_flavor(name="secret", ram=128, vcpus=2, disk=0, ephemeral=1, is_public=False)
    compute.create_flavor(name="large", ram=2048, vcpus=4, disk=1)
    return compute.create_flavor(name="small", ram=64, vcpus=1, disk=0)


def _network(network: Any, project: Any) -> tuple[Any, Any, Any]:
    outside = network.create_network(
        name="outside", is_router_external=True, provider_network_type="flat", provider_physical_network="external"
    )
    network.create_subnet(network_id=outside.id, ip_version=4, cidr="203.0.113.0/24", enable_dhcp=False)
    inside = network.create_network(name="inside")
    subnet = network.create_subnet(
        network_id=inside.id, name="four", ip_version=4, cidr="10.5.0.0/24", dns_nameservers=["192.0.2.1", "192.0.2.2"],
        host_routes=[{"destination": "198.51.100.0/24", "nexthop": "10.5.0.9"}],
        allocation_pools=[{"start": "10.5.0.10", "end": "10.5.0.20"}, {"start": "10.5.0.30", "end": "10.5.0.40"}],
    )  # fmt: skip
    network.create_subnet(
        network_id=inside.id, ip_version=6, cidr="2001:db8::/64", ipv6_ra_mode="slaac", ipv6_address_mode="slaac"
    )
    network.create_network(name="of the shop", project_id=project.id, is_shared=True, is_admin_state_up=False)
    router = network.create_router(name="way out", external_gateway_info={"network_id": outside.id})
    network.add_interface_to_router(router, subnet_id=subnet.id)
    group = network.create_security_group(name="web", description="the web's ports")
    network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="tcp", port_range_min=443, port_range_max=443,
        remote_ip_prefix="0.0.0.0/0",
    )  # fmt: skip
    network.create_security_group_rule(security_group_id=group.id, direction="ingress", remote_group_id=group.id)
    policy = network.create_qos_policy(name="slow", description="for tests", is_shared=True)
    network.create_qos_bandwidth_limit_rule(policy, max_kbps=1000, max_burst_kbps=100, direction="egress")
    network.create_qos_dscp_marking_rule(policy, dscp_mark=26)
    port = network.create_port(
        network_id=inside.id, name="of the server", security_group_ids=[group.id], qos_policy_id=policy.id
    )
    network.create_port(network_id=inside.id, name="spare")
    network.create_ip(floating_network_id=outside.id, port_id=port.id, fixed_ip_address=_fourth(port))
    network.create_ip(floating_network_id=outside.id)
    return inside, group, port


def _fourth(port: Any) -> str:
    return str(next(one["ip_address"] for one in port.fixed_ips if "." in one["ip_address"]))


def _volumes(storage: Any) -> Any:
    volumes = [storage.create_volume(size=number + 1, name=f"volume-{number}") for number in range(3)]
    for volume in volumes:
        storage.wait_for_status(volume, "available", wait=BUILD_SECONDS)
    snapshot = storage.create_snapshot(volume_id=volumes[1].id, name="before the move")
    storage.wait_for_status(snapshot, "available", wait=BUILD_SECONDS)
    return volumes[0]


def _stack(admin: Any, server: Any) -> Any:
    heat = admin.orchestration
    stack = heat.create_stack(name="values", template=TEMPLATE)
    heat.wait_for_status(stack, "CREATE_COMPLETE", failures=["CREATE_FAILED"], wait=BUILD_SECONDS)
    config = heat.create_software_config(name="greet", group="script", config="echo hello")
    deployment = heat.create_software_deployment(config_id=config.id, server_id=server.id, action="CREATE")
    outputs = {"deploy_stdout": "hello", "deploy_stderr": "", "deploy_status_code": 0}
    done = {"status": "COMPLETE", "status_reason": "done", "output_values": outputs}
    heat.put(f"/software_deployments/{deployment.id}", json=done).raise_for_status()
    return heat.get_stack(stack.id)


def _alarm(admin: Any) -> None:
    for name, enabled in (("server was deleted", True), ("asleep", False)):
        alarm = {
            "name": name, "type": "event", "enabled": enabled, "description": "tells when",
            "event_rule": {"event_type": "compute.instance.delete.*"}, "alarm_actions": ["log://"], "ok_actions": [],
        }  # fmt: skip
        admin.alarm.post("/alarms", json=alarm).raise_for_status()


def _objects(store: Any) -> None:
    for name in ("empty", "letters", "pictures of things"):
        store.create_container(name)
    for number in range(5):
        store.create_object(
            "letters", f"2026/to you {number}.txt", data=b"dear you" * number, content_type="text/plain"
        )
    store.create_object("pictures of things", "é.png", data=b"\x89PNG", content_type="image/png")
