"""The golden files: what is rendered of the examples, to be read by people when it changes.

`python -m tests.cluster.render.golden` writes them anew; the difference is for review.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.render.trees import NAMES, rendered

DIRECTORY = Path(__file__).parent / "golden"
OF_ALL = (
    "haproxy.cfg",
    "corosync.conf",
    "pcs.sh",
    "definitions.json",
    "99-cluster.cnf",
    "inventory.yaml",
    "keepalived.conf",
)
"""Of the large examples, these of each cluster's first node; of the small one, everything of one node."""

WITHOUT = (
    "register.py",
    "congress-datasource",
    "load_configuration.py",
    "read_again.sh",
    "rabbitmq-member",
    "rabbitmq-rejoin",
    "rabbitmq-replicas",
)
"""Programs, which are in the repository as such."""


def golden(name: str) -> Mapping[str, str]:
    """The files of an example that are kept."""
    found = rendered(name)
    if name == "small":
        others = ("node2", "node3")
        return {
            path: content
            for path, content in found.items()
            if not any(f"/{other}" in path for other in others) and not path.endswith(WITHOUT)
        }
    kept: dict[tuple[str, str], str] = {}
    for path in found:
        if path.endswith(OF_ALL) and not path.startswith("ansible/templates"):
            place, _, rest = path.partition("/")
            node, _, file = rest.partition("/")
            # Nodes of one cluster are called api1, api2, ...
            kept.setdefault((f"{place}/{node.rstrip('0123456789')}", file), path)
    return {path: found[path] for path in kept.values()}


def main() -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    for name in NAMES:
        for path, content in golden(name).items():
            file = DIRECTORY / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
