"""From nothing to a control plane that is broken in every way, and back to nothing. Half an hour, 5 GB of memory."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from congress.cli.cluster import main
from tests.waiting import until

DIRECTORY = Path("/tmp/congress-lab-test")  # noqa: S108 - paths of sockets must be short
UP_WITHIN = 600.0


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_control_plane_comes_up_keeps_its_promises_and_leaves_nothing(tmp_path: Path) -> None:
    place = ["--directory", str(DIRECTORY)]
    began = time.monotonic()
    try:
        assert main(["lab", "up", "examples/small.yaml", *place]) == 0
        assert time.monotonic() - began < UP_WITHIN
        holder = int((DIRECTORY / "holder").read_text().split()[0])
        assert main(["lab", "status", *place]) == 0

        judged = main(["lab", "faults", "--json", str(tmp_path / "results.json"), *place])

        results = json.loads((tmp_path / "results.json").read_text())
        assert [each["broken_promises"] for each in results if each["broken_promises"]] == []
        assert [each["not_as_predicted"] for each in results if each["not_as_predicted"]] == []
        assert judged == 0
    finally:
        main(["lab", "down", *place])
    assert not DIRECTORY.exists()
    until(lambda: not Path(f"/proc/{holder}").exists() or "Z" in Path(f"/proc/{holder}/stat").read_text(), "it runs on")
