"""A description from a file, or all that keeps it from being one: problems with file, line, field and what to write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from pydantic import ValidationError

from congress.cluster.errors import DescriptionError, Problem
from congress.cluster.model.advice import problems_of
from congress.cluster.model.description import Description
from congress.cluster.model.references import dangling
from congress.cluster.model.source import Source, read


@dataclass(frozen=True, slots=True)
class Described:
    """A description and where each part of it was written. `directory`: what its files are relative to."""

    description: Description
    source: Source
    directory: FilePath = FilePath()


def load(path: FilePath) -> Described:
    """The description in a file. Raises DescriptionError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = Problem(str(path), 1, "the whole file", f"it cannot be read: {error}", "name a readable description")
        raise DescriptionError((problem,)) from error
    return parse(text, str(path), path.parent)


def parse(text: str, file: str = "cluster.yaml", directory: FilePath = FilePath()) -> Described:
    """The description in a text. Raises DescriptionError with everything that is wrong."""
    values, source = read(text, file)
    try:
        description = Description.model_validate(values)
    except ValidationError as error:
        raise DescriptionError(problems_of(error, Description, source)) from error
    wrong = tuple(dangling(description, source))
    if wrong:
        raise DescriptionError(wrong)
    return Described(description, source, directory)
