"""The configuration files as they are written, whether or not anybody reads what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from oslo_config import cfg


class Line(NamedTuple):
    """An option as a file sets it; one that is set several times is several lines."""

    file: str
    group: str
    name: str
    value: str


def files(conf: cfg.ConfigOpts) -> list[Path]:
    """The files that the service reads, in their order."""
    named = [Path(each) for each in conf.config_file or ()]
    return named + [found for each in conf.config_dir or () for found in sorted(Path(each).glob("*.conf"))]


def lines(conf: cfg.ConfigOpts) -> Iterator[Line]:
    """Every option in every file."""
    for file in files(conf):
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(str(file), sections).parse()
        for group, options in sections.items():
            for name, values in options.items():
                for value in values:
                    yield Line(str(file), group, name, value)
