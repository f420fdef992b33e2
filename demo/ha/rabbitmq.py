"""A cluster of RabbitMQ nodes with the settings of docs/high-availability.md."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from demo.ha.machines import Machine, Process

PORT = 5672
EPMD_PORT = 14369
BIN = Path("/usr/lib/rabbitmq/bin")


class Broker:
    """One node. `number` tells nodes apart that share a machine's name service."""

    def __init__(self, machine: Machine, number: int, directory: Path, cluster: Sequence[str], password: str) -> None:
        self.machine, self.node = machine, f"rabbit{number}@{machine.address}"
        self._home = directory.parent / "rabbitmq-home"
        directory.mkdir(parents=True, exist_ok=True)
        _cookie(self._home)
        (directory / "rabbitmq.conf").write_text(_settings(machine.address, cluster, password))
        # A node that fell silent is given up after 8 s instead of 60.
        (directory / "advanced.config").write_text("[{kernel, [{net_ticktime, 8}]}].\n")
        (directory / "enabled_plugins").write_text("[rabbitmq_stream].\n")
        self._env = {
            "HOME": str(self._home),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
            "RABBITMQ_DIST_PORT": str(25670 + number),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -kernel inet_dist_use_interface "
            + "{"
            + machine.address.replace(".", ",")
            + "}",
            "ERL_EPMD_PORT": str(EPMD_PORT),
            "LANG": "C.UTF-8",
        }
        self.process = Process(machine, self.node, ["sh", str(BIN / "rabbitmq-server")], directory, self._env)

    def start(self) -> None:
        """Start it, without waiting."""
        self.process.start()

    def await_ready(self, seconds: float = 120.0) -> float:
        """Wait until it takes clients; answers how long it took."""
        return self.process.await_("taking clients", self.answers, seconds)

    def answers(self) -> bool:
        """Whether it speaks the protocol."""
        try:
            with socket.create_connection((self.machine.address, PORT), timeout=1.0) as client:
                client.settimeout(2.0)
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(client.recv(1))
        except OSError:
            return False

    def control(self, *words: str) -> str:
        """Run rabbitmqctl for this node."""
        command = self.machine.command(["sh", str(BIN / "rabbitmqctl"), "--longnames", "-n", self.node, *words])
        env = {**os.environ, **self._env}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
        return done.stdout


def name_service(machine: Machine, directory: Path) -> Process:
    """The service through which nodes of one machine are found; one for each namespace, or one for all of loopback."""
    return Process(machine, f"epmd-{machine.name}", ["epmd", "-port", str(EPMD_PORT)], directory)


def _cookie(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    cookie = home / ".erlang.cookie"
    if not cookie.exists():
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)


def _settings(address: str, cluster: Sequence[str], password: str) -> str:
    members = "".join(
        f"cluster_formation.classic_config.nodes.{number} = {node}\n" for number, node in enumerate(cluster, 1)
    )
    return f"""\
listeners.tcp.1 = {address}:{PORT}
stream.listeners.tcp.1 = {address}:5552
default_user = congress
default_pass = {password}
loopback_users = none
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.target_cluster_size_hint = {len(cluster)}
{members}cluster_partition_handling = pause_minority
# A message that nobody can take must not fill the disk: queues of events are bounded by their readers' policies.
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.relative = 0.4
"""
