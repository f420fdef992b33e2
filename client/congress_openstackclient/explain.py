"""`openstack congress explain`: why a row is there, or is not."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from osc_lib.command import command

from congress_openstackclient.shown import row_from


class Explain(command.Command):
    """Say why a row of a policy's table is there, or why it is not."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("policy", metavar="<policy>", help="name or id of the policy")
        parser.add_argument("table", metavar="<table>", help="the table")
        parser.add_argument("cells", nargs="*", metavar="<cell>", help="the cells of the row, as strings")
        parser.add_argument("--row", metavar="<json>", help="the row as a JSON list, for cells that are numbers")
        return parser

    def take_action(self, given: Namespace) -> None:
        row = row_from(given.cells, given.row)
        path = ("policies", given.policy, "tables", given.table, "explain")
        answer = self.app.client_manager.congress.ask("POST", *path, body={"row": row})
        self.app.stdout.write(answer["text"].rstrip("\n") + "\n")
