"""What the arguments of a builtin that does not come out true would have to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from congress.datalog.core import Atom, Call, Const, Rule, Var
from congress.datalog.values import Value
from congress.engine.explain import Bindings, substitute
from congress.engine.text import print_literal

_COMPARED: Mapping[str, tuple[str, str]] = {
    "lt": ("less than", "more than"),
    "lteq": ("at most", "at least"),
    "gt": ("more than", "less than"),
    "gteq": ("at least", "at most"),
    "equal": ("value", "value"),
}
"""Comparison -> how its first argument must relate to the second, and the second to the first."""
_OPPOSITE = {
    "less than": "at least",
    "more than": "at most",
    "at most": "more than",
    "at least": "less than",
    "value": "other than",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """The premise that gave a variable its value, as an instance of the rule; `place` is the argument that did."""

    text: str
    premise: Atom | Call
    place: int


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: the `variable` of the rule that it is, None for a constant; what it `has`; what it `needs` while the
    others stay (`{"less than": 30}`, `{"value": 7}`), empty where that cannot be said; and the premise `origin` that
    gave it."""

    variable: str | None
    has: Value
    needs: Mapping[str, Value] = field(default_factory=dict)
    origin: Origin | None = None

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"variable": self.variable, "has": self.has}
        if self.needs:
            data["needs"] = dict(self.needs)
        if self.origin is not None:
            data["from"] = self.origin.text
        return data


def arguments(rule: Rule, position: int, bindings: Bindings, call: Call, *, negated: bool) -> tuple[Argument, ...]:
    """The arguments of the call at this place of the rule, as they are under these bindings."""
    has = [term.value if isinstance(term, Const) else None for term in call.args]
    needs = _needs(call, has, negated=negated)
    found = []
    for written, value, needed in zip(rule.body[position].body.args, has, needs, strict=True):
        name = written.name if isinstance(written, Var) else None
        if value is not None:
            found.append(Argument(name, value, needed, _origin(rule, position, bindings, name)))
    return tuple(found)


def _needs(call: Call, has: list[Any], *, negated: bool) -> list[Mapping[str, Value]]:
    compared = _COMPARED.get(call.builtin.name)
    if compared is not None:
        words = [_OPPOSITE[word] if negated else word for word in compared]
        return [{words[0]: has[1]}, {words[1]: has[0]}]
    inputs = call.builtin.inputs
    computed = _computed(call.builtin.function, has[:inputs]) if call.builtin.outputs else None
    if computed is None:
        return [{} for _ in has]
    outputs = list(computed) if call.builtin.outputs > 1 else [computed]
    wrong: list[Mapping[str, Value]] = [
        {} if value is None else {"other than" if negated else "value": output}
        for value, output in zip(has[inputs:], outputs, strict=True)
    ]
    return [*[{} for _ in range(inputs)], *wrong]


def _computed(function: Callable[..., Any], inputs: list[Any]) -> Any:
    try:
        return function(*inputs)
    except Exception:  # whatever it raises means that it has no answer
        return None


def _origin(rule: Rule, position: int, bindings: Bindings, variable: str | None) -> Origin | None:
    """The first premise that binds a variable; None for what comes with the head."""
    if variable is None or any(isinstance(term, Var) and term.name == variable for term in rule.head):
        return None
    for literal in rule.body[:position]:
        if not literal.negated and Var(variable) in literal.body.args:
            instance = substitute(literal, bindings)
            return Origin(print_literal(instance, rule.policy), instance.body, literal.body.args.index(Var(variable)))
    return None
