"""`congress-cluster schema`: what a description may hold, as JSON schema."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from congress.cli.cluster.command import Command
from congress.cluster.model.schema import schema
from congress.cluster.services.registry import services


def _arguments(parser: ArgumentParser) -> None:
    """It takes none."""


def _run(given: Namespace) -> int:  # noqa: ARG001
    print(json.dumps(schema(services()), indent=2))
    return 0


COMMAND = Command("schema", "print the JSON schema of descriptions, for editors", _arguments, _run)
