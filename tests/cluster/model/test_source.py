"""Values of a YAML text know where they were written."""

from __future__ import annotations

import pytest

from congress.cluster.errors import DescriptionError
from congress.cluster.model.source import dotted, read

TEXT = """\
name: cloud
nodes:
  - a
  - b: 1
    c: {d: 2}
"""


def refusal(text: str) -> str:
    with pytest.raises(DescriptionError) as raised:
        read(text, "x.yaml")
    return str(raised.value)


def test_lines_of_keys_and_items() -> None:
    values, source = read(TEXT, "x.yaml")
    assert values == {"name": "cloud", "nodes": ["a", {"b": 1, "c": {"d": 2}}]}
    assert source.line(("nodes", 0)) == 3
    assert source.line(("nodes", 1, "c", "d")) == 5


def test_what_was_not_written_is_where_it_belongs() -> None:
    _, source = read(TEXT, "x.yaml")
    assert source.line(("nodes", 1, "missing", "deeper")) == 4
    assert source.line(("nothing",)) == 1


def test_paths_as_people_write_them() -> None:
    assert dotted(("clusters", "control", "nodes", 2)) == "clusters.control.nodes[2]"
    assert dotted(()) == "the whole file"


def test_a_key_that_is_there_twice() -> None:
    assert refusal("a: 1\nb: 2\na: 3\n") == "x.yaml:3: a: this key is also in line 1; keep one of the two"


def test_what_is_no_yaml() -> None:
    assert refusal("a: 1\nb: [2\nc: 3\n").startswith("x.yaml:3: the whole file: this is not YAML: while parsing a flow")


def test_an_empty_file() -> None:
    assert "it is empty; write a description; `congress-cluster init` makes an example" in refusal("# nothing\n")


def test_what_is_repeated_by_an_alias() -> None:
    values, source = read("a: &same {x: 1}\nb: *same\nc: &round [*round]\n", "x.yaml")
    assert values["b"] == {"x": 1}
    assert (source.line(("b", "x")), source.line(("c", 0, 0))) == (2, 3)


def test_what_yaml_could_do_beyond_values_is_refused() -> None:
    assert "this is not YAML" in refusal("a: !!python/object/apply:os.getcwd []\n")
