"""A YAML text as plain values that remember where they were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from congress.cluster.errors import DescriptionError, Problem

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys of mappings, positions in lists from 0."""


def dotted(path: Path) -> str:
    """The path as people write it: `clusters.control.nodes[2]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the whole file"


@dataclass(frozen=True, slots=True)
class Source:
    """`file`: its name as the user gave it. `lines`: of each key or item, from 1."""

    file: str
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of the place, or of the nearest place around it that was written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, what: str, instead: str) -> Problem:
        """Something wrong at a place."""
        return Problem(self.file, self.line(path), dotted(path), what, instead)


def read(text: str, file: str) -> tuple[Any, Source]:
    """The values of a YAML text. Raises DescriptionError where it is no YAML, and for a key that is there twice."""
    source = Source(file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = " ".join(filter(None, (error.context, error.problem)))
        advice = "mend the syntax in or before this line"
        problem = Problem(file, line, "the whole file", f"this is not YAML: {what}", advice)
        raise DescriptionError((problem,)) from error
    except yaml.YAMLError as error:
        problem = Problem(file, 1, "the whole file", f"this is not YAML: {error}", "write text in UTF-8")
        raise DescriptionError((problem,)) from error
    if root is None:
        instead = "write a description; `congress-cluster init` makes an example"
        raise DescriptionError((Problem(file, 1, "the whole file", "it is empty", instead),))
    source.lines[()] = root.start_mark.line + 1
    twice = tuple(_walk(root, (), source, set()))
    if twice:
        raise DescriptionError(twice)
    return values, source


def _walk(node: yaml.Node, path: Path, source: Source, seen: set[int]) -> Iterator[Problem]:
    """Notes the lines below a node. What an alias repeats has its lines where it was written first."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            place = (*path, name)
            line = key.start_mark.line + 1
            if place in source.lines:
                what = f"this key is also in line {source.lines[place]}"
                yield Problem(source.file, line, dotted(place), what, "keep one of the two")
            source.lines[place] = line
            yield from _walk(value, place, source, seen)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            source.lines[(*path, position)] = value.start_mark.line + 1
            yield from _walk(value, (*path, position), source, seen)
