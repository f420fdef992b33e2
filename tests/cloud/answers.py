"""What each driver's tables must hold, straight from the services' own answers: no code of the drivers in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from congress.datalog.values import Real
from tests.cloud.real import RealCloud

Tables: TypeAlias = dict[str, set[tuple[Any, ...]]]


def cell(found: Any) -> Any:
    """How a member of an answer looks to rules: text and whole numbers as they are, everything else as text."""
    if isinstance(found, float):
        return Real(found)
    return found if isinstance(found, str) or type(found) is int else str(found)


def rows(objects: Iterable[Mapping[str, Any]], *members: str) -> set[tuple[Any, ...]]:
    return {tuple(cell(one.get(member)) for member in members) for one in objects}


def keystonev3(cloud: RealCloud) -> Tables:
    answer = {name: cloud.ask("keystone", f"/v3/{name}")[name] for name in ("users", "roles", "projects", "domains")}
    return {
        "users": rows(answer["users"], "id", "name", "enabled", "default_project_id", "domain_id"),
        "roles": rows(answer["roles"], "id", "name"),
        "projects": rows(answer["projects"], "enabled", "description", "name", "domain_id", "id"),
        "domains": rows(answer["domains"], "enabled", "description", "name", "id"),
    }


def glancev2(cloud: RealCloud) -> Tables:
    images = cloud.ask("glance", "/v2/images?visibility=all&limit=1000")["images"]
    members = (
        "id", "status", "name", "container_format", "created_at", "updated_at", "disk_format", "owner", "protected",
        "min_ram", "min_disk", "checksum", "size", "file", "kernel_id", "ramdisk_id", "schema", "visibility",
    )  # fmt: skip
    return {
        "images": rows(images, *members),
        "tags": {(image["id"], tag) for image in images for tag in image["tags"]},
    }


def nova(cloud: RealCloud) -> Tables:
    servers = cloud.ask("nova", "/v2.1/servers/detail?all_tenants=1", "2.26")["servers"]
    services = cloud.ask("nova", "/v2.1/os-services", "2.26")["services"]
    hypervisors = cloud.ask("nova", "/v2.1/os-hypervisors", "2.26")["hypervisors"]
    zones = cloud.ask("nova", "/v2.1/os-availability-zone", "2.26")["availabilityZoneInfo"]
    flavors = cloud.ask("nova", "/v2.1/flavors/detail?is_public=None", "2.26")["flavors"]
    return {
        "servers": {
            (
                one["id"], one["name"], one["hostId"], one["status"], one["tenant_id"], one["user_id"],
                one["image"]["id"], one["flavor"]["id"], one["OS-EXT-AZ:availability_zone"],
                cell(one["OS-EXT-SRV-ATTR:hypervisor_hostname"]), one["created"],
            )
            for one in servers
        },
        "servers.addresses": {
            (
                one["id"], network, address["addr"], address["version"], address["OS-EXT-IPS-MAC:mac_addr"],
                address["OS-EXT-IPS:type"],
            )
            for one in servers
            for network, addresses in one["addresses"].items()
            for address in addresses
        },
        "tags": {(one["id"], tag) for one in servers for tag in one["tags"]},
        "flavors": rows(flavors, "id", "name", "vcpus", "ram", "disk", "OS-FLV-EXT-DATA:ephemeral", "rxtx_factor"),
        "services": rows(
            services, "id", "binary", "host", "zone", "status", "state", "updated_at", "disabled_reason"
        ),
        "hypervisors": rows(hypervisors, "hypervisor_hostname", "id", "state", "status"),
        "availability_zones": {
            (one["zoneName"], "available" if one["zoneState"]["available"] else "unavailable") for one in zones
        },
    }  # fmt: skip


def neutronv2(cloud: RealCloud) -> Tables:
    def listed(path: str, member: str) -> Any:
        return cloud.ask("neutron", f"/v2.0/{path}")[member]

    ports, subnets, routers = (listed(name, name) for name in ("ports", "subnets", "routers"))
    groups = listed("security-groups", "security_groups")
    gateways = [(one["id"], one["external_gateway_info"]) for one in routers if one["external_gateway_info"]]
    networks, floating = listed("networks", "networks"), listed("floatingips", "floatingips")
    return {
        "networks": rows(networks, "id", "tenant_id", "name", "status", "admin_state_up", "shared"),
        "ports": rows(
            ports, "id", "tenant_id", "name", "network_id", "mac_address", "admin_state_up", "status", "device_id",
            "device_owner",
        ),
        "fixed_ips": {
            (port["id"], one["ip_address"], one["subnet_id"]) for port in ports for one in port["fixed_ips"]
        },
        "security_group_port_bindings": {(port["id"], group) for port in ports for group in port["security_groups"]},
        "subnets": rows(
            subnets, "id", "tenant_id", "name", "network_id", "ip_version", "cidr", "gateway_ip", "enable_dhcp",
            "ipv6_ra_mode", "ipv6_address_mode",
        ),
        "allocation_pools": {
            (subnet["id"], one["start"], one["end"]) for subnet in subnets for one in subnet["allocation_pools"]
        },
        "dns_nameservers": {(subnet["id"], one) for subnet in subnets for one in subnet["dns_nameservers"]},
        "host_routes": {
            (subnet["id"], one["destination"], one["nexthop"]) for subnet in subnets for one in subnet["host_routes"]
        },
        "routers": rows(routers, "id", "tenant_id", "status", "admin_state_up", "name", "distributed"),
        "external_gateway_infos": {
            (router, gateway["network_id"], str(gateway["enable_snat"])) for router, gateway in gateways
        },
        "external_fixed_ips": {
            (router, one["subnet_id"], one["ip_address"])
            for router, gateway in gateways
            for one in gateway["external_fixed_ips"]
        },
        "security_groups": rows(groups, "id", "tenant_id", "name", "description"),
        "security_group_rules": rows(
            [rule for group in groups for rule in group["security_group_rules"]], "security_group_id", "id",
            "tenant_id", "remote_group_id", "direction", "ethertype", "protocol", "port_range_min", "port_range_max",
            "remote_ip_prefix",
        ),
        "floating_ips": rows(
            floating, "id", "router_id", "tenant_id", "floating_network_id", "fixed_ip_address", "floating_ip_address",
            "port_id", "status",
        ),
    }  # fmt: skip


def neutronv2_qos(cloud: RealCloud) -> Tables:
    ports = cloud.ask("neutron", "/v2.0/ports")["ports"]
    policies = cloud.ask("neutron", "/v2.0/qos/policies")["policies"]
    return {
        "ports": rows(ports, "id"),
        "qos_policy_port_bindings": {(one["id"], one["qos_policy_id"]) for one in ports if one["qos_policy_id"]},
        "policies": rows(policies, "id", "tenant_id", "name", "description", "shared"),
        "rules": rows(
            [{**rule, "policy": one["id"]} for one in policies for rule in one["rules"]], "policy", "id", "min_kbps",
            "direction", "type", "dscp_mark", "max_burst_kbps", "max_kbps",
        ),
    }  # fmt: skip


def cinder(cloud: RealCloud) -> Tables:
    volumes = cloud.ask("cinder", "/v3/volumes/detail?all_tenants=1")["volumes"]
    snapshots = cloud.ask("cinder", "/v3/snapshots/detail?all_tenants=1")["snapshots"]
    services = cloud.ask("cinder", "/v3/os-services")["services"]
    members = (
        "id", "size", "user_id", "status", "description", "name", "bootable", "created_at", "volume_type", "encrypted",
        "availability_zone", "replication_status", "multiattach", "snapshot_id", "source_volid", "consistencygroup_id",
        "migration_status",
    )  # fmt: skip
    attached = [{**one, "volume": volume["id"]} for volume in volumes for one in volume["attachments"]]
    return {
        "volumes": rows(volumes, *members),
        "attachments": rows(attached, "volume", "server_id", "attachment_id", "host_name", "device"),
        "snapshots": rows(snapshots, "id", "size", "status", "volume_id", "name", "created_at"),
        "services": rows(services, "status", "binary", "zone", "state", "updated_at", "host", "disabled_reason"),
    }


def heat(cloud: RealCloud) -> Tables:
    project = f"/v1/{cloud.admin.current_project_id}"
    stacks = cloud.ask("heat", f"{project}/stacks")["stacks"]
    deployments = cloud.ask("heat", f"{project}/software_deployments")["software_deployments"]
    inside = {
        kind: [
            {**one, "stack": stack["id"]}
            for stack in stacks
            for one in cloud.ask("heat", f"{project}/stacks/{stack['stack_name']}/{stack['id']}/{kind}")[kind]
        ]
        for kind in ("resources", "events")
    }
    return {
        "stacks": rows(
            stacks, "id", "stack_name", "description", "creation_time", "updated_time", "stack_status",
            "stack_status_reason", "stack_owner", "parent",
        ),
        "stacks_links": _links(stacks, "id"),
        "deployments": rows(deployments, "status", "server_id", "config_id", "action", "status_reason", "id"),
        "deployment_output_values": rows(
            [{**one["output_values"], "id": one["id"]} for one in deployments if one["output_values"]],
            "id", "deploy_stdout", "deploy_stderr", "deploy_status_code", "result",
        ),
        "resources": rows(
            inside["resources"], "physical_resource_id", "logical_resource_id", "stack", "resource_name",
            "resource_type", "creation_time", "updated_time", "resource_status", "resource_status_reason",
        ),
        "resources_links": _links(inside["resources"], "physical_resource_id"),
        "events": rows(
            inside["events"], "id", "physical_resource_id", "logical_resource_id", "stack", "resource_name",
            "event_time", "resource_status", "resource_status_reason",
        ),
        "events_links": _links(inside["events"], "id"),
    }  # fmt: skip


def _links(objects: Iterable[Mapping[str, Any]], key: str) -> set[tuple[Any, ...]]:
    return {(cell(one[key]), link["href"], link["rel"]) for one in objects for link in one["links"]}


def aodh(cloud: RealCloud) -> Tables:
    return {
        "alarms": rows(
            cloud.ask("aodh", "/v2/alarms?q.field=all_projects&q.op=eq&q.value=true"), "alarm_id", "name", "state",
            "enabled", "type", "description", "time_constraints", "user_id", "project_id", "alarm_actions",
            "ok_actions", "insufficient_data_actions", "repeat_actions", "timestamp", "state_timestamp",
        )
    }  # fmt: skip


def swift(cloud: RealCloud) -> Tables:
    account = f"/v1/AUTH_{cloud.admin.current_project_id}"
    containers = cloud.ask("swift", f"{account}?format=json&limit=10000")
    objects = [
        {**one, "container": container["name"]}
        for container in containers
        for one in cloud.ask("swift", f"{account}/{quote(container['name'])}?format=json&limit=10000")
    ]
    return {
        "containers": rows(containers, "count", "bytes", "name"),
        "objects": rows(objects, "bytes", "last_modified", "hash", "name", "content_type", "container"),
    }


ANSWERS: Mapping[str, Callable[[RealCloud], Tables]] = {
    one.__name__: one for one in (keystonev3, glancev2, nova, neutronv2, neutronv2_qos, cinder, heat, aodh, swift)
}
