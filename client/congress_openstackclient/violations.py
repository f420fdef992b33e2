"""`openstack congress violation ...` and `event ...`: what is wrong, what was, and what just came and went."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Any

from osc_lib.command import command

from congress_openstackclient.shown import fields, row_text

_COLUMNS = ("ID", "Policy", "Table", "Row", "State", "Opened", "Seconds")


class ListViolations(command.Lister):
    """List violations: the stays of rows in error, warning and other watched tables, latest first."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("--policy", metavar="<policy>", help="only those of this policy")
        parser.add_argument("--table", metavar="<table>", help="only those of this table")
        parser.add_argument("--state", choices=["open", "closed"], help="only those that are open, or closed")
        parser.add_argument("--text", metavar="<text>", help="only those whose row has this text in it")
        parser.add_argument("--open-at", metavar="<time>", help="only those that were open at this time")
        parser.add_argument("--opened-since", metavar="<time>", help="only those that opened at this time or later")
        parser.add_argument("--opened-until", metavar="<time>", help="only those that opened before this time")
        parser.add_argument("--closed-since", metavar="<time>", help="only those that closed at this time or later")
        parser.add_argument("--closed-until", metavar="<time>", help="only those that closed before this time")
        parser.add_argument("--since-revision", metavar="<revision>", help="only changes after this policy revision")
        parser.add_argument("--limit", type=int, default=100, metavar="<number>", help="at most so many (default: 100)")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        found = self.app.client_manager.congress.listed(
            "violations", most=given.limit, policy=given.policy, table=given.table, state=given.state,
            text=given.text, open_at=given.open_at, opened_since=given.opened_since,
            opened_until=given.opened_until, closed_since=given.closed_since, closed_until=given.closed_until,
            since_revision=given.since_revision,
        )  # fmt: skip
        return _COLUMNS, [_line(each) for each in found]


def _line(found: dict[str, Any]) -> tuple[Any, ...]:
    return (
        found["id"], found["policy"], found["table"], row_text(found["row"]), found["state"],
        found["opened"]["at"], found["seconds"],
    )  # fmt: skip


class ShowViolation(command.ShowOne):
    """Show a violation, with why its row came and why it went."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("violation", metavar="<violation>", help="its id")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        found = self.app.client_manager.congress.ask("GET", "violations", given.violation)
        shown = {name: value for name, value in found.items() if not isinstance(value, dict)}
        shown["row"] = row_text(found["row"])
        for end in ("opened", "closed"):
            shown |= {f"{end}_{name}": value for name, value in (found[end] or {}).items()}
        for why in ("explanation", "closing"):
            shown[why] = None if found.get(why) is None else json.dumps(found[why], indent=1)
        return fields(shown)


class ListEvents(command.Lister):
    """List openings and closings of violations in the order in which they happened."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("--after", default="0", metavar="<event>", help="only those after this one (default: all)")
        parser.add_argument("--policy", metavar="<policy>", help="only those of this policy")
        parser.add_argument("--table", metavar="<table>", help="only those of this table")
        parser.add_argument("--wait", type=float, metavar="<seconds>", help="wait so long for one when there is none")
        parser.add_argument("--limit", type=int, default=100, metavar="<number>", help="at most so many (default: 100)")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        answer = self.app.client_manager.congress.ask(
            "GET", "events", after=given.after, policy=given.policy, table=given.table, wait=given.wait,
            limit=given.limit,
        )  # fmt: skip
        if answer["missed"]:
            self.log.warning("events up to %s have been forgotten", answer["missed"]["until"])
        return ("ID", "At", "Policy", "Table", "Row", "Change"), [
            (one["id"], one["at"], one["policy"], one["table"], row_text(one["row"]), one["change"])
            for one in answer["results"]
        ]


class ListHistory(command.Lister):
    """List which rows entered and left the watched tables of a policy, the latest first."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("policy", metavar="<policy>", help="name or id of the policy")
        parser.add_argument("--table", metavar="<table>", help="only changes of this table")
        parser.add_argument("--row", metavar="<json>", help="only changes of this row, a JSON list of its cells")
        parser.add_argument("--change", choices=["entered", "left"], help="only what entered, or what left")
        parser.add_argument("--since", metavar="<time>", help="only what was seen at this time or later")
        parser.add_argument("--until", metavar="<time>", help="only what was seen before this time")
        parser.add_argument("--limit", type=int, default=100, metavar="<number>", help="at most so many (default: 100)")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        found = self.app.client_manager.congress.listed(
            "policies", given.policy, "history", most=given.limit, table=given.table, row=given.row,
            change=given.change, since=given.since, until=given.until,
        )  # fmt: skip
        return ("ID", "At", "Table", "Row", "Change", "Revision"), [
            (one["id"], one["at"], one["table"], row_text(one["row"]), one["change"], one["revision"]) for one in found
        ]
