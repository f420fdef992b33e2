"""A laboratory changes nothing of the machine that it is on, and leaves nothing on it."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from congress.cluster.lab.laboratory import build, remove
from congress.cluster.lab.provision import Environments, LabUnit, provide, write
from congress.cluster.lab.runner import Nodes
from congress.cluster.lab.site import Link, Site
from tests.cluster.lab.host import Host, host, inhabitants, left
from tests.waiting import until

SITE = Site({"a": (Link("internal", "eth0", "10.79.0.1/24"),)}, {"internal": "10.79.0.254/24"}, boot_seconds=0.2)
WORK = """
useradd --system of-the-lab; echo 10.79.0.1 of-the-lab >> /etc/hosts; mkdir -p /etc/haproxy /var/lib/mysql
touch /etc/haproxy/of-the-lab /var/lib/mysql/of-the-lab /usr/lib/ocf/of-the-lab /var/lib/pacemaker/cib/of-the-lab
touch /var/log/lab/of-the-lab /run/rabbitmq/of-the-lab /usr/local/bin/of-the-lab /dev/shm/of-the-lab
echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind
ip link add of-the-lab type bridge; ip address add 10.79.9.9/24 dev eth0; mount -t tmpfs tmpfs /mnt
"""
"""What setting up a node does to it; nothing of it would harm this machine if it came to that."""


def test_whatever_a_node_does_to_itself_this_machine_stays_as_it_is() -> None:
    before = host()
    with TemporaryDirectory(prefix="lab", dir="/tmp") as parent:  # noqa: S108 - paths of sockets must be short
        laboratory = build(Path(parent) / "l", SITE)
        try:
            laboratory.ask("on", "a")
            provide(Nodes(laboratory), "a", ["wanderer"], Environments(Path(sys.prefix), Path(sys.prefix)))
            write(Nodes(laboratory), "a", [LabUnit("sleeper", "sh -c 'sleep 1000 & sleep 1000'").file()])
            assert laboratory.run("a", "systemctl start sleeper").returncode == 0
            assert laboratory.run("a", WORK).returncode == 0
            assert before.differences(host()) == []
            there = inhabitants(laboratory.holder())
            assert len(there) > 4
        finally:
            remove(laboratory.places.directory)
    until(lambda: left(there) == [], lambda: f"processes {left(there)} are left")
    assert before.differences(host()) == []


def test_what_changes_on_this_machine_is_told() -> None:
    before = Host({"/etc/a": "1"}, frozenset(), "lo", frozenset({"/"}), {"/proc/sys/vm/x": "1"})
    after = Host({"/etc/a": "2"}, frozenset({"/run/mysqld"}), "lo br0", frozenset({"/", "/x"}), {"/proc/sys/vm/x": "2"})

    assert before.differences(after) == [
        "/etc/a changed",
        "/proc/sys/vm/x changed",
        "/run/mysqld is new",
        "/x is mounted",
        "the networks are lo br0",
    ]
