"""What the pages show really works: links lead somewhere, snippets run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from congress.datasources.registry import drivers
from congress.engine.workspace import Workspace
from tests.docs.pages import PAGES, ROOT, blocks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def test_the_first_policy_of_the_readme_is_accepted_over_the_drivers_tables() -> None:
    rule = next(block.text for block in blocks(ROOT / "README.md") if block.language == "datalog")
    workspace = Workspace()
    with workspace.transaction() as change:
        change.create_policy("classification")
        for name in ("nova", "neutronv2"):
            tables = drivers()[name].tables()
            change.set_datasource(name, {table: [column.name for column in tables[table]] for table in tables})
        change.insert_rules("classification", [rule])
    assert "net_owner" in workspace.tables("classification")


def test_the_snippet_of_the_architecture_page_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    (snippet,) = (block.text for block in blocks(ROOT / "docs" / "architecture.md") if block.language == "python")
    exec(snippet, {})  # noqa: S102 - our own page
    printed = capsys.readouterr().out
    assert "('vm-1',)" in printed
    assert 'p:error("vm-1")  (by error(x) :- nova:servers(id=x, status="ERROR"))' in printed


def test_the_readme_has_exactly_two_commands_to_set_up() -> None:
    assert len(re.findall(r"(?m)^make ", (ROOT / "README.md").read_text())) == 2


def test_each_decision_has_a_number_of_its_own() -> None:
    names = [page.name for page in sorted((ROOT / "docs" / "decisions").iterdir())]
    assert [name for name in names if not re.fullmatch(r"\d{3}-[a-z0-9-]+\.md", name)] == []
    numbers = [int(name[:3]) for name in names]
    assert numbers == list(range(1, len(names) + 1)), "give a new decision the number after the highest"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_decision_that_is_named_by_its_number_is_the_one_linked(page: Path) -> None:
    links = re.findall(r"\[(?:decision )?(\d+)\]\((?:[^)]*/)?(\d{3})-[^)]*\)", page.read_text())
    assert all(int(said) == int(number) for said, number in links)
