"""Monasca: metrics with their dimensions, and their averages over the last day. The service is retired upstream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from congress.datasources.cloud import STANDARD_OPTIONS, CloudDriver, Listing
from congress.datasources.translate import ENTRIES, ITEMS, KEY, SELF, Child, Field, Hash, Table

LOOKED_BACK = timedelta(hours=24)
POLLED_EVERY = "3600"


def _average(measured: Any) -> Any:
    """Of a time and what was measured then, the latter."""
    return measured[1] if isinstance(measured, list) and len(measured) > 1 else None


DIMENSIONS = Table(
    "dimensions",
    (
        Field("id", Hash.ROWS, description="hash of all dimensions of a metric"),
        Field("key", KEY, description="name of the dimension"),
        Field("value", SELF, description="its value"),
    ),
    walk=("dimensions", ENTRIES),
)
METRICS = Table(
    "metrics",
    (
        Field("id", description="id of the metric"),
        Field("name", description="name, e.g. cpu.idle_perc"),
        Field("dimensions", Child(DIMENSIONS), description="hash of its dimensions"),
    ),
)
DATA = Table(
    "statistics.data",
    (
        Field("name", Hash.ROWS, description="hash of all averages of a metric"),
        Field("value_col", SELF, description="average over a while that is as long as poll_time", convert=_average),
    ),
    walk=("statistics", ITEMS),
)
STATISTICS = Table(
    "statistics",
    (
        Field("name", description="name of the metric"),
        Field("statistics", Child(DATA), description="hash of its averages"),
    ),
)
_OF_METRIC = "/metrics/statistics?name={name}&merge_metrics=True&statistics=avg"


class MonascaDriver(CloudDriver):
    id = "monasca"
    description = "Metrics of Monasca (OpenStack monitoring, retired) and their averages over the last 24 hours"
    service = "monitoring"
    options = tuple(
        one._replace(default=POLLED_EVERY) if one.name == "poll_time" else one for one in STANDARD_OPTIONS
    )  # fmt: skip
    listings = (
        Listing("/metrics?limit=1000", "elements", (METRICS,)),
        Listing(
            _OF_METRIC,
            "elements",
            (STATISTICS,),
            within=Listing("/metrics/names?limit=1000", "elements", ()),
        ),
    )

    def __init__(
        self, name: str, config: Mapping[str, str], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(name, config)
        self._clock = clock

    def _listing(self, group: str) -> Listing:
        listing = super()._listing(group)
        if listing.within is None:
            return listing
        since = (self._clock() - LOOKED_BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
        period = int(self.settings["poll_time"]) or int(POLLED_EVERY)
        return replace(listing, path=f"{_OF_METRIC}&start_time={since}&period={period}")
