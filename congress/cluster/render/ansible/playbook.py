"""The playbook: machines, then members, then services in the order of a plan from nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import indent, tostring

from congress.cluster import secrets
from congress.cluster.apply.looking import script
from congress.cluster.deployment import Cluster
from congress.cluster.pacemaker.cib import configuration_element
from congress.cluster.plan.conditions import Done, Works
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.firststeps import Planned, first_steps
from congress.cluster.plan.planner import plan
from congress.cluster.plan.stages import stages
from congress.cluster.plan.state import FirstStep, State
from congress.cluster.plan.steps import Load, Script, Step
from congress.cluster.render.ansible.inventory import group
from congress.cluster.render.corosync import members

Play = Mapping[str, Any]
Task = dict[str, Any]

PROGRAMS = "/usr/local/lib/congress-cluster"
LOAD, READ_AGAIN = f"{PROGRAMS}/load_configuration.py", f"{PROGRAMS}/read_again.sh"
_NO_STARTS = "#!/bin/sh\nexit 101\n"


class Playbook:
    """`plays` in order, and `templates` by their names: what plays give to standard input, with marks of secrets."""

    def __init__(self, desired: Desired) -> None:
        self.templates: dict[str, str] = {}
        self._desired = desired
        self._loads = 0
        deployment = desired.deployment
        self._first_steps: Mapping[FirstStep, Planned] = {
            planned.key: planned for stage in stages(deployment) for planned in first_steps(deployment, stage)
        }
        self.plays: list[Play] = [_prepare(), _start(), *(_meet(cluster) for cluster in deployment.clusters)]
        self.plays += self._services()
        self.plays += [self._whole(cluster) for cluster in deployment.clusters]
        self.plays += [_read(cluster) for cluster in deployment.clusters]

    def _services(self) -> Iterator[Play]:
        for step in plan(self._desired, State()):
            tasks = list(self._tasks(step))
            if tasks:
                yield _play(step.name, _host(step), tasks)

    def _tasks(self, step: Step) -> Iterator[Task]:
        loads = [action for action in step.actions if isinstance(action, Load)]
        for action in loads:
            yield from self._load(step.name, action, "--add")
        for condition in step.after:
            if isinstance(condition, Done):
                yield from self._first_step(self._first_steps[condition.step])
            elif isinstance(condition, Works) and condition.all_of_them and not step.actions:
                yield self._wait(condition)

    def _load(self, name: str, action: Load, option: str) -> Iterator[Task]:
        self._loads += 1
        root = configuration_element(action.configuration)
        indent(root)
        file = f"{self._loads:03}-{_file_name(name)}.xml"
        text = tostring(root, encoding="unicode") + "\n"
        yield {
            "name": "Load the configuration",
            "ansible.builtin.command": {
                "cmd": f"python3 {LOAD} {option}".strip(),
                "stdin": self._given(file, text),
            },
            "register": "loaded",
            "changed_when": "'changed' in loaded.stdout",
            "no_log": bool(secrets.names(text)),
        }
        yield {
            "name": "Wait until the cluster is done with it",
            "ansible.builtin.command": {"cmd": "crm_resource --wait --timeout=600s"},
            "changed_when": False,
        }

    def _first_step(self, planned: Planned) -> Iterator[Task]:
        key, once = planned.key, planned.once
        base = f"{_file_name(f'{key.cluster}-{key.service}-{once.name}')}"
        account = {} if once.user == "root" else {"become_user": once.user}
        hidden = bool(secrets.names(once.done + once.command))
        yield {
            "name": f"{once.name}: ask",
            "ansible.builtin.command": {"cmd": "sh -s", "stdin": self._given(f"{base}-done.sh", script(once.done))},
            "register": "asked",
            "changed_when": False,
            "failed_when": False,
            "no_log": hidden,
            **account,
        }
        yield {
            "name": once.name,
            "ansible.builtin.command": {"cmd": "sh -s", "stdin": self._given(f"{base}.sh", script(once.command))},
            "when": "asked.rc != 0",
            "changed_when": True,
            "no_log": hidden,
            **account,
        }

    def _wait(self, works: Works) -> Task:
        instance = min(works.instances)
        (placed,) = (
            stage.placed
            for stage in stages(self._desired.deployment)
            if stage.key == (instance.cluster, instance.service)
        )
        health = placed.declaration.health
        assert health is not None
        return {
            "name": f"Wait for {instance.service}",
            "ansible.builtin.shell": {"cmd": health.command},
            "register": "health",
            "until": "health.rc == 0",
            "retries": 60,
            "delay": 5,
            "changed_when": False,
        }

    def _whole(self, cluster: Cluster) -> Play:
        first = members(cluster)[0].name
        name = f"{cluster.name}: the whole configuration"
        return _play(name, first, list(self._load(name, Load(first, cluster.name, cluster.configuration), "")))

    def _given(self, name: str, text: str) -> str:
        self.templates[f"input/{name}.j2"] = text
        return f"{{{{ lookup('ansible.builtin.template', 'input/{name}.j2') }}}}"


def _host(step: Step) -> str:
    """The node, or the nodes, of a step's tasks."""
    for action in step.actions:
        if isinstance(action, Load | Script):
            return action.node
    return ",".join(
        sorted(instance.node for each in step.after if isinstance(each, Works) for instance in each.instances)
    )


def _play(name: str, hosts: str, tasks: list[Task]) -> Play:
    return {
        "name": name,
        "hosts": hosts,
        "become": True,
        "gather_facts": False,
        "any_errors_fatal": True,
        "tasks": tasks,
    }


def _prepare() -> Play:
    attributes = {name: f"{{{{ item.{name} }}}}" for name in ("mode", "owner", "group")}
    loop_name = {"label": "{{ item.path }}"}
    return _play(
        "Prepare the machines",
        "all",
        [
            _packages(),
            {
                "name": "Make accounts",
                "ansible.builtin.user": {
                    "name": "{{ item }}",
                    "system": True,
                    "create_home": False,
                    "home": "/var/lib/{{ item }}",
                    "shell": "/usr/sbin/nologin",
                },
                "loop": "{{ accounts }}",
            },
            {
                "name": "Make directories",
                # No mode: those that are there keep theirs.
                "ansible.builtin.file": {"path": "{{ item }}", "state": "directory"},
                "loop": "{{ (plain_files + secret_files) | map(attribute='path') | map('dirname') | unique }}",
            },
            {
                "name": "Write files",
                "ansible.builtin.copy": {"src": "{{ item.source }}", "dest": "{{ item.path }}", **attributes},
                "loop": "{{ plain_files }}",
                "loop_control": loop_name,
            },
            {
                "name": "Write files with secrets",
                "ansible.builtin.template": {
                    "src": "{{ item.source }}",
                    "dest": "{{ item.path }}",
                    "trim_blocks": False,
                    **attributes,
                },
                "loop": "{{ secret_files }}",
                "loop_control": loop_name,
                "diff": False,
            },
            *_programs(),
            _reading("Let systemd and the kernel read them", "readers_at_first"),
            {
                "name": "Leave units to Pacemaker",
                "ansible.builtin.command": {"cmd": "systemctl disable {{ item }}"},
                "loop": "{{ not_at_boot }}",
                "register": "disabled",
                "changed_when": "'Removed' in disabled.stderr",
                "failed_when": False,
            },
            {
                "name": "Start units at boot",
                "ansible.builtin.systemd_service": {"name": "{{ item }}", "enabled": True},
                "loop": "{{ at_boot }}",
            },
        ],
    )


def _packages() -> Task:
    held = "/usr/sbin/policy-rc.d"
    copied = {"dest": held, "content": _NO_STARTS, "mode": "0755", "force": False}
    wanted = {"name": "{{ packages }}", "install_recommends": False, "update_cache": True}
    return {
        "name": "Packages, and nothing in them starts by itself",
        "block": [
            {"name": "Keep packages from starting", "ansible.builtin.copy": copied, "register": "kept"},
            {"name": "Install packages", "ansible.builtin.apt": wanted},
        ],
        "always": [
            {
                "name": "Let later packages start again",
                "ansible.builtin.file": {"path": held, "state": "absent"},
                "when": "kept.changed",
            },
        ],
    }


def _programs() -> list[Task]:
    return [
        {
            "name": "Have a directory for programs",
            "ansible.builtin.file": {"path": PROGRAMS, "state": "directory", "mode": "0755"},
        },
        {
            "name": "Bring the programs that later tasks run",
            "ansible.builtin.copy": {"src": "{{ item }}", "dest": f"{PROGRAMS}/", "mode": "0755"},
            "loop": ["load_configuration.py", "read_again.sh"],
        },
    ]


def _reading(name: str, variable: str) -> Task:
    return {
        "name": name,
        "ansible.builtin.command": {
            "argv": f"{{{{ ['{READ_AGAIN}', item.name, item.command, item.first] + item.files }}}}"
        },
        "loop": f"{{{{ {variable} }}}}",
        "loop_control": {"label": "{{ item.name }}"},
        "register": "read",
        "changed_when": "'changed' in read.stdout",
    }


def _start() -> Play:
    return _play(
        "Start the cluster managers",
        "all",
        [
            _reading("Let members know of each other", "readers_of_members"),
            {
                "name": "Start the cluster manager",
                "ansible.builtin.systemd_service": {"name": "{{ item }}", "state": "started"},
                "loop": "{{ cluster_units }}",
            },
        ],
    )


def _meet(cluster: Cluster) -> Play:
    names = [node.name for node in members(cluster)]
    return _play(
        f"{cluster.name}: members meet",
        names[0],
        [
            {
                "name": f"Wait until {', '.join(names)} see each other",
                "ansible.builtin.shell": {"cmd": "crm_node --quorum | grep -qx 1 && crm_node --partition"},
                "register": "seen",
                "until": f"seen.rc == 0 and {names!r} is subset(seen.stdout.split())",
                "retries": 60,
                "delay": 2,
                "changed_when": False,
            }
        ],
    )


def _read(cluster: Cluster) -> Play:
    return {
        **_play(
            f"{cluster.name}: let services read what changed, one node after the other",
            group(cluster),
            [_reading("Restart or reload what has files that changed", "readers_in_cluster")],
        ),
        "serial": 1,
    }


def _file_name(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))
