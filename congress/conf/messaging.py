"""Group DEFAULT: the message broker. Its finer points are oslo.messaging's options, group `oslo_messaging_rabbit`."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "DEFAULT"

OPTIONS = [
    cfg.StrOpt(
        "transport_url",
        secret=True,
        sample_default="none: all roles are in this process",
        help="The RabbitMQ that processes talk through, `rabbit://user:password@host:5672,user:password@host2:5672/`, "
        "with all nodes of a cluster. Without it this process is alone. Queues are quorum queues, fan-out goes through "
        "streams, and connections that are silent for 4 seconds are given up, unless group `oslo_messaging_rabbit` "
        "says otherwise; TLS is configured there too (`ssl`, `ssl_ca_file`).",
    ),
]
