"""Every metric is documented, and named as Prometheus expects it."""

from __future__ import annotations

from pathlib import Path

from congress.telemetry import metrics, reference

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_every_metric_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == reference.page(), "write it again: python -m congress.telemetry.reference > docs/metrics.md"
    families = {family.name for family in metrics.REGISTRY.collect()}
    declared = {one.name.removesuffix("_total") for one in metrics.described()}
    assert {name for name in families if not name.startswith("congress_process_")} == declared


def test_names_follow_the_conventions() -> None:
    reference.declare()
    for one in metrics.described():
        assert one.name.startswith("congress_")
        assert one.text.endswith(".")
        assert one.name.endswith("_total") == (one.kind == "counter")
        assert one.kind != "histogram" or one.name.endswith("_seconds")


def test_what_cannot_be_looked_up_does_not_hide_the_rest() -> None:
    found = metrics.Observed("congress_test", "A test.", ("kind",))
    found.follow(lambda: {("a",): 1 / 0})
    assert [family.samples for family in found.collect()] == [[]]
    found.follow(lambda: {("a",): 2.0})
    [family] = found.collect()
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"kind": "a"}, 2.0)]
