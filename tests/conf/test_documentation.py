"""The reference pages say what the code does."""

from __future__ import annotations

from pathlib import Path

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
