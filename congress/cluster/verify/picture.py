"""A cluster before and after, as a picture: a row for each resource that changed, a column for each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import TypeAlias

from congress.cluster.pacemaker.reading import NodeStatus, Status

ROW, GAP, HEAD, EDGE = 22, 46, 48, 6
LETTER, NARROWEST = 7.2, 78
CONDITIONS = {"online": "up", "offline": "down", "unclean": "lost", "pending": "wait", "standby": "wait"}
MARKS = {"promoted": "P", "failed": "!"}
"""What colours tell, for those who do not see them."""

Cells: TypeAlias = Mapping[tuple[str, str], str]
"""(resource, node) -> the class of what is there."""


def before_and_after(before: Status, after: Status) -> str:
    """An SVG element. Its colours are classes that the page defines: `up`, `down`, `lost`, `wait`; `started`,
    `promoted`, `unpromoted`, `failed`, `none`; `changed` frames what is not as it was."""
    nodes = sorted({*before.nodes, *after.nodes})
    first, last = _cells(before), _cells(after)
    resources = sorted({key[0] for key in {*first, *last} if first.get(key) != last.get(key)})
    others = len({resource for resource, _ in {*first, *last}}) - len(resources)
    label = int(max((len(name) for name in (*resources, "x" * 18)), default=0) * LETTER) + EDGE
    column = max(NARROWEST, int(max(map(len, nodes), default=0) * LETTER) + 2 * EDGE)
    panel = column * len(nodes)
    width, bottom = label + 2 * panel + GAP + EDGE, HEAD + ROW * len(resources)
    right = label + panel + GAP
    parts = [
        f'<svg viewBox="0 0 {width} {bottom + 22}" width="{width}" height="{bottom + 22}" role="img"'
        ' xmlns="http://www.w3.org/2000/svg"><title>The cluster before and after</title>',
        *_heads(before, nodes, label, column, "before"),
        *_heads(after, nodes, right, column, "after"),
        f'<text class="arrow" x="{right - GAP // 2 - 3}" y="33" text-anchor="middle">&#8594;</text>',
    ]
    for row, resource in enumerate(resources):
        y = HEAD + row * ROW
        parts.append(f'<text x="{label - 10}" y="{y + 15}" text-anchor="end">{escape(resource)}</text>')
        for number, node in enumerate(nodes):
            one, other = first.get((resource, node)), last.get((resource, node))
            parts.append(_cell(label + number * column, y, column, one, changed=False))
            parts.append(_cell(right + number * column, y, column, other, changed=one != other))
    note = f"{others} resources are where they were" if resources else f"all {others} resources are where they were"
    parts.append(f'<text class="note" x="{label}" y="{bottom + 15}">{note}</text></svg>')
    return "".join(parts)


def _heads(status: Status, nodes: list[str], x: int, column: int, when: str) -> Iterator[str]:
    yield f'<text class="when" x="{x}" y="12">{when}</text>'
    for number, name in enumerate(nodes):
        node = status.nodes.get(name, NodeStatus(name, online=False))
        style = CONDITIONS.get(node.condition, "wait")
        at, wide = x + number * column, column - EDGE
        yield f'<rect class="{style}" x="{at}" y="19" width="{wide}" height="22" rx="4"/>'
        yield f'<text class="node" x="{at + wide // 2}" y="34" text-anchor="middle">{escape(name)}'
        yield f"<title>{escape(name)}: {node.condition}</title></text>"


def _cells(status: Status) -> Cells:
    found = {}
    for instance in status.instances:
        if instance.active or instance.failed:
            style = "failed" if instance.failed or instance.blocked else instance.role.lower()
            found[instance.resource, instance.node] = style
    return found


def _cell(x: int, y: int, column: int, style: str | None, *, changed: bool) -> str:
    wide, frame = column - EDGE, " changed" if changed else ""
    box = f'<rect class="{style or "none"}{frame}" x="{x}" y="{y + 3}" width="{wide}" height="{ROW - 6}" rx="3"/>'
    mark = MARKS.get(style or "")
    return (
        f'{box}<text class="node" x="{x + wide // 2}" y="{y + 15}" text-anchor="middle">{mark}</text>' if mark else box
    )
