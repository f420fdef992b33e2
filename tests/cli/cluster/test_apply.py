"""`congress-cluster plan`, `diff` and `apply`, as they are called, on imagined nodes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from congress.cli.cluster import machines, main
from congress.cluster.compose import compose
from congress.cluster.model.loading import load
from congress.cluster.plan.desired import desired
from congress.cluster.services.registry import services
from congress.cluster.vault import Vault
from tests.cluster.apply.imagined import Imagined


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POWER_PASSWORD", "of the boards")
    file = tmp_path / "cluster.yaml"
    assert main(["init", str(file)]) == 0
    return file


@pytest.fixture
def nodes(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Imagined:
    description = load(example)
    made = Imagined(desired(compose(description, services()), Vault(description)), tmp_path)
    monkeypatch.setattr(machines, "over_ssh", lambda *_, **__: made)
    return made


def test_a_plan_for_empty_machines_needs_neither_machines_nor_secrets(
    example: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWER_PASSWORD")
    capsys.readouterr()
    assert main(["plan", "--from-nothing", str(example)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "   1. node1: install packages"
    assert lines[-1].endswith(" steps")
    assert [path.name for path in example.parent.iterdir()] == ["cluster.yaml"]


def test_a_plan_for_programs(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["plan", "--from-nothing", "--json", str(example)])
    step = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert step["name"] == "control: wait for congress"
    assert step["then"] == ["congress works on node1, node2, node3"]


def test_apply_does_it_and_then_nothing_is_left(
    example: Path, nodes: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--expect-none", str(example)]) == 1
    assert main(["apply", "--yes", str(example)]) == 0
    assert "      done in " in capsys.readouterr().out
    assert main(["plan", "--expect-none", str(example)]) == 0
    assert capsys.readouterr().out == "nothing to do: everything is as described\n"
    assert main(["diff", "--expect-none", str(example)]) == 0
    assert capsys.readouterr().out == "no difference\n"


def test_apply_asks_first_and_takes_silence_for_no(
    example: Path, nodes: Imagined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert main(["apply", str(example)]) == 1
    assert not nodes.machines["node1"].files


def test_a_difference_is_shown_but_not_a_secret(
    example: Path, nodes: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["apply", "--yes", str(example)])
    files = nodes.machines["node2"].files
    content, mode, owner, group = files["/etc/hosts"]
    files["/etc/hosts"] = (content.replace("10.0.0.13 node3\n", ""), mode, owner, group)
    files["/etc/congress/congress.conf"] = ("", 0o644, "root", "root")
    capsys.readouterr()
    assert main(["diff", "--expect-none", str(example)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "node2: ~ /etc/congress/congress.conf",
        "    0644 root:root -> 0640 root:congress",
        "    its content differs; it holds secrets, and is not shown",
        "node2: ~ /etc/hosts",
        "    @@ -5,2 +5,3 @@",
        "     10.0.0.11 node1",
        "     10.0.0.12 node2",
        "    +10.0.0.13 node3",
    ]


def test_only_one_node_can_be_this_machine(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--local", str(example)]) == 1
    assert "has 3 nodes, and this machine can be one" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["apply", "plan", "diff"])
def test_a_laboratory_that_is_not_there_has_no_nodes(
    command: str, example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--lab", str(tmp_path), str(example)]) == 1
    assert capsys.readouterr().err == (f"no laboratory is in {tmp_path}: start one with `congress-cluster lab up`\n")


def test_nothing_is_touched_when_a_check_finds_an_error(
    example: Path, nodes: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    example.write_text(example.read_text().replace("hosts: [node3]", "hosts: [node2]"))
    assert main(["apply", "--yes", str(example)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert "CL003 error: nodes.node3: nothing can switch it off" in told[0]
    assert told[-1].startswith("1 error in the description: mend them")
    assert main(["plan", "--expect-none", str(example)]) == 1
    assert main(["apply", "--yes", "--despite-errors", str(example)]) == 0
