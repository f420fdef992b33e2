"""The examples, rendered once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.model.loading import load
from congress.cluster.render.tree import tree
from congress.cluster.services.registry import services

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = tuple(sorted(path.stem for path in EXAMPLES.glob("*.yaml")))


@cache
def deployment(name: str) -> Deployment:
    return compose(load(EXAMPLES / f"{name}.yaml"), services())


@cache
def rendered(name: str) -> Mapping[str, str]:
    return tree(deployment(name))
