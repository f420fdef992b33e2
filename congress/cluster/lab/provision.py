"""What a node of the laboratory has before anybody sets it up, in place of an installation of Debian: its `systemctl`,
the agents, the units of the cluster stack, the accounts of services, and no data of this machine's.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from congress.cluster.apply.doing import do
from congress.cluster.apply.runner import Runner
from congress.cluster.lab import boot
from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.plan.steps import Write
from congress.cluster.services.contract import File

HERE = Path(__file__).parent / "machine"
CODE = Path(__file__).parents[3]
"""The directory that Congress is imported from."""
AGENT = "ocf:lab:unit"
FENCE_AGENT = "stonith:fence_lab"

PROGRAMS = {
    "/usr/local/bin/systemctl": "systemctl",
    "/usr/local/sbin/corosync-cfgtool": "corosync-cfgtool",
    "/usr/lib/ocf/resource.d/lab/unit": "unit",
    "/usr/sbin/fence_lab": "fence_lab",
}

DATA = {
    "/etc/corosync": "root:root",
    "/etc/pacemaker": "root:haclient",
    "/etc/rabbitmq": "root:root",
    "/etc/keystone": "root:root",
    "/etc/congress": "root:root",
    "/var/lib/corosync": "root:root",
    "/var/lib/pacemaker": "hacluster:haclient",
    "/var/lib/pacemaker/cib": "hacluster:haclient",
    "/var/lib/pacemaker/pengine": "hacluster:haclient",
    "/var/lib/pacemaker/cores": "hacluster:haclient",
    "/var/lib/pacemaker/blackbox": "hacluster:haclient",
    "/var/lib/mysql": "mysql:mysql",
    "/var/lib/rabbitmq": "rabbitmq:rabbitmq",
    "/var/lib/haproxy": "root:root",
    "/etc/lab/enabled": "root:root",
}
"""Directories that are made empty, whatever this machine has there."""

LOGS = {
    "/var/log/pacemaker": "hacluster:haclient",
    "/var/log/corosync": "root:root",
    "/var/log/crmsh": "root:root",
    "/var/log/mysql": "mysql:adm",
    "/var/log/rabbitmq": "rabbitmq:rabbitmq",
    "/var/log/lab": "root:root",
}


@dataclass(frozen=True, slots=True)
class LabUnit:
    """A unit as the laboratory's `systemctl` knows it; see there."""

    name: str
    command: str
    user: str = "root"
    environment: Mapping[str, str] = field(default_factory=dict)
    health: str = ""
    reload: str = ""
    needs: str = ""
    restart: bool = False
    stop_seconds: int = 15

    def file(self) -> File:
        """Its description."""
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in self.environment.items())
        settings = {
            "command": self.command,
            "user": self.user,
            "environment": words,
            "health": self.health,
            "reload": self.reload,
            "needs": self.needs,
            "restart": "yes" if self.restart else "no",
            "stop_seconds": str(self.stop_seconds),
        }
        lines = [f"{name}={shlex.quote(value)}\n" for name, value in settings.items()]
        # Environments hold passwords.
        return File(f"/etc/lab/units/{self.name}", "".join(lines), 0o600)


MORE_OF_COROSYNC = """
system {
    sched_rr: no
}
logging {
    to_logfile: yes
    logfile: /var/log/corosync/corosync.log
}
"""
"""Real-time scheduling is for machines of their own: several of them on one could starve everything else. What is left
is to go first, so that load alone silences no node."""

CLUSTER = (
    LabUnit(
        "corosync",
        "sh -c 'cat /etc/corosync/corosync.conf /etc/lab/corosync.more > /run/lab/corosync.conf && "
        "exec nice -n -15 corosync -f -c /run/lab/corosync.conf'",
        health="corosync-cfgtool -s",
        stop_seconds=20,
    ),
    LabUnit(
        "pacemaker",
        "pacemakerd -f",
        environment={"PCMK_logfile": "/var/log/pacemaker/pacemaker.log", "PCMK_logfacility": "none"},
        needs="corosync",
        stop_seconds=180,
    ),
)


def program_files() -> tuple[File, ...]:
    """The programs of the laboratory."""
    programs = (File(path, (HERE / name).read_text(), 0o755) for path, name in PROGRAMS.items())
    return (*programs, File("/etc/lab/corosync.more", MORE_OF_COROSYNC))


@dataclass(frozen=True, slots=True)
class Environments:
    """Where the programs come from that are not Debian's: Python environments with Congress, and with the services of
    OpenStack."""

    congress: Path
    openstack: Path

    def links(self) -> Mapping[str, Path]:
        """Programs of nodes, and where they are on this machine."""
        ours = ("server", "db-manage", "manage", "status", "galera-check")
        links = {f"/usr/local/bin/congress-{name}": self.congress / "bin" / f"congress-{name}" for name in ours}
        return links | {"/usr/bin/keystone-manage": self.openstack / "bin/keystone-manage"}

    def files(self) -> tuple[File, ...]:
        """Programs that are made for the nodes."""
        server = (HERE / "uwsgi_python3").read_text().replace("#!PYTHON", f"#!{self.openstack / 'bin/python'}", 1)
        return (
            File("/usr/bin/uwsgi_python3", server, 0o755),
            File("/usr/bin/keystone-wsgi-public", "from keystone.wsgi.api import application\n", 0o755),
        )

    def missing(self) -> tuple[Path, ...]:
        """Programs that are not there."""
        wanted = (*self.links().values(), self.openstack / "bin/python")
        return tuple(path for path in wanted if not path.exists())

    def reached(self) -> tuple[Path, ...]:
        """What every account of a node must get at."""
        return (*self.links().values(), *self._pythons(), Path(__file__))

    def _pythons(self) -> tuple[Path, ...]:
        """The interpreters that the environments were made with."""
        return tuple((path / "bin" / "python").resolve() for path in (self.congress, self.openstack))

    def unseen(self) -> tuple[str, ...]:
        """Directories with these programs that no node would see: on other file systems than /, or where each node has
        a directory of its own."""
        needed = {self.congress, self.openstack, CODE, *(python.parents[1] for python in self._pythons())}
        found = sorted(path for path in needed if path.exists() and _is_unseen(path.absolute()))
        return tuple(str(path) for path in found if not any(other in path.parents for other in found))


def _is_unseen(path: Path) -> bool:
    return path.stat().st_dev != Path("/").stat().st_dev or any(Path(own) in path.parents for own in boot.OWN)


def write(runner: Runner, node: str, files: Iterable[File]) -> None:
    """Put files without secrets on a node. Raises LaboratoryError."""
    for file in files:
        done = do(runner, Write(node, file), lambda name: name)
        if not done:
            raise LaboratoryError(f"{node}: {file.path} was not written: {done.error.strip()}")


def script(accounts: Iterable[str], environments: Environments) -> str:
    """What makes a node's own directories, accounts and programs."""
    lines = ["set -e"]
    # Programs in a home directory: its owner may hide it from others on this machine, not from a node's services.
    closed = sorted({str(parent) for path in environments.reached() for parent in path.parents if parent.name})
    lines += [f"chmod a+x {shlex.quote(path)} 2>/dev/null || :" for path in closed]
    lines += [
        f"if ! id {account} >/dev/null 2>&1; then useradd --system --user-group --home-dir /var/lib/{account} "
        f"--no-create-home --shell /usr/sbin/nologin {account}; install -d -m 750 -o {account} -g {account} "
        f"/var/lib/{account} /var/log/{account}; fi"
        for account in sorted(set(accounts))
    ]
    for directories, first in ((DATA, "rm -rf {0}; "), (LOGS, "")):
        for path, owner in directories.items():
            user, _, group = owner.partition(":")
            clean = first.format(path) if path.count("/") <= 3 else ""
            lines.append(f"{clean}mkdir -p {path}; ! id {user} >/dev/null 2>&1 || chown {user}:{group} {path}")
    lines += [f"ln -sfn {shlex.quote(str(target))} {path}" for path, target in environments.links().items()]
    return "\n".join(lines) + "\n"


def provide(runner: Runner, node: str, accounts: Iterable[str], environments: Environments) -> None:
    """Make a node that is on ready to be set up. Raises LaboratoryError."""
    done = runner.run(node, "sh -s", stdin=script(accounts, environments))
    if not done:
        raise LaboratoryError(f"{node} cannot be prepared: {done.error.strip() or done.output.strip()}")
    write(runner, node, (*program_files(), *environments.files(), *(unit.file() for unit in CLUSTER)))
