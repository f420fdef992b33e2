from __future__ import annotations

from typing import Any

import pytest

from congress import datalog
from congress.db.librarypolicies import LibraryRecord
from congress.policies.activation import activation
from congress.policies.parameters import ParameterInvalid, declared, values

ROWS = {
    "name": "groups",
    "type": "list of rows",
    "columns": [{"name": "group", "type": "string"}, {"name": "size", "type": "number"}],
}


def facts(declaration: dict[str, Any], value: Any) -> list[str]:
    (parameter,) = declared([declaration])
    return parameter.facts(value)


@pytest.mark.parametrize(
    ("declaration", "value", "expected"),
    [
        ({"name": "p", "type": "string"}, "a", ['p("a")']),
        ({"name": "p", "type": "string"}, "", ['p("")']),
        ({"name": "p", "type": "number"}, 5, ["p(5)"]),
        ({"name": "p", "type": "number"}, -1.5, ["p(-1.5)"]),
        ({"name": "p", "type": "number"}, 10**400, [f"p({10**400})"]),
        ({"name": "p", "type": "boolean"}, True, ['p("True")']),
        ({"name": "p", "type": "list of strings"}, ["a", "b"], ['p("a")', 'p("b")']),
        ({"name": "p", "type": "list of strings"}, [], []),
        ({"name": "p", "type": "list of numbers"}, [1, 2.5], ["p(1)", "p(2.5)"]),
        ({"name": "my list", "type": "list of strings", "table": "t"}, ["a"], ['t("a")']),
        (ROWS, [["a", 1], ["b", 2]], ['groups("a", 1)', 'groups("b", 2)']),
    ],
)
def test_values_become_facts(declaration: dict[str, Any], value: Any, expected: list[str]) -> None:
    assert facts(declaration, value) == expected


@pytest.mark.parametrize("text", ['"', "\\", 'x") :- q(x', "a\nb", "ü", "'", "\t", "{{ x }}", "// no comment"])
def test_a_value_never_is_read_as_anything_but_a_value(text: str) -> None:
    (fact,) = facts({"name": "p", "type": "string"}, text)
    statement = datalog.parse_statement(fact)
    assert statement.atom.args[0].value == text


@pytest.mark.parametrize(
    ("declaration", "value", "says"),
    [
        ({"name": "p", "type": "string"}, 1, 'parameter p: 1 does not fit; give a string, such as "a"'),
        ({"name": "p", "type": "string"}, None, "null does not fit"),
        ({"name": "p", "type": "number"}, True, "give a number, such as 1"),
        ({"name": "p", "type": "number"}, "1", "give a number"),
        ({"name": "p", "type": "number"}, float("inf"), "give a number"),
        ({"name": "p", "type": "boolean"}, "true", "give a boolean, such as true"),
        ({"name": "p", "type": "list of strings"}, "a", 'give a list of strings, such as ["a"]'),
        ({"name": "p", "type": "list of strings"}, ["a", 1], "1 does not fit"),
        ({"name": "p", "type": "list of numbers"}, {"a": 1}, "give a list of numbers, such as [1]"),
        (ROWS, [["a"]], 'such as [["a", 1]]; each element is a list of group (string), size (number)'),
        (ROWS, [["a", "b"]], "does not fit"),
        (ROWS, ["a"], "does not fit"),
    ],
)
def test_a_value_of_another_type_is_refused_with_an_example(declaration: Any, value: Any, says: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        facts(declaration, value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("declaration", "says"),
    [
        ("p", "an object with name and type"),
        ({"type": "string"}, "an object with name and type"),
        ({"name": "p", "type": "text"}, "use one of string, number, boolean, list of strings"),
        ({"name": "p", "type": ["string"]}, "use one of"),
        ({"name": "p"}, "use one of"),
        ({"name": "a list", "type": "string"}, "set `table`"),
        ({"name": "p", "type": "string", "table": "a:b"}, "set `table`"),
        ({"name": "p", "type": "string", "default": 1}, "1 does not fit"),
        ({"name": "p", "type": "string", "defualt": "a"}, "unknown keys: defualt"),
        ({"name": "p", "type": "string", "description": 1}, "description is no string"),
        ({"name": "p", "type": "string", "columns": []}, "only a list of rows has columns"),
        ({"name": "p", "type": "list of rows"}, "needs `columns`"),
        ({"name": "p", "type": "list of rows", "columns": [{"name": "a"}]}, "is no column"),
        ({"name": "p", "type": "list of rows", "columns": [{"name": "a", "type": "list of rows"}]}, "is no column"),
    ],
)
def test_a_declaration_that_means_nothing_is_refused(declaration: Any, says: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        declared([declaration])
    assert says in str(caught.value)


def test_a_parameter_is_declared_once() -> None:
    with pytest.raises(ParameterInvalid, match="p is declared twice"):
        declared([{"name": "p", "type": "string"}, {"name": "p", "type": "number"}])


def test_values_are_those_given_else_the_defaults() -> None:
    parameters = declared([{"name": "a", "type": "number", "default": 1}, {"name": "b", "type": "number"}])
    assert [value for _one, value in values(parameters, {"b": 2})] == [1, 2]
    with pytest.raises(ParameterInvalid, match="a value is needed for each of the parameters: b"):
        values(parameters, {"a": 2})
    with pytest.raises(ParameterInvalid, match="for each of the parameters: p"):
        values(declared([{"name": "p", "type": "string", "default": None}]), {})
    with pytest.raises(ParameterInvalid, match="no parameter c; there are: a, b"):
        values(parameters, {"b": 1, "c": 2})


def test_an_activated_policy_begins_with_the_facts_of_its_parameters() -> None:
    item = LibraryRecord(
        "1", "Big", "Big", "", "nonrecursive", ({"rule": "error(x) :- q(x, n), limit(m), gt(n, m)"},),
        ({"name": "limit", "type": "number", "default": 5},),
    )  # fmt: skip
    assert [rule.rule for rule in activation(item, {"limit": 7}).rules] == ["limit(7)", str(item.rules[0]["rule"])]
    assert activation(item, {}).rules[0].comment == "parameter limit"
    assert activation(item, {}, "Huge").policy.name == "Huge"
    with pytest.raises(ParameterInvalid, match='library policy Big: parameter limit: "x" does not fit'):
        activation(item, {"limit": "x"})
