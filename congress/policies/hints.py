"""Tells other engines over the bus that there is a new policy revision. Whoever misses it finds out by looking."""

from __future__ import annotations

import logging

from congress.bus.contract import VERSION, Bus, Message
from congress.policies.synchronisation import Synchroniser

LOG = logging.getLogger(__name__)
TOPIC = "revision"


class Hints:
    """One node's hints."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def announce(self, revision: int) -> None:
        """Tell all engines; a bus that does not work now delays them, and is no reason for a change to fail."""
        try:
            self._bus.publish(TOPIC, {"v": VERSION, "kind": "revision", "revision": revision})
        except Exception as error:
            LOG.warning("other engines are not told of revision %s, they find out later: %s", revision, error)

    def pass_to(self, synchroniser: Synchroniser) -> None:
        """Let an engine look as soon as another one tells it of a revision."""

        def receive(message: Message) -> None:
            revision = message.get("revision")
            if message.get("kind") == "revision" and isinstance(revision, int):
                synchroniser.hint(revision)

        self._bus.subscribe(TOPIC, receive)
