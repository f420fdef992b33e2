"""What a cloud needs before its services can start, made once; and moving a copy of it to other ports."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy

from tests.cloud.processes import Processes
from tests.cloud.settings import DATABASES, ENDPOINTS, HOSTS, PASSWORD, REGION, Layout, login, text

VERSION = 2
"""To be raised when something here changes what copies must have."""
OTHER_REGION = "RegionTwo"
"""A region that has nothing but images."""


def databases(layout: Layout, processes: Processes, admin: sqlalchemy.Engine) -> None:
    """Make the databases of all services with their tables, and Keystone's keys and first user."""
    with admin.connect() as connection:
        for name in DATABASES:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name} CHARACTER SET utf8mb3"))
    (layout.place / "keystone" / "keys").mkdir(mode=0o700)
    chains = (_of_nova, _of_neutron, _of_keystone, _of_others)
    with ThreadPoolExecutor(2) as pool:  # they are programs that only compute
        for done in [pool.submit(chain, layout, processes) for chain in chains]:
            done.result()
    with admin.connect() as connection:
        for number, host in enumerate(HOSTS, 1):
            identity = f"7c1d3a52-5b0e-4a55-9e37-{number:012}"
            connection.execute(sqlalchemy.text(_AGENT), {"id": identity, "host": host})


# NOTE: Neutron binds a port only where an agent lives. These have no process; their ports are bound and stay DOWN.
_AGENT = """
INSERT INTO neutron.agents (id, agent_type, `binary`, topic, host, admin_state_up, created_at, started_at,
                            heartbeat_timestamp, configurations, `load`, resource_versions)
VALUES (:id, 'Open vSwitch agent', 'neutron-openvswitch-agent', 'N/A', :host, 1, NOW(), NOW(), NOW(),
        '{"tunnel_types": ["vxlan"], "tunneling_ip": "127.0.0.1", "bridge_mappings": {"external": "br-ex"}}', 0, '{}')
"""


def _program(layout: Layout, name: str) -> Path:
    return layout.installed / "bin" / name


def _of_nova(layout: Layout, processes: Processes) -> None:
    manage = [_program(layout, "nova-manage"), "--config-file", layout.file("nova")]
    cell0 = layout.database.format(name="nova_cell0")
    processes.run([*manage, "api_db", "sync"])
    processes.run([*manage, "cell_v2", "map_cell0", "--database_connection", cell0])
    processes.run([*manage, "db", "sync"])
    processes.run([*manage, "cell_v2", "create_cell", "--name", "cell1"])


def _of_neutron(layout: Layout, processes: Processes) -> None:
    configured = ["--config-file", layout.file("neutron"), "--config-file", layout.place / "neutron" / "ml2.ini"]
    processes.run([_program(layout, "neutron-db-manage"), *configured, "upgrade", "heads"])


def _of_keystone(layout: Layout, processes: Processes) -> None:
    manage = [_program(layout, "keystone-manage"), "--config-file", layout.file("keystone")]
    url = layout.url("keystone", "/v3")
    processes.run([*manage, "db_sync"])
    owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
    processes.run([*manage, "fernet_setup", *owner])
    processes.run([*manage, "bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-public-url", url,
                   "--bootstrap-internal-url", url, "--bootstrap-admin-url", url,
                   "--bootstrap-region-id", REGION])  # fmt: skip


def _of_others(layout: Layout, processes: Processes) -> None:
    for program, service, words in (
        ("placement-manage", "placement", ["db", "sync"]),
        ("glance-manage", "glance", ["db_sync"]),
        ("cinder-manage", "cinder", ["db", "sync"]),
        ("heat-manage", "heat", ["db_sync"]),
        ("aodh-dbsync", "aodh", []),
    ):
        processes.run([_program(layout, program), "--config-file", layout.file(service), *words])


def catalog(admin: Any) -> None:
    """Enter the services, their users and endpoints; the addresses are those of this start, see `move`."""
    identity = admin.identity
    project = identity.create_project(name="service", domain_id="default")
    roles = {role.name: role for role in identity.roles()}
    identity.create_region(id=OTHER_REGION)
    services = {service.type: service for service in identity.services()}
    for endpoint in ENDPOINTS:
        if endpoint.type not in services:
            user = identity.create_user(name=endpoint.name, password=PASSWORD, domain_id="default")
            for role in ("admin", "service"):
                identity.assign_project_role_to_user(project, user, roles[role])
            services[endpoint.type] = identity.create_service(name=endpoint.name, type=endpoint.type)
            for interface in ("public", "internal"):
                _endpoint(identity, services[endpoint.type], interface, REGION)
    _endpoint(identity, services["image"], "public", OTHER_REGION)


def _endpoint(identity: Any, service: Any, interface: str, region: str) -> None:
    identity.create_endpoint(service_id=service.id, interface=interface, region_id=region, url="http://127.0.0.1:1")


def move(database: sqlalchemy.Engine, layout: Layout) -> None:
    """Tell copied databases where this start's services, databases and broker are."""
    address = sqlalchemy.text(
        "UPDATE keystone.endpoint e JOIN keystone.service s ON s.id = e.service_id "
        "SET e.url = :url WHERE s.type = :type"
    )
    cell = sqlalchemy.text(
        "UPDATE nova_api.cell_mappings SET database_connection = :database, transport_url = :bus WHERE name = :name"
    )
    with database.begin() as connection:
        for endpoint in ENDPOINTS:
            url = layout.url(endpoint.name, endpoint.path)
            connection.execute(address, {"url": url, "type": endpoint.type})
        for name, schema, bus in (("cell0", "nova_cell0", "none:///"), ("cell1", "nova", layout.transport)):
            connection.execute(cell, {"database": layout.database.format(name=schema), "bus": bus, "name": name})


def authtoken(layout: Layout, user: str) -> str:
    """The options of keystonemiddleware where they stand in a paste file."""
    options = {"www_authenticate_uri": layout.url("keystone"), "service_token_roles_required": "true"}
    return text({"_": {**options, **login(layout, user)}}).partition("\n")[2]
