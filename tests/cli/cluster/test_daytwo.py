"""Commands for a control plane that runs, as they are called, on imagined nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from congress.cli.cluster import main
from tests.cli.cluster.test_apply import example, nodes
from tests.cluster.apply.imagined import Imagined

__all__ = ["example", "nodes"]

HISTORY = "6b3f0a8e-0000-11ef-8000-000000000001"


@pytest.fixture
def running(example: Path, nodes: Imagined, capsys: pytest.CaptureFixture[str]) -> Imagined:
    assert main(["apply", "--yes", str(example)]) == 0
    capsys.readouterr()
    return nodes


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().out.splitlines() if not line.startswith("      ")]


def test_restart_goes_through_the_nodes_once_a_round(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restart", "keystone", "november", str(example), "--yes"]) == 0
    assert lines(capsys)[:3] == [f"{n:4}. node{n}: restart keystone" for n in (1, 2, 3)]
    assert main(["restart", "keystone", "november", str(example), "--yes"]) == 0
    assert lines(capsys) == ["nothing to do: round november is over"]


def test_maintain_shows_and_does_nothing_in_a_dry_run(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(running.done)
    assert main(["maintain", "node2", str(example), "--dry-run"]) == 0
    assert lines(capsys) == ["   1. node2: hand over"]
    assert len(running.done) == before


def test_maintain_over_when_nothing_was_begun(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["maintain", "node2", str(example), "--over"]) == 0
    assert lines(capsys) == ["nothing to do: node2 takes part already"]


def test_upgrade_has_a_plan(example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upgrade", "november", str(example), "--dry-run"]) == 0
    assert len(lines(capsys)) == 9


def test_recover_shows_the_evidence(example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]) -> None:
    running.broken = {"wsrep_local_state_comment"}
    running.told = {node: f"uuid: {HISTORY}\nseqno: {number}\n" for number, node in enumerate(running.machines)}
    assert main(["recover", "database", str(example), "--dry-run"]) == 0
    assert lines(capsys) == [
        *(f"node{n}: write {n - 1} of {HISTORY} (grastate.dat)" for n in (1, 2, 3)),
        "   1. node3: let the database begin here",
        "   2. control: start the database",
    ]


def test_a_lost_node_is_given_up_by_name(example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]) -> None:
    running.broken, running.away = {"wsrep_local_state_comment"}, {"node3"}
    running.told = {node: f"uuid: {HISTORY}\nseqno: {number}\n" for number, node in enumerate(running.machines)}
    assert main(["recover", "database", str(example), "--dry-run"]) == 1
    assert "node3 cannot be reached" in capsys.readouterr().err
    assert main(["recover", "database", str(example), "--dry-run", "--without", "node3"]) == 0
    assert "   1. node2: let the database begin here" in lines(capsys)


def test_members_of_the_bus_that_work_are_left_alone(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recover", "messaging", str(example)]) == 0
    assert lines(capsys) == ["nothing to do: all members of the message bus work"]


def test_a_renewed_secret_is_what_a_plan_is_made_for(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["renew", "keystone-broker", "--description", str(example)]) == 0
    capsys.readouterr()
    assert main(["plan", str(example)]) == 0
    told = lines(capsys)
    assert told[0] == "   1. node1: write 2 files"
    assert any(line.endswith("node1: restart: keystone") for line in told)


def test_keys_that_follow_each_other_are_rotated_together(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["renew", "keystone-fernet-primary-key", "--description", str(example)]) == 1
    assert "one of several keys that follow each other; renew 'keystone-fernet'" in capsys.readouterr().err
    assert main(["renew", "--description", str(example), "keystone-fernet"]) == 0
    assert "keystone-fernet has another primary key in " in capsys.readouterr().out
    assert main(["apply", "--yes", str(example)]) == 0
    assert [line[6:] for line in lines(capsys)[:-1]] == [f"node{n}: write 3 files" for n in (1, 2, 3)]


def test_another_cookie_of_the_bus_restarts_all_of_its_members_in_maintenance(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["renew", "messaging-cookie", "--description", str(example)]) == 0
    assert main(["apply", "--yes", str(example)]) == 0
    told = [line[6:] for line in lines(capsys)]
    assert told.index("control: begin maintenance") < told.index(
        "control: restart all members of messaging at once: rabbitmq-cookie"
    )
    assert not running.maintenance
    assert main(["plan", "--expect-none", str(example)]) == 0


def test_a_secret_that_nothing_needs_is_not_renewed(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["renew", "keystone-fernett", "--description", str(example)]) == 1
    assert "nothing needs it; there are " in capsys.readouterr().err


def test_a_secret_from_elsewhere_is_changed_there(
    example: Path, running: Imagined, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["renew", "power", "--description", str(example)]) == 1
    assert "the variable POWER_PASSWORD; change it there" in capsys.readouterr().err
