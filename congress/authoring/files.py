"""Projects on disk: where paths lead, and the policies in the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from congress import datalog
from congress.authoring.errors import InputUnusable
from congress.authoring.parameters import with_values
from congress.authoring.project import MANIFEST, SUFFIX, Manifest, PolicyEntry, PolicySource, Project, manifest_from
from congress.policies.errors import LibraryFileInvalid
from congress.policies.libraryfiles import documents

MOST_BYTES = 64_000_000
"""Size from which a file is no policy, manifest or test any more, but a mistake."""
MOST_NODES = 5_000_000
"""Items of a YAML file."""


def open_project(paths: Sequence[Path]) -> Project:
    """The project of one directory or manifest, or one made of policy files. Raises InputUnusable."""
    if not paths:
        return _directory(Path())
    if len(paths) == 1 and paths[0].is_dir():
        return _directory(paths[0])
    if len(paths) == 1 and paths[0].name == MANIFEST:
        return _with_manifest(paths[0])
    policies = [each for path in paths for each in _policies(_entry_of(path), path, {})]
    tests = [path.with_name(f"{path.stem}_test.yaml") for path in paths]
    manifest = Manifest()
    return _project(paths[0].parent, manifest, policies, [path for path in tests if path.is_file()])


def nearest_project(file: Path, directory: Path | None = None) -> Project:
    """The project to which a policy file belongs: the manifest above it that names it, else its directory."""
    for parent in [file.parent, *file.parent.parents]:
        if (parent / MANIFEST).is_file():
            found = _with_manifest(parent / MANIFEST)
            if any((parent / each.origin).resolve() == file.resolve() for each in found.policies):
                return found
        if parent == directory:
            break
    return _directory(file.parent) if file.suffix == SUFFIX else open_project([file])


def _directory(directory: Path) -> Project:
    if (directory / MANIFEST).is_file():
        return _with_manifest(directory / MANIFEST)
    files = sorted(directory.glob(f"*{SUFFIX}"))
    if not files:
        raise InputUnusable(
            f"{directory} has neither {MANIFEST} nor files *{SUFFIX}; name a policy file or its directory"
        )
    manifest = Manifest()
    return _project(
        directory, manifest, [each for file in files for each in _policies(_entry_of(file), file, {})],
        _tests(directory, manifest),
    )  # fmt: skip


def _with_manifest(path: Path) -> Project:
    manifest = manifest_from(read_yaml(path), str(path))
    root = path.parent
    entries: Sequence[PolicyEntry] = manifest.policies or [_entry_of(file) for file in sorted(root.glob(f"*{SUFFIX}"))]
    policies = [each for entry in entries for each in _policies(entry, root / entry.file, manifest.parameters)]
    unknown = sorted(set(manifest.parameters) - {each.name for each in policies})
    if unknown:
        raise InputUnusable(f"{path}: `parameters` names {', '.join(unknown)}, which is no policy of the project")
    if manifest.main is not None and manifest.main not in {each.name for each in policies}:
        raise InputUnusable(f"{path}: `main` is {manifest.main}, which is no policy of the project")
    return _project(root, manifest, policies, _tests(root, manifest))


def _project(root: Path, manifest: Manifest, policies: Sequence[PolicySource], tests: Sequence[Path]) -> Project:
    names = [each.name for each in policies]
    for source in policies:
        if not datalog.is_policy_name(source.name):
            raise InputUnusable(
                f"{source.origin}: {source.name} cannot be the name of a policy; rename the file, "
                f"or set `name` in {MANIFEST}"
            )
        if names.count(source.name) > 1:
            raise InputUnusable(f"{source.origin}: there are several policies {source.name}; set `name` in {MANIFEST}")
    return Project(root, manifest, tuple(policies), tuple(tests))


def _entry_of(path: Path) -> PolicyEntry:
    return PolicyEntry(path.name, path.stem)


def _tests(root: Path, manifest: Manifest) -> list[Path]:
    return sorted({path for pattern in manifest.tests for path in root.glob(pattern)})


def _policies(entry: PolicyEntry, path: Path, given: Mapping[str, Mapping[str, Any]]) -> Iterator[PolicySource]:
    if path.suffix in (".yaml", ".yml"):
        for source in library_sources(read_text(path), str(path)):
            yield with_values(source, given.get(source.name, {}))
        return
    source = PolicySource(
        entry.name, read_text(path), str(path), entry.kind, entry.description, entry.abbreviation
    )  # fmt: skip
    yield with_values(source, given.get(source.name, {}))


def library_sources(text: str, origin: str) -> Iterator[PolicySource]:
    """The policies of a library file, each rule on the line on which it stands there. Raises InputUnusable."""
    try:
        for record in documents(text, origin):
            lines = _rule_lines(text, record.name)
            rules = [str(rule["rule"]) for rule in record.rules]
            yield PolicySource(
                record.name, _placed(rules, lines), origin, record.kind, record.description, record.abbreviation,
                parameters=tuple(record.parameters), depends_on=tuple(record.depends_on), rules=tuple(record.rules),
            )  # fmt: skip
    except LibraryFileInvalid as error:
        raise InputUnusable(str(error)) from error
    except (ValueError, RecursionError) as error:  # numbers that are too long, lists in lists in lists
        raise InputUnusable(f"{origin} is not YAML as expected: {error}") from error


def _rule_lines(text: str, name: str) -> list[int]:
    """The lines, counted from 1, on which the rules of a document stand."""
    for document in yaml.compose_all(text, yaml.SafeLoader):
        members = _members(document)
        if "name" in members and members["name"].value == name and "rules" in members:
            rules = [_members(each).get("rule") for each in members["rules"].value]
            return [each.start_mark.line + 1 + (each.style in ("|", ">")) for each in rules if each is not None]
    return []


def _members(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def _placed(rules: Sequence[str], lines: Sequence[int]) -> str:
    """The rules below each other, with empty lines between them, so that each begins on its line if it can."""
    text, line = "", 1
    for rule, wanted in zip(rules, lines, strict=True):
        text += "\n" * max(wanted - line, 0) + rule.strip("\n") + "\n"
        line = text.count("\n") + 1
    return text


def read_text(path: Path) -> str:
    """The text of a file. Raises InputUnusable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputUnusable(f"{path} has more than {MOST_BYTES:,} bytes; that is no policy")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputUnusable(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputUnusable(f"{path} is not text in UTF-8: byte {error.start} is wrong") from error


def read_yaml(path: Path) -> Any:
    """The one document of a YAML file. Raises InputUnusable."""
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, origin: str) -> Any:
    """The one document of a text. Raises InputUnusable."""
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > MOST_NODES:
            raise InputUnusable(f"{origin} repeats itself to more than {MOST_NODES:,} items; use fewer aliases (*name)")
        return loader.construct_document(node)
    except RecursionError as error:
        raise InputUnusable(f"{origin} is nested too deeply") from error
    except (yaml.YAMLError, ValueError) as error:  # the latter for numbers that are too long
        raise InputUnusable(f"{origin} is not YAML as expected: {error}") from error
    finally:
        if loader is not None:
            loader.dispose()


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many items a node has when every alias stands for what it names, which takes no memory and much time."""
    if id(node) not in known:
        known[id(node)] = MOST_NODES + 1  # as long as it is looked into: one that has itself in it never ends
        inner = node.value if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            inner = [each for pair in node.value for each in pair]
        known[id(node)] = 1 + sum(_size(each, known) for each in inner)
    return known[id(node)]
