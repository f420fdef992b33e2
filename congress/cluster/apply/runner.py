"""What reaches the machines: whoever applies a plan is given a Runner, and does nothing to a node but through it.

`Machines` runs commands behind a prefix of arguments for each node (`ssh`, `nsenter`, nothing for this machine) and
leaves units to systemd and packages to apt. A place without systemd has a Runner with another `unit`.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Verb: TypeAlias = Literal[
    "start", "stop", "restart", "reload-or-restart", "enable", "disable", "is-active", "is-enabled", "daemon-reload"
]

_SSH = tuple(
    argument
    for option in (
        "BatchMode=yes",
        "ConnectTimeout=10",
        # One connection for all the questions to a node.
        "ControlMaster=auto",
        "ControlPath=~/.ssh/congress-cluster-%C",
        "ControlPersist=60",
    )
    for argument in ("-o", option)
)
NO_SERVICE_STARTS = "/usr/sbin/policy-rc.d"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: 0 for success, as a shell says it; 124 when it took too long."""

    status: int
    output: str = ""
    error: str = ""

    def __bool__(self) -> bool:
        return self.status == 0


class Runner(Protocol):
    """Does things on nodes, as root unless the command says otherwise. A failure is an Outcome, never an exception."""

    def run(self, node: str, command: str, *, stdin: str = "", timeout: float = 60.0) -> Outcome:
        """Run `command` by `sh -c` on the node. Secrets come by `stdin`, never in `command`."""

    def unit(self, node: str, verb: Verb, name: str) -> Outcome:
        """Do `systemctl verb name` on the node, or what means the same there. The units that plans start, stop and ask
        about are `corosync`, `pacemaker` and `pacemaker_remote`, and the same for the quorum device and keepalived;
        units that Pacemaker runs are only disabled, asked `is-enabled`, and told `reload-or-restart`."""

    def install(self, node: str, packages: Sequence[str]) -> Outcome:
        """Install packages without starting what is in them."""

    def installed(self, node: str, packages: Sequence[str]) -> frozenset[str]:
        """Which of the packages the node has."""


class Machines:
    """Runs commands on Debian machines with systemd. `prefix`: the arguments that lead to a node."""

    def __init__(self, prefix: Callable[[str], Sequence[str]], *, quoted: bool) -> None:
        """`quoted`: what the prefix starts hands its arguments to a shell once more, as ssh does."""
        self._prefix, self._quoted = prefix, quoted

    def run(self, node: str, command: str, *, stdin: str = "", timeout: float = 60.0) -> Outcome:
        inner = ["sh", "-c", command]
        arguments = [*self._prefix(node), *([shlex.join(inner)] if self._quoted else inner)]
        try:
            done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=timeout)  # noqa: S603
        except subprocess.TimeoutExpired:
            return Outcome(124, error=f"no answer within {timeout:g} s")
        except OSError as error:
            return Outcome(127, error=str(error))
        return Outcome(done.returncode, done.stdout, done.stderr)

    def unit(self, node: str, verb: Verb, name: str) -> Outcome:
        return self.run(node, f"systemctl {verb} {shlex.quote(name)}" if name else f"systemctl {verb}", timeout=180.0)

    def install(self, node: str, packages: Sequence[str]) -> Outcome:
        wanted = shlex.join(packages)
        return self.run(
            node,
            # A fresh daemon with the configuration of its package would take ports and start clusters of its own.
            f"test -e {NO_SERVICE_STARTS} || {{ made=1; printf '#!/bin/sh\\nexit 101\\n' >{NO_SERVICE_STARTS}; "
            f"chmod 755 {NO_SERVICE_STARTS}; }}; export DEBIAN_FRONTEND=noninteractive; apt-get update -q; "
            f"apt-get install -q -y --no-install-recommends {wanted}; status=$?; "
            f'test -z "$made" || rm {NO_SERVICE_STARTS}; exit $status',
            timeout=1800.0,
        )

    def installed(self, node: str, packages: Sequence[str]) -> frozenset[str]:
        told = self.run(
            node, f"dpkg-query -W -f '${{Package}} ${{db:Status-Status}}\\n' {shlex.join(packages)} 2>/dev/null"
        )
        lines = (line.split() for line in told.output.splitlines())
        return frozenset(words[0] for words in lines if words[1:] == ["installed"])


def this_machine() -> Machines:
    """All nodes are this machine: for one that is to be set up from within."""
    return Machines(lambda _node: (), quoted=False)


def namespaces(process: Callable[[str], int]) -> Machines:
    """Nodes that are namespaces of this machine; `process` tells the id of a process in a node."""

    def entering(node: str) -> Sequence[str]:
        return ("nsenter", "--target", str(process(node)), "--mount", "--uts", "--ipc", "--net", "--pid", "--")

    return Machines(entering, quoted=False)


def over_ssh(addresses: Mapping[str, str], *, user: str = "root", options: Sequence[str] = ()) -> Machines:
    """Nodes reached by ssh at their addresses. `options` go before the destination, as `-i key`."""

    def connecting(node: str) -> Sequence[str]:
        # A node that is no part of the description any more is known by its name.
        return ("ssh", *_SSH, *options, f"{user}@{addresses.get(node, node)}", "--")

    return Machines(connecting, quoted=True)
