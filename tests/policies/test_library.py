from __future__ import annotations

from pathlib import Path

import pytest

from congress.db import migration
from congress.db.session import Database
from congress.policies.activation import activation
from congress.policies.errors import LibraryFileInvalid
from congress.policies.library import Library
from congress.policies.libraryfiles import read_file

GOOD = """
name: Good
description: what it is for
rules:
  - rule: p(x) :- q(x)
    comment: why
  - rule: q(1)
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    database = Database(f"sqlite:///{tmp_path}/congress.sqlite")
    migration.prepare(database)
    return Library(database)


def write(directory: Path, name: str, text: str) -> Path:
    file = directory / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_files_below_the_directories_fill_an_empty_library(library: Library, tmp_path: Path) -> None:
    write(tmp_path, "lib/deep/good.yaml", GOOD)
    write(tmp_path, "own/good.yaml", GOOD.replace("what it is for", "ours"))
    library.load_files([tmp_path / "lib", tmp_path / "own", tmp_path / "missing"])
    assert [(item.name, item.description) for item in library.items()] == [("Good", "ours")]
    new, rules = activation(library.items()[0], {})
    assert (new.name, new.kind, new.abbreviation) == ("Good", "nonrecursive", "Good")
    assert [(rule.rule, rule.comment, rule.name) for rule in rules] == [
        ("p(x) :- q(x)", "why", None),
        ("q(1)", "", None),
    ]


def test_what_an_operator_deleted_stays_deleted(library: Library, tmp_path: Path) -> None:
    write(tmp_path, "lib/a.yaml", GOOD)
    write(tmp_path, "lib/b.yaml", GOOD.replace("Good", "Better"))
    library.load_files([tmp_path / "lib"])
    library.remove(library.items()[0].id)
    library.load_files([tmp_path / "lib"])
    assert [item.name for item in library.items()] == ["Good"]


def test_a_broken_file_does_not_keep_the_others_out(library: Library, tmp_path: Path) -> None:
    write(tmp_path, "lib/a.yaml", "name: [")
    write(tmp_path, "lib/b.yaml", GOOD)
    library.load_files([tmp_path / "lib"])
    assert [item.name for item in library.items()] == ["Good"]


@pytest.mark.parametrize(
    "text",
    [
        "name: [",
        "just text",
        "rules: []",
        "name: 1\nrules: []",
        "name: x\nrules: p(1)",
        "name: x\nrules: [p(1)]",
        "name: x\nrules: [{rule: 1}]",
        "name: x\nname: y\nrules: []",
        "name: x\nkind: delta\nrules: []",
        "name: a-b\nrules: []",
        "name: x\nparameters: [{name: p}]\nrules: []",
        "name: x\nparameters: {p: string}\nrules: []",
        "name: x\ndepends-on: y\nrules: []",
        "name: x\nrules: [{rule: p(1), rule: p(2)}]",
        "name: !!python/object/apply:os.system [ls]",
    ],
)
def test_files_that_are_no_policies_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LibraryFileInvalid, match="policy.yaml"):
        read_file(write(tmp_path, "policy.yaml", text))


def test_the_log_says_what_a_filled_library_lacks(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "lib/good.yaml", GOOD)
    library.load_files([tmp_path])
    write(tmp_path, "lib/newer.yaml", GOOD.replace("Good", "Newer"))
    with caplog.at_level("INFO"):
        library.load_files([tmp_path])
    assert "the policy library lacks Newer, which the files have" in caplog.text
    assert [item.name for item in library.items()] == ["Good"]
