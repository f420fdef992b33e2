"""From a project to a bundle, and from a bundle back to a project whose tests can be run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from congress import datalog
from congress.authoring.errors import InputUnusable
from congress.authoring.parameters import with_values
from congress.authoring.project import MANIFEST, Manifest, PolicySource, Project
from congress.authoring.schemas import ColumnInfo, Schemas, names, tables_read
from congress.datalog.syntax.ast import Comment, Statement
from congress.policies.bundles import Bundle, BundledPolicy, Opened

MOST_COMMENT = 255
"""Characters of a rule's comment that the service keeps."""


def bundle_of(project: Project, schemas: Schemas, tests: Mapping[str, str]) -> Bundle:
    """The bundle of a project; `tests`: name of the file -> its text. Raises InputUnusable."""
    manifest = project.manifest
    if not manifest.name or not manifest.version:
        raise InputUnusable(f"{project.root / MANIFEST}: a bundle needs `name` and `version`, such as version: '1.0.0'")
    columns, read = names(schemas), tables_read(project, schemas)
    return Bundle(
        manifest.name,
        manifest.version,
        tuple(map(_bundled, project.policies)),
        manifest.description,
        tests,
        {name: {table: columns[name][table] for table in sorted(read[name])} for name in sorted(read)},
    )


def _bundled(source: PolicySource) -> BundledPolicy:
    rules = source.rules if source.rules is not None else _rules(source)
    return BundledPolicy(
        source.name,
        tuple([{key: str(text) for key, text in rule.items() if text} for rule in rules]),
        source.kind,
        source.description,
        source.abbreviation,
        source.parameters,
        source.values,
        source.depends_on,
    )


def _rules(source: PolicySource) -> Sequence[Mapping[str, str]]:
    """The statements of a text, each once, with the comment that stands right above or beside it."""
    program = datalog.parse(source.text, source=source.origin)
    found: dict[str, Mapping[str, str]] = {}
    for statement in program.statements:
        text = datalog.print_statement(statement)
        comment = _comment(statement, program.comments, source.text)
        found.setdefault(text, {"rule": text, "comment": comment} if comment else {"rule": text})
    return list(found.values())


def _comment(statement: Statement, comments: Sequence[Comment], text: str) -> str:
    lines: list[str] = []
    line = statement.span.line
    for comment in reversed(comments):
        if comment.span.start > statement.span.start:
            if "\n" not in text[statement.span.end : comment.span.start]:
                lines.append(_words(comment))
            continue
        last = comment.span.line + comment.text.count("\n")
        is_alone = not text[text.rfind("\n", 0, comment.span.start) + 1 : comment.span.start].strip()
        if last != line - 1 or not is_alone:
            break
        lines.insert(0, _words(comment))
        line = comment.span.line
    return " ".join(" ".join(lines).split())[:MOST_COMMENT]


def _words(comment: Comment) -> str:
    text = comment.text
    return text[2:-2] if text.startswith("/*") else text.lstrip("/#")


def project_of(opened: Opened) -> tuple[Project, Schemas]:
    """A project with the policies and the schemas of a bundle. Raises InputUnusable."""
    bundle = opened.bundle
    policies = [
        with_values(
            PolicySource(
                policy.name, "".join(f"{rule['rule']}\n" for rule in policy.rules), policy.name, policy.kind,
                policy.description, policy.abbreviation, parameters=policy.parameters, depends_on=policy.depends_on,
                rules=policy.rules,
            ),
            policy.values,
        )
        for policy in bundle.policies
    ]  # fmt: skip
    schemas = {
        name: {table: tuple(map(ColumnInfo, columns)) for table, columns in tables.items()}
        for name, tables in bundle.datasources.items()
    }
    return Project(Path(), Manifest(bundle.name, bundle.version, bundle.description), tuple(policies)), schemas
