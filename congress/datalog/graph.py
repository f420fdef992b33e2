"""Strongly connected components of a dependency graph."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def strongly_connected(edges: Mapping[Node, Iterable[Node]]) -> list[tuple[Node, ...]]:
    """The components, dependencies first: a node's successors are in its own component or in an earlier one.

    Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972) with an explicit stack, so that long
    chains of rules cannot exhaust Python's. Successors that are not keys of `edges` are nodes without successors.
    """
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    open_nodes: list[Node] = []
    is_open: set[Node] = set()
    components: list[tuple[Node, ...]] = []
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        open_nodes.append(root)
        is_open.add(root)
        work = [(root, iter(edges[root]))]
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    open_nodes.append(successor)
                    is_open.add(successor)
                    work.append((successor, iter(edges.get(successor, ()))))
                    break
                if successor in is_open:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        member = open_nodes.pop()
                        is_open.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    components.append(tuple(component))
    return components
