"""Which names policies may have."""

from __future__ import annotations

import pytest

from congress import datalog


@pytest.mark.parametrize("name", ["alice", "a.b", "a:b", "a:b:c.d", "_x", "A1", "x" * 300, ".q"])
def test_names_joined_by_colons_are_policy_names(name: str) -> None:
    assert datalog.is_policy_name(name)


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a-b", "a+", "1a", "1", "größe", "builtin", "not", "execute", "a:", ":a", "a::b", "a ", "a.", "."]
    + ["p(x)", "a;b", "a/*x*/", '"a"', "a\n", None, 1, ["a"]],
)
def test_other_things_are_not(name: object) -> None:
    assert not datalog.is_policy_name(name)
