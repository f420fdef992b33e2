"""The policy library: policies kept ready to be activated, from files at the first start and through the API."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from congress import datalog
from congress.db import librarypolicies as stored
from congress.db.librarypolicies import LibraryRecord
from congress.db.session import Database
from congress.policies.errors import LibraryFileInvalid, LibraryPolicyNotFound, PolicyNameInvalid, PolicyNameTaken
from congress.policies.service import NewPolicy, NewRule

LOG = logging.getLogger(__name__)

PACKAGED = Path(__file__).with_name("library_files")


class Library:
    """The library policies in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load_files(self, directories: Sequence[Path]) -> None:
        """Fill an empty library from all `*.yaml` files below the directories; of equal names the last one counts.

        A library that holds anything is left alone, so that what an operator deleted or changed stays so. A file that
        cannot be used is logged and left out.
        """
        with self._database.writer() as session:
            if stored.count(session):
                return
            items = {item.name: item for directory in directories for item in _read_directory(directory)}
            for item in items.values():
                stored.add(session, item)

    def items(self) -> list[LibraryRecord]:
        """All items, sorted by name."""
        with self._database.reader() as session:
            return stored.every(session)

    def item(self, item_id: str) -> LibraryRecord:
        """One item by id. Raises LibraryPolicyNotFound."""
        with self._database.reader() as session:
            found = stored.find(session, item_id)
        if found is None:
            raise LibraryPolicyNotFound(item_id)
        return found

    def add(self, new: NewPolicy, rules: Sequence[dict[str, str | None]]) -> LibraryRecord:
        """Add an item; its rules are checked when it is activated. Raises PolicyNameInvalid, PolicyNameTaken."""
        record = _record(str(uuid.uuid4()), new, rules)
        with self._database.writer() as session:
            self._refuse_taken(stored.find_by_name(session, record.name), record)
            stored.add(session, record)
        return record

    def replace(self, item_id: str, new: NewPolicy, rules: Sequence[dict[str, str | None]]) -> LibraryRecord:
        """Give an item new content. Raises LibraryPolicyNotFound, PolicyNameInvalid, PolicyNameTaken."""
        record = _record(item_id, new, rules)
        with self._database.writer() as session:
            if stored.find(session, item_id) is None:
                raise LibraryPolicyNotFound(item_id)
            self._refuse_taken(stored.find_by_name(session, record.name), record)
            stored.replace(session, record)
        return record

    def remove(self, item_id: str) -> LibraryRecord:
        """Delete an item; policies that were activated from it stay. Raises LibraryPolicyNotFound."""
        with self._database.writer() as session:
            found = stored.find(session, item_id)
            if found is None:
                raise LibraryPolicyNotFound(item_id)
            stored.remove(session, item_id)
        return found

    @staticmethod
    def _refuse_taken(found: LibraryRecord | None, record: LibraryRecord) -> None:
        if found is not None and found.id != record.id:
            raise PolicyNameTaken(record.name)


def activation(item: LibraryRecord) -> tuple[NewPolicy, list[NewRule]]:
    """The policy and rules to create when an item is activated."""
    rules = [NewRule(str(rule["rule"]), rule.get("comment") or "", rule.get("name")) for rule in item.rules]
    return NewPolicy(item.name, item.kind, item.abbreviation, item.description), rules


def _record(item_id: str, new: NewPolicy, rules: Sequence[dict[str, str | None]]) -> LibraryRecord:
    if len(new.name) > 255 or not datalog.is_policy_name(new.name):
        raise PolicyNameInvalid(new.name)
    abbreviation = new.name[:5] if new.abbreviation is None else new.abbreviation
    return LibraryRecord(item_id, new.name, abbreviation, new.description, new.kind, tuple(rules))


def _read_directory(directory: Path) -> Iterator[LibraryRecord]:
    if not directory.is_dir():
        LOG.warning("policy library directory %s does not exist", directory)
        return
    for file in sorted(directory.rglob("*.yaml")):
        try:
            yield from read_file(file)
        except (LibraryFileInvalid, PolicyNameInvalid, OSError, ValueError) as error:
            LOG.error("policy library file %s is left out: %s", file, error)


def read_file(file: Path) -> list[LibraryRecord]:
    """The library policies in one file, a YAML document each. Raises LibraryFileInvalid, PolicyNameInvalid."""
    try:
        documents = list(yaml.load_all(file.read_text(encoding="utf-8"), _StrictLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise LibraryFileInvalid(f"{file} is not YAML as expected: {error}") from error
    return [_document(file, document) for document in documents if document is not None]


def _document(file: Path, document: Any) -> LibraryRecord:
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        raise LibraryFileInvalid(f"{file}: a policy is an object with a name and rules")
    rules = document.get("rules") or []
    if not isinstance(rules, list) or not all(isinstance(r, dict) and isinstance(r.get("rule"), str) for r in rules):
        raise LibraryFileInvalid(f"{file}: `rules` of {document['name']} is a list of objects with a key `rule`")
    new = NewPolicy(
        document["name"],
        str(document.get("kind") or "nonrecursive"),
        str(document["abbreviation"])[:5] if document.get("abbreviation") else None,
        str(document.get("description") or ""),
    )
    kept = [{key: rule[key] for key in ("rule", "comment", "name") if rule.get(key) is not None} for rule in rules]
    return dataclasses.replace(_record("", new, kept), id=str(uuid.uuid4()))


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, which would silently drop rules."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _value in node.value]
        repeated = next((key for place, key in enumerate(keys) if key in keys[:place]), None)
        if repeated is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {repeated!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)
