"""`openstack congress check` and `preview`: what is wrong with rules, and what they would change."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from osc_lib.command import command
from osc_lib.exceptions import CommandError

from congress_openstackclient.shown import preview_lines


class Check(command.Lister):
    """List what is wrong with the rules in a file, if they were put into a policy; changes nothing."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("policy", metavar="<policy>", help="name or id of the policy")
        parser.add_argument("file", type=Path, metavar="<file>", help="the rules")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        try:
            text = given.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{given.file} cannot be read: {error}") from error
        path = ("policies", given.policy, "check")
        answer = self.app.client_manager.congress.ask("POST", *path, body={"text": text})
        return ("Line", "Column", "Severity", "Code", "Message", "Hint"), [
            (one["line"], one["column"], one["severity"], one["code"], one["message"], one["hint"])
            for one in answer["diagnostics"]
        ]


class Preview(command.Lister):
    """List the rows that would come and go, and the actions, if a rule were put into a policy or taken out."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("policy", metavar="<policy>", help="name or id of the policy")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("rules", nargs="*", default=[], metavar="<rule>", help="rules to put into it, all together")
        what.add_argument("--without", metavar="<rule-id>", help="a rule to take out instead")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        congress = self.app.client_manager.congress
        path = ("policies", given.policy, "rules")
        if given.without is not None:
            answer = congress.ask("DELETE", *path, given.without, preview="true")
        else:
            body = {"rules": [{"rule": rule} for rule in given.rules]}
            answer = congress.ask("POST", *path, body=body, preview="true")
        return preview_lines(answer)
