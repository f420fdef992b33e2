"""Who is there, and what each node is to have: inventory and variables of hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from congress.cluster import secrets
from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.pacemaker.resources import Clone
from congress.cluster.plan import readers
from congress.cluster.plan.desired import Desired, Machine
from congress.cluster.plan.steps import Action, Script, UnitAction
from congress.cluster.services.contract import File


def group(cluster: Cluster) -> str:
    """The group of a cluster's nodes."""
    return "cluster_" + cluster.name.replace("-", "_")


def inventory(deployment: Deployment) -> Mapping[str, Any]:
    """One group a cluster; nodes are reached at their internal addresses."""
    return {
        "all": {
            "vars": {"ansible_user": "root", "ansible_python_interpreter": "/usr/bin/python3"},
            "children": {
                group(cluster): {
                    "hosts": {node.name: {"ansible_host": node.addresses["internal"]} for node in cluster.nodes}
                }
                for cluster in deployment.clusters
            },
        }
    }


def host_variables(desired: Desired, cluster: Cluster, machine: Machine) -> Mapping[str, Any]:
    """What the playbook's tasks go through on one node."""
    plain = [file for file in machine.files if not secrets.names(file.content)]
    secret = [file for file in machine.files if secrets.names(file.content)]
    return {
        "packages": sorted(machine.packages),
        "accounts": sorted(machine.accounts),
        "not_at_boot": sorted(machine.not_at_boot),
        "at_boot": sorted(machine.units | machine.by_systemd),
        "cluster_units": sorted(machine.units),
        "plain_files": [_file(file, f"../nodes/{machine.node.name}{file.path}") for file in plain],
        "secret_files": [_file(file, template_name(machine, file)) for file in secret],
        "readers_at_first": [
            _reader(machine, reader, readers.again(reader, machine.node.name), "start")
            for reader in (*readers.FIRST, *sorted(machine.by_systemd))
            if reader in machine.reads
        ],
        "readers_of_members": [
            _reader(machine, reader, readers.again(reader, machine.node.name), "again")
            for reader in readers.MEMBERSHIP
            if reader in machine.reads
        ],
        "readers_in_cluster": list(_in_cluster(cluster, machine)),
    }


def template_name(machine: Machine, file: File) -> str:
    return f"templates/{machine.node.name}/{file.path.strip('/').replace('/', '--')}.j2"


def template(content: str) -> str:
    """A text in which marks of secrets are Jinja's expressions, and nothing else is."""
    parts = secrets.MARK.split(content)
    texts, names = parts[::2], parts[1::2]
    found = _raw(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        found += f"{{{{ secrets['{name}'] }}}}{_raw(text)}"
    return found


def _raw(text: str) -> str:
    return f"{{% raw %}}{text}{{% endraw %}}" if text else ""


def _file(file: File, source: str) -> Mapping[str, str]:
    return {
        "path": file.path,
        "source": source,
        "mode": f"{file.mode:04o}",
        "owner": file.owner,
        "group": file.group,
    }


def _in_cluster(cluster: Cluster, machine: Machine) -> list[Mapping[str, Any]]:
    found = []
    for reader in machine.reads:
        owner = readers.owner(cluster, reader)
        if owner is None or reader in readers.AT_ONCE:
            # The playbook goes from node to node; a key that all have to change at once is for `apply`.
            continue
        name = machine.node.name
        if owner.resource is None:
            action = readers.again(reader, name)
        elif isinstance(owner.resource, Clone) or name == owner.placed.nodes[0]:
            action = readers.restart(owner.resource, name)
        else:
            # It is on one node at a time; restarting it once is enough.
            action = Script(name, "true")
        found.append(_reader(machine, reader, action, "again"))
    return found


def _reader(machine: Machine, reader: str, action: Action, first: str) -> Mapping[str, Any]:
    paths = [file.path for file in machine.files if reader in file.notify]
    return {"name": reader, "command": command(action), "first": first, "files": paths}


def command(action: Action) -> str:
    """What does the action on its node, for a shell."""
    match action:
        case UnitAction(_, verb, unit):
            return f"systemctl {verb} {unit}".strip()
        case Script(_, text):
            return text
        case _:
            raise TypeError(f"no command of a shell: {action!r}")
