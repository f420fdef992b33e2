"""Qpid, which former deployments had as their message bus."""

from congress.cluster.services.contract import Refused


class Qpid(Refused):
    """Named to say what to have instead."""

    name = "qpid"
    title = "Message bus (Qpid), historical"
    reason = (
        "oslo.messaging has had no driver for it since 2016, and its brokers could only be active on one node, "
        "so that every failure lost what was on its way"
    )
    instead = "write `messaging`, which is RabbitMQ with quorum queues on all members"
