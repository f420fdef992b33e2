"""`openstack congress action ...`: what rules asked to be done, and decisions about it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from osc_lib.command import command

from congress_openstackclient.shown import fields, row_text

STATES = ("proposed", "pending", "claimed", "done", "failed", "unknown", "rejected", "obsolete", "expired")


class ListActions(command.Lister):
    """List the actions that rules asked for, newest first."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("--policy", metavar="<policy>", help="only those of this policy, by its name")
        parser.add_argument(
            "--state", choices=STATES, help="only those in this state; `proposed` ones wait for approval"
        )
        parser.add_argument("--limit", type=int, default=100, metavar="<number>", help="at most so many (default: 100)")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        congress = self.app.client_manager.congress
        found = congress.listed("actions", most=given.limit, policy=given.policy, state=given.state)
        return ("ID", "Policy", "Action", "Arguments", "State", "Outcome", "Created"), [
            (
                one["id"], one["policy"], f"{one['datasource']}:{one['action']}", row_text(one["args"]), one["state"],
                one["outcome"], one["created_at"],
            )
            for one in found
        ]  # fmt: skip


class _One(command.ShowOne):
    """A command about one action."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("action", metavar="<action>", help="its id")
        return parser

    @staticmethod
    def shown(found: dict[str, Any]) -> tuple[Any, Any]:
        """The action, one line for each thing that happened to it."""
        events = [f"{one['at']} {one['state']} {one['actor']} {one['detail']}".strip() for one in found["events"]]
        shown = {**found, "args": row_text(found["args"]), "events": "\n".join(events)}
        return fields(shown)


class ShowAction(_One):
    """Show an action, with all that happened to it."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        return self.shown(self.app.client_manager.congress.ask("GET", "actions", given.action))


class _Decision(_One):
    """A decision about an action."""

    decision = ""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--comment", metavar="<text>", help="why; kept beside your name")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        body = {} if given.comment is None else {"comment": given.comment}
        path = ("actions", given.action, self.decision)
        return self.shown(self.app.client_manager.congress.ask("POST", *path, body=body))


class ApproveAction(_Decision):
    """Let a proposed action be done."""

    decision = "approve"


class RejectAction(_Decision):
    """Let a proposed or pending action not be done."""

    decision = "reject"


class RetryAction(_Decision):
    """Have an action tried again that failed, expired, was rejected, or whose outcome is unknown."""

    decision = "retry"
