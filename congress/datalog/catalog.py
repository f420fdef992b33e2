"""What the checks need to know of the policies and datasources around a statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

DATASOURCE = "datasource"


class Catalog(Protocol):
    """The names in force. Implemented by whoever holds the policies."""

    def kind(self, policy: str) -> str | None:
        """The kind of a policy, `datasource` for a datasource, None when neither exists."""

    def tables(self, policy: str) -> Iterable[str] | None:
        """The tables of a policy or datasource; None when they are not known."""

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        """The column names of a datasource's table; None when there is no such table or no schema."""

    def arity(self, policy: str, table: str) -> int | None:
        """The number of columns of a policy's table that is in use; None when it is not in use."""


class EmptyCatalog:
    """A world without policies: every table is a table of an unknown policy."""

    def kind(self, policy: str) -> str | None:
        return None

    def tables(self, policy: str) -> Iterable[str] | None:
        return None

    def columns(self, policy: str, table: str) -> tuple[str, ...] | None:
        return None

    def arity(self, policy: str, table: str) -> int | None:
        return None
