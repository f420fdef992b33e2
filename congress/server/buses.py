"""The bus of a process, as the configuration has it: RabbitMQ when it names one, otherwise memory."""

from __future__ import annotations

import logging

from oslo_config import cfg

from congress.bus.contract import Bus
from congress.bus.memory import MemoryBus
from congress.bus.publisher import PublisherOptions
from congress.bus.subscriber import SubscriberOptions
from congress.conf import paths

LOG = logging.getLogger(__name__)


def connect(conf: cfg.ConfigOpts, node: str) -> Bus:
    """This node's end, not started yet. Raises MessagingNotConfigured."""
    if not conf.transport_url:
        return MemoryBus(node)
    # The library takes its time to import, which a process that is alone need not spend.
    from congress.bus import oslo
    from congress.bus.messaging import MessagingBus

    transport = oslo.transport(
        conf.transport_url,
        node,
        paths.state_dir(conf),
        files=conf.config_file or (),
        directories=conf.config_dir or (),
    )
    return MessagingBus(transport, node, conf.dse.bus_id, conf.bus.held_size)


def publisher_options(conf: cfg.ConfigOpts) -> PublisherOptions:
    """How the node that reads publishes."""
    group = conf.bus
    return PublisherOptions(
        announce_period=group.announce_period,
        demand_timeout=group.demand_timeout,
        largest=group.largest_update,
        chunk=group.part_size,
    )


def subscriber_options(conf: cfg.ConfigOpts) -> SubscriberOptions:
    """How an engine follows."""
    group = conf.bus
    return SubscriberOptions(
        demand_period=group.demand_period,
        patience=group.gap_patience,
        held=group.held_size,
        timeout=group.answer_timeout,
    )
