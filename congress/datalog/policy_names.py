"""Which names a policy may have."""

from __future__ import annotations

from congress.datalog.diagnostics import DatalogError
from congress.datalog.limits import DEFAULT_LIMITS
from congress.datalog.passes.builtin_calls import BUILTIN_POLICY
from congress.datalog.syntax.ast import Source
from congress.datalog.syntax.scanner import scan


def is_policy_name(name: object) -> bool:
    """Whether the name is one that policies can have: names joined by colons, dots included, and not `builtin`."""
    if not isinstance(name, str) or name == BUILTIN_POLICY:
        return False
    try:
        scanned = scan(Source("<name>", name), DEFAULT_LIMITS)
    except DatalogError:
        return False
    tokens = scanned.tokens[:-2]
    kinds = [token.kind for token in tokens]
    in_turn = all(kind == (":" if index % 2 else "name") for index, kind in enumerate(kinds))
    return in_turn and len(kinds) % 2 == 1 and "".join(token.text for token in tokens) == name
