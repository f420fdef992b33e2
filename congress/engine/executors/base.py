"""What every executor can do. Callers hold `lock` around everything; `Workspace` does."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Protocol

from congress.datalog.core import Literal, Rule, TableId, Var
from congress.datalog.values import Row, Value
from congress.engine.budget import Limits
from congress.engine.plan import Pred


@dataclass(frozen=True, slots=True)
class TableChange:
    """The rows of a watched table that a transaction made appear and disappear."""

    table: TableId
    inserted: tuple[Row, ...]
    deleted: tuple[Row, ...]


class Transaction(Protocol):
    """Buffered changes. They take effect together at `flush`, `changes` or `commit`; `rollback` undoes all of them."""

    def insert(self, pred: Pred, rows: Iterable[Row]) -> None:
        """Add base rows (facts, or rows of a datasource)."""

    def delete(self, pred: Pred, rows: Iterable[Row]) -> None:
        """Remove base rows."""

    def replace(self, pred: Pred, rows: Iterable[Row]) -> None:
        """Make the base rows exactly these."""

    def add_rules(self, rules: Iterable[Rule]) -> None: ...

    def remove_rules(self, rules: Iterable[Rule]) -> None: ...

    def flush(self) -> None:
        """Evaluate what is buffered. Raises LimitExceeded; the caller then rolls back."""

    def changes(self) -> tuple[TableChange, ...]:
        """Net changes of watched tables since the transaction began (flushes first)."""

    def settle(self) -> None:
        """Flush, and make the result readable inside the transaction."""

    def preview(self) -> tuple[TableChange, ...]:
        """As `changes`, for a transaction that is rolled back next: nothing can be read inside it any more."""

    def commit(self) -> tuple[TableChange, ...]: ...

    def rollback(self) -> None: ...


class Executor(Protocol):
    """Rules and base rows in, derived rows out."""

    lock: RLock

    @property
    def rules(self) -> Mapping[Pred, Mapping[str, Rule]]:
        """The rules in force, by table and key."""

    def watches(self, table: TableId) -> bool:
        """Whether transactions tell the changes of this table."""

    def begin(self) -> Transaction:
        """A transaction; one at a time, else RuntimeError. Whoever reads while it is open sees its changes."""

    def facts(self, pred: Pred) -> Iterable[Row]:
        """The base rows of a table."""

    def crowd(self, pred: Pred, cells: Mapping[int, Value]) -> int:
        """How many base rows of a table have these cells, by place, as far as that is known without looking at them;
        0 where it is not."""

    def rows(self, pred: Pred, limits: Limits | None = None) -> list[Row]:
        """All rows of a table, in no order. Raises LimitExceeded."""

    def stamp(self, pred: Pred) -> Hashable:
        """What differs as soon as `rows` of the table may differ; None from who cannot tell."""

    def holds(self, pred: Pred, row: Row, limits: Limits | None = None) -> bool:
        """Whether a table has a row. Raises LimitExceeded."""

    def answers(self, variables: tuple[Var, ...], body: tuple[Literal, ...], limits: Limits | None = None) -> list[Row]:
        """The distinct bindings of the variables that make the body true. Raises LimitExceeded, Unstratified."""


Watch = Callable[[TableId], bool]
