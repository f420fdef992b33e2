"""Which options the services' programs know, out of the sample files in Debian's packages.

    python -m tests.cluster.services.known_options DIRECTORY > tests/cluster/services/known-options.txt

DIRECTORY has a directory for each package of `SAMPLES`, as `apt-get download PACKAGE && dpkg -x FILE DIRECTORY/PACKAGE`
makes it. Only options that we set are written down.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from congress.cluster.render.node import node_files
from tests.cluster.services.descriptions import collapsed, composed, segregated

KNOWN = Path(__file__).with_name("known-options.txt")
SAMPLES = {
    "/etc/keystone/keystone.conf": ("keystone", "usr/share/keystone/keystone.conf"),
    "/etc/glance/glance-api.conf": ("glance-common", "usr/share/glance-common/glance-api.conf"),
    "/etc/cinder/cinder.conf": ("cinder-common", "usr/share/cinder-common/cinder.conf"),
    "/etc/placement/placement.conf": ("placement-common", "usr/share/placement-common/placement.conf"),
    "/etc/nova/nova.conf": ("nova-common", "usr/share/nova-common/nova.conf"),
    "/etc/neutron/neutron.conf": ("neutron-common", "usr/share/neutron-common/neutron.conf"),
    "/etc/neutron/plugins/ml2/ml2_conf.ini": ("neutron-common", "usr/share/neutron-common/plugins/ml2/ml2_conf.ini"),
    "/etc/neutron/plugins/ml2/openvswitch_agent.ini": (
        "neutron-common",
        "usr/share/neutron-common/plugins/ml2/openvswitch_agent.ini",
    ),
    "/etc/neutron/dhcp_agent.ini": ("neutron-common", "usr/share/neutron-common/dhcp_agent.ini"),
    "/etc/neutron/l3_agent.ini": ("neutron-common", "usr/share/neutron-common/l3_agent.ini"),
    "/etc/neutron/metadata_agent.ini": (
        "neutron-metadata-agent",
        "usr/share/neutron-metadata-agent/metadata_agent.ini",
    ),
    "/etc/gnocchi/gnocchi.conf": ("gnocchi-common", "usr/share/gnocchi-common/gnocchi.conf"),
    "/etc/ceilometer/ceilometer.conf": ("ceilometer-common", "usr/share/ceilometer-common/ceilometer.conf"),
    "/etc/aodh/aodh.conf": ("aodh-common", "usr/share/aodh-common/aodh.conf"),
    "/etc/heat/heat.conf": ("heat-common", "usr/share/heat-common/heat.conf"),
}
# Sections whose names are ours take the options of another one in the samples.
NAMED_BY_US = {
    ("/etc/cinder/cinder.conf", "nfs"): "backend_defaults",
    ("/etc/glance/glance-api.conf", "images"): "glance_store",
    ("/etc/glance/glance-api.conf", "os_glance_staging_store"): "glance_store",
    ("/etc/glance/glance-api.conf", "os_glance_tasks_store"): "glance_store",
}
# Options of the plugin that `auth_type = password` loads; the samples have them only here and there.
OF_PASSWORD = {
    "auth_type", "auth_url", "cafile", "username", "password", "user_domain_name", "project_name",
    "project_domain_name",
}  # fmt: skip
# Options that the samples have at another place: one of neutron.conf, which may be in any of its files, and one that
# cinder-volume registers for each backend when it starts.
ELSEWHERE = {
    ("/etc/neutron/plugins/ml2/ml2_conf.ini", "DEFAULT", "rpc_workers"),
    ("/etc/cinder/cinder.conf", "nfs", "backend_host"),
}


def options(text: str, *, of_sample: bool = False) -> Iterator[tuple[str, str]]:
    """Sections and options; those of a sample are mostly commented out."""
    pattern = re.compile(r"#?\s?([A-Za-z][A-Za-z0-9_.-]*)\s*=" if of_sample else r"([^=\s]+) =")
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif section and (match := pattern.match(line)):
            yield section, match[1]


def ours() -> set[tuple[str, str, str]]:
    """File, section and option of all that we set."""
    deployments = [composed(text) for text in (collapsed(), segregated())]
    return {
        (file.path, section, option)
        for deployment in deployments
        for cluster in deployment.clusters
        for node in cluster.nodes
        for file in node_files(deployment, cluster, node)
        if file.path in SAMPLES
        for section, option in options(file.content)
    }


def recorded() -> set[tuple[str, str, str]]:
    """What is known, as it was written down."""
    return {tuple(line.split(" ")) for line in KNOWN.read_text().splitlines()}  # type: ignore[misc]


def _main(directory: Path) -> None:
    known: dict[str, set[tuple[str, str]]] = {}
    for path, (package, sample) in SAMPLES.items():
        known[path] = set(options((directory / package / sample).read_text(), of_sample=True))
    for path, section, option in sorted(ours()):
        there = NAMED_BY_US.get((path, section), section)
        if (there, option) in known[path] or option in OF_PASSWORD or (path, section, option) in ELSEWHERE:
            print(path, section, option)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
