"""What the options of group `datasources` mean to those who read the clouds."""

from __future__ import annotations

import ipaddress

from oslo_config import cfg

from congress.datasources.limits import Limits
from congress.datasources.notifications import Hearing, place
from congress.datasources.transport import Bounds
from congress.errors import CongressError


class NetworkInvalid(CongressError):
    """An item of `refused_networks` is no network."""

    def __init__(self, text: str) -> None:
        super().__init__(f"refused_networks of group datasources: '{text}' is no network such as 169.254.0.0/16")


def limits(conf: cfg.ConfigOpts) -> Limits:
    """How much of a listing is taken."""
    told = conf.datasources
    return Limits(told.unreachable_after, told.table_rows, told.poll_seconds, told.single_objects)


def bounds(conf: cfg.ConfigOpts) -> Bounds:
    """How much of an answer is taken, and from where. Raises NetworkInvalid."""
    networks = []
    for text in conf.datasources.refused_networks:
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError:
            raise NetworkInvalid(text) from None
    return Bounds(conf.datasources.answer_bytes, conf.datasources.answer_seconds, tuple(networks))


def hearing(conf: cfg.ConfigOpts) -> Hearing:
    """Who listens to notifications. Raises NotificationUrlInvalid."""
    told = conf.datasources
    if told.notification_url:
        place(told.notification_url)
    return Hearing(told.notification_url, told.notification_topics, told.notification_exchanges)
