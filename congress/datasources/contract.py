"""What a driver is, and what runs one: the seam between the service and the clouds.

A driver class says without an instance which options it takes and which tables it has (`congress driver schema show`).
An instance is one configured datasource. It only reads (and acts on) its cloud: threads, schedules, differences and
errors are the runner's work.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from congress.datalog.values import Row
from congress.datasources.options import Option as Option
from congress.datasources.options import settings
from congress.errors import CongressError

if TYPE_CHECKING:
    from congress.datasources.pushing import Patch


class DriverError(CongressError):
    """A cloud refused or did not answer, or an action failed; the text names the datasource and the cause."""


class CloudUnreachable(DriverError):
    """Nobody answers, or the login was refused: no listing of this datasource can succeed at the moment."""


class OutcomeUncertain(DriverError):
    """An action was sent and no answer came: whether it was done is not known."""


class ArgumentsInvalid(DriverError):
    """The arguments do not fit the action, whenever it is tried."""


class UnknownTableGroup(DriverError):
    """The driver has no such group of tables, or the table takes no pushed data."""


class NoWebhook(DriverError):
    """The driver takes no notifications of other services."""


class UnknownAction(DriverError):
    """The driver offers no action of this name."""


class BadPushedData(DriverError):
    """Pushed objects do not have the shape that the table's translator expects; the text names object and field."""


class Unchanged(Exception):  # noqa: N818 - it is no error
    """What a listing would find is what the last one found; the cloud said so, or the answer was the same."""


class Column(NamedTuple):
    """One column of a table; `type` is one of `congress.datasources.celltypes` and says what a cell should hold. Cells
    of a column that is not `nullable` are never the word None."""

    name: str
    description: str = ""
    type: str = "Scalar"
    nullable: bool = True


class Argument(NamedTuple):
    """One argument of an action."""

    name: str
    description: str = ""


class Action(NamedTuple):
    """Something a driver can do on request."""

    name: str
    args: tuple[Argument, ...] = ()
    description: str = ""


class Driver(ABC):
    """One configured datasource. The constructor only reads its configuration: it must not touch the network.

    `settings`: option -> its value, of the option's type; the default where `config` says nothing, None without one.
    """

    id: ClassVar[str]
    description: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()
    polls: ClassVar[bool] = True
    """False for drivers that only receive pushed data; their runner never calls `fetch`."""

    notifies: ClassVar[str | None] = None
    """The table whose objects notifications change one by one; None when each of them says all. What such a table was
    given is always kept."""

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        self.name = name
        self.config = dict(config)
        self.settings = settings(self.options, self.config)

    @classmethod
    @abstractmethod
    def tables(cls) -> Mapping[str, tuple[Column, ...]]:
        """Every table with its columns in order."""

    @classmethod
    def configured_tables(cls, config: Mapping[str, str]) -> Mapping[str, tuple[Column, ...]]:
        """The tables of an instance with this configuration; those of `tables` unless an option shapes them."""
        return cls.tables()

    @classmethod
    def groups(cls) -> Mapping[str, tuple[str, ...]]:
        """Root table -> all tables that one listing of the cloud fills (the root and its children)."""
        return {table: (table,) for table in cls.tables()}

    @classmethod
    def configured_groups(cls, config: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
        """The groups of an instance with this configuration; those of `groups` unless an option shapes them."""
        return cls.groups()

    @abstractmethod
    def fetch(self, group: str) -> Mapping[str, Iterable[Row]]:
        """List one group from the cloud: the full rows of each of its tables. Any exception means that it failed."""

    def pages(self, group: str) -> Iterator[Mapping[str, Iterable[Row]]]:
        """The same as `fetch`, in parts of a bounded size where the cloud gives its lists in pages.

        A table of the group that no part mentions is empty. Any exception means that the whole listing failed, except
        Unchanged instead of the first part.
        """
        yield self.fetch(group)

    @classmethod
    def object_keys(cls) -> Mapping[str, Mapping[str, int]]:
        """Group -> table -> position of the column that holds the id of the listed object. Only groups whose objects
        `fetch_one` can look at; all tables of such a group are named."""
        return {}

    def fetch_one(self, group: str, identity: str) -> Mapping[str, Iterable[Row]]:
        """The rows of one object of a group, none when the object is gone. Any exception means that it failed."""
        raise UnknownTableGroup(f"datasource '{self.name}' cannot look at single objects of '{group}'")

    @classmethod
    def hinted(cls, event_type: str, payload: Any) -> Iterable[tuple[str, str | None]]:
        """What a notification of the service on its message bus concerns: groups, each with the id of the object that
        changed, None where it does not say which. The payload may have any shape; nothing is raised."""
        return ()

    def translate(self, table: str, objects: Sequence[Any]) -> Mapping[str, Iterable[Row]]:
        """The rows, per table of the group, that pushed objects become. Raises UnknownTableGroup, BadPushedData."""
        raise UnknownTableGroup(f"table '{table}' of datasource '{self.name}' does not take pushed data")

    @classmethod
    def notified(cls, payload: Any, known: Sequence[Any] = ()) -> tuple[str, list[Any]]:
        """The table that a notification of another service fills, and the objects that are pushed into it then.

        `known`: the objects that the table `notifies` was given before. Raises NoWebhook, BadPushedData.
        """
        raise NoWebhook(f"driver {cls.id} takes no notifications; it has no webhook")

    def received(self, table: str, payload: Any, known: Sequence[Any]) -> list[Any]:
        """The objects of one table after a notification that was sent to it; `known` are those before.

        Raises NoWebhook, UnknownTableGroup, BadPushedData.
        """
        raise NoWebhook(f"table '{table}' of datasource '{self.name}' takes no notifications")

    @classmethod
    def actions(cls) -> tuple[Action, ...]:
        """What `execute` accepts; empty for a driver that only reads."""
        return ()

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Do one action and return when the cloud took it.

        Raises UnknownAction, ArgumentsInvalid, OutcomeUncertain; any other DriverError says that it was not done.
        """
        raise UnknownAction(f"datasource '{self.name}' has no action '{action}'")

    def close(self) -> None:  # noqa: B027 - most drivers hold nothing
        """Give connections back."""


class Runner(Protocol):
    """Runs one driver: `congress.datasources.runner.DatasourceRunner(name, driver, publish, epoch=1)`.

    `publish` is a `congress.bus.updates.Publish`; the runner calls it with the updates of each listing (empty tuple:
    never), first a snapshot per table, then deltas. An exception from `publish` is recorded like a failed poll and
    leads to snapshots the next time.
    """

    def start(self) -> None:
        """Begin polling in a thread of its own. Returns at once."""

    def stop(self, timeout: float = 5.0) -> None:
        """Stop polling, close the driver; returns when the thread ended or after `timeout` seconds. Idempotent."""

    def request_refresh(self) -> None:
        """Poll as soon as possible; requests that arrive during a poll lead to one more poll. Returns at once."""

    def request_snapshot(self, table: str) -> None:
        """A receiver lost track of `table`: publish its known rows again as a snapshot, from memory if possible."""

    def activate(self, table: str) -> None:
        """Somebody needs `table`: if it is one of the `lazy_tables`, poll it from now on."""

    def push(self, table: str, objects: Sequence[Any], keep: Callable[[], None] = lambda: None) -> None:
        """Replace a table by pushed objects; published before it returns. `keep` is called when the driver has accepted
        them and before anybody sees them; what it raises prevents that. Raises UnknownTableGroup, BadPushedData."""

    def patch(self, table: str, patch: Patch) -> str:
        """Change single objects of a table that is not kept; published before it answers the tag of the table's state.
        Raises UnknownTableGroup, BadPushedData, RowsChanged."""

    def restore(self, table: str, rows: Sequence[Any]) -> None:
        """Give a pushed table the rows (lists of cells) it had before. Raises UnknownTableGroup, BadPushedData."""

    def execute(self, action: str, positional: Sequence[Any], named: Mapping[str, Any]) -> None:
        """Pass an action to the driver, in the caller's thread. Raises UnknownAction, DriverError."""

    def hint(self, event_type: str, payload: Any) -> None:
        """A service notified its bus of something: look at what it concerns, soon. Returns at once."""

    def state(self) -> str:
        """`starting`, `ok`, `failing` or `unreachable`."""

    def states(self) -> dict[str, str]:
        """Table -> its state: one of these, or `lazy`."""

    def status(self) -> dict[str, Any]:
        """`last_updated`, `last_error`, `number_of_updates`, `initialized`: strings, "None" where there is nothing;
        `state`, `since` (when it began), and `tables`: the same for each table, with rows, times and violations."""

    def age(self) -> float | None:
        """Seconds since everything was last read without errors, or pushed into; None when it never was."""

    def rows(self, table: str) -> frozenset[Row] | None:
        """The rows last published, None when the table was not read yet."""
