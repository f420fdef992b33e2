"""The page about the client names every command and every option of our plugin."""

from __future__ import annotations

import re
import tomllib

from tests.client.conftest import ROOT

PAGE = (ROOT / "docs" / "client.md").read_text()


def test_every_command_is_on_the_page() -> None:
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text())["project"]
    names = [
        name.removeprefix("congress_").replace("_", " ") for name in project["entry-points"]["openstack.congress.v1"]
    ]
    assert [name for name in names if name not in PAGE] == []


def test_every_option_is_on_the_page() -> None:
    sources = [file.read_text() for file in (ROOT / "client" / "congress_openstackclient").glob("*.py")]
    options = {option for source in sources for option in re.findall(r'add_argument\(\s*"(--[a-z-]+)"', source)}
    assert len(options) > 15
    assert sorted(option for option in options if option not in PAGE) == []
