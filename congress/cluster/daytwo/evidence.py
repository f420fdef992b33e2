"""Asks nodes how far their databases came."""

from __future__ import annotations

from congress.cluster.apply.looking import script
from congress.cluster.apply.runner import Runner
from congress.cluster.daytwo.galera import EVIDENCE, Position, position
from congress.cluster.plan.desired import Desired
from congress.cluster.plan.firststeps import DATABASE

ASKED_WITHIN = 120.0


def positions(desired: Desired, runner: Runner, without: frozenset[str] = frozenset()) -> tuple[Position, ...]:
    """Of all nodes of the database that answer, but for those that are given up."""
    found = []
    for cluster in desired.deployment.clusters:
        for placed in cluster.services:
            if placed.service == DATABASE:
                for node in placed.nodes:
                    if node not in without:
                        told = runner.run(node, "sh -s", stdin=script(EVIDENCE), timeout=ASKED_WITHIN)
                        found += [position(node, told.output)] if told else []
    return tuple(found)
