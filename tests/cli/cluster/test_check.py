"""`congress-cluster init`, `check` and `schema`, as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from congress.cli.cluster import main


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POWER_PASSWORD", "of the boards")
    file = tmp_path / "cluster.yaml"
    assert main(["init", str(file)]) == 0
    return file


def test_the_example_of_init_has_no_errors(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["check", str(example)]) == 0
    assert capsys.readouterr().out.endswith(" 0 errors, 0 warnings\n")
    assert [path.name for path in example.parent.iterdir()] == ["cluster.yaml"]


def test_init_leaves_what_is_there_alone(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text("mine")
    assert main(["init", str(example)]) == 1
    assert "is there already, and is left as it is" in capsys.readouterr().err
    assert example.read_text() == "mine"


def test_errors_are_told_and_make_the_command_fail(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text(example.read_text().replace("10.0.0.101}", "10.0.0.11}"))
    capsys.readouterr()
    assert main(["check", str(example)]) == 1
    (finding, _) = capsys.readouterr().out.splitlines()
    assert finding.startswith(f"{example}:47: CL031 error: virtual_ips.database.address: 10.0.0.11 is also nodes.node1")


def test_findings_for_programs(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text(example.read_text().replace("10.0.0.101}", "10.0.0.11}"))
    capsys.readouterr()
    assert main(["check", "--json", str(example)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told["severity"], told["field"]) == ("CL031", "error", "virtual_ips.database.address")


def test_warnings_fail_on_request_only(example: Path) -> None:
    example.write_text(example.read_text().replace("token: 1.0", "token: 3.0"))
    assert main(["check", str(example)]) == 0
    assert main(["check", "--strict", str(example)]) == 1


def test_what_means_nothing_is_told_with_its_line(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example.write_text(example.read_text().replace("      messaging:", "      mesaging:"))
    assert main(["check", str(example)]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == (
        f"{example}:72: clusters.control.services.mesaging: there is no service 'mesaging'; write 'messaging'"
    )


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "cl052"]) == 0
    assert "A part without quorum can stop everything" in capsys.readouterr().out
    assert main(["check", "--explain", "CL999"]) == 2
    assert "there is no check CL999; there are CL001" in capsys.readouterr().err


def test_the_schema_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_without_a_command_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "say what is wrong or unwise in a description" in capsys.readouterr().err
