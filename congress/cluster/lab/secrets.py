"""The secrets of a laboratory: all of them made up, so that rehearsing needs nobody's passwords."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from congress.cluster.model.description import Secrets, SecretSource
from congress.cluster.model.loading import Described
from congress.cluster.vault import Vault

LENGTH = 32


def made_up(described: Described, directory: Path) -> Vault:
    """The secrets of a description, kept below a directory. Certificates are the description's own."""
    sources = Secrets(store=str(directory / "secrets.yaml"), default=SecretSource(generated=LENGTH), named={})
    description = described.description.model_copy(update={"secrets": sources})
    return Vault(replace(described, description=description))
