"""What a module of this package tells about its command, and what many commands begin with."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import Described, load
from congress.cluster.services.registry import services


@dataclass(frozen=True, slots=True)
class Command:
    """`help`: one sentence. `arguments` adds its own to a parser; `run` gives the exit status, and raises CongressError
    with what the user has to know."""

    name: str
    help: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


DEFAULT = Path("cluster.yaml")


def takes_description(parser: ArgumentParser) -> None:
    """Add the description's file, for `described` and `deployed`."""
    parser.add_argument("description", type=Path, nargs="?", default=DEFAULT, help="the description (%(default)s)")


def takes_description_by_option(parser: ArgumentParser) -> None:
    """The same, for commands whose other arguments may be many."""
    parser.add_argument("--description", type=Path, default=DEFAULT, help="the description (%(default)s)")


def described(given: Namespace) -> Described:
    """The description that the user named. Raises DescriptionError."""
    return load(given.description)


def deployed(given: Namespace) -> Deployment:
    """The deployment that it describes. Raises DescriptionError."""
    return compose(described(given), services())
