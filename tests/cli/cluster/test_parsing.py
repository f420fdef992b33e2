"""How `congress-cluster` reads what it is given."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from congress.cli.cluster import commands, main
from congress.cli.cluster.command import Command
from congress.cli.cluster.parsing import Parser

EXAMPLE = str(Path(__file__).parents[3] / "examples" / "small.yaml")


@pytest.mark.parametrize("words", [*permutations([EXAMPLE, "--from-nothing", "--expect-none"])])
def test_options_come_before_or_behind_the_description(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", *words]) == 1
    assert "1. node1: install packages" in capsys.readouterr().out


def test_an_option_may_stand_between_two_names() -> None:
    (maintain,) = (command for command in commands() if command.name == "maintain")
    parser = Parser()
    maintain.arguments(parser)
    for words in (["node2", "--over", "here.yaml"], ["--over", "node2", "here.yaml"], ["node2", "here.yaml", "--over"]):
        given = parser.parse_args(words)
        assert (given.node, given.over, given.description) == ("node2", True, Path("here.yaml"))


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_each_command_shows_how_it_is_called(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command.name, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: congress-cluster {command.name}")
    assert " ".join(command.help.split()) in " ".join(told.split())


def test_too_much_is_refused_by_the_command_it_was_given_to(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", EXAMPLE, "other.yaml"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "usage: congress-cluster check" in told
    assert "nobody asked for other.yaml; see congress-cluster check --help" in told


def test_a_part_of_an_options_name_is_not_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "--from", EXAMPLE])
    assert ended.value.code == 2
    assert "--from" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "plain").write_text("")
    assert main(["init", str(tmp_path / "plain" / "cluster.yaml")]) == 1
    assert str(tmp_path / "plain") in capsys.readouterr().err
