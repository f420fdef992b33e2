"""Real RabbitMQ brokers of one or several nodes, on free ports of the loopback address, in a directory of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

from tests.authority import DAY, NOW, Authority
from tests.databases import free_port
from tests.waiting import until

START_SECONDS = 90.0
_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
USER, PASSWORD = "congress", "canary-of-the-broker"


def _script(name: str) -> str:
    found = _SCRIPTS / name if (_SCRIPTS / name).exists() else shutil.which(name)
    assert found, f"{name} is missing; requirements/servers.sh installs it"
    return str(found)


class Rabbit:
    """A broker; `nodes` are its parts, which can be stopped, killed, frozen and started again one by one."""

    def __init__(self, nodes: int = 1, *, management: bool = False, authority: Authority | None = None) -> None:
        """`management`: with the API on `management_port` of each node. `authority`: signs its certificate; then it
        speaks TLS only."""
        self.management, self.authority = management, authority
        self.patience = START_SECONDS
        self.directory = Path(tempfile.mkdtemp(prefix="congress-rabbit-"))
        self._epmd_port = free_port()
        self._epmd: subprocess.Popen[bytes] | None = None
        self.nodes = [RabbitNode(self, f"r{number}") for number in range(1, nodes + 1)]
        home = self.directory / "home"
        home.mkdir()
        (home / ".erlang.cookie").write_text("a-cookie-of-this-test")
        (home / ".erlang.cookie").chmod(0o400)

    @property
    def transport_url(self) -> str:
        """What `transport_url` is to be set to: all nodes, in order."""
        hosts = ",".join(f"{USER}:{PASSWORD}@127.0.0.1:{node.port}" for node in self.nodes)
        return f"rabbit://{hosts}/"

    def start(self) -> Rabbit:
        """Start all nodes and wait for them."""
        self.prepare()
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait()
        return self

    def prepare(self) -> None:
        """Start what nodes find each other by."""
        self._epmd = subprocess.Popen(  # noqa: S603
            [_epmd(), "-port", str(self._epmd_port), "-address", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)

    def command(self, node: RabbitNode) -> list[str]:  # noqa: ARG002
        """What starts a node."""
        return ["/bin/sh", _script("rabbitmq-server")]

    def environment(self, node: RabbitNode) -> dict[str, str]:
        """What a node and its tools need to know, and nothing of the machine's own broker."""
        return {
            "HOME": str(self.directory / "home"),
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": node.name,
            "RABBITMQ_DIST_PORT": str(node.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(node.directory / "data"),
            "RABBITMQ_LOG_BASE": str(node.directory),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(node.directory / "pid"),
            "RABBITMQ_CONFIG_FILE": str(node.directory / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(node.directory / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        }


class RabbitNode:
    """One node of a broker."""

    def __init__(self, broker: Rabbit, name: str) -> None:
        self._broker = broker
        self.name = f"{name}@localhost"
        self.directory = broker.directory / name
        self.port, self.distribution_port, self.management_port = free_port(), free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the process, with the data it had before; `wait` waits until it serves."""
        self.directory.mkdir(exist_ok=True)
        (self.directory / "enabled_plugins").write_text("[rabbitmq_management]." if self._broker.management else "[].")
        settings = [
            *self._listeners(),
            f"default_user = {USER}",
            f"default_pass = {PASSWORD}",
            "disk_free_limit.absolute = 10MB",
            "vm_memory_high_watermark.absolute = 800MB",
        ]
        if self._broker.management:
            settings += ["management.tcp.ip = 127.0.0.1", f"management.tcp.port = {self.management_port}"]
        others = self._broker.nodes
        if len(others) > 1:
            settings += ["cluster_formation.peer_discovery_backend = classic_config"]
            settings += ["cluster_partition_handling = pause_minority"]
            settings += [f"cluster_formation.classic_config.nodes.{i} = {n.name}" for i, n in enumerate(others, 1)]
        (self.directory / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                self._broker.command(self),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._broker.environment(self),
                cwd=self.directory,
                start_new_session=True,
            )

    def _listeners(self) -> list[str]:
        authority = self._broker.authority
        if authority is None:
            return [f"listeners.tcp.default = 127.0.0.1:{self.port}"]
        certificate = authority.make("broker", NOW + DAY)
        return [
            "listeners.tcp = none",
            f"listeners.ssl.1 = 127.0.0.1:{self.port}",
            f"ssl_options.cacertfile = {authority.file}",
            f"ssl_options.certfile = {certificate}",
            f"ssl_options.keyfile = {certificate}",
        ]

    def start(self) -> None:
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Wait until the node takes connections."""
        process = self._process
        assert process is not None
        until(
            self.answers,
            lambda: (self.directory / "log").read_text(errors="replace")[-4000:],
            seconds=self._broker.patience,
            ended=lambda: process.poll() is not None,
            every=0.1,
        )

    def answers(self) -> bool:
        """Whether the node greets who speaks AMQP."""
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as link,
                self._secured(link) as connection,
            ):
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(connection.recv(4))
        except OSError:
            return False

    def manages(self) -> bool:
        """Whether the API of the management answers."""
        try:
            socket.create_connection(("127.0.0.1", self.management_port), timeout=1).close()
        except OSError:
            return False
        return True

    def _secured(self, link: socket.socket) -> socket.socket:
        authority = self._broker.authority
        if authority is None:
            return link
        context = ssl.create_default_context(cafile=str(authority.file))
        return context.wrap_socket(link, server_hostname="127.0.0.1")

    def kill(self) -> None:
        """End all processes of the node at once."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(20)
            self._process = None

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def control(self, *arguments: str) -> str:
        """What `rabbitmqctl` says."""
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", _script("rabbitmqctl"), "--quiet", "--node", self.name, *arguments],
            env=self._broker.environment(self),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout


def _epmd() -> str:
    found = shutil.which("epmd") or next(map(str, Path("/usr/lib/erlang").glob("erts-*/bin/epmd")), None)
    assert found, "epmd is missing; it comes with rabbitmq-server, which requirements/servers.sh installs"
    return found
