"""CL013: a member of the message bus that comes back has its data."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, with_agent
from congress.cluster.errors import Problem

FORGETFUL = ("ocf:heartbeat:rabbitmq-cluster", "ocf:rabbitmq:rabbitmq-server-ha")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for agent in FORGETFUL:
            if with_agent(placed, agent):
                what = f"{agent} has members forgotten that left, and wipes them when they return"
                instead = "run systemd:rabbitmq-server, whose members find each other by classic_config"
                yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL013",
    "Members of the message bus keep their identity and their data",
    "Agents that build the cluster of RabbitMQ anew make an empty member of one that was away. Its quorum queues and "
    "streams have a replica less from then on, and after the second such failure they have no majority.",
    _find,
)
