"""A deployment as a directory, and its playbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
import yaml

from congress.cluster import secrets
from congress.cluster.render.ansible.inventory import template
from congress.cluster.render.errors import RenderError
from congress.cluster.render.node import node_files, public_secrets
from congress.cluster.render.tree import tree, written
from tests.cluster.render.trees import NAMES, deployment, rendered


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_in_a_file_that_others_may_read(name: str) -> None:
    whole = deployment(name)
    public = public_secrets(whole)
    for cluster in whole.clusters:
        for node in cluster.nodes:
            for file in node_files(whole, cluster, node):
                assert not (file.mode & 0o007 and secrets.names(file.content) - public), file.path


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_has_its_name_in_the_place_of_its_value_everywhere(name: str) -> None:
    for path, content in rendered(name).items():
        assert not secrets.MARK.search(content), path


def test_rendering_again_gives_the_same() -> None:
    assert tree(deployment("small")) == rendered("small")
    assert list(rendered("small")) == sorted(rendered("small"))


@pytest.mark.parametrize(
    "content",
    [
        "plain\n",
        "key = ${secret:a}\nnext\n",
        "${secret:a}${secret:b}",
        "\n\n${secret:a}\n\n{{ not.ours }} {% nor this %} {# nor that #}\n",
        "${secret:a}=\n",
    ],
)
def test_ansible_makes_of_a_template_what_apply_writes(content: str) -> None:
    values = {"a": "of a {{ }}", "b": "of b"}
    made = jinja2.Environment(keep_trailing_newline=True, trim_blocks=True, autoescape=False).from_string(  # noqa: S701
        template(content)
    )
    assert made.render(secrets=values) == secrets.filled(content, values.__getitem__)


def test_the_playbook_does_first_steps_in_the_order_of_a_plan() -> None:
    plays = [play["name"] for play in yaml.safe_load(rendered("small")["ansible/site.yaml"])]
    order = [
        "Prepare the machines",
        "Start the cluster managers",
        "control: members meet",
        "control: load fencing and properties",
        "control: bring in database",
        "node1: schema keystone for keystone",
        "control: bring in keystone",
        "control: bring in congress",
        "control: the whole configuration",
        "control: let services read what changed, one node after the other",
    ]
    positions = [plays.index(name) for name in order]
    assert positions == sorted(positions)


def test_what_holds_secrets_is_not_logged() -> None:
    text = rendered("small")
    for play in yaml.safe_load(text["ansible/site.yaml"]):
        for task in play["tasks"]:
            given = task.get("ansible.builtin.command", {}).get("stdin", "")
            if "lookup" in given and "secrets[" in text[f"ansible/{given.split(chr(39))[3]}"]:
                assert task["no_log"]


def test_the_same_versions_of_files_are_noted_by_playbook_and_plan() -> None:
    variables = yaml.safe_load(rendered("small")["ansible/host_vars/node1.yaml"])
    (cluster,) = deployment("small").clusters
    files = node_files(deployment("small"), cluster, cluster.nodes[0])
    for reader in variables["readers_in_cluster"]:
        assert reader["files"] == [file.path for file in files if reader["name"] in file.notify]


def test_a_directory_is_written_anew_and_loses_what_is_not_wanted_any_more(tmp_path: Path) -> None:
    written(rendered("small"), tmp_path / "out")
    whole = deployment("small")
    (cluster,) = whole.clusters
    less = replace(cluster, services=cluster.services[:2])
    found = tree(replace(whole, clusters=(less,)))
    written(found, tmp_path / "out")
    present = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert present == set(found)


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(RenderError, match="holds something else; name another directory"):
        written(rendered("small"), tmp_path)
