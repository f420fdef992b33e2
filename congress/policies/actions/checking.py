"""Whether a row still asks for its action, as far as an engine knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from congress.datalog.values import row as value_row
from congress.db.actions import Entry
from congress.engine.workspace import UnknownPolicy, UnknownTable
from congress.policies.live import Live
from congress.policies.positions import Position
from congress.policies.recorder import Missing, Where

HOLDS, GONE, BEHIND = "holds", "gone", "behind"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answer`: the row `holds`, is `gone`, or the engine is `behind` and does not know. `sources`: the datasources
    that the row follows from; `absent`: what it follows from and does not exist, such as a datasource that was deleted,
    without which every row may seem to be a violation."""

    answer: str
    sources: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def message(self) -> dict[str, Any]:
        """As it travels between nodes."""
        return {"answer": self.answer, "sources": list(self.sources), "absent": list(self.absent)}

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Verdict:
        """From `message`; what is not understood means that nothing is known."""
        answer, sources = message.get("answer"), message.get("sources")
        known = answer in (HOLDS, GONE) and isinstance(sources, list)
        absent = message.get("absent") or ()  # an older node does not look for it
        return cls(str(answer), tuple(map(str, sources or ())), tuple(map(str, absent))) if known else cls(BEHIND)


Check: TypeAlias = Callable[[Entry], Verdict]
"""Asks an engine; one that cannot be reached counts as behind."""


def question(entry: Entry) -> dict[str, Any]:
    """What an engine elsewhere must know to answer: the arguments of `LocalCheck.answer`."""
    return {"policy": entry.policy, "table": entry.table, "row": entry.arguments, "seen": list(entry.seen)}


class LocalCheck:
    """Asks the engine of this process."""

    def __init__(self, live: Live, where: Where, missing: Missing) -> None:
        self._live, self._where, self._missing = live, where, missing

    def __call__(self, entry: Entry) -> Verdict:
        return self._verdict(entry.policy, entry.table, entry.arguments, Position(*entry.seen))

    def answer(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """For a node elsewhere; arguments as `question` makes them."""
        seen = Position(*(int(part) for part in arguments["seen"]))
        return self._verdict(arguments["policy"], arguments["table"], list(arguments["row"]), seen).message()

    def _verdict(self, policy: str, table: str, row: list[Any], seen: Position) -> Verdict:
        with self._live.still():
            position = self._where()
            if position is None or not position.reaches(seen):
                return Verdict(BEHIND)
            sources = self._live.workspace.sources(policy, [table])
            if sources and self._missing([(source.policy, source.name) for source in sources]):
                return Verdict(BEHIND)
            try:
                holds = self._live.workspace.holds(policy, table, value_row(row))
            except (UnknownPolicy, UnknownTable):
                holds = False
            absent = self._live.workspace.absent(policy, [table]) if holds else ()
        return Verdict(
            HOLDS if holds else GONE, tuple(sorted({source.policy for source in sources})), tuple(sorted(absent))
        )
