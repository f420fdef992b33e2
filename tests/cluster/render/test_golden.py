"""What is rendered is what somebody has read."""

from __future__ import annotations

import pytest

from tests.cluster.render.golden import DIRECTORY, golden
from tests.cluster.render.trees import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_rendered_is_what_was_reviewed(name: str) -> None:
    directory = DIRECTORY / name
    reviewed = {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8")
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
    assert golden(name) == reviewed, "run `python -m tests.cluster.render.golden`, and review the difference"
