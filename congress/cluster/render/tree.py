"""A whole deployment as a directory, for people, for tools that check it, and for Ansible. No secret is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import indent, tostring

import yaml

from congress.cluster import secrets
from congress.cluster.deployment import Cluster, Deployment
from congress.cluster.pacemaker.cib import cib
from congress.cluster.pacemaker.pcs import commands
from congress.cluster.plan.desired import Desired, desired
from congress.cluster.render.ansible.inventory import host_variables, inventory, template, template_name
from congress.cluster.render.ansible.playbook import Playbook
from congress.cluster.render.errors import RenderError
from congress.cluster.secrets import mark

README = """\
What congress-cluster makes of a description. `congress-cluster render` writes it anew: change the description instead.

nodes/NODE/...       the files of each node; where a secret belongs stands <secret NAME>
clusters/CLUSTER/    the configuration of each Pacemaker cluster: cib.xml, and the same as commands of pcs
ansible/             a playbook that does all of it: ansible-playbook -i inventory.yaml -e @secrets.yaml site.yaml
                     secrets.yaml maps `secrets` to names and values; `congress-cluster render --secrets` writes it
"""


def tree(deployment: Deployment) -> Mapping[str, str]:
    """Path in the directory -> content, in order of the paths. Raises RenderError."""
    wanted = desired(deployment, mark)
    found = {"README": README}
    for machine in wanted.machines.values():
        for file in machine.files:
            found[f"nodes/{machine.node.name}{file.path}"] = secrets.hidden(file.content)
    for cluster in deployment.clusters:
        found.update(_cluster(cluster))
    found.update(_ansible(wanted))
    return dict(sorted(found.items()))


def written(tree: Mapping[str, str], directory: Path) -> None:
    """Write a tree, and remove what an earlier one left. Raises RenderError when something else is there."""
    if directory.exists() and any(directory.iterdir()) and not (directory / "README").exists():
        raise RenderError(f"{directory} holds something else; name another directory, or empty it")
    try:
        for path in sorted(directory.rglob("*"), reverse=True) if directory.exists() else ():
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
            elif path.is_file() and str(path.relative_to(directory)) not in (*tree, SECRETS):
                path.unlink()
        for name, content in tree.items():
            file = directory / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise RenderError(f"{directory} cannot be written: {error}") from error


SECRETS = "ansible/secrets.yaml"


def _cluster(cluster: Cluster) -> Iterator[tuple[str, str]]:
    root = cib(cluster.configuration)
    for pair in root.iter("nvpair"):
        pair.set("value", secrets.hidden(pair.get("value", "")))
    indent(root)
    directory = f"clusters/{cluster.name}"
    yield f"{directory}/cib.xml", tostring(root, encoding="unicode") + "\n"
    lines = [secrets.hidden(command) for command in commands(cluster.configuration)]
    yield f"{directory}/pcs.sh", "\n".join(["#!/bin/sh -e", *lines, ""])


def _ansible(wanted: Desired) -> Iterator[tuple[str, str]]:
    deployment = wanted.deployment
    yield "ansible/inventory.yaml", _yaml(inventory(deployment))
    playbook = Playbook(wanted)
    yield "ansible/site.yaml", _yaml(playbook.plays)
    for name, text in playbook.templates.items():
        yield f"ansible/{name}", template(text)
    for cluster in deployment.clusters:
        for node in cluster.nodes:
            machine = wanted.machines[node.name]
            yield f"ansible/host_vars/{node.name}.yaml", _yaml(host_variables(wanted, cluster, machine))
            for file in machine.files:
                if secrets.names(file.content):
                    yield f"ansible/{template_name(machine, file)}", template(file.content)
    programs = resources("congress.cluster")
    yield "ansible/load_configuration.py", (programs / "plan" / "splicing.py").read_text(encoding="utf-8")
    yield "ansible/read_again.sh", (programs / "render" / "ansible" / "read_again.sh").read_text(encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks; equal lists are written out each time."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(value: Any) -> str:
    return "---\n" + yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=118, allow_unicode=True)
