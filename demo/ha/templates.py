"""The configuration files of `deploy/ha`, filled in: the demo and the tests run what operators are given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).resolve().parents[2] / "deploy" / "ha"


def filled(name: str, variables: Mapping[str, str]) -> str:
    """The text of a file with its variables replaced, as `envsubst` does. Raises KeyError when one has no value."""
    return Template((TEMPLATES / name).read_text()).substitute(variables)
