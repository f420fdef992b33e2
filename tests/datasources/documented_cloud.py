"""A cloud of services that answer as their documentation says, since no real ones run in the tests.

Each file in `documented` is one service: the document (`source`), its entry in the catalog, its `answers` by request,
and the `rows` that its driver makes of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.datasources.replayed_cloud import ROOT, ReplayedCloud, replayed_cloud

PLACE = Path(__file__).parent / "documented"
SERVICES = {path.stem: json.loads(path.read_text()) for path in sorted(PLACE.glob("*.json"))}


@contextmanager
def documented_cloud(place: Path) -> Iterator[ReplayedCloud]:
    """All of them, with the recorded Keystone before them."""
    recorded = json.loads((ROOT / "demo" / "cloud" / "recordings" / "before.json").read_text())
    exchanges = [one for one in recorded if one["service"] == "keystone"]
    login = next(one for one in exchanges if one["path"].startswith("/v3/auth/tokens"))
    login["body"]["token"]["catalog"] = [
        one for one in login["body"]["token"]["catalog"] if one["type"] == "identity"
    ] + [_entry(name, one) for name, one in SERVICES.items()]
    exchanges += [answer for name, one in SERVICES.items() for answer in _exchanges(name, one)]
    for state in ("before", "after"):
        (place / f"{state}.json").write_text(json.dumps(exchanges))
    with replayed_cloud(place, place) as cloud:
        yield cloud


def _entry(name: str, service: dict[str, Any]) -> dict[str, Any]:
    url = f"{{{{{name}}}}}{service['endpoint']}"
    endpoint = {"id": name, "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": url}
    return {"endpoints": [endpoint], "id": name, "name": name, "type": service["type"]}


def _exchanges(name: str, service: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "discovery" in service:
        answer = {"service": name, "method": "GET", "path": "/", "status": 200, "headers": {}}
        yield {**answer, "body": service["discovery"], "authenticated": False}
    for request, body in service["answers"].items():
        method, path = request.split(" ", 1)
        answer = {"service": name, "method": method, "path": path, "status": 200, "headers": {}, "body": body}
        yield {**answer, "authenticated": True}
