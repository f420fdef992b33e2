"""Tools of others, run to their end."""

from __future__ import annotations

import pickle

import pytest

from congress.cluster.verify.programs import MissingProgram, SlowProgram, run


def test_how_a_program_ended_and_what_it_said_is_told() -> None:
    assert run(["sh", "-c", "echo out; echo err >&2; exit 3"]) == (3, "out\n", "err\n")


def test_a_program_that_does_not_end_is_an_error_that_crosses_processes() -> None:
    with pytest.raises(SlowProgram, match=r"sleep has not ended after 0.1 s; run it again") as caught:
        run(["sleep", "60"], seconds=0.1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingProgram, match="no-such-tool is not installed"):
        run(["no-such-tool"])
