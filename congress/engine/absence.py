"""Why a row does not hold: for each rule of its table the premise that fails, and what would make that premise hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from congress.datalog.core import TableId
from congress.datalog.values import Row
from congress.engine.arguments import Argument
from congress.engine.explain import Explanation, source
from congress.engine.text import print_row


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that a row must have; `place` counts from 0."""

    column: str
    place: int
    value: Any

    def to_data(self) -> dict[str, Any]:
        return {"column": self.column, "place": self.place, "value": self.value}


@dataclass(frozen=True, slots=True)
class Near:
    """A row that would match if one cell, `place`, were another one."""

    row: Row
    cell: Cell
    table: TableId
    columns: tuple[str, ...] | None

    def to_data(self) -> dict[str, Any]:
        differs = {
            "column": self.cell.column,
            "place": self.cell.place,
            "has": self.row[self.cell.place],
            "needs": self.cell.value,
        }
        data: dict[str, Any] = {"row": list(self.row), "differs": [differs]}
        if self.columns is not None:
            data["source"] = source(self.table, self.row, self.columns)
        return data


@dataclass(frozen=True, slots=True)
class Missing:
    """The row that a premise needs: these cells, equal ones at the places of each tuple of `alike`, any elsewhere."""

    table: TableId
    arity: int
    needs: tuple[Cell, ...]
    alike: tuple[tuple[int, ...], ...]
    nearest: tuple[Near, ...]

    def to_data(self) -> dict[str, Any]:
        return {
            "policy": self.table.policy,
            "table": self.table.name,
            "needs": [cell.to_data() for cell in self.needs],
            "alike": [list(places) for places in self.alike],
            "nearest": [near.to_data() for near in self.nearest],
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a rule fails to derive the row: the premises before `failing` hold in this instance, it does
    not, and `also_failing` after it do not, either.

    `because`: `no match` (of `missing`), `present` (a negated premise that `blockers` match), `false` (a builtin with
    these `arguments`), `head` (the rule's head cannot be this row; `failing` is the head), or `group` (the rule
    aggregates, and the group's row is `has`).
    """

    rule: str
    failing: str
    because: str
    holding: tuple[str, ...] = ()
    also_failing: tuple[str, ...] = ()
    missing: Missing | None = None
    blockers: tuple[Explanation, ...] = ()
    more_blockers: bool = False
    arguments: tuple[Argument, ...] = ()
    has: Row | None = None
    absence: Absence | None = None

    @property
    def distance(self) -> int:
        """How many premises are false; a head that cannot be the row is further than any."""
        return 1 + len(self.also_failing) if self.because != "head" else 1_000_000

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "rule": self.rule,
            "failing": self.failing,
            "because": self.because,
            "holding": list(self.holding),
            "also_failing": list(self.also_failing),
        }
        if self.missing is not None:
            data |= self.missing.to_data()
        if self.because == "present":
            data |= {"blockers": [each.to_data() for each in self.blockers], "more_blockers": self.more_blockers}
        if self.because == "false":
            data["arguments"] = [each.to_data() for each in self.arguments]
        if self.because == "group":
            data["has"] = None if self.has is None else list(self.has)
        if self.absence is not None:
            data["absence"] = self.absence.to_data()
        return data


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a row does not hold: how each rule of its table fails, the nearest first. Without rules the row simply is not
    there."""

    missing: str
    table: TableId
    row: Row
    failures: tuple[Failure, ...] = field(default=())

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "missing": self.missing,
            "policy": self.table.policy,
            "table": self.table.name,
            "row": list(self.row),
            "failures": [failure.to_data() for failure in self.failures],
        }

    def to_text(self) -> str:
        """As indented text."""
        return "\n".join(self._lines(""))

    def _lines(self, indent: str) -> Iterator[str]:
        yield f"{indent}{self.missing} does not hold" + ("" if self.failures else ": there is no such row")
        for failure in self.failures:
            yield f"{indent}  by {failure.rule}"
            for premise in failure.holding:
                yield f"{indent}    holds: {premise}"
            blocked = f": {failure.blockers[0].holds} is there" if failure.blockers else ""
            yield f"{indent}    fails: {failure.failing} ({failure.because}){blocked}"
            for near in failure.missing.nearest if failure.missing is not None else ():
                yield f"{indent}      {print_row(near.table, near.row)} is there: {near.cell.column} differs"
            if failure.absence is not None:
                yield from failure.absence._lines(indent + "      ")
