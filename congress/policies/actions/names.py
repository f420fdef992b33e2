"""The names of action tables: `execute[nova:servers.pause]` in any policy."""

from __future__ import annotations

_EXECUTE = "execute["


def is_action(table: str) -> bool:
    """Whether the rows of a table ask for actions."""
    return table.startswith(_EXECUTE)


def target(policy: str, table: str) -> tuple[str, str]:
    """(datasource, action) that a table asks for; without a datasource in its name it is the policy's own."""
    datasource, colon, action = table.removeprefix(_EXECUTE).removesuffix("]").partition(":")
    return (datasource, action) if colon else (policy, datasource)
