"""Group datasources: what is taken of the clouds' answers, and where their services notify of changes."""

from __future__ import annotations

from oslo_config import cfg

GROUP = "datasources"

OPTIONS = [
    cfg.IntOpt(
        "unreachable_after",
        default=3,
        min=1,
        help="Polls that fail in a row until a table, and its datasource, is `unreachable` instead of `failing`.",
    ),
    cfg.IntOpt(
        "table_rows",
        default=2_000_000,
        min=1,
        help="Rows of one listing of a cloud; a longer one fails, and the rows that were there stay.",
    ),
    cfg.FloatOpt("poll_seconds", default=900.0, min=1.0, help="How long one listing may take, with all its pages."),
    cfg.IntOpt(
        "answer_bytes",
        default=32 * 1024 * 1024,
        min=1024,
        help="Largest answer of a cloud to one request, in bytes, after it was unpacked.",
    ),
    cfg.FloatOpt(
        "answer_seconds",
        default=120.0,
        min=1.0,
        help="How long the answer to one request may take as a whole, however steadily it comes.",
    ),
    cfg.ListOpt(
        "refused_networks",
        default=["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "0.0.0.0/32", "::/128"],
        help="Networks to which no request of a driver is sent, whatever a URL, a redirect or a name in the DNS says. "
        "By default where a machine finds its own credentials in a cloud.",
    ),
    cfg.IntOpt(
        "pushed_rows", default=200_000, min=1, help="Items that a table may be given by pushing, all of them together."
    ),
    cfg.StrOpt(
        "notification_url",
        secret=True,
        sample_default="none: clouds are polled only",
        help="The RabbitMQ to which the services of the cloud send notifications, "
        "`rabbit://user:password@host:5672/vhost`. A datasource may name one of its own in its option "
        "`notification_url`.",
    ),
    cfg.ListOpt(
        "notification_topics",
        default=["notifications", "versioned_notifications"],
        help="The topics on which they do so.",
    ),
    cfg.ListOpt(
        "notification_exchanges",
        default=["nova", "neutron", "cinder", "glance", "keystone", "openstack"],
        help="The exchanges to which they do so: each service's `control_exchange`.",
    ),
    cfg.IntOpt(
        "single_objects",
        default=200,
        min=0,
        help="How many objects of one table that notifications name are read one by one; when more wait, the table is "
        "listed as a whole.",
    ),
]
