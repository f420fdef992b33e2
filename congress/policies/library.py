"""The policy library: policies kept ready to be activated, from files at the first start and through the API."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from congress.db import librarypolicies as stored
from congress.db.librarypolicies import LibraryRecord
from congress.db.repeating import repeated
from congress.db.session import Database
from congress.errors import CongressError
from congress.policies.errors import LibraryPolicyNotFound, PolicyNameTaken
from congress.policies.libraryfiles import read_directory
from congress.policies.libraryitems import NewItem, record_of

LOG = logging.getLogger(__name__)

PACKAGED = Path(__file__).with_name("library_files")


class NotShipped(CongressError):
    """A name that no file of the library has."""


class Difference(NamedTuple):
    """What files have and the library has not, or has otherwise. `missing`: it is new, or somebody deleted it."""

    name: str
    missing: bool


def directories(own: str | None) -> tuple[Path, ...]:
    """Where the files of the library are. `own`: the option `policy_library_path`."""
    return (PACKAGED, Path(own)) if own else (PACKAGED,)


def in_files(directories: Iterable[Path]) -> Mapping[str, LibraryRecord]:
    """All that the files have, by name; of equal names the last one counts."""
    return {item.name: item for directory in directories for item in read_directory(directory)}


class Library:
    """The library policies. The database is all there is of them, so every node shows the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load_files(self, directories: Sequence[Path]) -> None:
        """Fill an empty library from all `*.yaml` files below the directories; of equal names the last one counts.

        A library that holds anything is left alone, so that what an operator deleted or changed stays so. A file that
        cannot be used is logged and left out.
        """
        items = in_files(directories)
        with self._database.reader() as session:
            filled = bool(stored.count(session))
        if filled:
            if missing := [each.name for each in self.differences(items) if each.missing]:
                LOG.info(
                    "the policy library lacks %s, which the files have; `congress-manage library` says more",
                    ", ".join(missing),
                )
            return

        def fill(session: Session) -> None:
            if not stored.count(session):  # another node may start at the same time
                for _name, item in sorted(items.items()):
                    stored.add(session, item)

        repeated(self._database, fill)

    def differences(self, items: Mapping[str, LibraryRecord]) -> list[Difference]:
        """How the library differs from what files have, by name. What only the library has is its own."""
        here = {item.name: item for item in self.items()}
        found = []
        for name, item in sorted(items.items()):
            if name not in here:
                found.append(Difference(name, missing=True))
            elif replace(here[name], id=item.id) != item:
                found.append(Difference(name, missing=False))
        return found

    def take(self, items: Mapping[str, LibraryRecord], names: Collection[str]) -> list[str]:
        """Add items of files, and those that they depend on where these are missing; an item that is there already gets
        the files' content. Answers with the names of all that changed. Raises NotShipped; nothing is changed then."""
        if unknown := sorted(set(names) - set(items)):
            raise NotShipped(f"no file has {', '.join(unknown)}; there are {', '.join(sorted(items))}")

        def take(session: Session) -> list[str]:
            waiting, seen, changed = sorted(names), set(names), []
            while waiting:
                item = items[waiting.pop(0)]
                found = stored.find_by_name(session, item.name)
                if found is None:
                    stored.add(session, item)
                    changed.append(item.name)
                elif item.name in names and replace(found, id=item.id) != item:
                    stored.replace(session, replace(item, id=found.id))
                    changed.append(item.name)
                more = [name for name in item.depends_on if name in items and name not in seen]
                waiting += more
                seen |= set(more)
            return sorted(changed)

        return repeated(self._database, take)

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

    def named(self, name: str) -> LibraryRecord | None:
        """One item by name, None when there is none."""
        with self._database.reader() as session:
            return stored.find_by_name(session, name)

    def add(self, new: NewItem) -> LibraryRecord:
        """Add an item; its rules are checked when it is activated.

        Raises PolicyNameInvalid, PolicyNameTaken, ParameterInvalid.
        """
        record = record_of(str(uuid.uuid4()), new)

        def store(session: Session) -> None:
            self._refuse_taken(stored.find_by_name(session, record.name), record)
            stored.add(session, record)

        repeated(self._database, store)
        return record

    def replace(self, item_id: str, new: NewItem) -> LibraryRecord:
        """Give an item new content. Raises LibraryPolicyNotFound, PolicyNameInvalid, PolicyNameTaken,
        ParameterInvalid."""
        record = record_of(item_id, new)

        def store(session: Session) -> None:
            if stored.find(session, item_id) is None:
                raise LibraryPolicyNotFound(item_id)
            self._refuse_taken(stored.find_by_name(session, record.name), record)
            stored.replace(session, record)

        repeated(self._database, store)
        return record

    def remove(self, item_id: str) -> LibraryRecord:
        """Delete an item; policies that were activated from it stay. Raises LibraryPolicyNotFound."""

        def remove(session: Session) -> LibraryRecord:
            found = stored.find(session, item_id)
            if found is None:
                raise LibraryPolicyNotFound(item_id)
            stored.remove(session, item_id)
            return found

        return repeated(self._database, remove)

    @staticmethod
    def _refuse_taken(found: LibraryRecord | None, record: LibraryRecord) -> None:
        if found is not None and found.id != record.id:
            raise PolicyNameTaken(record.name)
