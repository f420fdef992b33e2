"""CL012: clients of RabbitMQ ask for quorum queues."""

from __future__ import annotations

import re
from collections.abc import Iterator

from congress.cluster.checks.check import Check, Subject
from congress.cluster.errors import Problem

CLIENT = re.compile(r"(?m)^\s*transport_url\s*=\s*rabbit:")
QUORUM = re.compile(r"(?mi)^\s*rabbit_quorum_queue\s*=\s*true\s*$")


def _find(subject: Subject) -> Iterator[Problem]:
    for _, placed in subject.placed():
        for file in placed.declaration.files:
            if CLIENT.search(file.content) and not QUORUM.search(file.content):
                what = f"{file.path} uses RabbitMQ without quorum queues"
                instead = "set rabbit_quorum_queue = true in its section oslo_messaging_rabbit"
                yield subject.problem(subject.service_path(placed), what, instead)


CHECK = Check(
    "CL012",
    "Queues survive the loss of a node",
    "A classic queue lives on one node and is gone with it until it returns; a mirrored one stands still for a minute"
    " when its node is cut off. A quorum queue goes on in seconds, and loses nothing that was confirmed.",
    _find,
)
