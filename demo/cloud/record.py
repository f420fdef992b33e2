"""Record the answers of the real services to exactly the requests that the drivers send: record.py before | after.

Runs beside the services of `real/cloud.py`, in the environment where Congress is installed. Addresses become
placeholders, tokens and audit ids are left out, ids and times stay as they were.
"""

from __future__ import annotations

import json
import sys
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

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "real"))
import settings  # noqa: E402 - lives beside the scripts that run in the services' own environment

DRIVERS: tuple[type[CloudDriver], ...] = (KeystoneV3Driver, GlanceV2Driver, NovaDriver, NeutronV2Driver, CinderDriver)
KEPT_HEADERS = ("Content-Type", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version", "Vary", "WWW-Authenticate")


def without_secrets(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: without_secrets(value) for key, value in body.items() if key != "audit_ids"}
    return [without_secrets(value) for value in body] if isinstance(body, list) else body


class Recorder:
    """Collects exchanges; the same request twice is kept once."""

    def __init__(self) -> None:
        self.services = {settings.ports()[name]: name for name in settings.APIS}
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
            "body": without_secrets(json.loads(text)) if text else None,
        }

    def save(self, path: Path) -> None:
        lines = [
            json.dumps(self.exchanges[key], sort_keys=True, separators=(",", ":")) for key in sorted(self.exchanges)
        ]
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{path.name}: {len(lines)} exchanges, {path.stat().st_size / 1000:.0f} kB")


def record(name: str) -> None:
    recorder = Recorder()
    plain = requests.Session()
    plain.hooks["response"].append(recorder.hear)
    for service in settings.APIS:
        plain.get(f"http://127.0.0.1:{settings.ports()[service]}/", timeout=30)
    login = settings.credentials()
    config = {key: login[key] for key in ("auth_url", "username", "password", "project_name")}
    for kind in DRIVERS:
        driver = kind(kind.id, config)
        session = requests.Session()
        session.hooks["response"].append(recorder.hear)
        driver.connection.session.session = session
        for group in driver.groups():
            rows = driver.fetch(group)
            print(f"{kind.id:12} {', '.join(f'{table} {len(list(found))}' for table, found in rows.items())}")
        driver.close()
    recorder.save(HERE / "recordings" / f"{name}.json")


if __name__ == "__main__":
    record(sys.argv[1])
