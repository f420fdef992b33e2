"""The one publisher of table data: numbers what the runners publish, announces it, hands out snapshots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from congress.bus.contract import Bus
from congress.bus.publications import Position, TableKey
from congress.bus.updates import TableUpdate


@dataclass(frozen=True, slots=True)
class PublisherOptions:
    """`announce_period`: seconds between announcements; `demand_timeout`: seconds after which an engine that did not
    say again what it wants wants nothing; `largest`: rows of one update above which it is pulled, not sent."""

    announce_period: float = 2.0
    demand_timeout: float = 15.0
    largest: int = 20_000


class Publisher:
    """Publishes between `begin` and `end`; `holds` is asked before each publication whether the lease is still held."""

    def __init__(
        self,
        bus: Bus,
        options: PublisherOptions | None = None,
        *,
        holds: Callable[[], bool] = lambda: True,
        wanted: Callable[[frozenset[TableKey] | None], None] = lambda _tables: None,
    ) -> None:
        """`wanted` is called when the union of what engines want has changed; None means every table."""
        raise NotImplementedError

    def start(self) -> None:
        """Listen to what engines want; begin to announce whenever this node is the publisher."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def begin(self, epoch: int) -> None:
        """This node is the publisher from now on, under a lease of this epoch; begins a new stream."""
        raise NotImplementedError

    def end(self) -> None:
        """This node is not the publisher any longer; returns when nothing of it is under way."""
        raise NotImplementedError

    def publish(self, updates: tuple[TableUpdate, ...]) -> None:
        """A `Publish` for the runners. Raises NotThePublisher outside `begin` and `end` or when the lease is lost."""
        raise NotImplementedError

    def expect(self, source: str, epoch: int) -> None:
        """From now on take nothing from the datasource that is older than this table epoch, and forget its tables."""
        raise NotImplementedError

    def position(self) -> Position | None:
        """The last publication; None while this node is not the publisher."""
        raise NotImplementedError

    def demand(self) -> frozenset[TableKey] | None:
        """The tables that engines want at present; None: every table."""
        raise NotImplementedError
