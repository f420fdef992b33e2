"""The reference of the authors' command line is up to date, and says something about everything."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from congress.authoring import cases, project
from congress.cli.authoring.command import EXIT_MEANINGS, Exit
from congress.cli.authoring.main import COMMANDS, parser
from congress.cli.authoring.reference import page
from tests.cli.authoring.conftest import CommandLine

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "authoring.md"


def parsers(found: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, found
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner, one in action.choices.items():
                yield from parsers(one, f"{name} {inner}")


def test_the_page_is_what_the_program_says_today() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_command_and_every_option_is_explained_on_the_page() -> None:
    text, missing = PAGE.read_text(), []
    for name, one in parsers(parser(), "congress"):
        if f"`{name}`" not in text and name != "congress":
            missing.append(name)
        for action in one._actions:
            if isinstance(action, argparse._HelpAction | argparse._SubParsersAction):
                continue
            shown = ", ".join(action.option_strings) or str(action.metavar)
            if not action.help or f"`{shown}" not in text or action.help.replace("|", "\\|") not in text:
                missing.append(f"{name} {shown}")
    assert missing == []


def test_json_has_the_members_that_are_documented(shop: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write({"shop_test.yaml": "tests: [{note: nothing, want: {}}]\n", "congress.yaml": "name: s\nversion: '1'\n"})
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    found: dict[str, set[str]] = {}
    for line in (
        "check", "fmt", "eval", "eval --query member(x,y)", "explain member(1,2)", "test", "bench", "deps",
        "simulate member(x,y) member+(1,2)", "deps --output deps.txt", "repl", "bundle build", "bundle keygen k",
        "bundle test s-1.bundle",
        "bundle verify s-1.bundle --key k.pub.pem", "bundle sign s-1.bundle --key k.pem", "bundle inspect s-1.bundle",
    ):  # fmt: skip
        said = shop(*line.split(), "--json")
        found.setdefault(line.split()[0], set()).update(said.data)
    extra = {"bundle": {"passed", "failed", "coverage"}}  # of `bundle test`, which answers as `test` does
    wanted = {each.name: {"ok", *each.members} | extra.get(each.name, set()) for each in COMMANDS}
    assert found == wanted


def test_every_exit_code_has_a_meaning() -> None:
    assert set(EXIT_MEANINGS) == set(Exit)
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5]


def keys(schema: Any) -> Iterator[str]:
    for name, one in schema["properties"].items():
        if "description" not in one and "items" not in one:
            yield name


def test_every_key_of_manifest_and_tests_is_described() -> None:
    assert list(keys(project.SCHEMA)) == []
    assert list(keys(cases.SCHEMA)) == []
    assert list(keys(cases.SCHEMA["properties"]["tests"]["items"])) == []
