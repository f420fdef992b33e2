"""The façade: policies, their rules and the tables under them, in one object without I/O.

A `Workspace` owns the text-to-answer path: it parses and checks rules (`congress.datalog`), keeps their derived tables
up to date (the engine) and answers queries, simulations and explanations. The service, the command line and the tests
all use it and nothing below it.

All methods are safe to call from any thread. Readers see the state before or after a transaction, never between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.errors import CongressError


class UnknownPolicy(CongressError):
    """A policy or datasource of this name does not exist. `.name`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Unknown policy {name}")
        self.name = name


class UnknownTable(CongressError):
    """The policy has no such table. `.policy`, `.table`."""

    def __init__(self, policy: str, table: str) -> None:
        super().__init__(f"table '{table}' doesn't exist")
        self.policy, self.table = policy, table


class PolicyExists(CongressError):
    """A policy or datasource of this name exists already. `.name`."""


class RuleExists(CongressError):
    """The policy has this rule already (body order aside). `.text`."""


class RuleMissing(CongressError):
    """The policy has no such rule. `.text`."""


class LimitExceeded(CongressError):
    """An evaluation passed its budget of rows or seconds and was stopped; nothing changed. `.limit` says which."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use. Checked per batch of rows, so a limit is passed by at most one batch."""

    rows: int = 10_000_000
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class TableChange:
    """The rows of a watched table that a transaction made appear and disappear."""

    table: TableId
    inserted: tuple[Row, ...]
    deleted: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    name: str
    kind: str
    abbreviation: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """`result`: the formulas as text, sorted, `p+(…)`/`p-(…)` for a delta. `trace`: the steps taken, or None."""

    result: tuple[str, ...]
    trace: str | None


class Transaction:
    """Changes to rules and rows that become visible together, or not at all. Obtained from `Workspace.transaction`.

    Every method raises before it changes anything when its own arguments are wrong; an exception that leaves the
    `with` block undoes the whole transaction.
    """

    def create_policy(self, name: str, kind: str = "nonrecursive", abbreviation: str | None = None) -> None:
        """Add an empty policy. Raises PolicyExists; DatalogError for a bad name or unknown kind."""

    def delete_policy(self, name: str) -> None:
        """Remove a policy with all its rules; rules elsewhere that refer to it see empty tables. Raises UnknownPolicy."""

    def set_datasource(self, name: str, tables: Mapping[str, Sequence[str]]) -> None:
        """Declare (or redeclare) a datasource and the column names of its tables. Rules that waited for it are checked."""

    def remove_datasource(self, name: str) -> None:
        """Forget a datasource and its rows. Raises UnknownPolicy."""

    def insert_rules(self, policy: str, texts: Iterable[str]) -> list[str]:
        """Add rules or facts, one statement in each text; answers their canonical text in the same order.

        Raises UnknownPolicy, RuleExists, DatalogError (syntax, safety, arity, recursion, …), LimitExceeded.
        """

    def delete_rules(self, policy: str, texts: Iterable[str]) -> None:
        """Remove rules or facts, given by any text that parses to them. Raises UnknownPolicy, RuleMissing."""

    def insert_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a datasource's table; rows that are there already are ignored. Raises UnknownPolicy, UnknownTable."""

    def delete_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Remove rows from a datasource's table; rows that are not there are ignored."""

    def replace_rows(self, source: str, table: str, rows: Iterable[Row]) -> None:
        """Make the table hold exactly these rows; only the difference is evaluated."""

    def changes(self) -> tuple[TableChange, ...]:
        """The net changes of watched tables since the transaction began; final after the `with` block."""


class Workspace:
    """Policies, rules and live tables. `watch` says which derived tables are kept up to date at all times; every other
    derived table is computed when somebody asks, as far as the question needs it."""

    def __init__(
        self,
        *,
        executor: Literal["incremental", "naive"] = "incremental",
        limits: Limits | None = None,
        watch: Callable[[TableId], bool] | None = None,
    ) -> None: ...

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Apply changes atomically: `with workspace.transaction() as tx: tx.insert_rows(…)`."""
        yield Transaction()

    def policies(self) -> list[PolicyInfo]:
        """Policies and datasources (kind `datasource`), sorted by name."""

    def tables(self, policy: str) -> list[str]:
        """Table names of a policy: in heads, bodies and facts, foreign ones as `svc:table`. Raises UnknownPolicy."""

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        """Column names of a datasource's table, None where no schema is known."""

    def rows(self, policy: str, table: str, *, limits: Limits | None = None) -> list[Row]:
        """All rows of a table, sorted. Raises UnknownPolicy, UnknownTable, LimitExceeded."""

    def traced_rows(self, policy: str, table: str) -> tuple[list[Row], str]:
        """As `rows`, with the trace of a top-down evaluation in the classic line format."""

    def query(self, policy: str, text: str, *, limits: Limits | None = None) -> tuple[str, ...]:
        """The answers to an atom, a conjunction or a rule, as formulas, sorted. Raises UnknownPolicy, DatalogError."""

    def simulate(
        self, policy: str, query: str, sequence: str, action_policy: str, *, delta: bool = False, trace: bool = False
    ) -> Simulation:
        """What the query would answer after the sequence; the state is untouched afterwards, whatever happens inside."""

    def explain(self, policy: str, table: str, row: Row) -> Any:
        """Why the row holds: an `Explanation` with `.to_data()` and `.to_text()`. Raises UnknownTable, RowMissing."""

    def explain_absence(self, policy: str, table: str, row: Row) -> Any:
        """Why the row does not hold: the nearest failing premise of each rule; `.to_data()` and `.to_text()`."""

    def tick(self, now: str) -> tuple[TableChange, ...]:
        """Set the row of the `now` table, `YYYY-MM-DD hh:mm:ss`; rules that mention it follow."""
