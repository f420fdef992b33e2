"""What to do about each code of `congress.datalog.diagnostics`, with a text that has the mistake and one that has not.

The tests hold both texts against the language; `nova:servers` has the columns of the driver.
"""

from __future__ import annotations

from typing import NamedTuple


class Remedy(NamedTuple):
    """`wrong` and `right` are statements for a policy; empty where one statement cannot show it."""

    do: str
    wrong: str = ""
    right: str = ""


REMEDIES: dict[str, Remedy] = {
    # text
    "unexpected-character": Remedy(
        "Compare by a builtin, not by a sign.", "p(x) :- q(x), x < 5", "p(x) :- q(x), lt(x, 5)"
    ),
    "unterminated-string": Remedy("Close the string on its line.", 'p("abc)', 'p("abc")'),
    "unterminated-comment": Remedy("Close the comment.", "p(1) /* never", "p(1) /* closed */"),
    "bad-escape": Remedy(
        "Use a known escape, or a string without `e`, in which a backslash is itself.", r'p(e"\q")', r'p("\q")'
    ),
    "bad-number": Remedy("Write the number without a leading 0, or as a string.", "p(017)", 'p("017")'),
    "number-too-large": Remedy("Write it as a string, if it is a name and not an amount.", "p(1e999)", 'p("1e999")'),
    "limit-exceeded": Remedy("Split the rule: give a part of its body to a table of its own."),
    # grammar
    "unexpected-token": Remedy(
        "Look at the place that the message names: often a parenthesis or a comma is missing.", "p(1", "p(1)"
    ),
    "hyphenated-name": Remedy("Use an underscore.", "my-table(1)", "my_table(1)"),
    "reserved-word": Remedy("Choose another name.", "delete(x) :- q(x)", "deleted(x) :- q(x)"),
    "negated-head": Remedy(
        "A rule says what holds. Name the opposite, and negate where it is used.",
        "not p(x) :- q(x)",
        "excluded(x) :- q(x)",
    ),
    "headless-conjunction": Remedy("Write one fact at a time, or a rule with `:-`.", "p(1), q(1)", "p(1)"),
    "event-syntax": Remedy(
        "Insert and delete rules through the API; write only the rule.", "insert[p(x) :- q(x)]", "p(x) :- q(x)"
    ),
    "empty-text": Remedy("Send a rule or a fact."),
    "multiple-rules": Remedy("Send them one by one, or as a list in `rules`."),
    # structure
    "multiple-heads": Remedy("Write a rule for each head.", "p(x), q(x) :- r(x)", "p(x) :- r(x)"),
    "wrong-modal": Remedy(
        "Only `execute` may stand around a head.", "insert[p(x)] :- q(x)", "execute[nova:servers.stop(x)] :- q(x)"
    ),
    "modal-in-body": Remedy(
        "Put the condition into a table, and use that in both rules.",
        "p(x) :- execute[nova:a(x)]",
        "p(x) :- to_stop(x)",
    ),
    "modal-fact": Remedy(
        "Give the action a condition.", 'execute[nova:servers.stop("1")]', "execute[nova:servers.stop(x)] :- to_stop(x)"
    ),
    "database-holds-facts": Remedy("Put the rule into a policy of kind `nonrecursive`."),
    # names
    "foreign-head": Remedy("Write the rule in the policy that the table belongs to.", "other:p(1)", "p(1)"),
    "builtin-head": Remedy("Choose another name.", "plus(x, y, z) :- q(x, y, z)", "sum_of(x, y, z) :- q(x, y, z)"),
    "unknown-policy": Remedy("Create the policy first, or name an existing one in the sequence."),
    "unknown-table": Remedy(
        "Take the name that the hint proposes, or one of [the driver's tables](reference/drivers.md).",
        "p(x) :- nova:server(x)",
        "p(x) :- nova:servers(id=x)",
    ),
    "unknown-builtin": Remedy(
        "Take one of [the builtins](reference/language.md#builtins).",
        "p(z) :- q(x), builtin:pluss(x, 1, z)",
        "p(z) :- q(x), builtin:plus(x, 1, z)",
    ),
    "builtin-arity": Remedy(
        "Give as many arguments as the builtin has.", "p(x) :- q(x), builtin:lt(x)", "p(x) :- q(x), builtin:lt(x, 5)"
    ),
    "bare-builtin": Remedy("Write `builtin:` before the name; in a policy of kind `z3` the bare name is a table."),
    "update-in-call": Remedy(
        "Leave the sign away: nothing can be inserted into a builtin.",
        "p(x) :- q(x), builtin:lt+(x, 1)",
        "p(x) :- q(x), builtin:lt(x, 1)",
    ),
    # columns
    "schema-unknown": Remedy(
        "Create the datasource first, and wait until it is read once.",
        "p(x) :- billing:debts(id=x)",
        "p(x) :- billing:debts(x, y)",
    ),
    "columns-of-policy": Remedy(
        "Give all arguments by their place: only tables of datasources have names of columns.",
        "p(x) :- q(id=x)",
        "p(x) :- q(x, y)",
    ),
    "column-order": Remedy(
        "Put arguments by place first.", "p(x) :- nova:servers(name=n, x)", "p(x) :- nova:servers(x, name=n)"
    ),
    "unknown-column": Remedy(
        "Take the name that the hint proposes, or one of [the table's columns](reference/drivers.md).",
        "p(x) :- nova:servers(tenant=x)",
        "p(x) :- nova:servers(tenant_id=x)",
    ),
    "column-out-of-range": Remedy(
        "Count from 0, or use the column's name.", "p(x) :- nova:servers(99=x)", "p(x) :- nova:servers(0=x)"
    ),
    "duplicate-column": Remedy(
        "Give each column once; demand equality by using one variable twice.",
        "p(x) :- nova:servers(id=x, id=y)",
        "p(x) :- nova:servers(id=x)",
    ),
    "too-many-arguments": Remedy(
        "Give fewer, or use names of columns.",
        "p(x) :- keystonev3:roles(x, a, b, c, d, e, f, g, h)",
        "p(x) :- keystonev3:roles(id=x)",
    ),
    "missing-columns": Remedy("Give all columns of a row that a simulation inserts."),
    # aggregates
    "unknown-aggregate": Remedy("Take one of count, sum, min, max.", "p(average(x)) :- q(x)", "p(max(x)) :- q(x)"),
    "aggregate-place": Remedy(
        "Aggregate in the head of a rule of its own.", "p(x) :- q(x), r(count(x))", "n(count(x)) :- q(x)"
    ),
    "aggregate-argument": Remedy("Aggregate a variable of the body.", "p(count(1)) :- q(x)", "p(count(x)) :- q(x)"),
    # safety
    "fact-not-ground": Remedy("Write constants; or a rule, if it should hold for many.", "p(1, x)", 'p(1, "x")'),
    "unsafe-head": Remedy(
        "Bind the variable in the body: say of what it ranges over.", "p(x, y) :- q(x)", "p(x, y) :- q(x), r(y)"
    ),
    "unsafe-literal": Remedy(
        "Bind the variable by a literal that is not negated.",
        "p(x) :- q(x), not r(x, y)",
        "p(x) :- q(x), s(y), not r(x, y)",
    ),
    # whole program
    "arity-mismatch": Remedy(
        "Use a table with the same number of columns everywhere.", "p(x) :- q(x), q(x, 1)", "p(x) :- q(x, 1)"
    ),
    "negation-cycle": Remedy(
        "Break the cycle that the message spells out: define one of its tables without the others.",
        "p(x) :- q(x), not p(x)",
        "p(x) :- q(x), not r(x)",
    ),
    "endless-recursion": Remedy(
        "Bound the new values by a table, or work them out in a rule that is not recursive.",
        "n(y) :- n(x), plus(x, 1, y)",
        "m(y) :- n(x), plus(x, 1, y)",
    ),
    # sequences
    "not-a-step": Remedy("Write `p+(…)`, `p-(…)` or an action; parts are separated by spaces."),
}
