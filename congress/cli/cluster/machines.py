"""How commands that look at machines, or change them, reach them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from congress.cli.cluster.command import described, takes_description
from congress.cluster.apply.applying import Applying
from congress.cluster.apply.errors import ApplyError
from congress.cluster.apply.runner import Runner, over_ssh, this_machine
from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.lab.laboratory import Laboratory
from congress.cluster.lab.runner import Nodes
from congress.cluster.lab.up import wanted_of
from congress.cluster.plan.desired import Desired, desired
from congress.cluster.services.registry import services
from congress.cluster.vault import Vault


def takes_machines(parser: ArgumentParser) -> None:
    """Add the description and the way to its nodes."""
    takes_description(parser)
    parser.add_argument("--network", default="internal", help="the network in which nodes are reached (%(default)s)")
    parser.add_argument("--user", default="root", help="the account on the nodes (%(default)s); it has to be root")
    parser.add_argument(
        "--ssh-option",
        action="append",
        default=[],
        metavar="ARGUMENT",
        help="an argument of ssh, as -i or a key's file",
    )
    parser.add_argument("--local", action="store_true", help="this machine is the only node; no ssh")
    parser.add_argument("--lab", type=Path, metavar="DIRECTORY", help="the nodes are those of a laboratory there")


def wanted(given: Namespace) -> Desired:
    """What the description wants, with the values of its secrets. Raises DescriptionError, SecretError."""
    description = described(given)
    if given.lab is not None:
        return wanted_of(Laboratory(given.lab.resolve()), description)
    return desired(compose(description, services()), Vault(description))


def reaching(given: Namespace, absent: Iterable[str] = ()) -> Applying:
    """The machines of the description, but for those that are given up. Raises ApplyError for what has no address."""
    what = wanted(given)
    return Applying(what, runner(given, what.deployment), absent=absent)


def runner(given: Namespace, deployment: Deployment) -> Runner:
    """The way to the nodes that the options name."""
    nodes = [node for cluster in deployment.clusters for node in cluster.nodes]
    if given.lab is not None:
        return Nodes(Laboratory(given.lab.resolve()))
    if given.local:
        if len(nodes) != 1:
            raise ApplyError(f"the description has {len(nodes)} nodes, and this machine can be one; leave --local away")
        return this_machine()
    without = [node.name for node in nodes if given.network not in node.addresses]
    if without:
        raise ApplyError(f"{', '.join(without)} have no address in {given.network!r}; name another --network")
    addresses = {node.name: node.addresses[given.network] for node in nodes}
    return over_ssh(addresses, user=given.user, options=given.ssh_option)
