"""Changes of what was pushed into a table: items that come and go, under the condition that nobody was faster."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from congress.datasources.contract import BadPushedData
from congress.errors import CongressError

_TEXTS = frozenset((str,))
MOST = 200_000
"""Items of one table, unless it is set otherwise."""


class RowsChanged(CongressError):
    """Somebody else pushed into the table since the sender last knew what it holds."""

    def __init__(self, table: str, now: str) -> None:
        super().__init__(
            f"table '{table}' is at {now} and not what If-Match names; see what it holds now, then decide anew"
        )


class TooManyItems(BadPushedData):
    """A table would be given more items than are taken."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            f"the table would have {count} items; the option pushed_rows of group datasources permits {most}"
        )


class Patch(NamedTuple):
    """Items to add and to take away; `expected`: tags of the states of the table that it may be applied to, None for
    any. An item is found by its JSON; what is taken away and not there, or added and there, changes nothing."""

    insert: Sequence[Any] = ()
    delete: Sequence[Any] = ()
    expected: Sequence[str] | None = None

    def check(self, table: str, tag: str) -> None:
        """Raises RowsChanged when the table is in another state."""
        if self.expected is not None and tag not in self.expected:
            raise RowsChanged(table, tag)

    def applied(self, objects: Sequence[Any]) -> list[Any]:
        """The items of the table after it."""
        gone = {_key(item) for item in self.delete}
        found = {key: item for item in objects if (key := _key(item)) not in gone}
        for item in self.insert:
            found.setdefault(_key(item), item)
        return list(found.values())


def tag(version: int, epoch: int = 0) -> str:
    """The entity tag of a state of a table: of what is stored by its version, of what is not by the epoch as well."""
    return f'"{epoch}-{version}"' if epoch else f'"{version}"'


def check_number(objects: Sequence[Any], most: int = MOST) -> None:
    """Raises TooManyItems."""
    if len(objects) > most:
        raise TooManyItems(len(objects), most)


def _key(item: Any) -> Hashable:
    """What items have in common that are the same: their JSON, or the cells themselves when they are texts, as those of
    most rows are, which takes a tenth of the time."""
    if item.__class__ is list and _TEXTS.issuperset(map(type, item)):
        return tuple(item)
    return json.dumps(item, sort_keys=True)
