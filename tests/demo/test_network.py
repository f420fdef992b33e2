"""Networks of namespaces, beside each other."""

from __future__ import annotations

import socket
import subprocess
import sys

from demo.ha.network import Network

REACH = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()"


def test_two_networks_do_not_take_each_others_packets() -> None:
    with Network() as one, Network() as other:
        assert one.builder != other.builder
        for network in (one, other):
            machine = network.machine("m", 1)
            with socket.create_server((network.builder, 0)) as server:
                place = [network.builder, str(server.getsockname()[1])]
                command = machine.command([sys.executable, "-c", REACH, *place])
                done = subprocess.run(command, capture_output=True, timeout=30, check=False)  # noqa: S603
            assert done.returncode == 0, done.stderr
