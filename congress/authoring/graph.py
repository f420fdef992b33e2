"""Which table follows which: the graph of a project's rules, as text and in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from congress.authoring.schemas import Schemas
from congress.datalog import strongly_connected
from congress.datalog.core import TRUE_TABLE_POLICY, Aggregate, Atom, Rule, TableId
from congress.engine.workspace import default_watch

Kind: TypeAlias = Literal["watched", "derived", "facts", "datasource"]


class Edge(NamedTuple):
    """`head` follows `body`. `negated`: it holds where nothing is there; `aggregated`: it counts or sums."""

    head: TableId
    body: TableId
    negated: bool
    aggregated: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Tables and what they follow; `rules` is how many rules define each."""

    kinds: Mapping[TableId, Kind]
    rules: Mapping[TableId, int]
    edges: tuple[Edge, ...]

    def to_data(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "tables": [
                {"table": str(table), "kind": kind, "rules": self.rules.get(table, 0)}
                for table, kind in sorted(self.kinds.items())
            ],
            "edges": [
                {"head": str(e.head), "body": str(e.body), "negated": e.negated, "aggregated": e.aggregated}
                for e in self.edges
            ],
        }

    def below(self, table: TableId) -> Graph:
        """Only the table and what it follows, through however many rules."""
        kept, waiting = {table}, [table]
        while waiting:
            one = waiting.pop()
            fresh = {edge.body for edge in self.edges if edge.head == one} - kept
            kept |= fresh
            waiting += fresh
        return Graph(
            {one: kind for one, kind in self.kinds.items() if one in kept},
            self.rules,
            tuple([edge for edge in self.edges if edge.head in kept]),
        )

    def layers(self) -> list[list[TableId]]:
        """The tables by how many others must be known before them; those of a recursion are beside each other."""
        follows: dict[TableId, list[TableId]] = {table: [] for table in sorted(self.kinds)}
        for edge in self.edges:
            follows[edge.head].append(edge.body)
        depth: dict[TableId, int] = {}
        for members in strongly_connected(follows):
            below = [depth[body] for one in members for body in follows[one] if body not in members]
            level = 1 + max(below, default=-1)
            depth.update(dict.fromkeys(members, level))
        found: list[list[TableId]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
        for table in sorted(depth):
            found[depth[table]].append(table)
        return found


def graph(rules: Iterable[Rule], facts: Iterable[TableId], schemas: Schemas) -> Graph:
    """The graph of checked rules; `facts` are the tables that have some."""
    kinds: dict[TableId, Kind] = {}
    counts: dict[TableId, int] = {}
    edges: dict[Edge, None] = {}
    for rule in rules:
        counts[rule.table] = counts.get(rule.table, 0) + 1
        kinds[rule.table] = "watched" if default_watch(rule.table) else "derived"
        aggregated = any(isinstance(term, Aggregate) for term in rule.head)
        for literal in rule.body:
            if isinstance(literal.body, Atom) and literal.body.table.policy != TRUE_TABLE_POLICY:
                edges[Edge(rule.table, literal.body.table, literal.negated, aggregated)] = None
    for table in [*facts, *[edge.body for edge in edges]]:
        kinds.setdefault(table, "datasource" if table.policy in schemas else "facts")
    return Graph(kinds, counts, tuple(sorted(edges)))


def as_text(found: Graph) -> str:
    """A tree under each table that no other follows; what was shown before is not repeated."""
    followed = {edge.body for edge in found.edges if edge.body != edge.head}
    roots = [table for table in sorted(found.kinds) if table not in followed]
    shown: set[TableId] = set()
    lines: list[str] = []
    for root in [*roots, *sorted(found.kinds)]:  # the second time for recursions that nothing else follows
        if root not in shown:
            lines += _tree(found, root, "", "", shown)
    return "\n".join(lines)


def _tree(found: Graph, table: TableId, indent: str, how: str, shown: set[TableId]) -> Iterator[str]:
    edges = [edge for edge in found.edges if edge.head == table]
    is_known = table in shown
    shown.add(table)
    yield f"{indent}{how}{table}  ({_described(found, table)}{', see above' if is_known and edges else ''})"
    if not is_known:
        for edge in edges:
            how = "not " if edge.negated else "all of " if edge.aggregated else ""
            yield from _tree(found, edge.body, indent + "  ", how, shown)


def _described(found: Graph, table: TableId) -> str:
    count = found.rules.get(table, 0)
    kind = found.kinds[table]
    return f"{count} rule{'s' * (count != 1)}" if count else "datasource" if kind == "datasource" else "facts"


_SHAPES: Mapping[str, str] = {"watched": "box, penwidth=2", "derived": "box", "facts": "note", "datasource": "cylinder"}


def as_dot(found: Graph) -> str:
    """In the language of Graphviz, datasources at the bottom."""
    lines = ["digraph policies {", "  rankdir=BT;", '  node [fontname="sans-serif", fontsize=11];']
    for table, kind in sorted(found.kinds.items()):
        lines.append(f"  {_quoted(table)} [shape={_SHAPES[kind]}];")
    for edge in found.edges:
        look = ' [style=dashed, label="not"]' if edge.negated else ' [label="all of"]' if edge.aggregated else ""
        lines.append(f"  {_quoted(edge.body)} -> {_quoted(edge.head)}{look};")
    return "\n".join([*lines, "}"])


def _quoted(table: TableId) -> str:
    text = str(table).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
