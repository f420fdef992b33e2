"""Where the recorded services live: directories, ports, passwords. Loopback only, and thrown away afterwards."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

ROOT = Path(os.environ.get("CLOUD_ROOT", Path(__file__).resolve().parents[3] / "var" / "cloud"))
BIN = ROOT / "venv" / "bin"
RUN = ROOT / "run"
REGION = "RegionOne"
ADMIN_PASSWORD = "recorded-admin"  # noqa: S105 - of services that live for minutes on loopback
SERVICE_PASSWORD = "recorded-service"  # noqa: S105
APIS = ("keystone", "placement", "glance", "nova", "neutron", "cinder")
DAEMONS = {
    "nova-conductor": "nova",
    "nova-scheduler": "nova",
    "cinder-scheduler": "cinder",
    "cinder-volume": "cinder",
}
COMPUTES = 3
PATHS = {"keystone": "/v3", "nova": "/v2.1", "cinder": "/v3", "placement": "", "glance": "", "neutron": ""}
TYPES = {
    "keystone": "identity",
    "placement": "placement",
    "glance": "image",
    "nova": "compute",
    "neutron": "network",
    "cinder": "block-storage",
}


def _free_ports(names: list[str]) -> dict[str, int]:
    sockets = {name: socket.socket() for name in names}
    for one in sockets.values():
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in sockets.items()}
    for one in sockets.values():
        one.close()
    return ports


def ports() -> dict[str, int]:
    """Ports of this recording, chosen once: the services write their own addresses into their databases."""
    path = ROOT / "ports.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_free_ports([*APIS, "mariadb", "rabbit", "epmd", "erlang"]), indent=1))
    return json.loads(path.read_text())


def url(service: str) -> str:
    return f"http://127.0.0.1:{ports()[service]}{PATHS[service]}"


def database(name: str) -> str:
    return f"mysql+pymysql://cloud:cloud@127.0.0.1:{ports()['mariadb']}/{name}"


def broker() -> str:
    return f"rabbit://guest:guest@127.0.0.1:{ports()['rabbit']}/"


def credentials(user: str = "admin", password: str = ADMIN_PASSWORD, project: str = "admin") -> dict[str, str]:
    """What `openstack.connect` takes."""
    return {
        "auth_url": url("keystone"),
        "username": user,
        "password": password,
        "project_name": project,
        "user_domain_id": "default",
        "project_domain_id": "default",
        "region_name": REGION,
    }
