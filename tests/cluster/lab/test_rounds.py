"""Which faults are done when, with a laboratory that nothing happens in."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from congress.cluster.lab.errors import LaboratoryError
from congress.cluster.lab.faults import results
from congress.cluster.lab.faults import rounds as module
from congress.cluster.lab.faults.breaking import Result
from congress.cluster.lab.faults.catalogue import Fault, faults
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.site import Places

TWO = [fault for fault in faults() if fault.name in ("keystone", "site-off")]
Ended = list[str]


class Imagined:
    """Faults that are over at once. `fails`: how often each is discarded first; `ends_after`: the machine, after so
    many runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: int = 0, ends_after: int = 99) -> None:
        self.done: list[str] = []
        self._fails, self._ends_after = fails, ends_after
        deployment = SimpleNamespace(clusters=[SimpleNamespace(name="control")])
        monkeypatch.setattr(module, "rehearsed_in", lambda _: (None, deployment))
        monkeypatch.setattr(module, "made_up", lambda *_: None)
        monkeypatch.setattr(module, "applies", lambda *_: True)
        monkeypatch.setattr(module, "broken", self._broken)

    def _broken(self, fault: Fault, *_: object) -> Result:
        if len(self.done) == self._ends_after:
            raise LaboratoryError("the machine ended")
        discarded = "busy" if self.done.count(fault.name) < self._fails else ""
        self.done.append(fault.name)
        return Result("control", fault.name, 1.0, 0.5, discarded=discarded)

    def rounds(self, times: int, file: Path | None = None) -> tuple[Result, ...]:
        laboratory = Laboratory.__new__(Laboratory)
        laboratory.places = SimpleNamespace(directory=Path("/nowhere"))  # type: ignore[assignment]
        return module.rounds(laboratory, TWO, times, file, lambda _: None)


def test_every_fault_is_done_once_before_any_is_done_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    imagined = Imagined(monkeypatch)

    assert len(imagined.rounds(2)) == 4
    assert imagined.done == ["keystone", "site-off"] * 2


def test_what_was_interrupted_goes_on_with_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    with pytest.raises(LaboratoryError):
        Imagined(monkeypatch, ends_after=3).rounds(2, file)

    later = Imagined(monkeypatch)

    assert Counter(each.fault for each in later.rounds(2, file)) == {"keystone": 2, "site-off": 2}
    assert later.done == ["site-off"]
    assert len(results.read(file)) == 4


def test_discarded_runs_are_kept_and_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    imagined = Imagined(monkeypatch, fails=1)

    found = imagined.rounds(1)

    assert [each.discarded for each in found] == ["busy", "busy", "", ""]


def test_what_never_succeeds_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    imagined = Imagined(monkeypatch, fails=99)

    assert len(imagined.rounds(2)) == 8


def test_a_laboratory_is_broken_by_one_process_at_a_time(tmp_path: Path) -> None:
    first, second = Laboratory.__new__(Laboratory), Laboratory.__new__(Laboratory)
    first.places = second.places = Places(tmp_path)
    refused = pytest.raises(LaboratoryError, match=rf"process {os.getpid()} breaks {tmp_path} already")
    with first.alone(), refused, second.alone():
        pass
    with second.alone():
        pass
