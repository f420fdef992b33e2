"""A cluster of RabbitMQ nodes with the settings of `deploy/ha/rabbitmq.conf`."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.ha.machines import Machine, NotStarted, Process
from demo.ha.templates import TEMPLATES, filled

PORT = 5672
BIN = Path("/usr/lib/rabbitmq/bin")
_REJOIN_SECONDS = 60.0


class Broker:
    """One node. `number` tells nodes apart that share a machine's name service."""

    def __init__(self, machine: Machine, number: int, directory: Path, variables: Mapping[str, str]) -> None:
        """`variables`: those of `deploy/ha/rabbitmq.conf`."""
        self.machine, self.node = machine, node_name(number, machine.address)
        self._home = directory.parent / "rabbitmq-home"
        directory.mkdir(parents=True, exist_ok=True)
        _cookie(self._home)
        for name in ("rabbitmq.conf", "advanced.config"):
            (directory / name).write_text(filled(name, variables))
        (directory / "enabled_plugins").write_text("[].\n")
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
            "ERL_EPMD_PORT": str(_name_service_port(machine.address)),
            "LANG": "C.UTF-8",
        }
        self.process = Process(machine, self.node, ["sh", str(BIN / "rabbitmq-server")], directory, self._env)

    def start(self) -> None:
        """Start it, without waiting."""
        self.process.start()

    def await_ready(self, seconds: float = 120.0) -> float:
        """Wait until it takes clients; answers how long it took."""
        return self.process.await_("taking clients", self.answers, seconds)

    def await_back(self, seconds: float = 240.0) -> None:
        """Wait until it takes clients again after it was cut off; restarts it when it does not for a minute, as
        `deploy/systemd/rabbitmq-rejoin.sh` does. Raises NotStarted."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.await_ready(min(_REJOIN_SECONDS, max(1.0, deadline - time.monotonic())))
                return
            except NotStarted:
                if time.monotonic() >= deadline:
                    raise
                self.process.stop(10.0)
                self.start()

    def answers(self) -> bool:
        """Whether it speaks the protocol."""
        try:
            with socket.create_connection((self.machine.address, PORT), timeout=1.0) as client:
                client.settimeout(2.0)
                client.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(client.recv(1))
        except OSError:
            return False

    def set_policies(self) -> None:
        """Run `deploy/ha/rabbitmq-policies.sh` for this node."""
        control = f"sh {BIN / 'rabbitmqctl'} --longnames -n {self.node}"
        command = self.machine.command(["sh", str(TEMPLATES / "rabbitmq-policies.sh")])
        env = {**os.environ, **self._env, "RABBITMQCTL": control}
        subprocess.run(command, env=env, capture_output=True, timeout=60, check=True)  # noqa: S603

    def control(self, *words: str) -> str:
        """Run rabbitmqctl for this node."""
        command = self.machine.command(["sh", str(BIN / "rabbitmqctl"), "--longnames", "-n", self.node, *words])
        env = {**os.environ, **self._env}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
        return done.stdout


def node_name(number: int, address: str) -> str:
    """What the node calls itself: an address instead of a host name, since all are on one host."""
    return f"rabbit{number}@{address}"


def name_service(machines: Sequence[Machine], directory: Path) -> Process:
    """The service through which nodes on one host find each other; machines in one namespace are one host."""
    first = machines[0]
    addresses = ",".join(machine.address for machine in machines)
    command = ["epmd", "-port", str(_name_service_port(first.address)), "-address", addresses]
    return Process(first, f"epmd-{first.name}", command, directory)


def _name_service_port(address: str) -> int:
    """It is bound to 127.0.0.1 too, so two sites on the loopback interface need two ports."""
    return 14300 + int(address.split(".")[2])


def _cookie(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    cookie = home / ".erlang.cookie"
    if not cookie.exists():
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
