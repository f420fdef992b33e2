"""How plans reach the nodes of a laboratory."""

from __future__ import annotations

from collections.abc import Sequence

from congress.cluster.apply.runner import Machines, Outcome
from congress.cluster.lab.laboratory import Laboratory


class Nodes(Machines):
    """Every node sees what is installed on this machine; nothing is installed for a rehearsal."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(laboratory.entering, quoted=False)

    def install(self, node: str, packages: Sequence[str]) -> Outcome:  # noqa: ARG002
        return Outcome(0)

    def installed(self, node: str, packages: Sequence[str]) -> frozenset[str]:  # noqa: ARG002
        return frozenset(packages)
