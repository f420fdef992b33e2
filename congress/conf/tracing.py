"""Group tracing: where traces go."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "tracing"

OPTIONS = [
    cfg.URIOpt(
        "otlp_endpoint",
        schemes=["http", "https"],
        help="Send traces to this collector of OpenTelemetry, by OTLP over HTTP: `http://collector:4318/v1/traces`. "
        "Needs `pip install 'congress[tracing]'`. Without it there are no traces. Headers, certificates and the like "
        "are set by the variables of the environment that OpenTelemetry has for them.",
    ),
    cfg.FloatOpt(
        "share",
        default=1.0,
        min=0.0,
        max=1.0,
        help="Which share of the traces that begin here is sent. Requests that come with a `traceparent` are traced as "
        "their caller says.",
    ),
]
