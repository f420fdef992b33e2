"""APIs that run under uWSGI: on the node's own address, since the proxy has the same port at another one."""

from __future__ import annotations

from dataclasses import dataclass

from congress.cluster.declaring.running import command_of
from congress.cluster.services.contract import File, Port, Site, Unit

PROGRAM = "/usr/bin/uwsgi_python3"
PACKAGES = ("uwsgi-plugin-python3",)
STOPS_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Api:
    """One API. `unit`: systemd's; `script`: the file with the WSGI application; `account`: who runs it, and its group;
    `arguments`: what the script is called with."""

    unit: str
    script: str
    account: str
    port: int
    processes: int = 4
    threads: int = 8
    arguments: str = ""

    @property
    def settings(self) -> str:
        """The path of uWSGI's settings."""
        return f"/etc/{self.account}/{self.unit}-cluster-uwsgi.ini"

    def running(self) -> Unit:
        """The command of its unit, the same on all nodes."""
        return Unit(self.unit, f"{PROGRAM} --ini {self.settings}", user=self.account)

    def ports(self) -> tuple[Port, ...]:
        return (Port(self.port, "internal", self.unit),)

    def files(self, site: Site) -> tuple[File, ...]:
        """uWSGI's settings on each node, and the unit's command."""
        own = tuple(
            File(self.settings, self._content(site.address(node)), node=node, notify=(self.unit,))
            for node in site.nodes
        )
        return (*own, command_of(self.running()))

    def _content(self, address: str) -> str:
        arguments = f"pyargv = {self.arguments}\n" if self.arguments else ""
        return (
            "[uwsgi]\n"
            f"http-socket = {address}:{self.port}\n"
            "plugins = python3\n"
            f"wsgi-file = {self.script}\n"
            f"{arguments}"
            f"chdir = /var/lib/{self.account}\n"
            f"name = {self.unit}\n"
            "master = true\n"
            "lazy-apps = true\n"
            "enable-threads = true\n"
            f"processes = {self.processes}\n"
            f"threads = {self.threads}\n"
            "thunder-lock = true\n"
            "buffer-size = 65535\n"
            "listen = 100\n"
            "no-orphans = true\n"
            "die-on-term = true\n"
            f"worker-reload-mercy = {STOPS_WITHIN - 5}\n"
            # Who keeps a connection to a worker would keep the worker.
            "add-header = Connection: close\n"
        )
