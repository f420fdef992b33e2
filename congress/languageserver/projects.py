"""Projects on disk with the texts that are open in an editor in place of what was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from congress.authoring.drivers import schemas_of
from congress.authoring.files import nearest_project
from congress.authoring.project import PolicySource, Project
from congress.authoring.schemas import Schemas, undeclared


class Projects:
    """Reads projects, and remembers the schemas, which take longest."""

    def __init__(self) -> None:
        self._schemas: dict[object, Schemas] = {}

    def open(self, file: Path, texts: Mapping[Path, str]) -> tuple[Project, Schemas, PolicySource]:
        """The project of a policy's file, `texts` in place of what their files hold. Raises InputUnusable."""
        found = nearest_project(file)
        policies = tuple([self._as_open(source, texts) for source in found.policies])
        project = replace(found, policies=policies)
        own = next(source for source in policies if Path(source.origin).resolve() == file.resolve())
        return project, self._schemas_of(project), own

    @staticmethod
    def _as_open(source: PolicySource, texts: Mapping[Path, str]) -> PolicySource:
        text = texts.get(Path(source.origin).resolve())
        return source if text is None or source.rules is not None else replace(source, text=text)

    def _schemas_of(self, project: Project) -> Schemas:
        key = (repr(project.manifest.datasources), frozenset(undeclared(project)))
        if key not in self._schemas:
            self._schemas[key] = schemas_of(project)
        return self._schemas[key]
