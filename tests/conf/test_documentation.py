"""The reference pages say what the code does."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from congress.api import openapi
from congress.api import reference as api_reference
from congress.conf import list_opts
from congress.conf import reference as conf_reference

DOCS = Path(__file__).parents[2] / "docs"


def test_every_option_is_documented() -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert text == conf_reference.page(), "write it again: python -m congress.conf.reference > docs/configuration.md"
    for group, options in list_opts():
        assert f"## [{group}]" in text
        assert all(f"| `{option.dest}` |" in text for option in options)


def test_every_option_explains_itself() -> None:
    assert all(option.help for _group, options in list_opts() for option in options)


def test_every_route_is_documented() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert text == api_reference.page(), "write it again: python -m congress.api.reference > docs/api.md"
    for path, verb, _operation in openapi.operations():
        assert path == "/" or f"### `{verb.upper()} {path}`" in text


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the generator would write into etc/congress.conf.sample now."""
    output = tmp_path_factory.mktemp("sample") / "congress.conf"
    command = ["--config-file", "etc/congress-config-generator.conf", "--output-file", str(output)]
    # In a process of its own: options of libraries carry what this process has set as their defaults.
    code = "import sys; from oslo_config import generator; sys.exit(generator.main(sys.argv[1:]))"
    subprocess.run([sys.executable, "-c", code, *command], cwd=DOCS.parent, check=True, timeout=60)  # noqa: S603
    return output.read_text(encoding="utf-8")


def test_the_sample_configuration_is_current(sample: str) -> None:
    written = (DOCS.parent / "etc" / "congress.conf.sample").read_text(encoding="utf-8")
    assert written == sample, "write it again: make docs, or tox -egenconfig"


def test_the_sample_holds_every_option_of_ours(sample: str) -> None:
    for group, options in list_opts():
        assert f"[{group}]" in sample
        assert all(re.search(rf"^#{option.dest} =", sample, re.MULTILINE) for option in options)


def test_the_sample_knows_nothing_of_the_machine_that_wrote_it(sample: str) -> None:
    settings = [line for line in sample.splitlines() if re.match(r"#\w+ = ", line)]
    for mark in (socket.gethostname(), str(DOCS.parent), sys.prefix, tempfile.gettempdir(), str(Path.home())):
        assert [line for line in settings if mark in line] == []
