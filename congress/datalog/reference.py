"""Prints the reference of the policy language: `python -m congress.datalog.reference > docs/reference/language.md`.

The prose stands beside this module in `reference.md`; the tables of builtins and diagnostics are made from the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from congress.datalog.builtins import BUILTINS, Z3_BUILTINS, Builtin
from congress.datalog.diagnostics import CODES
from congress.datalog.limits import DEFAULT_LIMITS

PROSE = Path(__file__).with_name("reference.md")


def reference() -> str:
    """The whole page, as markdown."""
    parts = {
        "BUILTINS": _builtins(BUILTINS),
        "Z3_BUILTINS": _builtins(Z3_BUILTINS),
        "DIAGNOSTICS": _table(("code", "meaning"), ((f"`{code}`", text) for code, text in CODES.items())),
        "LIMITS": _table(
            ("limit", "default"),
            (
                ("characters in a text", f"{DEFAULT_LIMITS.text:,}"),
                ("literals in a rule", f"{DEFAULT_LIMITS.literals:,}"),
                ("arguments of an atom", f"{DEFAULT_LIMITS.arguments:,}"),
                ("digits of an integer", f"{DEFAULT_LIMITS.digits:,}"),
            ),
        ),
    }
    page = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        page = page.replace(f"<!-- {name} -->\n", part)
    return page


def _builtins(builtins: Mapping[str, Builtin]) -> str:
    """One table for each family, in the order of registration."""
    text = ""
    families: dict[str, list[Builtin]] = {}
    for builtin in builtins.values():
        families.setdefault(builtin.family, []).append(builtin)
    for family, members in families.items():
        rows = ((f"`{builtin.signature}`", str(builtin.inputs), builtin.doc) for builtin in members)
        text += f"**{family[0].upper()}{family[1:]}**\n\n{_table(('builtin', 'inputs', 'meaning'), rows)}\n"
    return text.removesuffix("\n")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(reference())
