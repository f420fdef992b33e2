"""Readiness checks by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from congress.server.checks import followed


@dataclass
class Engine:
    """What the check asks, as the test wants it."""

    names: tuple[str, ...] | None = None
    publisher: str | None = None
    known: bool = False
    now: float = 100.0

    def __post_init__(self) -> None:
        self.check = followed(
            lambda: self.names, lambda: self.publisher, lambda: self.known, patience=10.0, clock=lambda: self.now
        )


def test_who_starts_with_datasources_waits_for_their_tables() -> None:
    engine = Engine()
    assert engine.check() is None
    engine.names = ("nova",)
    assert "no node that reads the datasources" in (engine.check() or "")
    engine.publisher = "ds1"
    assert "are being fetched" in (engine.check() or "")
    engine.known = True
    assert engine.check() is None


def test_the_first_datasource_takes_no_engine_out_of_rotation() -> None:
    engine = Engine(names=())
    assert engine.check() is None
    engine.names = ("nova",)
    engine.now += 9
    assert engine.check() is None
    engine.now += 2
    assert "no node that reads the datasources" in (engine.check() or "")


def test_what_was_followed_once_is_left_to_the_other_checks() -> None:
    engine = Engine(names=("nova",), publisher="ds1", known=True)
    assert engine.check() is None
    engine.publisher, engine.known = None, False
    assert engine.check() is None
