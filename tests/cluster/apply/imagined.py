"""Nodes that are only imagined: a Runner that knows the commands of plans, and does to values what they do to machines.

The configuration is put through Pacemaker's real `cibadmin`, in a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from congress.cluster.apply.runner import Outcome, Verb
from congress.cluster.daytwo.galera import EVIDENCE
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.firststeps import first_steps
from congress.cluster.plan.memory import COPY, FORGET
from congress.cluster.plan.stages import stages
from congress.cluster.secrets import filled

NAMES_OF_ALL = re.compile(r"\(umask 077; cat >(\S+)\.congress-cluster\); chown (\w+):(\w+) \S+; chmod (\d+) ")
EMPTY = (
    '<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">'
    "<configuration><crm_config><cluster_property_set id='cib-bootstrap-options'>"
    "<nvpair id='o-dc' name='dc-version' value='2.1.5'/></cluster_property_set></crm_config>"
    "<nodes>{nodes}</nodes><resources/><constraints/></configuration><status/></cib>"
)


@dataclass
class Machine:
    files: dict[str, tuple[str, int, str, str]] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    at_boot: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    read: dict[str, str] = field(default_factory=dict)
    keeps: bool = False


class Power(Exception):
    """The machine on which plans are carried out lost its power."""


class Imagined:
    """`done`: the texts of scripts that ran. `listed`: members that services keep a list of.
    `actions_left`: so many changes, and then the power is gone."""

    def __init__(self, desired: Desired, directory: Path) -> None:
        self.machines = {name: Machine() for name in desired.machines}
        self._questions: dict[str, str] = {}
        self._health: set[str] = set()
        self._lists: set[str] = set()
        self.listed: set[str] = set()
        self.learn(desired)
        self.done: list[tuple[str, str]] = []
        self.commands: list[str] = []
        self.broken: set[str] = set()
        self.away: set[str] = set()
        self.maintenance = False
        self.told: dict[str, str] = {}
        self.actions_left = 10**6
        self._cib = directory / "cib.xml"

    def learn(self, desired: Desired) -> None:
        """Which scripts are questions, and what answers them."""
        for stage in stages(desired.deployment):
            if health := stage.placed.declaration.health:
                self._health.add(health.command)
            if membership := stage.placed.declaration.membership:
                self._lists.add(membership.listed)
                self.listed |= {*stage.placed.nodes}
            for planned in first_steps(desired.deployment, stage):
                question, deed = (filled(text, desired.secret) for text in (planned.once.done, planned.once.command))
                self._questions[question] = deed

    # -- what a Runner does ------------------------------------------------------------------------------------------

    def run(self, node: str, command: str, *, stdin: str = "", timeout: float = 60.0) -> Outcome:
        self.commands.append(command)
        if node in self.away:
            return Outcome(255, error="no route to host")
        machine = self.machines[node]
        if command == "true":
            return Outcome(0)
        if command.startswith("while IFS= read -r path"):
            return Outcome(0, "".join(self._file(machine, path) for path in stdin.splitlines()))
        if command.startswith("cat /var/lib/congress-cluster/manifest"):
            found = machine.files.get("/var/lib/congress-cluster/manifest")
            return Outcome(0, found[0]) if found else Outcome(1)
        if command == f"test -e {COPY}":
            return Outcome(0 if machine.keeps else 1)
        if command.startswith("getent passwd"):
            known = set(shlex.split(command)[2:]) & machine.accounts
            return Outcome(0, "".join(f"{name}:x:1:1::/:/bin/false\n" for name in sorted(known)))
        if command.startswith("cat /"):
            return Outcome(0, machine.files[shlex.split(command)[1]][0])
        if "/read 2>/dev/null && grep" in command:
            return Outcome(0, "".join(f"{reader}:{version}\n" for reader, version in machine.read.items()))
        if command.startswith("mkdir -p /var/lib/congress-cluster/read"):
            self._change()
            machine.read[command.rsplit("/", 1)[1]] = stdin.strip()
            return Outcome(0)
        if written := NAMES_OF_ALL.search(command):
            self._change()
            path, owner, group, mode = written.groups()
            machine.files[path] = (stdin, int(mode, 8), owner, group)
            return Outcome(0)
        if command.startswith("rm -f "):
            self._change()
            machine.files.pop(shlex.split(command)[2], None)
            return Outcome(0)
        if command.startswith("crm_mon"):
            return self._monitor(node)
        if command.startswith("cibadmin"):
            return self._cibadmin(node, command, stdin)
        if command == "sh -s" or command.startswith("runuser"):
            return self._script(node, stdin)
        raise AssertionError(f"nobody taught this: {command}")

    def unit(self, node: str, verb: Verb, name: str) -> Outcome:
        if node in self.away:
            return Outcome(255)
        machine = self.machines[node]
        match verb:
            case "is-enabled":
                return Outcome(0, "enabled\n") if name in machine.at_boot else Outcome(1, "disabled\n")
            case "is-active":
                return Outcome(0) if name in machine.running else Outcome(3)
        self._change()
        if verb == "enable":
            machine.at_boot.add(name)
        elif verb == "disable":
            machine.at_boot.discard(name)
        elif verb == "start":
            machine.running.add(name)
            machine.keeps |= name == "pacemaker"
        elif verb == "stop":
            machine.running.discard(name)
        return Outcome(0)

    def install(self, node: str, packages: Sequence[str]) -> Outcome:
        self._change()
        machine = self.machines[node]
        machine.packages |= set(packages)
        machine.at_boot |= {"haproxy", "mariadb", "memcached"}
        return Outcome(0)

    def installed(self, node: str, packages: Sequence[str]) -> frozenset[str]:
        return frozenset(packages) & self.machines[node].packages

    # -- what a cluster does -----------------------------------------------------------------------------------------

    def members(self) -> list[str]:
        return [name for name, machine in self.machines.items() if {"corosync", "pacemaker"} <= machine.running]

    def configuration(self) -> str:
        return self._cib.read_text() if self._cib.exists() else ""

    def _change(self) -> None:
        if self.actions_left == 0:
            raise Power
        self.actions_left -= 1

    def _file(self, machine: Machine, path: str) -> str:
        if path not in machine.files:
            return ""
        content, mode, owner, group = machine.files[path]
        return f"{hashlib.sha256(content.encode()).hexdigest()} {mode:o} {owner} {group} {path}\n"

    def _monitor(self, node: str) -> Outcome:
        members = self.members()
        if node not in members:
            return Outcome(102, error="crm_mon: Error: cluster is not available on this node")
        quorum = "true" if 2 * len(members) > len(self.machines) else "false"
        nodes = "".join(f'<node name="{name}" online="{str(name in members).lower()}"/>' for name in self.machines)
        return Outcome(
            0,
            f'<pacemaker-result><summary><current_dc with_quorum="{quorum}"/><cluster_options '
            f'maintenance-mode="{str(self.maintenance).lower()}"/></summary><nodes>{nodes}</nodes><resources/></pacemaker-result>',
        )

    def _cibadmin(self, node: str, command: str, stdin: str) -> Outcome:
        if node not in self.members():
            return Outcome(102, error="cibadmin: Could not connect")
        if not self._cib.exists():
            nodes = "".join(f"<node id='{n}' uname='{name}'/>" for n, name in enumerate(self.machines, 1))
            self._cib.write_text(EMPTY.format(nodes=nodes))
        if "--replace" in command:
            self._change()
        told = subprocess.run(  # noqa: S603
            shlex.split(command),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={"CIB_file": str(self._cib), "PATH": os.environ["PATH"]},
        )
        return Outcome(told.returncode, told.stdout, told.stderr)

    def _script(self, node: str, stdin: str) -> Outcome:
        text = stdin.removeprefix("main() {\n").removesuffix("\n}\ncd / && main </dev/null\n")
        if any(word in text for word in self.broken):
            return Outcome(1, error=f"no such luck with: {text}")
        if text == EVIDENCE:
            return Outcome(0, self.told.get(node, "running\n"))
        if made := re.findall(r"useradd .* (\S+)$", text, re.MULTILINE):
            self._change()
            self.machines[node].accounts |= set(made)
            return Outcome(0)
        return self._asked_or_done(node, text)

    def _asked_or_done(self, node: str, text: str) -> Outcome:
        if text in self._questions:
            return Outcome(0 if (node, self._questions[text]) in self.done else 1)
        if text in self._health:
            return Outcome(0)
        if text in self._lists:
            return Outcome(0, "".join(f"{name}\n" for name in sorted(self.listed)))
        self._change()
        if forgotten := re.search(r"^NODE=(\S+)\n.* forget ", text):
            self.listed.discard(forgotten[1])
        if text == FORGET:
            self.machines[node].keeps = False
        if "--name maintenance-mode" in text:
            self.maintenance = "--update true" in text
        self.done.append((node, text))
        return Outcome(0)
