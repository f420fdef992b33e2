"""Figures of other engines for the same workloads, to be printed beside ours.

Measured on 2 shared cores with Python 3.11, CPU seconds unless a name says microseconds; medians of 3; +-30 %.
`original` is OpenStack Congress 11 (a similar join), `prototype` a plain-Python incremental engine written to
explore the design.
"""

from __future__ import annotations

REFERENCE: dict[tuple[str, int | str], dict[str, tuple[float | None, float | None]]] = {
    # (workload, size): {figure: (original, prototype)}
    ("w1", 100_000): {
        "load": (1.0, 0.19),
        "evaluate": (9.3, 0.059),
        "load + evaluate + prepare": (10.3, 0.249),
        "update p50 us": (18_500_000, 10),
        "update p99 us": (None, 47),
        "batch of 10000": (None, 0.13),
        "query kept us": (None, 0.3),
        "query pushed down us": (166, 2.4),
        "simulation p50 us": (17_900_000, 100),
        "snapshot": (None, 0.26),
        "engine MB": (None, 42),
        "engine bytes per row": (590, 168),
    },
    ("w1", 1_000_000): {
        "load": (10.0, 4.1),
        "evaluate": (101.0, 1.07),
        "load + evaluate + prepare": (111.0, 5.17),
        "update p50 us": (300_000_000, 12),
        "update p99 us": (None, 52),
        "batch of 10000": (None, 0.15),
        "query kept us": (None, 0.4),
        "query pushed down us": (168, 3.5),
        "simulation p50 us": (None, 140),
        "snapshot": (None, 3.5),
        "engine MB": (None, 420),
        "engine bytes per row": (590, 168),
    },
    ("w4", "tree"): {
        "evaluate": (None, 2.4),
        "engine MB": (None, 222),
        "insert p50 us": (None, 30),
        "delete p50 us": (None, 76),
    },
    ("w4", "random"): {"evaluate": (None, 7.2), "delete p50 us": (None, 34_000_000)},
    ("w4", "chain"): {"evaluate": (None, 1.4), "delete p50 us": (None, 2_800_000)},
    ("w6", 10_000): {"evaluate": (None, 0.67), "update p50 us": (None, 390), "engine MB": (None, 256)},
}
