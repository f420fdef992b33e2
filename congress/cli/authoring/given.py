"""What several commands take: the project, the rows, the time, the policy that is asked."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from congress.authoring import live, loading, recorded, rows, tables
from congress.authoring.drivers import schemas_of
from congress.authoring.files import open_project
from congress.authoring.project import Project, asked_policy
from congress.authoring.rows import Rows
from congress.authoring.schemas import Schemas
from congress.cli.authoring.progress import tracked
from congress.datalog.core import TableId
from congress.engine.workspace import Limits, Workspace

_DEFAULT = Limits()


def project_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="policy files, or the directory of a project (default: this directory)",
    )


def world_options(parser: ArgumentParser) -> None:
    """The project, and where the rows come from."""
    project_options(parser)
    where = parser.add_argument_group("rows")
    where.add_argument(
        "--rows",
        action="append",
        default=[],
        metavar="[NAME=]FILE",
        help="rows from a file: .json, .yaml, .csv, .sqlite; may be given several times",
    )
    where.add_argument("--cloud", type=Path, metavar="FILE", help="rows that the drivers read from a recorded cloud")
    where.add_argument("--server", metavar="URL", help="rows of a running Congress; the variable OS_TOKEN opens it")
    where.add_argument("--os-cloud", metavar="NAME", help="rows of the Congress of this cloud in clouds.yaml")
    where.add_argument("--now", metavar="TIME", help="what time it is: 'YYYY-MM-DD hh:mm:ss'")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--max-rows", type=int, default=_DEFAULT.rows, metavar="N", help="rows that may be derived")
    limits.add_argument(
        "--max-seconds", type=float, default=_DEFAULT.seconds, metavar="S", help="time that may be taken"
    )


def policy_option(parser: ArgumentParser) -> None:
    parser.add_argument("--policy", metavar="NAME", help="the policy that is asked (default: the only one, or `main`)")


def project(given: Namespace) -> Project:
    """The project that the paths lead to. Raises InputUnusable."""
    return open_project(given.paths)


def project_with_schemas(given: Namespace) -> tuple[Project, Schemas]:
    """The project, and the tables under it. Raises InputUnusable."""
    found = project(given)
    return found, schemas_of(found)


@dataclass(frozen=True, slots=True)
class World:
    """A project, the tables under it, and their rows."""

    project: Project
    schemas: Schemas
    rows: Rows
    now: str | None
    limits: Limits

    def workspace(self, watch: Callable[[TableId], bool] | None = None) -> Workspace:
        """All of it, evaluated. Raises Faulty, LimitExceeded."""
        return loading.loaded(self.project, self.schemas, self.rows, now=self.now, watch=watch, limits=self.limits)

    def asked(self, wanted: str | None) -> str:
        """The policy to ask. Raises QuestionUnclear."""
        return asked_policy([each.name for each in self.project.policies], self.project.manifest.main, wanted)


def world(given: Namespace) -> World:
    """What the options say. Raises InputUnusable, ServerUnusable."""
    found, schemas = project_with_schemas(given)
    collected: dict[str, list[Any]] = {}
    if given.server or given.os_cloud:
        server = live.connect(given.server, given.os_cloud)
        wanted = live.wanted(server, found)
        schemas = {**schemas, **live.schemas(server, wanted)}
        for name in tracked(sorted(live.needed(found, schemas, wanted)), "reading tables"):
            collected[name] = live.rows(server, wanted, name)
    if given.cloud:
        collected.update(recorded.rows(given.cloud, found, schemas))
    files = [tables.spec(text) for text in given.rows]
    for text in found.manifest.rows if not given.rows else ():
        path, table = tables.spec(text)
        files.append(tables.Spec(found.root / path, table))
    for file in tracked(files, "reading rows"):
        for name, more in tables.read(file, schemas).items():
            collected.setdefault(name, []).extend(more)
    names = [each.name for each in found.policies]
    schemas = rows.with_inferred(schemas, collected, names)
    arranged = rows.arranged(collected, schemas, names, "the rows")
    return World(found, schemas, arranged, given.now, Limits(given.max_rows, given.max_seconds))
