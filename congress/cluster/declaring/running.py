"""How Pacemaker runs what a service runs: the same times and the same clones everywhere.

A process that dies is found within one interval. Who stops is given longer than systemd gives it, since a stop that
takes too long is a failure and fences the node.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from congress.cluster.pacemaker.resources import Clone, Operation, Order, Primitive
from congress.cluster.services.contract import File, HealthTest, Unit

MONITOR = 5.0
SYSTEMD_STOPS_WITHIN = 90.0


def operations(
    *, interval: float = MONITOR, start: float = 120.0, stop: float = 120.0, monitor: float = 30.0
) -> tuple[Operation, ...]:
    """Start, stop and monitor, in seconds."""
    return (
        Operation("start", timeout=start),
        Operation("stop", timeout=stop),
        Operation("monitor", timeout=monitor, interval=interval),
    )


def unit(name: str, *, meta: Mapping[str, str] | None = None) -> Primitive:
    """A unit of systemd that is active on one node at a time."""
    return Primitive(name, f"systemd:{name}", operations=operations(), meta=meta or {})


def everywhere(primitive: Primitive, *, ordered: bool = False) -> Clone:
    """One instance on each node. Interleaved: what follows it on a node waits for that node's instance only."""
    return Clone(f"{primitive.id}-clone", primitive, interleave=True, ordered=ordered)


def loosely(*resources: str) -> tuple[Order, ...]:
    """Each before the next, but only where both start or stop together.

    A mandatory order would restart all that follow an instance that failed, though they find another one behind the
    proxy; and where the last is on one node only, a partition without quorum would wait with its stop for a node that
    it cannot fence."""
    return tuple(Order(first, then, kind="Optional") for first, then in zip(resources, resources[1:], strict=False))


def chained(*resources: str) -> tuple[Order, ...]:
    """Each before the next, which is of no use without it on its node."""
    return tuple(Order(first, then) for first, then in zip(resources, resources[1:], strict=False))


def command_of(unit: Unit) -> File:
    """Lets a packaged unit run this command: what is rehearsed is what runs."""
    return File(
        f"/etc/systemd/system/{unit.name}.service.d/50-command.conf",
        "[Service]\n" + "".join(_lines(unit, clear="ExecStart=\n")),
        notify=(unit.name,),
    )


_CONFINED = """\
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
"""


def unit_file(unit: Unit, description: str, *, stop_seconds: int = 30, files: int = 65536, boots: bool = False) -> File:
    """A unit for a program that has none. `boots`: it starts with its node, and no cluster asks for it."""
    always = "Restart=always\nRestartSec=5\n" if boots else ""
    return File(
        f"/etc/systemd/system/{unit.name}.service",
        f"[Unit]\nDescription={description}\nWants=network-online.target\nAfter=network-online.target\n\n"
        f"[Service]\nType=exec\n{''.join(_lines(unit))}TimeoutStopSec={stop_seconds}\nLimitNOFILE={files}\n"
        + always
        + _CONFINED
        + ("\n[Install]\nWantedBy=multi-user.target\n" if boots else ""),
        notify=(unit.name,),
    )


def _lines(unit: Unit, clear: str = "") -> list[str]:
    account = [] if unit.user == "root" else [f"User={unit.user}\n"]
    variables = [f'Environment="{name}={value}"\n' for name, value in sorted(unit.environment.items())]
    return [*account, *variables, clear, f"ExecStart={unit.command}\n"]


def packaged(name: str, account: str) -> Unit:
    """A daemon that Debian's package starts by its own script, which reads the configuration in /etc/<account>."""
    return Unit(name, f"/etc/init.d/{name} systemd-start", user=account)


def http_health(url: str) -> HealthTest:
    """Whether an address on the node answers with success. `url` may use variables of the shell."""
    return HealthTest(f'curl -fsS -o /dev/null --noproxy "*" --max-time 8 "{url}"')


def process_health(words: str) -> HealthTest:
    """Whether a process runs whose command line has these words; for those that answer nobody."""
    # In brackets, so that the shell that asks does not find itself.
    pattern = f"[{words[0]}]{re.escape(words[1:])}"
    return HealthTest(f"pgrep -f -- {shlex.quote(pattern)} >/dev/null")


def shared_directory(name: str, share: str, directory: str) -> Primitive:
    """A directory of an NFS server, mounted. A server that is silent makes the monitor fail, not the node hang."""
    parameters = {"device": share, "directory": directory, "fstype": "nfs", "options": "vers=4.2,soft,timeo=100"}
    return Primitive(
        name,
        "ocf:heartbeat:Filesystem",
        parameters,
        operations(interval=10.0, start=240.0, stop=120.0, monitor=40.0),
    )


SHARE = r"[A-Za-z0-9.:\[\]-]+:/\S*"
"""What an NFS share looks like: host:/path."""
