"""A cluster before and after, as a picture: a row for each resource, a column for each node."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from congress.cluster.pacemaker.reading import NodeStatus, Status

ROW, CELL, LABEL, HEAD, GAP = 16, 72, 190, 40, 36
CONDITIONS = {"online": "up", "offline": "down", "unclean": "lost", "pending": "wait", "standby": "wait"}


def before_and_after(before: Status, after: Status) -> str:
    """An SVG element. Its colours are classes that the page defines: `up`, `down`, `lost`, `wait`; `started`,
    `promoted`, `unpromoted`, `failed`; `changed` frames what is not as it was."""
    resources = sorted({i.resource for status in (before, after) for i in status.instances if i.active or i.failed})
    nodes = sorted({*before.nodes, *after.nodes})
    grid = CELL * len(nodes)
    width = LABEL + 2 * grid + GAP
    height = HEAD + ROW * len(resources) + 8
    parts = [
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        ' xmlns="http://www.w3.org/2000/svg">',
        "<title>The cluster before and after</title>",
    ]
    for row, resource in enumerate(resources):
        y = HEAD + row * ROW
        parts.append(f'<text class="label" x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(resource)}</text>')
    left, right = LABEL, LABEL + grid + GAP
    parts += _heads(before, nodes, left, "before")
    parts += _heads(after, nodes, right, "after")
    first, last = _cells(before), _cells(after)
    for row, resource in enumerate(resources):
        for column, node in enumerate(nodes):
            one, other = first.get((resource, node)), last.get((resource, node))
            parts.append(_cell(left + column * CELL, HEAD + row * ROW, one, changed=False))
            parts.append(_cell(right + column * CELL, HEAD + row * ROW, other, changed=one != other))
    return "".join((*parts, "</svg>"))


def _heads(status: Status, nodes: list[str], x: int, when: str) -> Iterator[str]:
    yield f'<text class="when" x="{x}" y="10">{when}</text>'
    for column, name in enumerate(nodes):
        node = status.nodes.get(name, NodeStatus(name, online=False))
        style = CONDITIONS.get(node.condition, "wait")
        at = x + column * CELL
        yield f'<rect class="{style}" x="{at}" y="15" width="{CELL - 6}" height="20" rx="3"/>'
        yield f'<text class="node" x="{at + (CELL - 6) // 2}" y="29" text-anchor="middle">{escape(name)}'
        yield f"<title>{escape(name)}: {node.condition}</title></text>"


def _cells(status: Status) -> dict[tuple[str, str], str]:
    found = {}
    for instance in status.instances:
        if instance.active or instance.failed:
            style = "failed" if instance.failed or instance.blocked else instance.role.lower()
            found[instance.resource, instance.node] = style
    return found


def _cell(x: int, y: int, style: str | None, *, changed: bool) -> str:
    frame = " changed" if changed else ""
    tip = f"<title>{style or 'not here'}</title>"
    size = f'x="{x}" y="{y + 2}" width="{CELL - 6}" height="{ROW - 4}" rx="2"'
    return f'<rect class="{style or "none"}{frame}" {size}>{tip}</rect>'
