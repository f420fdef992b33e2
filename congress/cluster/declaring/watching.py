"""Congress over the control plane that it is a part of: datasources for its clusters, balancers, databases, brokers and
certificates, and the policies over them.

Every account looks, and can change nothing: one that may log in to the databases, where it has an empty schema to
itself, one that monitors the bus, and two commands of Pacemaker that sudo permits word by word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from congress.cluster.declaring.access import KEYSTONE_PORT, SERVICE_PROJECT
from congress.cluster.secrets import mark
from congress.cluster.services.contract import BrokerAccount, Database, File, Once, Site
from congress.cluster.services.loadbalancer import STATISTICS_PORT
from congress.cluster.services.messaging import MANAGEMENT_PORT

DATABASE = Database("congress_watch", "watcher", "watcher-database")
"""A schema that stays empty: accounts come with one."""
BROKER = BrokerAccount("watcher", "watcher-broker", monitors=True)
COMMANDS = "/etc/congress/commands.conf"
_PROGRAM = Path(__file__).with_name("watch_program.py")
_INSTALLED, _WISHES = "/etc/congress/watch.py", "/etc/congress/watch.json"
_PARTS = ("Cluster", "Balancer", "Database", "Messaging")
_SUDO = """\
# What congress asks Pacemaker, word by word.
congress ALL=(root) NOPASSWD: /usr/sbin/crm_mon --output-as=xml --inactive
congress ALL=(root) NOPASSWD: /usr/sbin/cibadmin --query --scope configuration
"""


def files(site: Site, url: str, elsewhere: Mapping[str, str]) -> tuple[File, ...]:
    """`url`: of Congress's API; `elsewhere`: the commands that reach members of other clusters, by cluster."""
    commands = {site.cluster: "sudo -n", **elsewhere}
    lines = ["[DEFAULT]", *(f"driver_commands = {name}={words}" for name, words in commands.items())]
    sources = [*_sources(site, url, tuple(commands))]
    policies = ["ControlPlane"] if len(sources) > len(_PARTS) else [f"ControlPlane{part}" for part in _PARTS]
    wishes = {
        "url": url,
        "auth_url": site.endpoint("keystone", KEYSTONE_PORT, path="/v3"),
        "authority": site.authority,
        "account": {"user": "congress", "password": mark("congress-keystone"), "project": SERVICE_PROJECT},
        "datasources": sources,
        "policies": policies,
    }
    return (
        File(COMMANDS, "\n".join(lines) + "\n", notify=("congress-datasource",)),
        File("/etc/sudoers.d/congress", _SUDO, mode=0o440),
        File(_INSTALLED, _PROGRAM.read_text(encoding="utf-8"), mode=0o755),
        File(_WISHES, json.dumps(wishes, indent=2) + "\n", mode=0o600),
    )


def watching() -> Once:
    """Makes the wishes true, once Congress answers."""
    command = f"python3 {_INSTALLED} {_WISHES}"
    return Once("congress: control plane", command, done=f"{command} --check", after=("keystone", "congress"))


def _sources(site: Site, url: str, clusters: tuple[str, ...]) -> list[dict[str, object]]:
    addresses = {
        service: site.members(service) for service in ("loadbalancer", "database", "messaging") if site.has(service)
    }
    watcher = {"username": "watcher"}
    found: list[dict[str, object]] = [
        _source("pacemaker", {"clusters": ", ".join(f"{name}={name}" for name in clusters)}),
        _source("haproxy", {"instances": _named(addresses["loadbalancer"], f"tcp://{{}}:{STATISTICS_PORT}")}),
        _source(
            "galera",
            {**watcher, "password": mark(DATABASE.password), "nodes": _named(addresses["database"], "{}:3306")},
        ),
        _source(
            "rabbitmq",
            {
                **watcher,
                "password": mark(BROKER.password),
                "urls": ", ".join(f"http://{address}:{MANAGEMENT_PORT}" for _, address in addresses["messaging"]),
            },
        ),
    ]
    secured = {name: urlsplit(each) for name, each in _endpoints(site, url) if each.startswith("https:")}
    if secured:
        trusted = {"cacert": site.authority} if site.authority else {}
        endpoints = ", ".join(f"{name}={each.hostname}:{each.port or 443}" for name, each in secured.items())
        found.append(_source("certificates", {"endpoints": endpoints, **trusted}))
    return found


def _endpoints(site: Site, url: str) -> tuple[tuple[str, str], ...]:
    return ("congress", url), ("keystone", site.endpoint("keystone", KEYSTONE_PORT))


def _source(driver: str, config: Mapping[str, str]) -> dict[str, object]:
    return {"name": driver, "driver": driver, "config": dict(config)}


def _named(members: tuple[tuple[str, str], ...], place: str) -> str:
    return ", ".join(f"{name}={place.format(address)}" for name, address in members)
