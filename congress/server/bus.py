"""The bus and its ends as the configuration wants them."""

from __future__ import annotations

from oslo_config import cfg

from congress.bus.contract import Bus
from congress.bus.memory import MemoryBus
from congress.bus.publisher import PublisherOptions
from congress.bus.subscriber import SubscriberOptions
from congress.conf import paths


def connect(conf: cfg.ConfigOpts, node: str) -> Bus:
    """The end of node `node`, not started: over the configured broker, or in memory when there is none.

    Raises MessagingNotConfigured.
    """
    if not conf.transport_url:
        return MemoryBus(node)
    # Imported here, because only processes with a broker should pay for the library.
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
    return PublisherOptions(
        announce_period=conf.bus.announce_period,
        demand_timeout=conf.bus.demand_timeout,
        largest=conf.bus.largest_update,
        chunk=conf.bus.part_size,
    )


def subscriber_options(conf: cfg.ConfigOpts) -> SubscriberOptions:
    return SubscriberOptions(
        demand_period=conf.bus.demand_period,
        patience=conf.bus.gap_patience,
        held=conf.bus.held_size,
        timeout=conf.bus.answer_timeout,
    )
