"""What swift's proxies and storage nodes have in common: the rings, which say where things are, and the secret of the
hash.

Every node makes the rings from the same members with the same seed, so they are the same. Who adds storage later makes
new ones with swift's tools and brings them to all nodes: that moves what is stored, and is nothing to do on the side.
"""

from __future__ import annotations

from congress.cluster.declaring.settings import private_file
from congress.cluster.secrets import mark
from congress.cluster.services.contract import File, Once, Site

ACCOUNT_PORT, CONTAINER_PORT, OBJECT_PORT = 6202, 6201, 6200
PORTS = {"account": ACCOUNT_PORT, "container": CONTAINER_PORT, "object": OBJECT_PORT}
DEVICE = "d1"
DEVICES = "/srv/node"
PART_POWER, MOST_REPLICAS, MIN_PART_HOURS, SEED = 12, 3, 1, 5
_SCRIPT = "/etc/swift/make-rings.sh"


def shared_files(site: Site, notify: tuple[str, ...]) -> tuple[File, ...]:
    """swift.conf, and what makes the rings."""
    hashes = {
        "swift_hash_path_prefix": mark("swift-hash-prefix"),
        "swift_hash_path_suffix": mark("swift-hash-suffix"),
    }
    policy = {"name": "Policy-0", "default": "yes"}
    return (
        private_file("/etc/swift/swift.conf", {"swift-hash": hashes, "storage-policy:0": policy}, "swift", notify),
        File(_SCRIPT, _rings(site), mode=0o755),
    )


def making_rings(service: str) -> Once:
    """Makes those that are missing."""
    made = " && ".join(f"test -s /etc/swift/{kind}.ring.gz" for kind in PORTS)
    return Once(f"{service}: rings", _SCRIPT, done=made, every_node=True)


def _rings(site: Site) -> str:
    members = site.members("swift-storage")
    replicas = min(MOST_REPLICAS, len(members))
    lines = ["#!/bin/sh", "# The rings of swift, where there are none.", "set -eu", "cd /etc/swift"]
    for kind, port in PORTS.items():
        lines += [
            f"if ! test -s {kind}.ring.gz; then",
            f"    rm -f {kind}.builder",
            f"    swift-ring-builder {kind}.builder create {PART_POWER} {replicas} {MIN_PART_HOURS}",
        ]
        lines += [
            f"    swift-ring-builder {kind}.builder add --region 1 --zone {zone} --ip {address} --port {port}"
            f" --device {DEVICE} --weight 100"
            for zone, (_, address) in enumerate(members, start=1)
        ]
        lines += [f"    swift-ring-builder {kind}.builder rebalance {SEED}", "fi"]
    return "\n".join([*lines, "chown swift:swift *.builder *.ring.gz"]) + "\n"
