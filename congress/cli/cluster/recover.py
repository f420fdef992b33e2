"""`congress-cluster recover`: a database that stopped everywhere, or members that fell out of the message bus."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from congress.cli.cluster.carrying import carry_out, takes_plan
from congress.cli.cluster.command import Command
from congress.cluster.apply.applying import Applying
from congress.cluster.apply.looking import reachable
from congress.cluster.daytwo import galera, rabbitmq
from congress.cluster.daytwo.evidence import positions
from congress.cluster.plan.state import State
from congress.cluster.plan.steps import Step


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("service", choices=("database", "messaging"), help="what is to be recovered")
    parser.add_argument(
        "--without", action="append", default=[], metavar="NODE", help="a lost node, given up with what only it has"
    )
    takes_plan(parser)


def _run(given: Namespace) -> int:
    without = frozenset(given.without)
    if given.service == "messaging":

        def joined(machines: Applying, state: State) -> tuple[Step, ...]:
            there = frozenset(node for node in without if reachable(machines.runner, node))
            return tuple(rabbitmq.recover(machines.desired, state, without=without, there=there))

        return carry_out(given, joined, "nothing to do: all members of the message bus work", without)

    def planned(machines: Applying, state: State) -> tuple[Step, ...]:
        found = positions(machines.desired, machines.runner, without)
        for each in found:
            print(each)
        return tuple(galera.recover(machines.desired, state, found, without=without))

    return carry_out(given, planned, "nothing to do: the database works", without)


COMMAND = Command("recover", "recover a stopped database, or members of the message bus", _arguments, _run)
