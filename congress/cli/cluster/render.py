"""`congress-cluster render`: all files of a deployment as a directory."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

import yaml

from congress.cli.cluster.command import Command, described, takes_description
from congress.cluster.compose import compose
from congress.cluster.render.tree import SECRETS, tree, written
from congress.cluster.services.registry import services
from congress.cluster.vault import Vault


def _arguments(parser: ArgumentParser) -> None:
    takes_description(parser)
    parser.add_argument("--output", "-o", type=Path, default=Path("rendered"), help="the directory (%(default)s)")
    parser.add_argument(
        "--secrets", action="store_true", help=f"write {SECRETS} for Ansible, too, readable by you only"
    )


def _run(given: Namespace) -> int:
    description = described(given)
    deployment = compose(description, services())
    found = tree(deployment)
    written(found, given.output)
    print(f"{given.output}: {len(found)} files")
    if given.secrets:
        vault = Vault(description)
        values = {"secrets": {name: vault(name) for name in sorted(deployment.secrets)}}
        path = given.output / SECRETS
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            yaml.safe_dump(values, out)
        print(f"{path}: {len(values['secrets'])} secrets; keep it to yourself")
    return 0


COMMAND = Command("render", "write all files of a deployment into a directory, and a playbook", _arguments, _run)
