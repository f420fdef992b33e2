"""CL007: what keeps data by majority has an odd number of replicas, three at least."""

from __future__ import annotations

from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, with_agent
from congress.cluster.errors import Problem

AGENTS = {
    "ocf:heartbeat:galera": "Galera",
    "systemd:rabbitmq-server": "RabbitMQ",
    "ocf:heartbeat:rabbitmq-cluster": "RabbitMQ",
    "ocf:rabbitmq:rabbitmq-server-ha": "RabbitMQ",
    "systemd:mongod": "MongoDB",
}


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for agent, what_it_is in AGENTS.items():
            replicas = len(placed.nodes)
            if with_agent(placed, agent) and (replicas < 3 or replicas % 2 == 0):
                what = f"{what_it_is} is on {replicas} nodes, and keeps its data by a majority of them"
                yield subject.problem(subject.service_path(placed), what, "let it run on three nodes, or five")


CHECK = Check(
    "CL007",
    "What decides by majority runs on an odd number of nodes, three at least",
    "Galera, RabbitMQ and MongoDB count their own majority; Pacemaker's quorum device does not vote there. On two "
    "nodes the loss of either one stops writes.",
    _find,
)
