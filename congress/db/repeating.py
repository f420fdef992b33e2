"""Transactions that look before they write, while other nodes do the same."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from oslo_db.exception import DBDeadlock, DBDuplicateEntry
from sqlalchemy.orm import Session

from congress.db import certain
from congress.db.session import Database

ATTEMPTS = 10
Made = TypeVar("Made")


def repeated(database: Database, do: Callable[[Session], Made]) -> Made:
    """What `do` answers in a transaction of its own; it is done again, from the beginning, when another one won.

    So a `do` that looks for a name, and then stores it, finds the name that somebody else stored meanwhile. Raises what
    `do` raises, and DBDeadlock or DBDuplicateEntry when it loses again and again.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            with certain.writer(database) as session:
                return do(session)
        except (DBDeadlock, DBDuplicateEntry):
            time.sleep(random.uniform(0, 0.01 * attempt))  # noqa: S311
    with certain.writer(database) as session:
        return do(session)
