"""The policy library: policies kept ready to be activated, from files at the first start and through the API."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from congress.db import librarypolicies as stored
from congress.db.librarypolicies import LibraryRecord
from congress.db.repeating import repeated
from congress.db.session import Database
from congress.policies.errors import LibraryPolicyNotFound, PolicyNameTaken
from congress.policies.libraryfiles import read_directory
from congress.policies.libraryitems import NewItem, record_of

PACKAGED = Path(__file__).with_name("library_files")


class Library:
    """The library policies. The database is all there is of them, so every node shows the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load_files(self, directories: Sequence[Path]) -> None:
        """Fill an empty library from all `*.yaml` files below the directories; of equal names the last one counts.

        A library that holds anything is left alone, so that what an operator deleted or changed stays so. A file that
        cannot be used is logged and left out.
        """
        with self._database.reader() as session:
            if stored.count(session):
                return
        items = {item.name: item for directory in directories for item in read_directory(directory)}

        def fill(session: Session) -> None:
            if not stored.count(session):  # another node may start at the same time
                for _name, item in sorted(items.items()):
                    stored.add(session, item)

        repeated(self._database, fill)

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
