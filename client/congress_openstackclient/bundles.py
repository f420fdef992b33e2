"""`openstack congress bundle ...`: sets of policies that come, change and go together."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from osc_lib.command import command
from osc_lib.exceptions import CommandError

from congress_openstackclient.shown import fields, preview_lines

LEVELS = ("monitor", "propose", "enforce")


def _one(found: dict[str, Any]) -> tuple[Any, Any]:
    """A bundle, with one line for each version and for each thing that happened to it."""
    shown = {name: value for name, value in found.items() if name not in ("id", "uploaded")}
    shown["policies"] = ", ".join(found["policies"])
    shown["versions"] = "\n".join(
        f"{one['version']} {one['state']}, {_signed(one['signer'])}, uploaded {one['uploaded_at']} by "
        f"{one['uploaded_by']}"
        for one in found["versions"]
    )
    if "history" in found:
        shown["history"] = "\n".join(
            f"{one['at']} {one['what']} {one['version'] or ''} by {one['by']}" for one in found["history"]
        )
    return fields(shown)


def _signed(signer: str | None) -> str:
    return f"signed by {signer[:16]}" if signer else "not signed by a trusted key"


class UploadBundle(command.ShowOne):
    """Upload the archive that `congress bundle build` made; nothing becomes active."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("file", type=Path, metavar="<file>", help="the archive")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        try:
            data = given.file.read_bytes()
        except OSError as error:
            raise CommandError(f"{given.file} cannot be read: {error.strerror}") from error
        return _one(self.app.client_manager.congress.send("POST", "bundles", data=data))


class ListBundles(command.Lister):
    """List the bundles, and which version of each is active."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        return ("Name", "Active", "Previous", "Versions", "Policies", "Changed"), [
            (
                one["name"], one["active"], one["previous"],
                ", ".join(each["version"] for each in one["versions"]), ", ".join(one["policies"]), one["changed_at"],
            )
            for one in self.app.client_manager.congress.listed("bundles")
        ]  # fmt: skip


class _Named(command.ShowOne):
    """A command about one bundle."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("bundle", metavar="<bundle>", help="its name")
        return parser


class ShowBundle(_Named):
    """Show a bundle, or what is in one of its versions."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("version", nargs="?", metavar="<version>", help="show what is in this version")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        congress = self.app.client_manager.congress
        if given.version is None:
            return _one(congress.ask("GET", "bundles", given.bundle))
        found = congress.ask("GET", "bundles", given.bundle, "versions", given.version)
        shown = {name: value for name, value in found.items() if name != "id"}
        shown["policies"] = "\n".join(
            f"{policy['name']} ({policy['kind']}): {len(policy['rules'])} rules" for policy in found["policies"]
        )
        shown["tests"], shown["signers"] = ", ".join(found["tests"]), ", ".join(found["signers"])
        shown["datasources"] = ", ".join(
            f"{name}:{table}" for name, tables in found["datasources"].items() for table in tables
        )
        return fields(shown)


class PreviewBundle(command.Lister):
    """List the rows that would come and go, and the actions, if a version were activated."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("bundle", metavar="<bundle>", help="its name")
        parser.add_argument("version", metavar="<version>", help="the version")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        path = ("bundles", given.bundle, "versions", given.version, "activate")
        return preview_lines(self.app.client_manager.congress.ask("POST", *path, preview="true"))


class ActivateBundle(_Named):
    """Put the policies of a version in the place of those that the bundle brought before, all or none."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("version", metavar="<version>", help="the version")
        parser.add_argument("--enforcement", choices=LEVELS, help="of policies that it did not bring before")
        return parser

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        body = None if given.enforcement is None else {"enforcement": given.enforcement}
        path = ("bundles", given.bundle, "versions", given.version, "activate")
        return _one(self.app.client_manager.congress.ask("POST", *path, body=body))


class RollBackBundle(_Named):
    """Activate the version that was active before."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        return _one(self.app.client_manager.congress.ask("POST", "bundles", given.bundle, "rollback"))


class DeactivateBundle(_Named):
    """Take the policies of a bundle out; a rollback brings them back."""

    def take_action(self, given: Namespace) -> tuple[Any, Any]:
        return _one(self.app.client_manager.congress.ask("POST", "bundles", given.bundle, "deactivate"))


class DeleteBundle(command.Command):
    """Delete a bundle that is not active, or one version that is not."""

    def get_parser(self, prog_name: str) -> ArgumentParser:
        parser: ArgumentParser = super().get_parser(prog_name)
        parser.add_argument("bundle", metavar="<bundle>", help="its name")
        parser.add_argument("version", nargs="?", metavar="<version>", help="delete only this version")
        return parser

    def take_action(self, given: Namespace) -> None:
        below = () if given.version is None else ("versions", given.version)
        self.app.client_manager.congress.ask("DELETE", "bundles", given.bundle, *below)
