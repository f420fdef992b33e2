"""The page on the library shows what is there."""

from __future__ import annotations

import re
from pathlib import Path

from congress.policies.activation import activation
from congress.policies.libraryfiles import read_file
from congress.policies.parameters import TYPES
from tests.policies.clouds import LIBRARY

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")


def test_every_shipped_policy_is_listed_with_its_parameters() -> None:
    lines = re.finditer(r"^\| `(\w+)` \|.*\|(.*)\|$", PAGE, re.M)
    listed = {line[1]: set(re.findall(r"`(\w+)`", line[2])) for line in lines}
    for name, item in LIBRARY.items():
        assert listed[name] == {parameter["name"] for parameter in item.parameters}


def test_every_type_is_explained() -> None:
    assert all(f"\n| `{kind}` | " in PAGE for kind in TYPES)


def test_the_example_is_a_library_policy(tmp_path: Path) -> None:
    example = re.search(r"(?ms)^```yaml\n(name: BigServers\n.*?)^```$", PAGE)
    assert example
    file = tmp_path / "example.yaml"
    file.write_text(example[1], encoding="utf-8")
    (item,) = read_file(file)
    facts = [rule.rule for rule in activation(item, {"limits": [["shop", 4]]}).rules]
    assert facts[:2] == ["most_cpus(16)", 'limits("shop", 4)']
