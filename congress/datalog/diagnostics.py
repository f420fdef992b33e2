"""What the language says when a text is wrong: a code, a place, the line itself and a way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from congress.datalog.syntax.ast import Source, Span
from congress.errors import CongressError

CODES: dict[str, str] = {
    # text
    "unexpected-character": "A character that begins no word of the language.",
    "unterminated-string": "A string without its closing quote.",
    "unterminated-comment": "A `/*` without its `*/`.",
    "bad-escape": 'A backslash in an `e"…"` string that is followed by nothing known.',
    "bad-number": "A number that is written in a way that could be misread, or followed by letters.",
    "number-too-large": "An integer with too many digits, or a real number beyond the range of floating point.",
    "limit-exceeded": "The text is longer, or a rule or an atom is larger, than the configured limits allow.",
    # grammar
    "unexpected-token": "A word where the grammar has no place for it.",
    "hyphenated-name": "`a-b`: names have no hyphens; a `-` behind a table's name marks an update.",
    "reserved-word": "`not`, `execute`, `insert` and `delete` are not names.",
    "negated-head": "`not` before a head or a fact.",
    "headless-conjunction": "Several literals, or a negated one, without `:-`; only a query may be that.",
    "event-syntax": "`insert[…]` or `delete[…]` around a rule: rules are changed through the API, not by text.",
    "empty-text": "No statement where exactly one is expected.",
    "multiple-rules": "More than one statement where exactly one is expected.",
    # structure
    "multiple-heads": "A rule with several heads outside a sequence of a simulation.",
    "wrong-modal": "A modal other than `execute` in a head.",
    "modal-in-body": "A modal in a body.",
    "modal-fact": "A modal around a fact.",
    "database-holds-facts": "A rule in a policy of kind `database`.",
    # names
    "foreign-head": "A head or fact that names another policy.",
    "builtin-head": "A head or fact that is named like a builtin of the same arity.",
    "unknown-policy": "A step of a sequence that changes a policy which does not exist.",
    "unknown-table": "A table that its datasource does not have.",
    "unknown-builtin": "A name behind `builtin:` that is no builtin.",
    "builtin-arity": "A builtin with a wrong number of arguments.",
    "bare-builtin": "A builtin without `builtin:` in a policy of kind `z3`.",
    "update-in-call": "A builtin with an update sign or inside a modal.",
    # columns
    "schema-unknown": "Column references to a datasource whose columns are not known (yet).",
    "columns-of-policy": "Column references to a table that belongs to no datasource.",
    "column-order": "A positional argument behind a column reference.",
    "unknown-column": "A column name that the table does not have.",
    "column-out-of-range": "A column number that the table does not have.",
    "duplicate-column": "A column that is given more than once.",
    "too-many-arguments": "More arguments than the datasource's table has columns.",
    "missing-columns": "A row of a sequence that leaves columns of the table open.",
    # aggregates
    "unknown-aggregate": "A function in a head that is none of count, sum, min, max.",
    "aggregate-place": "An aggregate outside the head of an ordinary rule.",
    "aggregate-argument": "An aggregate of something that is not a variable.",
    # safety
    "fact-not-ground": "A fact that contains variables.",
    "unsafe-head": "A variable of a head that no positive literal of the body binds.",
    "unsafe-literal": "A negated literal or builtin whose variables nothing binds, in whatever order.",
    # whole program
    "arity-mismatch": "A table with another number of columns than elsewhere.",
    "negation-cycle": "A table that depends on its own negation, or on an aggregate of itself.",
    "endless-recursion": "A recursive rule that makes new values with a builtin, and might never end.",
    # sequences
    "not-a-step": "A statement of a sequence that is neither an update nor an action.",
}
"""Every code a diagnostic can have, with its meaning in one line."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong. `span` and `line_text` are None when it has no place in a text; `hint` may be empty."""

    code: str
    message: str
    span: Span | None = None
    hint: str = ""
    source_name: str = "<text>"
    line_text: str | None = None

    def __str__(self) -> str:
        place = f"{self.source_name}:{self.span.line}:{self.span.column}" if self.span else self.source_name
        lines = [f"{place}: {self.message} [{self.code}]"]
        if self.line_text is not None:
            lines += _excerpt(self.line_text, self.span)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


WIDTH = 100
MAX_MESSAGE = 1_000
"""Characters of a message; messages repeat what the user wrote, which may be long."""
MAX_DIAGNOSTICS = 20
"""How many things to mend one error lists."""


def _excerpt(line: str, span: Span | None) -> list[str]:
    """The line, cut to a readable width around the span, and a caret line below it."""
    if span is None:
        return ["  " + line[: 4 * WIDTH]]
    first = span.column - 1
    left = max(0, first - WIDTH // 2) if len(line) > WIDTH else 0
    shown = line[left : left + WIDTH]
    marks = max(1, min(span.end - span.start, len(shown) - (first - left)))
    padding = "".join("\t" if char == "\t" else " " for char in shown[: first - left])
    return ["  " + shown, "  " + padding + "^" * marks]


class DatalogError(CongressError):
    """A text of the policy language that is refused; `diagnostics` says why, one entry for each thing to mend."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)[:MAX_DIAGNOSTICS]
        super().__init__("\n".join(map(str, self.diagnostics)))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(diagnostic.code for diagnostic in self.diagnostics)


class MultipleRules(DatalogError):
    """Several statements where one is expected."""


class IncompleteSchema(DatalogError):
    """The statement needs columns of a datasource that are not known yet; it may become right. `.policy` names it."""

    def __init__(self, diagnostics: Iterable[Diagnostic], policy: str) -> None:
        super().__init__(diagnostics)
        self.policy = policy


def diagnose(
    code: str, message: str, span: Span | None = None, source: Source | None = None, *, hint: str = ""
) -> Diagnostic:
    """A diagnostic of a registered code, with the line it is about taken from the source."""
    if code not in CODES:
        raise KeyError(code)
    if len(message) > MAX_MESSAGE:
        message = message[:MAX_MESSAGE] + "..."
    if source is None:
        return Diagnostic(code, message, None, hint)
    return Diagnostic(code, message, span, hint, source.name, source.line(span.line) if span else None)


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint that names the most similar of the names, or an empty one."""
    close = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""
