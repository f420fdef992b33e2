"""Record the answers of real services to exactly the requests that the drivers send: `make record`.

The services are those of the tests (`tests/cloud`), started empty and filled through their own APIs. Addresses become
placeholders, tokens and audit ids are left out, ids and times stay as they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from congress.datasources.cinder import CinderDriver
from congress.datasources.cloud import CloudDriver
from congress.datasources.glancev2 import GlanceV2Driver
from congress.datasources.keystonev3 import KeystoneV3Driver
from congress.datasources.neutronv2 import NeutronV2Driver
from congress.datasources.nova import NovaDriver
from demo.cloud import populate
from tests.cloud.real import RealCloud, running_cloud

HERE = Path(__file__).resolve().parent
SERVICES = ("keystone", "placement", "glance", "nova", "neutron", "cinder")
HYPERVISORS = 3
DRIVERS: tuple[type[CloudDriver], ...] = (KeystoneV3Driver, GlanceV2Driver, NovaDriver, NeutronV2Driver, CinderDriver)
KEPT_HEADERS = ("Content-Type", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version", "Vary", "WWW-Authenticate")


def without_secrets(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: without_secrets(value) for key, value in body.items() if key != "audit_ids"}
    return [without_secrets(value) for value in body] if isinstance(body, list) else body


def of_the_recorded(body: Any) -> Any:
    """The answer to a login with those services in its catalog that are recorded."""
    token = body.get("token") if isinstance(body, dict) else None
    if isinstance(token, dict) and "catalog" in token:
        token["catalog"] = [one for one in token["catalog"] if one["name"] in SERVICES]
    return body


class Recorder:
    """Collects exchanges; the same request twice is kept once."""

    def __init__(self, cloud: RealCloud) -> None:
        self.services = {cloud.layout.ports[name]: name for name in SERVICES}
        self.exchanges: dict[tuple[str, str, str], dict[str, Any]] = {}

    def hear(self, response: requests.Response, *_: object, **__: object) -> None:
        request = response.request
        url = urlsplit(str(request.url))
        service = self.services[url.port or 80]
        path = url.path + (f"?{url.query}" if url.query else "")
        text = response.text
        for port, name in self.services.items():
            text = text.replace(f"http://127.0.0.1:{port}", f"{{{{{name}}}}}")
        self.exchanges[service, str(request.method), path] = {
            "service": service,
            "method": request.method,
            "path": path,
            "authenticated": "X-Auth-Token" in request.headers,
            "status": response.status_code,
            "headers": {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            "body": without_secrets(of_the_recorded(json.loads(text))) if text else None,
        }

    def save(self, path: Path) -> None:
        lines = [
            json.dumps(self.exchanges[key], sort_keys=True, separators=(",", ":")) for key in sorted(self.exchanges)
        ]
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{path.name}: {len(lines)} exchanges, {path.stat().st_size / 1000:.0f} kB")


def record(cloud: RealCloud, name: str) -> None:
    """Write down what the cloud answers now, as the state of this name."""
    recorder = Recorder(cloud)
    plain = requests.Session()
    plain.hooks["response"].append(recorder.hear)
    for service in SERVICES:
        plain.get(cloud.layout.url(service, "/"), timeout=30)
    for kind in DRIVERS:
        driver = kind(kind.id, cloud.login)
        session = requests.Session()
        session.hooks["response"].append(recorder.hear)
        driver.connection.session.session = session
        for group in driver.groups():
            rows = driver.fetch(group)
            print(f"{kind.id:12} {', '.join(f'{table} {len(list(found))}' for table, found in rows.items())}")
        driver.close()
    recorder.save(HERE / "recordings" / f"{name}.json")


if __name__ == "__main__":
    with running_cloud(HYPERVISORS) as running:
        populate.before(running)
        record(running, "before")
        populate.after(running)
        record(running, "after")
