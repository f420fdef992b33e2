"""The page about the proof says what is proven."""

from __future__ import annotations

from pathlib import Path

from congress.cluster.verify.invariants import INVARIANTS

PAGE = Path(__file__).parents[3] / "docs/control-plane-proof.md"


def test_every_invariant_is_on_the_page() -> None:
    text = PAGE.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| I")]
    assert rows == [f"| {invariant.code} | {invariant.sentence} |" for invariant in INVARIANTS]
