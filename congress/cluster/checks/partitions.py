"""CL011: RabbitMQ's minority pauses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject, with_agent
from congress.cluster.checks.replicas import AGENTS
from congress.cluster.errors import Problem

RABBITMQ = [agent for agent, name in AGENTS.items() if name == "RabbitMQ"]
SETTING = re.compile(r"(?m)^\s*cluster_partition_handling\s*=\s*(\S+)")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        if not any(with_agent(placed, agent) for agent in RABBITMQ):
            continue
        for node in placed.nodes:
            texts = [file.content for file in placed.declaration.files if file.node in (None, node)]
            given = [value for text in texts for value in SETTING.findall(text)]
            if given != ["pause_minority"]:
                what = f"after a cut of the network RabbitMQ would {given[-1] if given else 'ignore it'}"
                instead = "set cluster_partition_handling = pause_minority"
                yield subject.problem(subject.service_path(placed), what, instead)
                break


CHECK = Check(
    "CL011",
    "RabbitMQ's minority pauses when the network is cut",
    "Otherwise both parts go on by themselves, and when the network is back, what one of them took is thrown away: "
    "acknowledged messages are lost.",
    _find,
)
