"""Whether a bundle fits a service: the tables that it was made for are there, and the policies that it builds on."""

from __future__ import annotations

from collections.abc import Iterator

from congress.engine.workspace import Workspace
from congress.policies.bundles.content import Bundle
from congress.policies.bundles.errors import BundleConflict


def refuse_unfit(bundle: Bundle, workspace: Workspace) -> None:
    """Raises BundleConflict with all that a service lacks."""
    missing = [*_datasources(bundle, workspace), *_policies(bundle, workspace)]
    if missing:
        raise BundleConflict(f"bundle {bundle.name} {bundle.version} does not fit this service: {'; '.join(missing)}")


def _datasources(bundle: Bundle, workspace: Workspace) -> Iterator[str]:
    for name, tables in bundle.datasources.items():
        if not workspace.has_policy(name):
            yield f"there is no datasource {name}, create it first"
            continue
        for table, columns in tables.items():
            found = workspace.columns(name, table)
            if found is None:
                yield f"datasource {name} has no table {table}"
            elif lacking := [column for column in columns if column not in found]:
                yield f"table {name}:{table} has no column {', '.join(lacking)}"


def _policies(bundle: Bundle, workspace: Workspace) -> Iterator[str]:
    own = {policy.name for policy in bundle.policies}
    for policy in bundle.policies:
        for name in policy.depends_on:
            if name not in own and not workspace.has_policy(name):
                yield f"policy {policy.name} depends on policy {name}, which does not exist; create it first"
