"""What the editor is told about statements that are being written."""

from __future__ import annotations

import pytest

from congress.engine.checking import Checked, Text
from congress.engine.workspace import UnknownPolicy, Workspace


@pytest.fixture
def workspace() -> Workspace:
    found = Workspace()
    with found.transaction() as change:
        change.create_policy("p")
        change.set_datasource("nova", {"servers": ("id", "status")})
        change.insert_rules("p", ["big(x) :- nova:servers(id=x)", "q(1, 2)"])
    return found


def told(checked: Checked, text: str) -> list[tuple[str, str, str]]:
    """(severity, code, the text it is about) of each problem."""
    found = []
    for severity, diagnostic in checked.problems:
        assert diagnostic.span
        found.append((severity, diagnostic.code, text[diagnostic.span.start : diagnostic.span.end]))
    return found


def test_each_faulty_statement_is_told_at_its_place(workspace: Workspace) -> None:
    text = "error(x) :- nova:servers(idd=x).\nok(x) :- big(x).\nbad(x, y) :- big(x)"
    checked = workspace.check("p", text)
    assert told(checked, text) == [
        ("error", "unknown-column", "idd=x"),
        ("error", "unsafe-head", "y"),
    ]
    assert not checked.is_accepted


def test_statements_are_found_with_their_places(workspace: Workspace) -> None:
    text = "// why\na(x) :- big(x).  b(x) :- a(x), // and\n not big(x)"
    checked = workspace.check("p", text)
    assert [text[each.start : each.end] for each in checked.statements] == [each.text for each in checked.statements]
    assert [each.text[:4] for each in checked.statements] == ["a(x)", "b(x)"]
    assert checked.is_accepted


def test_a_text_that_cannot_be_read_has_no_statements(workspace: Workspace) -> None:
    text = "a(x) :- big(x)\nb(x :- big(x)"
    checked = workspace.check("p", text)
    assert checked.statements == ()
    assert [problem.severity for problem in checked.problems] == ["error"]


def test_nothing_is_not_accepted(workspace: Workspace) -> None:
    assert not workspace.check("p", "// only a comment").is_accepted


def test_a_table_that_nothing_defines_is_a_warning_with_the_nearest_name(workspace: Workspace) -> None:
    text = "error(x) :- bigg(x), later:t(x), here(x).\nhere(x) :- big(x)"
    checked = workspace.check("p", text)
    assert told(checked, text) == [
        ("warning", "undefined-table", "bigg(x)"),
        ("warning", "undefined-table", "later:t(x)"),
    ]
    assert checked.problems[0].diagnostic.hint == "did you mean big?"
    assert checked.is_accepted


def test_what_is_there_already_is_refused_unless_it_is_replaced(workspace: Workspace) -> None:
    text = "big(x) :- nova:servers(id=x)"
    assert told(workspace.check("p", text), text) == [("error", "rule-exists", text)]
    assert workspace.check("p", text, [text]).is_accepted
    again = "c(1). c(1)"
    assert [problem.diagnostic.code for problem in workspace.check("p", again).problems] == ["rule-exists"]


def test_another_number_of_columns_is_judged_without_the_rule_that_is_replaced(workspace: Workspace) -> None:
    assert [each.diagnostic.code for each in workspace.check("p", "q(1)").problems] == ["arity-mismatch"]
    assert workspace.check("p", "q(1)", ["q(1, 2)"]).is_accepted


def test_a_cycle_through_older_rules_is_shown_at_the_new_one(workspace: Workspace) -> None:
    with workspace.transaction() as change:
        change.insert_rules("p", ["a(x) :- big(x), not b(x)"])
    text = "ok(x) :- big(x).\nb(x) :- a(x)"
    (problem,) = workspace.check("p", text).problems
    assert problem.diagnostic.code == "negation-cycle"
    assert problem.diagnostic.span is not None
    assert problem.diagnostic.span.line == 2


def test_checking_changes_nothing(workspace: Workspace) -> None:
    before = workspace.tables("p")
    workspace.check("p", "error(x) :- big(x)", ["q(1, 2)"])
    assert workspace.tables("p") == before
    with workspace.transaction() as change:
        change.insert_rules("p", ["error(x) :- big(x)"])


def test_a_policy_must_be_there(workspace: Workspace) -> None:
    with pytest.raises(UnknownPolicy):
        workspace.check("nobody", "p(1)")


def test_texts_that_belong_together_use_each_others_tables_in_any_order(workspace: Workspace) -> None:
    with workspace.transaction() as change:
        change.create_policy("q")
    first, second = Text("p", "error(x) :- q:odd(x), q:gone(x)", "p.congress"), Text("q", "odd(x) :- p:big(x)")
    one, other = workspace.check_texts([first, second])
    assert told(one, first.text) == [("warning", "undefined-table", "q:gone(x)")]
    assert one.problems[0].diagnostic.source_name == "p.congress"
    assert other.is_accepted and not other.problems


def test_what_can_be_read_is_judged_beside_what_cannot(workspace: Workspace) -> None:
    text = 'a(x) :- big(x,\n\nok(x) :- big(x)\n\nerror(x) :- nova:servers(idd=x)\n\nb(x) :- big("x), c(x)\n'
    checked = workspace.check("p", text)
    assert [problem.diagnostic.code for problem in checked.problems] == [
        "unterminated-string",
        "unexpected-token",
        "unknown-column",
    ]
    assert checked.statements == ()
