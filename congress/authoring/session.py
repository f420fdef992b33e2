"""A conversation about policies: queries, rows, explanations, simulations and trial changes, one line at a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from congress.authoring.errors import QuestionUnclear
from congress.authoring.findings import printed, row_of, watched
from congress.datalog.builtins import BUILTINS
from congress.engine.workspace import Limits, TableChange, Workspace
from congress.errors import CongressError

MOST_SHOWN = 200
"""Answers that are spelled out; more than that nobody reads."""
_WORD = re.compile(r"[A-Za-z_.][\w.:]*$")


class Answer(NamedTuple):
    """`lines` say what was found, or, with `ok` False, what is wrong with the question."""

    lines: Sequence[str]
    ok: bool = True


class Session:
    """One conversation over one workspace; what it changes is gone with it."""

    def __init__(self, workspace: Workspace, policy: str, limits: Limits) -> None:
        self._workspace, self.policy, self._limits = workspace, policy, limits
        self.is_over = False

    def answer(self, line: str) -> Answer:
        """The answer to a line: a query, or a word that begins with a dot. Never raises CongressError."""
        line = line.strip()
        if not line or line.startswith(("//", "#")):
            return Answer(())
        try:
            if line.startswith("."):
                return Answer(self._command(line))
            return Answer(self._query(line))
        except CongressError as error:
            return Answer(str(error).splitlines(), ok=False)

    def complete(self, text: str) -> list[str]:
        """What the last word of a line that is being typed could become."""
        found = _WORD.search(text)
        word = found.group() if found else ""
        if text.lstrip() == word and word.startswith("."):
            return sorted(name for name in COMMANDS if name.startswith(word))
        names = [f"{info.name}:{table}" for info in self._workspace.policies() for table in self._tables(info.name)]
        names += [*self._workspace.defined(self.policy), *BUILTINS]
        return sorted(name for name in set(names) if name.startswith(word))

    def _tables(self, policy: str) -> list[str]:
        return [table for table in self._workspace.tables(policy) if ":" not in table]

    # -- what can be said

    def _query(self, text: str) -> list[str]:
        began = time.perf_counter()
        found = self._workspace.query(self.policy, text, limits=self._limits)
        return [*_cut(list(found)), f"{len(found)} answers in {(time.perf_counter() - began) * 1000:.1f} ms"]

    def _command(self, line: str) -> list[str]:
        word, _, rest = line.partition(" ")
        if word not in COMMANDS:
            raise QuestionUnclear(f"{word} is no command; there are: {', '.join(COMMANDS)}")
        return list(COMMANDS[word].run(self, rest.strip()))

    def help(self, _rest: str) -> Sequence[str]:
        listed = [f"  {name + ' ' + each.argument:22} {each.meaning}" for name, each in COMMANDS.items()]
        return ["a query: an atom, several with commas between them, or a rule", *listed]

    def policies(self, _rest: str) -> Sequence[str]:
        return [f"{info.name}  ({info.kind})" for info in self._workspace.policies()]

    def turn(self, rest: str) -> Sequence[str]:
        if not self._workspace.has_policy(rest):
            names = ", ".join(info.name for info in self._workspace.policies())
            raise QuestionUnclear(f"there is no policy {rest}; there are: {names}")
        self.policy = rest
        return [f"questions are asked in {rest}"]

    def tables(self, rest: str) -> Sequence[str]:
        return self._workspace.tables(rest or self.policy)

    def rows(self, rest: str) -> Sequence[str]:
        head, colon, tail = rest.partition(":")
        policy, table = (head, tail) if colon and "[" not in head else (self.policy, rest)
        return _cut([printed(f"{policy}:{table}", row) for row in self._workspace.rows(policy, table)])

    def violations(self, _rest: str) -> Sequence[str]:
        names = [info.name for info in self._workspace.policies() if info.kind != "datasource"]
        found = watched(self._workspace, names)
        return _cut([printed(table, row) for table, rows in found.items() for row in rows]) or ["nothing is violated"]

    def why(self, rest: str) -> Sequence[str]:
        policy, table, row = row_of(rest, self.policy)
        holds = self._workspace.holds(policy, table, row)
        ask = self._workspace.explain if holds else self._workspace.explain_absence
        return ask(policy, table, row).to_text().splitlines()

    def what_if(self, rest: str) -> Sequence[str]:
        sequence, arrow, query = rest.rpartition("=>")
        if not arrow:
            raise QuestionUnclear('give changes and a query: .if member+("u2", "shop") => error(x)')
        found = self._workspace.simulate(self.policy, query, sequence, self.policy, delta=True)
        return found.result or ("no difference",)

    def add(self, rest: str) -> Sequence[str]:
        with self._workspace.transaction() as change:
            (text,) = change.insert_rules(self.policy, [rest])
        return [f"added {text}", *_changes(change.changes())]

    def remove(self, rest: str) -> Sequence[str]:
        with self._workspace.transaction() as change:
            change.delete_rules(self.policy, [rest])
        return ["removed", *_changes(change.changes())]

    def quit(self, _rest: str) -> Sequence[str]:
        self.is_over = True
        return ()


def _changes(changes: Sequence[TableChange]) -> list[str]:
    found = []
    for change in changes:
        for sign, rows in (("+", change.inserted), ("-", change.deleted)):
            found += [f"  {sign} {printed(str(change.table), row)}" for row in rows]
    return _cut(sorted(found))


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST_SHOWN else [*lines[:MOST_SHOWN], f"... and {len(lines) - MOST_SHOWN} more"]


class Word(NamedTuple):
    """A command of the conversation."""

    run: Callable[[Session, str], Sequence[str]]
    argument: str
    meaning: str


COMMANDS: Mapping[str, Word] = {
    ".help": Word(Session.help, "", "say this"),
    ".policies": Word(Session.policies, "", "list policies and datasources"),
    ".policy": Word(Session.turn, "NAME", "ask in this policy from now on"),
    ".tables": Word(Session.tables, "[POLICY]", "list the tables of a policy"),
    ".rows": Word(Session.rows, "TABLE", "show all rows of a table"),
    ".violations": Word(Session.violations, "", "show error, warning and execute[...] of all policies"),
    ".why": Word(Session.why, "ROW", "say why a row holds, or why it does not"),
    ".if": Word(Session.what_if, "CHANGES => QUERY", "show what changes would do to the answers"),
    ".add": Word(Session.add, "RULE", "add a rule or fact, for this conversation"),
    ".remove": Word(Session.remove, "RULE", "remove one"),
    ".quit": Word(Session.quit, "", "end; so does the end of the input"),
}
