"""`congress-cluster verify`: prove what happens after each failure, before a machine is touched."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from congress.cli.cluster.command import Command, deployed, takes_description
from congress.cluster.deployment import Deployment
from congress.cluster.render.tree import tree
from congress.cluster.verify.crew import Progress
from congress.cluster.verify.expectations import expectations_of
from congress.cluster.verify.page import page
from congress.cluster.verify.proof import Proof, prove
from congress.cluster.verify.report import as_json, text, wrong
from congress.cluster.verify.tools import tool_checks
from congress.errors import CongressError


class UnknownCluster(CongressError):
    """A cluster that the description does not have."""


def _arguments(parser: ArgumentParser) -> None:
    takes_description(parser)
    parser.add_argument("--cluster", action="append", help="only this cluster of the deployment; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes, one a processor by default")
    parser.add_argument("--single", action="store_true", help="only each failure alone, not every two")
    parser.add_argument("--every-pair", action="store_true", help="try each pair alone, conclude nothing from others")
    parser.add_argument("--no-tools", action="store_true", help="do not show the rendered files to their own tools")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result for programs")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with pictures")
    parser.add_argument("--no-cache", action="store_true", help="believe nothing that was found out before")


def _run(given: Namespace) -> int:
    deployment = deployed(given)
    tools = () if given.no_tools else tool_checks(tree(deployment))
    proofs = _proofs(deployment, given)
    if given.json:
        given.json.write_text(json.dumps(as_json(proofs, tools), indent=2) + "\n", encoding="utf-8")
    if given.html:
        given.html.write_text(page(deployment.name, proofs, tools), encoding="utf-8")
    print(text(proofs, tools), end="")
    return 1 if wrong(proofs, tools) else 0


def _proofs(deployment: Deployment, given: Namespace) -> list[Proof]:
    directory = None if given.no_cache else _kept()
    names = [cluster.name for cluster in deployment.clusters]
    unknown = [name for name in given.cluster or () if name not in names]
    if unknown:
        raise UnknownCluster(f"there is no cluster {', '.join(unknown)}; the description has {', '.join(names)}")
    found = []
    for cluster in deployment.clusters:
        if given.cluster and cluster.name not in given.cluster:
            continue
        found.append(
            prove(
                cluster.name,
                expectations_of(deployment, cluster),
                jobs=given.jobs,
                directory=directory,
                progress=_progress(cluster.name),
                every_pair=given.every_pair,
                double=not given.single,
            )
        )
    return found


def _kept() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "congress-cluster" / "verify"


def _progress(name: str) -> Progress:
    """Shown to whoever sits at a terminal."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def show(done: int, of: int) -> None:
        end = "\n" if done == of else ""
        print(f"\r{name}: {done} of {of} scenarios", end=end, file=sys.stderr, flush=True)

    return show


COMMAND = Command("verify", "prove what happens after every failure and every two", _arguments, _run)
