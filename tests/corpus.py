"""The case corpus: what the language and the engine must answer, as YAML below `tests/cases`.

A case has a `note`, policies, data, updates, one question and the answer that a user would expect:

- `policy`: the text of policy `p`, or a mapping from names to texts or to `{kind, text}`.
- `data`: a mapping from datasources to `{tables: {table: [column]}, rows: {table: [row]}}`.
- `updates`: steps with any of `insert`, `delete`, `replace` ({datasource: {table: [row]}}), `insert_rules`,
  `delete_rules` (texts of policy `p`, or {policy: [text]}), `waiting_rules` (as `insert_rules`, for a datasource that
  may come later), `create` ({name: kind}), `drop` ([name]), `declare` ({datasource: {table: [column]}}), `forget`
  ([datasource]), `now` (a time); `want` says how tables changed ({policy:table: {in: [row], out: [row]}}), `fails`
  which error the step meets.
- the question, in policy `in` (default `p`): `query`, `rows` or `trace` (policy:table), `tables` (a policy),
  `simulate` ({query, sequence, actions, delta, trace}), `explain` or `why_not` ({table, row}).
- `want`: the answers, or the lines of a text; or `want_error`: a diagnostic's code or an exception's name, with
  `says`, a part of its message.
- `repeat`: {placeholder: [text, times]} for long texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent / "cases"
FIELDS = {"note", "policy", "data", "updates", "in", "want", "want_error", "says", "repeat"}
QUESTIONS = ("query", "rows", "trace", "tables", "simulate", "explain", "why_not")
STEPS = {"insert", "delete", "replace", "insert_rules", "delete_rules", "waiting_rules"} | {
    "create", "drop", "declare", "forget", "now", "want", "fails"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy to be created, with its statements in one text."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `place` is its file below `tests/cases`, without suffix."""

    place: str
    raw: Mapping[str, Any]

    @property
    def note(self) -> str:
        return str(self.raw["note"])

    @property
    def question(self) -> str | None:
        return next((name for name in QUESTIONS if name in self.raw), None)

    @property
    def asked_in(self) -> str:
        return str(self.raw.get("in", "p"))

    @property
    def updates(self) -> list[dict[str, Any]]:
        return list(self.raw.get("updates", ()))

    @property
    def datasources(self) -> dict[str, dict[str, Any]]:
        return dict(self.raw.get("data", {}))

    def policies(self) -> list[PolicyText]:
        given = self.raw.get("policy", "")
        if isinstance(given, str):
            given = {"p": given}
        found = []
        for name, policy in given.items():
            parts = {"text": policy} if isinstance(policy, str) else policy
            found.append(PolicyText(name, parts.get("kind", "nonrecursive"), self.expand(parts.get("text", ""))))
        return found

    def expand(self, text: str) -> str:
        for placeholder, (piece, times) in self.raw.get("repeat", {}).items():
            text = text.replace(placeholder, piece * times)
        return text

    def texts(self) -> Iterator[str]:
        """Everything in the case that is written in the policy language."""
        for policy in self.policies():
            yield policy.text
        if "query" in self.raw:
            yield self.raw["query"]
        if "simulate" in self.raw:
            yield self.raw["simulate"]["query"]
            yield self.raw["simulate"]["sequence"]
        for step in self.updates:
            for name in ("insert_rules", "waiting_rules"):
                for texts in statements(step.get(name, ())).values():
                    yield from texts


def statements(given: Any) -> dict[str, list[str]]:
    """The texts of a step by policy; a bare list belongs to policy `p`."""
    return dict(given) if isinstance(given, dict) else {"p": list(given)} if given else {}


def load() -> list[Case]:
    """All cases in the order of their files. Raises ValueError for a field that means nothing."""
    cases = []
    for path in sorted(ROOT.rglob("*.yaml")):
        place = str(path.relative_to(ROOT).with_suffix(""))
        for raw in yaml.safe_load(path.read_text()):
            unknown = set(raw) - FIELDS - set(QUESTIONS)
            for step in raw.get("updates", ()):
                unknown |= set(step) - STEPS
            if unknown or "note" not in raw or ("want" in raw) == ("want_error" in raw):
                raise ValueError(f"{path}: {raw.get('note')}: unknown or missing fields {sorted(unknown)}")
            cases.append(Case(place, raw))
    return cases
