"""What is rendered of the examples, judged by the programs that read it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from ansible.parsing.yaml.loader import AnsibleLoader

from congress.cluster.render.tree import written
from tests.cluster.render.trees import NAMES, rendered

MORE_PLACES = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"}


def run(*command: str | Path, cwd: Path | None = None) -> str:
    words: Sequence[str] = [str(word) for word in command]
    environment = {**os.environ, **MORE_PLACES}
    told = subprocess.run(  # noqa: S603
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    return told.stdout + told.stderr


def different(name: str, path: str) -> dict[str, str]:
    """The files at a path of all nodes: content -> one of the nodes."""
    found = {}
    for file, content in rendered(name).items():
        parts = file.split("/", 2)
        if parts[0] == "nodes" and f"/{parts[2]}" == path:
            found[content] = parts[1]
    return found


@pytest.fixture(params=NAMES)
def example(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_haproxy_accepts_its_configuration_without_a_warning(example: str, tmp_path: Path) -> None:
    files = different(example, "/etc/haproxy/haproxy.cfg")
    assert files
    for content, node in files.items():
        file = tmp_path / node
        file.write_text(content.replace(" ssl crt /etc/haproxy/tls.pem", ""))
        assert "WARNING" not in run("haproxy", "-c", "-f", file)


def test_corosync_accepts_its_configuration(example: str, tmp_path: Path) -> None:
    files = different(example, "/etc/corosync/corosync.conf")
    for content, node in files.items():
        (tmp_path / "authkey").write_text("0123456789abcdef" * 8)
        file = tmp_path / node
        file.write_text(content.replace("totem {", f"totem {{\n    keyfile: {tmp_path}/authkey", 1))
        address = next(
            content.splitlines()[number + 2].split()[1]
            for number, line in enumerate(content.splitlines())
            if line.split() == ["name:", node]
        )
        as_node = f"hostname {node}; ip link set lo up; ip address add {address} dev lo; exec corosync -t -c {file}"
        run("unshare", "--net", "--uts", "sh", "-c", as_node)


def test_keepalived_accepts_its_configuration(tmp_path: Path) -> None:
    files = different("keepalived", "/etc/keepalived/keepalived.conf")
    assert len(files) == 3
    for content, node in files.items():
        file = tmp_path / node
        file.write_text(content)
        # It looks whether the interface is there.
        there = f"ip link add eth0 type veth peer name other; exec keepalived --config-test -f {file}"
        assert "deprecated" not in run("unshare", "--net", "sh", "-c", there).lower()


def test_mariadbd_accepts_its_configuration(example: str, tmp_path: Path) -> None:
    files = different(example, "/etc/mysql/mariadb.conf.d/99-cluster.cnf")
    assert files
    for content, node in files.items():
        file = tmp_path / node
        file.write_text(content)
        run("mariadbd", f"--defaults-file={file}", "--user=mysql", "--help", "--verbose")


def test_ansible_accepts_the_playbook(example: str, tmp_path: Path) -> None:
    written(rendered(example), tmp_path)
    run("ansible-playbook", "-i", "inventory.yaml", "site.yaml", "--syntax-check", cwd=tmp_path / "ansible")


def test_all_yaml_and_json_can_be_read(example: str) -> None:
    for path, content in rendered(example).items():
        if path.endswith(".yaml") and path.startswith("ansible/"):
            AnsibleLoader(content).get_single_data()
        elif path.endswith(".json"):
            json.loads(content)
        elif path.endswith(".yaml"):
            yaml.safe_load(content)


def test_a_shell_can_read_the_scripts(example: str, tmp_path: Path) -> None:
    for path, content in rendered(example).items():
        if path.endswith(".sh"):
            file = tmp_path / "script.sh"
            file.write_text(content)
            run("sh", "-n", file)


def test_nft_accepts_the_rules_of_gateways(tmp_path: Path) -> None:
    files = different("collapsed", "/etc/nftables.conf")
    assert files
    for content, node in files.items():
        file = tmp_path / node
        file.write_text(content)
        run("unshare", "--net", "nft", "--check", "--file", file)
