"""Configuration files as oslo.config reads them, made from values, so that an option without a section, with two names
or over two lines cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from congress.cluster.services.contract import File

Value: TypeAlias = str | int | float | bool
Settings: TypeAlias = Mapping[str, Mapping[str, Value]]

_SECTION = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


def merged(*parts: Settings) -> Settings:
    """All options of all parts. Raises ValueError when two parts say different things."""
    result: dict[str, dict[str, Value]] = {}
    for part in parts:
        for section, options in part.items():
            mine = result.setdefault(section, {})
            for name, value in options.items():
                if mine.setdefault(name, value) != value:
                    raise ValueError(f"[{section}] {name} would be both '{mine[name]}' and '{value}'")
    return result


def text(settings: Settings) -> str:
    """The file. Sections and options keep their order. Raises ValueError for names and values that no reader would take
    as they are meant."""
    return "\n".join(_section(name, options) for name, options in settings.items() if options)


def _section(name: str, options: Mapping[str, Value]) -> str:
    if not _SECTION.fullmatch(name):
        raise ValueError(f"'{name}' is not the name of a section")
    return "".join([f"[{name}]\n", *(f"{option} = {_value(name, option, options[option])}\n" for option in options)])


def _value(section: str, option: str, value: Value) -> str:
    if not _OPTION.fullmatch(option):
        raise ValueError(f"[{section}]: '{option}' is not the name of an option")
    if isinstance(value, bool):
        return "true" if value else "false"
    written = str(value)
    if "\n" in written or written != written.strip():
        raise ValueError(f"[{section}] {option}: '{written}' does not fit on one line")
    return written


def private_file(path: str, settings: Settings, group: str, notify: tuple[str, ...], node: str | None = None) -> File:
    """A file with passwords, for root and one group."""
    return File(path, text(settings), mode=0o640, group=group, node=node, notify=notify)
