"""`congress-cluster renew`: other values for generated secrets; `apply` brings them to the machines."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from congress.cli.cluster.command import Command, described, takes_description_by_option
from congress.cluster.compose import compose
from congress.cluster.lab.secrets import made_up
from congress.cluster.services.registry import services
from congress.cluster.vault import SecretError, Vault


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("secret", nargs="+", help="the names of secrets")
    takes_description_by_option(parser)
    parser.add_argument("--lab", type=Path, metavar="DIRECTORY", help="the secrets are those of a laboratory there")


def _run(given: Namespace) -> int:
    description = described(given)
    known = compose(description, services()).secrets
    vault = Vault(description) if given.lab is None else made_up(description, given.lab.resolve())
    for name in given.secret:
        if name not in known:
            raise SecretError(name, f"nothing needs it; there are {', '.join(sorted(known))}")
    for name in given.secret:
        vault.renew(name)
        print(f"{name} has another value in {vault.store}")
    print("the machines get to know with `congress-cluster apply`; see first what `congress-cluster plan` says")
    return 0


COMMAND = Command("renew", "make other values for generated secrets", _arguments, _run)
