"""The graph as a drawing: tables in layers, datasources at the bottom, each line from a table to what follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from congress.authoring.graph import Edge, Graph
from congress.datalog.core import TableId

LETTER, HEIGHT, GAP, LAYER, MARGIN = 7.2, 30, 24, 84, 20
"""Width of a letter, height of a box, space between boxes, distance of layers, and margin, in pixels."""
SWEEPS = 4
"""How often layers are ordered by their neighbours; more gains nothing that can be seen."""

_STYLE = """
  .t { font: 12px monospace; fill: #1b1f24; } .b { fill: #f6f8fa; stroke: #57606a; }
  .watched { fill: #ffebe9; stroke: #cf222e; stroke-width: 2; } .datasource { fill: #ddf4ff; stroke: #0969da; }
  .facts { fill: #fff8c5; stroke: #9a6700; } .e { fill: none; stroke: #57606a; marker-end: url(#arrow); }
  .not { stroke-dasharray: 5 4; } .l { font: 10px sans-serif; fill: #57606a; } #arrow path { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    .t { fill: #e6edf3; } .b { fill: #21262d; stroke: #8b949e; } .watched { fill: #4b1113; stroke: #f85149; }
    .datasource { fill: #0c2d4a; stroke: #58a6ff; } .facts { fill: #3b2e00; stroke: #d29922; }
    .e { stroke: #8b949e; } .l { fill: #8b949e; } #arrow path { fill: #8b949e; }
  }
"""


class Box(NamedTuple):
    """Where a table is drawn: its left upper corner, and its width."""

    x: float
    y: float
    width: float


def as_svg(graph: Graph) -> str:
    """The drawing, as one SVG document that follows the reader's choice of light or dark."""
    layers = ordered(graph)
    boxes = _boxes(layers)
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = MARGIN * 2 + HEIGHT + LAYER * max(len(layers) - 1, 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img">',
        f"<title>Which table follows which</title><style>{_STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    parts += [_line(edge, boxes) for edge in graph.edges]
    parts += [_box(table, graph.kinds[table], box) for table, box in boxes.items()]
    return "\n".join([*parts, "</svg>"])


def ordered(graph: Graph) -> list[list[TableId]]:
    """The layers, each in an order in which lines cross little: by the mean place of a table's neighbours (Sugiyama,
    "Methods for visual understanding of hierarchical system structures", 1981)."""
    layers = graph.layers()
    near: dict[TableId, list[TableId]] = {table: [] for table in graph.kinds}
    for edge in graph.edges:
        near[edge.head].append(edge.body)
        near[edge.body].append(edge.head)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 else layers[::-1]:
            place = {one: index / max(len(each), 1) for each in layers for index, one in enumerate(each)}
            means = {one: sum(place[other] for other in near[one]) / max(len(near[one]), 1) for one in layer}
            layer.sort(key=lambda one: (means[one], one))  # noqa: B023 - used at once
    return layers


def _boxes(layers: Sequence[Sequence[TableId]]) -> dict[TableId, Box]:
    widths = [[LETTER * len(str(table)) + 16 for table in layer] for layer in layers]
    rows = [sum(layer) + GAP * (len(layer) - 1) for layer in widths]
    boxes = {}
    for number, layer in enumerate(layers):
        x = MARGIN + (max(rows) - rows[number]) / 2
        for table, width in zip(layer, widths[number], strict=True):
            boxes[table] = Box(x, MARGIN + LAYER * (len(layers) - 1 - number), width)
            x += width + GAP
    return boxes


def _box(table: TableId, kind: str, box: Box) -> str:
    middle = box.x + box.width / 2
    return (
        f'<rect class="b {kind}" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{HEIGHT}" rx="5"/>'
        f'<text class="t" x="{middle:.1f}" y="{box.y + 19:.1f}" text-anchor="middle">{escape(str(table))}</text>'
    )


def _line(edge: Edge, boxes: Mapping[TableId, Box]) -> str:
    start, end = boxes[edge.body], boxes[edge.head]
    x, y, to_x, to_y = start.x + start.width / 2, start.y, end.x + end.width / 2, end.y + HEIGHT
    if edge.body == edge.head:
        side, low = start.x + start.width, start.y + HEIGHT - 6
        way = f"M{side:.1f} {start.y + 6:.1f}c26 -8 26 {HEIGHT - 4} 0 {low - start.y - 6:.1f}"
    elif start.y == end.y:
        way = f"M{x:.1f} {y:.1f}C{x:.1f} {y - 36:.1f} {to_x:.1f} {y - 36:.1f} {to_x:.1f} {end.y:.1f}"
    else:
        bend = (y - to_y) / 2
        way = f"M{x:.1f} {y:.1f}C{x:.1f} {y - bend:.1f} {to_x:.1f} {to_y + bend:.1f} {to_x:.1f} {to_y:.1f}"
    word = "not" if edge.negated else "all of" if edge.aggregated else ""
    label = f'<text class="l" x="{(x + to_x) / 2 + 4:.1f}" y="{(y + to_y) / 2:.1f}">{word}</text>' if word else ""
    return f'<path class="e{" not" * edge.negated}" d="{way}"/>{label}'
