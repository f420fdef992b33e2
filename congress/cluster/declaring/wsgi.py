"""APIs that run under uWSGI: on the node's own address, since the proxy has the same port at another one."""

from __future__ import annotations

from dataclasses import dataclass

from congress.cluster.declaring.running import command_of
from congress.cluster.services.contract import Check, File, HealthTest, Listener, Port, Site, Unit

PROGRAM = "/usr/bin/uwsgi_python3"
PACKAGES = ("uwsgi-plugin-python3", "curl")
STOPS_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Api:
    """One API. `unit`: systemd's; `account`: who runs it, its group, and its directory below /etc; `application`: what
    uWSGI loads, as a line of its settings; `path`: where it answers 200 when it works, without a token."""

    unit: str
    account: str
    port: int
    application: str
    path: str = "/healthcheck"
    status: str = "200"
    processes: int = 4
    threads: int = 8
    more: tuple[str, ...] = ()

    @property
    def settings(self) -> str:
        """The path of uWSGI's settings."""
        return f"/etc/{self.account}/{self.unit}-cluster-uwsgi.ini"

    def running(self) -> Unit:
        """The command of its unit, the same on all nodes."""
        return Unit(self.unit, f"{PROGRAM} --ini {self.settings}", user=self.account)

    def port_taken(self) -> Port:
        """What it listens on."""
        return Port(self.port, "internal", self.unit)

    def files(self, site: Site) -> tuple[File, ...]:
        """uWSGI's settings on each node, and the unit's command."""
        own = tuple(
            File(self.settings, self._content(site.address(node)), node=node, notify=(self.unit,))
            for node in site.nodes
        )
        return (*own, command_of(self.running()))

    def listener(self, address: str, *, seconds: float = 60.0, tunnel: float | None = None) -> Listener:
        """Behind the proxy, at a virtual address. `seconds`: how long an answer may take."""
        return Listener(
            self.unit,
            address,
            self.port,
            self.port,
            Check(http=self.path, status=self.status),
            client_timeout=seconds,
            server_timeout=seconds,
            tunnel_timeout=tunnel,
        )

    def health(self) -> HealthTest:
        """Asks this node's instance the same question as the proxy."""
        where = f"a=$(sed -n 's/^http-socket = //p' {self.settings})"
        asked = f'curl -s -o /dev/null -w "%{{http_code}}" --noproxy "*" --max-time 8 "http://$a{self.path}"'
        return HealthTest(f'{where}; test "$({asked})" = {self.status}')

    def _content(self, address: str) -> str:
        lines = [
            "[uwsgi]",
            f"http-socket = {address}:{self.port}",
            "plugins = python3",
            self.application,
            f"chdir = /var/lib/{self.account}",
            f"name = {self.unit}",
            "master = true",
            "lazy-apps = true",
            "enable-threads = true",
            f"processes = {self.processes}",
            f"threads = {self.threads}",
            "thunder-lock = true",
            "buffer-size = 65535",
            "listen = 100",
            "no-orphans = true",
            "die-on-term = true",
            f"worker-reload-mercy = {STOPS_WITHIN - 5}",
            # Who keeps a connection to a worker would keep the worker.
            "add-header = Connection: close",
            *self.more,
        ]
        return "\n".join(lines) + "\n"


def script(path: str) -> str:
    """The application of a file."""
    return f"wsgi-file = {path}"
