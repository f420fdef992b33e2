"""What was worked out from the rules, kept until one changes: checked queries, and which data a table follows."""

from __future__ import annotations

from collections.abc import Iterable

from congress.datalog import check_query
from congress.datalog.catalog import DATASOURCE
from congress.datalog.core import TRUE_TABLE_POLICY, Atom, Query, TableId
from congress.engine.policyset import PolicySet

_MOST_QUERIES = 256
_LONGEST_QUERY = 4096


class Lookup:
    """Callers hold the executor's lock."""

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._version = policies.version
        self._queries: dict[tuple[str, str], Query] = {}
        self._bodies: dict[TableId, set[TableId]] | None = None
        self._sources: dict[TableId, frozenset[TableId]] = {}
        self._mentioned: dict[TableId, bool] = {}

    def query(self, policy: str, text: str) -> Query:
        """The checked query. Raises UnknownPolicy, DatalogError."""
        self._policies.get(policy)
        self._refresh()
        found = self._queries.get((policy, text))
        if found is None:
            found = check_query(text, policy, self._policies)
            if len(text) <= _LONGEST_QUERY:
                if len(self._queries) >= _MOST_QUERIES:
                    self._queries.clear()
                self._queries[policy, text] = found
        return found

    def sources(self, tables: Iterable[TableId]) -> frozenset[TableId]:
        """The datasource tables that these tables follow, through however many rules."""
        self._refresh()
        return frozenset().union(*[self._sources_of(table) for table in tables])

    def absent(self, tables: Iterable[TableId]) -> frozenset[str]:
        """The policies and datasources that do not exist and that these tables follow, through however many rules."""
        self._refresh()
        followed = {one.policy for table in tables for one in self._followed(table)} - {TRUE_TABLE_POLICY}
        return frozenset(policy for policy in followed if self._policies.kind(policy) is None)

    def mentions(self, table: TableId) -> bool:
        """Whether a rule of any policy mentions the table."""
        self._refresh()
        if table not in self._mentioned:
            self._mentioned[table] = any(table in bodies for bodies in self._all_bodies().values())
        return self._mentioned[table]

    def _sources_of(self, table: TableId) -> frozenset[TableId]:
        found = self._sources.get(table)
        if found is None:
            kind = self._policies.kind
            found = self._sources[table] = frozenset(
                one for one in self._followed(table) if kind(one.policy) == DATASOURCE
            )
        return found

    def _all_bodies(self) -> dict[TableId, set[TableId]]:
        if self._bodies is None:
            self._bodies = {}
            for rule in self._policies.rules():
                bodies = self._bodies.setdefault(rule.table, set())
                bodies.update(literal.body.table for literal in rule.body if isinstance(literal.body, Atom))
        return self._bodies

    def _followed(self, table: TableId) -> Iterable[TableId]:
        """The table, and all that it follows."""
        every = self._all_bodies()
        seen, waiting = {table}, [table]
        while waiting:
            one = waiting.pop()
            yield one
            fresh = every.get(one, set()) - seen
            seen |= fresh
            waiting.extend(fresh)

    def _refresh(self) -> None:
        if self._version != self._policies.version:
            self._version = self._policies.version
            self._queries.clear()
            self._sources.clear()
            self._mentioned.clear()
            self._bodies = None
