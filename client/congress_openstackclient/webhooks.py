"""`openstack congress event webhook ...` and `dead letter ...`: where events are sent, and what was not taken there."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from osc_lib.command import command

from congress_openstackclient.shown import fields

_COLUMNS = ("ID", "URL", "Policy", "Table", "Position", "Dead Letters", "Error")


class CreateWebhook(command.ShowOne):
    """Have events sent to an address from now on; the secret that signs them is shown this once."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("url", metavar="<url>", help="the address")
        parser.add_argument("--description", metavar="<text>", help="what it is for")
        parser.add_argument("--policy", metavar="<policy>", help="only events of this policy")
        parser.add_argument("--table", metavar="<table>", help="only events of this table")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        wanted = {"url": given.url, "description": given.description, "policy": given.policy, "table": given.table}
        body = {name: value for name, value in wanted.items() if value is not None}
        return fields(self.app.client_manager.congress.ask("POST", "event-webhooks", body=body))


class ListWebhooks(command.Lister):
    """List the addresses to which events are sent, and how far each is."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        answer = self.app.client_manager.congress.ask("GET", "event-webhooks")
        return _COLUMNS, [
            (one["id"], one["url"], one["policy"], one["table"], one["position"], one["dead_letters"], one["error"])
            for one in answer["results"]
        ]


class DeleteWebhook(command.Command):
    """Send nothing to an address any more; its dead letters are forgotten."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("webhook", metavar="<webhook>", help="its id")
        return parser

    def take_action(self, given: Namespace) -> None:
        self.app.client_manager.congress.ask("DELETE", "event-webhooks", given.webhook)


class ListDeadLetters(command.Lister):
    """List what an address did not take, however often it was sent."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("webhook", metavar="<webhook>", help="id of the webhook")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        answer = self.app.client_manager.congress.ask("GET", "event-webhooks", given.webhook, "dead-letters")
        return ("ID", "First Event", "Last Event", "State", "Attempts", "Error", "At"), [
            (one["id"], one["first_event"], one["last_event"], one["state"], one["attempts"], one["error"], one["at"])
            for one in answer["results"]
        ]


class _Letter(command.ShowOne):
    """A command about one dead letter."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("webhook", metavar="<webhook>", help="id of the webhook")
        parser.add_argument("letter", metavar="<letter>", help="id of the dead letter")
        return parser


class RetryDeadLetter(_Letter):
    """Have a dead letter sent again."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        path = ("event-webhooks", given.webhook, "dead-letters", given.letter, "retry")
        return fields(self.app.client_manager.congress.ask("POST", *path))


class DeleteDeadLetter(_Letter):
    """Give a dead letter up."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        path = ("event-webhooks", given.webhook, "dead-letters", given.letter)
        return fields(self.app.client_manager.congress.ask("DELETE", *path))
