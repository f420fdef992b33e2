"""Metrics in the format of Prometheus. A module declares its own at import, with a name, a help text and labels:

    _APPLIED = metrics.counter("congress_updates_applied_total", "Table updates taken into the engine.", "source")
    _APPLIED.labels("nova").inc()

Values that are known anyway are not counted but looked up when somebody asks for them:

    _AGE = metrics.observed("congress_table_age_seconds", "Seconds since …", "table")
    _AGE.follow(lambda: {("nova:servers",): 0.5})

Names end in their unit (`_seconds`), counters in `_total`. Labels have few values: never rows, never ids. The page
`docs/metrics.md` is written from what the modules declare.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

LOG = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""The upper ends of the ranges in which durations are counted."""


@dataclass(frozen=True, slots=True)
class Described:
    """A metric, as documented."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str


_DESCRIBED: dict[str, Described] = {}


def counter(name: str, text: str, *labels: str) -> Counter:
    """Something that is counted; the name ends in `_total`."""
    _describe(name, "counter", labels, text)
    return Counter(name, text, labels, registry=REGISTRY)


def gauge(name: str, text: str, *labels: str) -> Gauge:
    """A value that goes up and down."""
    _describe(name, "gauge", labels, text)
    return Gauge(name, text, labels, registry=REGISTRY)


def histogram(name: str, text: str, *labels: str) -> Histogram:
    """How long things take, in seconds."""
    _describe(name, "histogram", labels, text)
    return Histogram(name, text, labels, registry=REGISTRY, buckets=SECONDS)


class Observed(Collector):
    """A gauge that is looked up when somebody asks for it; a counter when its name says so."""

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        self._name, self._text, self._labels = name, text, labels
        self._family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        self._look: Callable[[], Mapping[tuple[str, ...], float]] = dict

    def follow(self, look: Callable[[], Mapping[tuple[str, ...], float]]) -> None:
        """Get the values from now on by `look`: values of the labels -> value. It must not wait for anything."""
        self._look = look

    def collect(self) -> Iterable[Metric]:
        family = self._family(self._name, self._text, labels=self._labels)
        try:
            for labels, value in self._look().items():
                family.add_metric(list(labels), value)
        except Exception:
            LOG.exception("metric %s could not be looked up", self._name)
        return [family]


def observed(name: str, text: str, *labels: str) -> Observed:
    """A gauge that is looked up; it has no values until it follows something."""
    _describe(name, "gauge", labels, text)
    found = Observed(name, text, labels)
    REGISTRY.register(found)
    return found


def observed_counter(name: str, text: str, *labels: str) -> Observed:
    """A counter that is kept elsewhere and looked up; what it follows never goes down."""
    _describe(name, "counter", labels, text)
    found = Observed(name, text, labels)
    REGISTRY.register(found)
    return found


def page() -> bytes:
    """All values, for Prometheus."""
    return generate_latest(REGISTRY)


def described() -> list[Described]:
    """The declared metrics, sorted by name."""
    return [_DESCRIBED[name] for name in sorted(_DESCRIBED)]


def _describe(name: str, kind: str, labels: tuple[str, ...], text: str) -> None:
    _DESCRIBED[name] = Described(name, kind, labels, text)


disable_created_metrics()  # type: ignore[no-untyped-call]
ProcessCollector(registry=REGISTRY, namespace="congress")
