"""A project: the policies that belong together, the datasources under them, and where their rows and tests are.

The manifest `congress.yaml` names them; without one, every policy file of a directory belongs to it. `project_from`
reads the manifest as data, `congress.authoring.files` reads it from disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from congress.authoring.errors import InputUnusable, QuestionUnclear

MANIFEST = "congress.yaml"
SUFFIX = ".congress"
"""Of files that hold the text of one policy, which is named like the file."""
KINDS = ("nonrecursive", "action", "database", "materialized", "z3")
_NAME = {"type": "string", "minLength": 1, "maxLength": 255}
_STRINGS = {"type": "array", "items": {"type": "string", "minLength": 1}}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {**_NAME, "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "description": "Name of the bundle made of it"},
        "version": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*([.+-][A-Za-z0-9.]+)?$",
                    "description": "Version of the bundle made of it, such as `1.2.0`; quote it"},
        "description": {"type": "string", "description": "What the policies are for"},
        "main": {**_NAME, "description": "The policy that questions are asked in unless they say otherwise"},
        "policies": {
            "type": "array",
            "minItems": 1,
            "description": "Files, each with the text of a policy (`*.congress`) or library policies (`*.yaml`); "
            "`kind`, `name`, `description` and `abbreviation` are for files of the first sort",
            "items": {
                "anyOf": [
                    _NAME,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["file"],
                        "properties": {
                            "file": _NAME,
                            "name": _NAME,
                            "kind": {"enum": list(KINDS)},
                            "description": {"type": "string"},
                            "abbreviation": {"type": "string", "maxLength": 5},
                        },
                    },
                ]
            },
        },
        "datasources": {
            "type": "object",
            "description": "Datasources that are not named like their driver, or have none: `driver: nova`, or "
            "`tables` with the columns of each",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    "driver": _NAME,
                    "tables": {"type": "object", "additionalProperties": {**_STRINGS, "minItems": 1}},
                },
            },
        },
        "parameters": {
            "type": "object",
            "description": "Values of parameters, by policy",
            "additionalProperties": {"type": "object"},
        },
        "rows": {**_STRINGS, "description": "Files with rows, as `--rows` takes them"},
        "tests": {**_STRINGS, "description": "Patterns of the files with tests; `**/*_test.yaml` unless given"},
    },
}  # fmt: skip
"""JSON schema of the manifest."""


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy as it stands in a file. `text` has every statement on the line on which it stands in `origin`.

    `facts`: what the values of its parameters become. `rules`: those of a library policy as they are stored, None for a
    file of plain text.
    """

    name: str
    text: str
    origin: str
    kind: str = "nonrecursive"
    description: str = ""
    abbreviation: str | None = None
    facts: tuple[str, ...] = ()
    parameters: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A datasource of the manifest: an instance of a driver, or tables with their columns."""

    driver: str | None = None
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy of the manifest, before its file is read."""

    file: str
    name: str
    kind: str = "nonrecursive"
    description: str = ""
    abbreviation: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says; paths are relative to its directory."""

    name: str = ""
    version: str = ""
    description: str = ""
    main: str | None = None
    policies: tuple[PolicyEntry, ...] = ()
    datasources: Mapping[str, Declared] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("**/*_test.yaml",)


@dataclass(frozen=True, slots=True)
class Project:
    """Policies with their texts, below a directory."""

    root: Path
    manifest: Manifest
    policies: tuple[PolicySource, ...]
    tests: tuple[Path, ...] = ()

    def policy(self, name: str) -> PolicySource | None:
        return next((each for each in self.policies if each.name == name), None)


def manifest_from(data: Any, origin: str) -> Manifest:
    """The manifest in the data of a YAML document. Raises InputUnusable."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    problems = sorted(validator.iter_errors({} if data is None else data), key=lambda each: list(map(str, each.path)))
    if problems:
        where = ".".join(map(str, problems[0].path)) or "the document"
        raise InputUnusable(f"{origin}: {where}: {problems[0].message[:300]}; docs/authoring.md says what it may hold")
    given = data or {}
    policies = tuple([_entry(each, origin) for each in given.get("policies", ())])
    found = Manifest(
        given.get("name", ""),
        given.get("version", ""),
        given.get("description", ""),
        given.get("main"),
        policies,
        {name: _declared(each) for name, each in given.get("datasources", {}).items()},
        given.get("parameters", {}),
        tuple(given.get("rows", ())),
        tuple(given.get("tests", ("**/*_test.yaml",))),
    )
    for path in (*[each.file for each in policies], *found.rows, *found.tests):
        _refuse_outside(path.rpartition("=")[2], origin)
    return found


def _entry(given: Any, origin: str) -> PolicyEntry:
    entry = {"file": given} if isinstance(given, str) else dict(given)
    if entry["file"].endswith((".yaml", ".yml")) and len(entry) > 1:
        raise InputUnusable(
            f"{origin}: {entry['file']} is a library file, which says name and kind of its policies itself"
        )
    return PolicyEntry(
        entry["file"],
        entry.get("name", Path(entry["file"]).stem),
        entry.get("kind", "nonrecursive"),
        entry.get("description", ""),
        entry.get("abbreviation"),
    )


def _declared(given: Mapping[str, Any]) -> Declared:
    return Declared(given.get("driver"), {table: tuple(names) for table, names in given.get("tables", {}).items()})


def _refuse_outside(path: str, origin: str) -> None:
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise InputUnusable(
            f"{origin}: {path} leads out of the project; keep its files in the directory of the manifest"
        )


def asked_policy(policies: Sequence[str], main: str | None, wanted: str | None) -> str:
    """The policy that a question is asked in. Raises QuestionUnclear."""
    shown = ", ".join(policies) or "none"
    if wanted is not None and wanted not in policies:
        raise QuestionUnclear(f"there is no policy {wanted}; there are: {shown}")
    if wanted is not None or main is not None or len(policies) == 1:
        return wanted or main or policies[0]
    raise QuestionUnclear(f"say with --policy in which policy to ask; there are: {shown}")
