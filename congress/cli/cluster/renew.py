"""`congress-cluster renew`: other values for generated secrets; `apply` brings them to the machines."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from congress.cli.cluster.command import Command, described, takes_description_by_option
from congress.cluster.compose import compose
from congress.cluster.deployment import Deployment
from congress.cluster.lab.secrets import made_up
from congress.cluster.services.contract import Rotation
from congress.cluster.services.registry import services
from congress.cluster.vault import SecretError, Vault


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("secret", nargs="+", help="the names of secrets, or of keys that follow each other")
    takes_description_by_option(parser)
    parser.add_argument("--lab", type=Path, metavar="DIRECTORY", help="the secrets are those of a laboratory there")


def _run(given: Namespace) -> int:
    description = described(given)
    deployment = compose(description, services())
    known, rotations = deployment.secrets, _rotations(deployment)
    vault = Vault(description) if given.lab is None else made_up(description, given.lab.resolve())
    parts = {part: each.name for each in rotations.values() for part in (each.staged, each.primary, each.former)}
    for name in given.secret:
        if name in parts:
            raise SecretError(name, f"it is one of several keys that follow each other; renew {parts[name]!r}")
        if name not in known and name not in rotations:
            raise SecretError(name, f"nothing needs it; there are {', '.join(sorted({*known, *rotations} - {*parts}))}")
    for name in given.secret:
        if rotation := rotations.get(name):
            vault.rotate(rotation.staged, rotation.primary, rotation.former)
            print(f"{name} has another primary key in {vault.store}, and one more is staged")
        else:
            vault.renew(name)
            print(f"{name} has another value in {vault.store}")
    print("the machines get to know with `congress-cluster apply`; see first what `congress-cluster plan` says")
    return 0


def _rotations(deployment: Deployment) -> Mapping[str, Rotation]:
    return {
        rotation.name: rotation
        for cluster in deployment.clusters
        for placed in cluster.services
        for rotation in placed.declaration.rotations
    }


COMMAND = Command("renew", "make other values for generated secrets", _arguments, _run)
