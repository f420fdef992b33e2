"""Library policies in files: YAML, one document for each policy."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from congress.db.librarypolicies import LibraryRecord
from congress.policies.content import KINDS, NewPolicy
from congress.policies.errors import LibraryFileInvalid, PolicyNameInvalid
from congress.policies.libraryitems import NewItem, record_of
from congress.policies.parameters import ParameterInvalid

LOG = logging.getLogger(__name__)


def read_directory(directory: Path) -> Iterator[LibraryRecord]:
    """The policies of all `*.yaml` files below the directory. A file that cannot be used is logged and left out."""
    if not directory.is_dir():
        LOG.warning("policy library directory %s does not exist", directory)
        return
    for file in sorted(directory.rglob("*.yaml")):
        try:
            yield from read_file(file)
        except (LibraryFileInvalid, OSError, ValueError) as error:
            LOG.error("policy library file %s is left out: %s", file, error)


def read_file(file: Path) -> list[LibraryRecord]:
    """The library policies in one file. Raises LibraryFileInvalid."""
    return documents(file.read_text(encoding="utf-8"), str(file))


def documents(text: str, file: str) -> list[LibraryRecord]:
    """The library policies in the text of a file. Raises LibraryFileInvalid."""
    try:
        found = list(yaml.load_all(text, _StrictLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise LibraryFileInvalid(f"{file} is not YAML as expected: {error}") from error
    return [_document(file, document) for document in found if document is not None]


def _document(file: str, document: Any) -> LibraryRecord:
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        raise LibraryFileInvalid(f"{file}: a policy is an object with a name and rules")
    rules = document.get("rules") or []
    if not isinstance(rules, list) or not all(isinstance(r, dict) and isinstance(r.get("rule"), str) for r in rules):
        raise LibraryFileInvalid(f"{file}: `rules` of {document['name']} is a list of objects with a key `rule`")
    new = NewPolicy(
        document["name"],
        str(document.get("kind") or "nonrecursive").lower(),
        str(document["abbreviation"])[:5] if document.get("abbreviation") else None,
        str(document.get("description") or ""),
    )
    if new.kind not in KINDS:
        raise LibraryFileInvalid(f"{file}: `kind` of {new.name} is {new.kind}; use one of {', '.join(KINDS)}")
    kept = [{key: rule[key] for key in ("rule", "comment", "name") if rule.get(key) is not None} for rule in rules]
    parameters = document.get("parameters") or []
    if not isinstance(parameters, list):
        raise LibraryFileInvalid(f"{file}: `parameters` of {new.name} is a list of objects with name and type")
    needed = document.get("depends-on") or []
    if not isinstance(needed, list) or not all(isinstance(name, str) for name in needed):
        raise LibraryFileInvalid(f"{file}: `depends-on` of {new.name} is a list of names of policies")
    try:
        return record_of(str(uuid.uuid4()), NewItem(new, kept, parameters, needed))
    except (ParameterInvalid, PolicyNameInvalid) as error:
        raise LibraryFileInvalid(f"{file}: {new.name}: {error}") from error


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, which would silently drop rules."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _value in node.value]
        repeated = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
        if repeated is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)
