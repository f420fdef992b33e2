"""Messages of kinds that only newer versions know: dropped, and named once."""

from __future__ import annotations

import logging

LOG = logging.getLogger(__name__)
_MOST = 100


class UnknownKinds:
    """Remembers which kinds were named."""

    def __init__(self) -> None:
        self._named: set[str] = set()

    def tell(self, topic: str, kind: object) -> None:
        """Log that such a message was dropped, unless that was done before."""
        name = str(kind)[:100]
        if name not in self._named and len(self._named) < _MOST:
            self._named.add(name)
            LOG.warning("messages of the unknown kind '%s' on topic '%s' are ignored; is a peer newer?", name, topic)
