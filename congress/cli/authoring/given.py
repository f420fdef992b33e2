"""What several commands take: the project, the rows, the time, the policy that is asked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from congress.authoring.drivers import schemas_of
from congress.authoring.files import open_project
from congress.authoring.project import Project
from congress.authoring.schemas import Schemas


def project_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="policy files, or the directory of a project (default: this directory)",
    )


def project(given: Namespace) -> Project:
    """The project that the paths lead to. Raises InputUnusable."""
    return open_project(given.paths)


def project_with_schemas(given: Namespace) -> tuple[Project, Schemas]:
    """The project, and the tables under it. Raises InputUnusable."""
    found = project(given)
    return found, schemas_of(found)
