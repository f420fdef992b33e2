"""What a process says of itself to people who look at the whole service, from items that its parts add."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

LOG = logging.getLogger(__name__)

Item = Callable[[], Any]
"""Answers at once, without waiting for anything, something that JSON can hold."""


class StatusItems:
    """Named items. Keep them small: they travel through the database every second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[str, Item] = {}

    def add(self, name: str, item: Item) -> None:
        """Show `item` from now on; one that was added under the same name is replaced."""
        with self._lock:
            self._items = {**self._items, name: item}

    def read(self) -> dict[str, Any]:
        """Name -> what the item says now; one that fails is shown as {"error": …}."""
        return {name: _asked(name, item) for name, item in self._items.items()}


def _asked(name: str, item: Item) -> Any:
    try:
        return item()
    except Exception as error:
        LOG.exception("the status item %s failed", name)
        return {"error": str(error)}
