"""Shows what a change would do, for requests with `?preview=true`, which change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from congress.datalog.values import Row, row_sort_key
from congress.engine.workspace import TableChange

_EXECUTE = "execute["


def shown(changes: Sequence[TableChange]) -> dict[str, Any]:
    """The rows that would appear in watched tables and vanish from them, and the actions that would be asked for.

    All of it is sorted, as rows are everywhere."""
    ordered = sorted(changes, key=lambda change: change.table)
    return {
        "preview": True,
        "appear": [_rows(change, change.inserted) for change in ordered if change.inserted],
        "vanish": [_rows(change, change.deleted) for change in ordered if change.deleted],
        "actions": [action for change in ordered for action in _actions(change)],
    }


def _rows(change: TableChange, rows: Sequence[Row]) -> dict[str, Any]:
    return {"policy": change.table.policy, "table": change.table.name, "rows": _sorted(rows)}


def _sorted(rows: Sequence[Row]) -> list[list[Any]]:
    return [list(row) for row in sorted(rows, key=row_sort_key)]


def _actions(change: TableChange) -> list[dict[str, Any]]:
    """One for each row that enters an `execute[…]` table; an action without a datasource is the policy's own."""
    name = change.table.name
    if not name.startswith(_EXECUTE):
        return []
    datasource, colon, action = name.removeprefix(_EXECUTE).removesuffix("]").partition(":")
    if not colon:
        datasource, action = change.table.policy, datasource
    return [{"datasource": datasource, "action": action, "args": row} for row in _sorted(change.inserted)]
