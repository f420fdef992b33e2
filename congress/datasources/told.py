"""Drivers whose rows another service tells one by one, each notification adding some or taking some away."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from congress.datalog.values import Row
from congress.datasources.contract import Column, Driver, Option, Unchanged, UnknownTableGroup
from congress.datasources.options import KEPT, POLL_TIME, Seconds
from congress.datasources.translate import Table, pushed_rows

RECEIVED = "receive_timestamp"
"""The member of a kept object that says when it was told, in UTC."""
HOURS = Option(
    "hours_to_keep_alarm",
    description="Hours after which an alarm that was not told again is forgotten; 0 is never",
    type=Seconds(),
    default="240",
)
LOOK = POLL_TIME._replace(description="Seconds between two looks for alarms that are too old", default="60")
AGING = (KEPT, HOURS, LOOK)


class Told(NamedTuple):
    """What one notification says: objects that are now so, and ids of those that are no longer."""

    added: Sequence[Mapping[str, Any]] = ()
    gone: Sequence[Any] = ()


class ToldDriver(Driver):
    """`root` is the table whose objects the notifications change; `identity`, their member that tells them apart. Which
    objects are too old is looked up at every poll; nothing is fetched."""

    root: ClassVar[Table]
    members: ClassVar[tuple[Table, ...]]
    identity: ClassVar[str]

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(name, config)
        self._objects: Sequence[Any] | None = None

    @classmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        return {table.name: table.columns() for table in cls.members}

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        return {cls.root.name: tuple(table.name for table in cls.members)}

    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        if self._objects is None:  # what was kept is not there yet
            raise Unchanged
        return self._rows(self._objects)

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        if table != self.root.name:
            raise UnknownTableGroup(
                f"datasource '{self.name}' takes pushed data in table '{self.root.name}', not '{table}'"
            )
        rows = self._rows(objects)
        self._objects = list(objects)
        return rows

    def _rows(self, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        hours = self.settings.get(HOURS.name)
        kept = list(recent(objects, hours)) if hours else objects
        return pushed_rows((self.root,), kept)

    @classmethod
    def notified(cls, payload: Any, known: Sequence[Any] = ()) -> tuple[str, list[Any]]:
        told = cls.told(payload)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = {_id(one, cls.identity): one for one in known}
        for gone in told.gone:
            found.pop(gone, None)
        for one in told.added:
            found.pop(one[cls.identity], None)  # told again, it is the last one
            found[one[cls.identity]] = {**one, RECEIVED: now}
        return cls.root.name, list(found.values())

    @classmethod
    @abstractmethod
    def told(cls, payload: Any) -> Told:
        """What a notification says. Raises BadPushedData."""


def _id(one: Any, identity: str) -> Any:
    found = one.get(identity) if isinstance(one, Mapping) else None
    return found if isinstance(found, str | int) else id(one)


def recent(objects: Iterable[Any], hours: float, now: datetime | None = None) -> Iterator[Any]:
    """Those that were told in the last hours; what does not say when it was told is kept."""
    since = (now or datetime.now(UTC)) - timedelta(hours=min(hours, 24 * 365 * 100))
    for one in objects:
        text = one.get(RECEIVED) if isinstance(one, Mapping) else None
        try:
            at = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            at = None
        if at is None or at.replace(tzinfo=at.tzinfo or UTC) >= since:
            yield one
