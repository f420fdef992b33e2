"""`congress-cluster verify`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from congress.cli.cluster import main
from tests.cluster.test_wrong import ROOT, SMALLER, merged


@pytest.fixture
def description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three machines with a proxy and a database."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "cluster.yaml"
    path.write_text(yaml.safe_dump(merged(yaml.safe_load((ROOT / "examples/small.yaml").read_text()), SMALLER)))
    return path


def test_what_holds_is_said_written_and_kept(
    description: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "proof.html", tmp_path / "proof.json"
    arguments = ["verify", str(description), "--single", "--no-tools", "--jobs", "1"]
    assert main([*arguments, "--html", str(page), "--json", str(data)]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].startswith("Proven: ")
    assert said.err == ""
    assert page.read_text().startswith("<!doctype html>")
    told = json.loads(data.read_text())
    assert told["holds"] is True
    assert told["clusters"][0]["known_from_before"] == 0
    assert main([*arguments, "--json", str(data)]) == 0
    (cluster,) = json.loads(data.read_text())["clusters"]
    assert cluster["known_from_before"] == cluster["scenarios"]


def test_a_cluster_that_is_not_there_is_named(description: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(description), "--cluster", "kontrol", "--no-tools"]) == 1
    assert "kontrol" in capsys.readouterr().err
