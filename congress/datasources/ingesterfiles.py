"""The ingesters that the configuration names: one YAML file for each, in one directory.

A datasource refers to one by its name, so that neither the place of the files nor the password of the database is
stored, and both may change between two starts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from congress.datasources.contract import DriverError
from congress.datasources.ingesters import Ingester, read_ingester

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngesterFiles:
    """`paths` by name of ingester; `reusables`: the file for `!ref`; `database`: PostgreSQL for the documents."""

    paths: Mapping[str, str] = field(default_factory=dict)
    reusables: str | None = None
    database: str | None = None


_configured = IngesterFiles()


def configure(files: IngesterFiles) -> None:
    """Set what datasources of this process find by name from now on."""
    global _configured  # noqa: PLW0603 - drivers are made without a server's configuration
    _configured = files


def configured() -> IngesterFiles:
    """Those in force."""
    return _configured


def scan(directory: str, reusables: str | None, database: str | None) -> IngesterFiles:
    """What a directory holds. A file that is no ingester, or has the name of another one, is logged and left out."""
    found: dict[str, str] = {}
    values = reusables if reusables and Path(reusables).exists() else None
    for path in sorted(map(str, Path(directory).glob("*.yaml"))):
        try:
            name = read_ingester(path, values).name
        except DriverError as error:
            LOG.error("an ingester is left out: %s", error)
            continue
        if name in found:
            LOG.error("an ingester is left out: %s has the name %s, as %s has", path, name, found[name])
            continue
        found[name] = path
    if not found:
        LOG.warning("there is no ingester in %s", directory)
    return IngesterFiles(found, values, database)


def ingester(name_or_path: str, reusables: str | None) -> Ingester:
    """One that the configuration names, or that is in a file. Raises DriverError."""
    known = _configured.paths.get(name_or_path)
    if known is not None:
        return read_ingester(known, reusables or _configured.reusables)
    if "/" not in name_or_path:
        raise DriverError(
            f"there is no ingester {name_or_path} among those of group json_ingester "
            f"({', '.join(sorted(_configured.paths)) or 'none'}); see its options enable and config_path, or give the "
            "path of a file"
        )
    return read_ingester(name_or_path, reusables)
